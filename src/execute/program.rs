//! A graph with its weights, ready for pictures of any size.

use super::error::ProgramError;
use super::fuse;
use super::lower::{self, Layer, Named, Step};
use super::plan::{Laid, Plan};
use super::share::{self, Homes};
use super::workspace::Workspace;
use crate::expand::{Abort, Interrupted};
use crate::graph::{Graph, GraphError, Place};
use crate::model::Weights;
use headroom_kernel::Pool;
use headroom_kernel::nn::{Conv, Machine};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// A graph, its weights packed for one machine. It holds no picture and can be shared by threads,
/// each with a [`Workspace`] of its own.
pub struct Program {
    pub(super) graph: Graph,
    pub(super) steps: Vec<Step>,
    pub(super) homes: Homes,
    pub(super) machine: Machine,
    /// Tells which workspaces were made for it.
    pub(super) id: u64,
}

/// What may be saved; off in tests only.
#[derive(Clone, Copy, Debug)]
pub(super) struct Savings {
    /// Activations and residuals where a convolution stores its sums.
    pub(super) fuse: bool,
    /// Work in place and parts of concatenations where those lie.
    pub(super) share: bool,
}

impl Program {
    /// Packs the weights of a graph, which are called `prefix` and the names of its parameters.
    ///
    /// # Errors
    /// When a weight is missing, has another shape or is not finite, or the kernels do not know a
    /// layer.
    pub fn new(
        graph: &Graph,
        weights: &Weights,
        prefix: &str,
        machine: Machine,
    ) -> Result<Self, ProgramError> {
        Self::with(graph, weights, prefix, machine, Savings { fuse: true, share: true })
    }

    pub(super) fn with(
        graph: &Graph,
        weights: &Weights,
        prefix: &str,
        machine: Machine,
        savings: Savings,
    ) -> Result<Self, ProgramError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let named = Named { weights, prefix };
        named.check(graph)?;
        let fates = fuse::fates(graph, savings.fuse);
        let mut steps = lower::steps(graph, &fates, &named, |layer: Layer| {
            let Layer { shape, epilogue, weight, bias } = layer;
            Conv::new(shape, epilogue, &weight, bias.as_deref(), machine).map(Box::new)
        })?;
        let homes = share::homes(graph, &mut steps, savings.share);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Ok(Self { graph: graph.clone(), steps, homes, machine, id })
    }

    /// The graph it was made from.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Places all tensors for free inputs of that height and width (0 is fine) and at most so many
    /// threads.
    ///
    /// # Errors
    /// As [`Graph::sizes`], and when the memory is more than can be counted.
    pub fn plan(&self, picture: [usize; 2], threads: usize) -> Result<Plan, GraphError> {
        let of = Laid { graph: &self.graph, steps: &self.steps, homes: &self.homes };
        Plan::new(&of, picture, threads, |step, output, inputs| {
            step.operation.scratch(output, inputs, threads)
        })
    }

    /// Computes the outputs from the inputs in `workspace`; `place` says where the picture lies in
    /// the frame. Inputs keep their values, so only those that change need be filled again. `abort`
    /// is asked between operations.
    ///
    /// # Errors
    /// When `abort` said so; the outputs are then unfinished.
    ///
    /// # Panics
    /// When the workspace was made for another program.
    pub fn run(
        &self,
        workspace: &mut Workspace,
        place: Place,
        pool: &Pool,
        abort: Abort<'_>,
    ) -> Result<(), Interrupted> {
        assert_eq!(workspace.program, self.id, "a workspace of another program");
        for (step, places) in self.steps.iter().zip(&workspace.plan.steps) {
            if abort() {
                return Err(Interrupted);
            }
            if places.output.is_empty() {
                continue;
            }
            let done = step.run(places, &mut workspace.arena, self.machine.isa, place, pool);
            if let Err(error) = done {
                // The graph was checked when it was built and the plan follows from it.
                let name = &self.graph.nodes()[step.output].name;
                unreachable!("{name}: {error}");
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("steps", &self.steps.len())
            .field("machine", &self.machine)
            .finish_non_exhaustive()
    }
}
