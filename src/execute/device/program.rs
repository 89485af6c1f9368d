//! A graph with its weights on a device.

use super::launch::Stepping;
use super::values::{Placed, Values};
use super::workspace::DeviceWorkspace;
use crate::execute::error::ProgramError;
use crate::execute::fuse;
use crate::execute::lower::{self, Named, Step};
use crate::execute::plan::{Laid, Plan};
use crate::execute::share::{self, Homes};
use crate::graph::{Graph, GraphError, Place};
use crate::model::Weights;
use headroom_gpu::source::Precision;
use headroom_gpu::{Gpu, GpuError, Memory};
use std::fmt;

/// Why there is no program on a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceError {
    /// The graph and the weights make none.
    Program(ProgramError),
    /// The size of the picture does not suit the graph, or is more than kernels can count.
    Size(GraphError),
    /// The device refuses.
    Gpu(GpuError),
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(error) => write!(f, "{error}"),
            Self::Size(error) => write!(f, "{error}"),
            Self::Gpu(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for DeviceError {}

impl From<ProgramError> for DeviceError {
    fn from(error: ProgramError) -> Self {
        Self::Program(error)
    }
}

impl From<GraphError> for DeviceError {
    fn from(error: GraphError) -> Self {
        Self::Size(error)
    }
}

impl From<GpuError> for DeviceError {
    fn from(error: GpuError) -> Self {
        Self::Gpu(error)
    }
}

/// A graph and its weights on a device. It holds no picture and can be shared by threads, each with a
/// [`DeviceWorkspace`] of its own.
pub struct DeviceProgram {
    pub(super) graph: Graph,
    pub(super) precision: Precision,
    steps: Vec<Step<Placed>>,
    homes: Homes,
    /// Where in `values` what a step knows begins.
    places: Vec<[i32; 2]>,
    values: Memory,
}

impl DeviceProgram {
    /// Uploads the weights of a graph, which are called `prefix` and the names of its parameters.
    /// Tensors are stored as `precision` says; weights are f32.
    ///
    /// # Errors
    /// When a weight is missing, has another shape or is not finite, or the device refuses.
    pub fn new(
        gpu: &Gpu,
        graph: &Graph,
        weights: &Weights,
        prefix: &str,
        precision: Precision,
    ) -> Result<Self, DeviceError> {
        let named = Named { weights, prefix };
        named.check(graph).map_err(ProgramError::from)?;
        let fates = fuse::fates(graph, true);
        let mut values = Values::new(precision, gpu.has_tensor_cores());
        let mut steps = lower::steps(graph, &fates, &named, |layer| values.conv(&layer))?;
        let homes = share::homes(graph, &mut steps, true);
        let channels: Vec<usize> =
            steps.iter().map(|step| graph.nodes()[step.output].shape.channels).collect();
        values.take(&steps, &channels);
        values.check()?;
        let bytes: Vec<u8> = values.words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        let memory = gpu.allocate(bytes.len())?;
        gpu.write(&memory, 0, &bytes)?;
        let places = values.places;
        let graph = graph.clone();
        Ok(Self { graph, precision, steps, homes, places, values: memory })
    }

    /// The graph it was made from.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Places all tensors for free inputs of that height and width (0 is fine).
    ///
    /// # Errors
    /// As [`Graph::sizes`], and when there are more numbers than kernels can count.
    pub(super) fn plan(&self, picture: [usize; 2]) -> Result<Plan, GraphError> {
        let laid = Laid { graph: &self.graph, steps: &self.steps, homes: &self.homes };
        let plan = Plan::new(&laid, picture, 1, |_, _, _| 0)?;
        if i32::try_from(plan.floats).is_err() {
            return Err(GraphError::new(
                "picture",
                "more numbers than a device's kernels can count",
            ));
        }
        Ok(plan)
    }

    /// Bytes of a [`DeviceWorkspace`] for free inputs of that height and width.
    ///
    /// # Errors
    /// As [`DeviceWorkspace::new`].
    pub fn bytes(&self, picture: [usize; 2]) -> Result<usize, GraphError> {
        Ok(self.plan(picture)?.floats.saturating_mul(self.precision.bytes()))
    }

    /// Enqueues the computation of the outputs from the inputs in `workspace`; `place` says where the
    /// picture lies in the frame. Inputs keep their values.
    ///
    /// # Errors
    /// When the device refuses; the outputs are then unfinished.
    pub fn run(
        &self,
        gpu: &Gpu,
        workspace: &DeviceWorkspace,
        place: Place,
    ) -> Result<(), GpuError> {
        let arena = workspace.arena();
        for (index, step) in self.steps.iter().enumerate() {
            let places = &workspace.plan().steps[index];
            if places.output.is_empty() {
                continue;
            }
            let known = self.places[index];
            let stepping = Stepping {
                step,
                places,
                known,
                precision: self.precision,
                place,
                arena,
                values: &self.values,
            };
            stepping.each(&mut |launch| gpu.launch(&launch))?;
        }
        Ok(())
    }
}

impl fmt::Debug for DeviceProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceProgram")
            .field("steps", &self.steps.len())
            .field("precision", &self.precision)
            .finish_non_exhaustive()
    }
}
