//! The memory of a tile, and the stages of a tile.

use super::error::WorkspaceError;
use super::plan::Plan;
use super::program::Program;
use super::runner::Runner;
use super::tensors::FrameTensors;
use super::workspace::Workspace;
use crate::expand::{Abort, Interrupted};
use crate::graph::{Extent, Graph, Place};
use headroom_kernel::Pool;

/// Plans of other sizes that are kept: tiles at the sides and corners of a frame.
const MOST_PLANS: usize = 16;

/// All tensors of a tile; see [`Runner::tile`].
#[derive(Debug)]
pub struct TileWorkspace {
    stages: Vec<StageMemory>,
    picture: [usize; 2],
}

#[derive(Debug)]
struct StageMemory {
    workspace: Workspace,
    /// Plans of other sizes, the one used longest ago first.
    plans: Vec<Plan>,
    /// Where each input comes from.
    sources: Vec<Source>,
}

/// Where an input comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The caller fills it.
    Caller,
    /// The same picture as an input of an earlier stage.
    Input(usize),
    /// An output of an earlier stage.
    Output(usize),
    /// The frame.
    Frame,
}

impl TileWorkspace {
    /// For tiles of that height and width, and pools of at most so many threads.
    ///
    /// # Errors
    /// When the size does not suit the graphs or the system refuses the memory.
    pub fn new(
        runner: &Runner,
        picture: [usize; 2],
        threads: usize,
    ) -> Result<Self, WorkspaceError> {
        let programs: Vec<&Program> = runner.tile_stages().map(|stage| &stage.program).collect();
        let mut stages = Vec::with_capacity(programs.len());
        for (index, program) in programs.iter().enumerate() {
            let workspace = Workspace::new(program, picture, threads)?;
            let earlier: Vec<_> = programs[..index].iter().map(|program| program.graph()).collect();
            let sources = sources(&earlier, program.graph());
            stages.push(StageMemory { workspace, plans: Vec::new(), sources });
        }
        Ok(Self { stages, picture })
    }

    /// For tiles of another size. Memory is kept where it is large enough, and so are plans, so
    /// going to and fro between a few sizes costs nothing. Inputs must be filled anew.
    ///
    /// # Errors
    /// As [`Self::new`]; another size can then be tried.
    ///
    /// # Panics
    /// When the workspace was made for another runner.
    pub fn resize(&mut self, runner: &Runner, picture: [usize; 2]) -> Result<(), WorkspaceError> {
        for (stage, memory) in runner.tile_stages().zip(&mut self.stages) {
            memory.resize(&stage.program, picture)?;
        }
        self.picture = picture;
        Ok(())
    }

    /// Height and width of the tile.
    #[must_use]
    pub fn picture(&self) -> [usize; 2] {
        self.picture
    }

    /// Bytes of memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.stages.iter().map(|stage| stage.workspace.bytes()).sum()
    }

    /// The picture of that name to be filled, channels last, without gaps; rows and columns beyond
    /// the frame repeat its last ones. None where no stage takes it.
    #[must_use]
    pub fn input_mut(&mut self, name: &str) -> Option<&mut [f32]> {
        self.stages
            .iter_mut()
            .find_map(|stage| stage.takes(name).then(|| stage.workspace.input_mut(name)).flatten())
    }

    /// An output of the last stage that has one of that name.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&[f32]> {
        self.stages.iter().rev().find_map(|stage| stage.workspace.output(name))
    }

    /// Height, width and channels of an output.
    #[must_use]
    pub fn output_size(&self, name: &str) -> Option<[usize; 3]> {
        self.stages.iter().rev().find_map(|stage| stage.workspace.output_size(name))
    }

    /// See [`Runner::tile`].
    pub(super) fn run(
        &mut self,
        runner: &Runner,
        frame: &FrameTensors,
        place: Place,
        pool: &Pool,
        abort: Abort<'_>,
    ) -> Result<(), Interrupted> {
        for (index, stage) in runner.tile_stages().enumerate() {
            let (earlier, rest) = self.stages.split_at_mut(index);
            let memory = &mut rest[0];
            memory.fill(earlier, &stage.program, frame);
            stage.program.run(&mut memory.workspace, place, pool, abort)?;
        }
        Ok(())
    }
}

/// Where the inputs of a graph come from, given those of the stages before.
pub(super) fn sources(earlier: &[&Graph], graph: &Graph) -> Vec<Source> {
    let source = |input: &crate::graph::Input| {
        let name = &input.name;
        let gives = |g: &&Graph| g.outputs().iter().any(|output| output.name == *name);
        let takes = |g: &&Graph| g.inputs().iter().any(|other| other.name == *name);
        let free = !matches!(graph.node(input.node).shape.extent, Extent::Fixed(_));
        if let Some(stage) = earlier.iter().rposition(gives) {
            Source::Output(stage)
        } else if !free {
            Source::Frame
        } else if let Some(stage) = earlier.iter().position(takes) {
            Source::Input(stage)
        } else {
            Source::Caller
        }
    };
    graph.inputs().iter().map(source).collect()
}

impl StageMemory {
    fn resize(&mut self, program: &Program, picture: [usize; 2]) -> Result<(), WorkspaceError> {
        if self.workspace.picture() == picture {
            return Ok(());
        }
        let known = self.plans.iter().position(|plan| plan.picture() == picture);
        let plan = match known {
            Some(index) => self.plans.remove(index),
            None => program.plan(picture, self.workspace.plan.threads)?,
        };
        let before = self.workspace.adopt(plan)?;
        if self.plans.len() >= MOST_PLANS {
            self.plans.remove(0);
        }
        self.plans.push(before);
        Ok(())
    }

    /// True when the caller fills that input.
    fn takes(&self, name: &str) -> bool {
        let index = self.workspace.input_index(name);
        index.is_some_and(|index| matches!(self.sources[index], Source::Caller))
    }

    fn fill(&mut self, earlier: &[Self], program: &Program, frame: &FrameTensors) {
        for (index, input) in program.graph().inputs().iter().enumerate() {
            let name = &input.name;
            let size = self.workspace.plan.inputs[index].size();
            let values = match self.sources[index] {
                Source::Caller => continue,
                Source::Input(stage) => earlier[stage].workspace.input(name),
                Source::Output(stage) => earlier[stage].workspace.output(name),
                Source::Frame => frame.values(name, size),
            };
            let Some(values) = values else {
                panic!("{name}: not among the tensors of this frame, which are another runner's");
            };
            self.workspace.input_at(index).copy_from_slice(values);
        }
    }
}
