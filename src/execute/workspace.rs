//! The memory of a program for one size of picture.

use super::error::WorkspaceError;
use super::plan::{Plan, View};
use super::program::Program;
use headroom_kernel::nn::Arena;

/// All tensors of a program, in one block of memory that is used run after run; see
/// [`Program::run`].
#[derive(Debug)]
pub struct Workspace {
    pub(super) program: u64,
    pub(super) plan: Plan,
    pub(super) arena: Arena,
    inputs: Vec<String>,
    outputs: Vec<String>,
}

impl Workspace {
    /// For free inputs of that height and width, and pools of at most so many threads (with more
    /// threads it works, but not all of them do).
    ///
    /// # Errors
    /// When the size does not suit the graph or the system refuses the memory.
    pub fn new(
        program: &Program,
        picture: [usize; 2],
        threads: usize,
    ) -> Result<Self, WorkspaceError> {
        let plan = program.plan(picture, threads)?;
        let arena = Arena::new(plan.floats)?;
        let graph = program.graph();
        let inputs = graph.inputs().iter().map(|input| input.name.clone()).collect();
        let outputs = graph.outputs().iter().map(|output| output.name.clone()).collect();
        Ok(Self { program: program.id, plan, arena, inputs, outputs })
    }

    /// For another size of picture. The block of memory is kept where it is large enough; values of
    /// inputs are not.
    ///
    /// # Errors
    /// As [`Self::new`]; the workspace is then as it was.
    ///
    /// # Panics
    /// When the workspace was made for another program.
    pub fn resize(&mut self, program: &Program, picture: [usize; 2]) -> Result<(), WorkspaceError> {
        assert_eq!(self.program, program.id, "a workspace of another program");
        if picture != self.plan.picture {
            self.adopt(program.plan(picture, self.plan.threads)?)?;
        }
        Ok(())
    }

    /// Takes a plan of the same program.
    pub(super) fn adopt(&mut self, plan: Plan) -> Result<Plan, WorkspaceError> {
        if plan.floats > self.arena.len() {
            self.arena = Arena::new(plan.floats)?;
        }
        Ok(std::mem::replace(&mut self.plan, plan))
    }

    /// Bytes of the block of memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.arena.len() * size_of::<f32>()
    }

    /// Height and width of free inputs.
    #[must_use]
    pub fn picture(&self) -> [usize; 2] {
        self.plan.picture
    }

    /// An input to be filled, channels last, without gaps. None where the graph has none of that
    /// name.
    #[must_use]
    pub fn input_mut(&mut self, name: &str) -> Option<&mut [f32]> {
        let index = self.input_index(name)?;
        Some(self.input_at(index))
    }

    pub(super) fn input_index(&self, name: &str) -> Option<usize> {
        self.inputs.iter().position(|input| input == name)
    }

    /// An input by its position.
    pub(super) fn input_at(&mut self, index: usize) -> &mut [f32] {
        let range = self.plan.inputs[index].range();
        &mut self.arena.as_mut_slice()[range]
    }

    /// An input as it was filled.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<&[f32]> {
        let index = self.input_index(name)?;
        Some(self.read(&self.plan.inputs[index]))
    }

    /// An output of the last run, channels last, without gaps. None where the graph has none of that
    /// name.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&[f32]> {
        let index = self.outputs.iter().position(|output| output == name)?;
        Some(self.read(&self.plan.outputs[index]))
    }

    /// Height, width and channels of an output.
    #[must_use]
    pub fn output_size(&self, name: &str) -> Option<[usize; 3]> {
        let index = self.outputs.iter().position(|output| output == name)?;
        Some(self.plan.outputs[index].size())
    }

    pub(super) fn read(&self, view: &View) -> &[f32] {
        &self.arena.as_slice()[view.range()]
    }
}
