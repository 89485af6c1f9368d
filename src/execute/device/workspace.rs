//! The memory of a device's program for one size of picture.

use super::launch::{Each, covering, given};
use super::program::{DeviceError, DeviceProgram};
use crate::execute::plan::{Plan, View};
use headroom_gpu::source::Precision;
use headroom_gpu::{Argument, Gpu, GpuError, Launch, Memory};
use std::sync::Arc;

/// All tensors of a program in one block of the device's memory, used run after run; see
/// [`DeviceProgram::run`].
#[derive(Debug)]
pub struct DeviceWorkspace {
    gpu: Arc<Gpu>,
    precision: Precision,
    plan: Plan,
    arena: Memory,
    /// Floats on their way in or out.
    staging: Memory,
    inputs: Vec<String>,
    outputs: Vec<String>,
}

impl DeviceWorkspace {
    /// For free inputs of that height and width.
    ///
    /// # Errors
    /// When the size does not suit the graph or the device has no memory for it.
    pub fn new(program: &DeviceProgram, picture: [usize; 2]) -> Result<Self, DeviceError> {
        let plan = program.plan(picture)?;
        let largest = plan.inputs.iter().chain(&plan.outputs).map(count).max().unwrap_or(0);
        let gpu = Arc::clone(&program.gpu);
        let arena = gpu.allocate(plan.floats * program.precision.bytes())?;
        let staging = gpu.allocate(largest * size_of::<f32>())?;
        let graph = program.graph();
        let inputs = graph.inputs().iter().map(|input| input.name.clone()).collect();
        let outputs = graph.outputs().iter().map(|output| output.name.clone()).collect();
        Ok(Self { gpu, precision: program.precision, plan, arena, staging, inputs, outputs })
    }

    /// Bytes of the device's memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.arena.bytes() + self.staging.bytes()
    }

    /// Height, width and channels of an input. None where the graph has none of that name.
    #[must_use]
    pub fn input_size(&self, name: &str) -> Option<[usize; 3]> {
        self.input(name).map(View::size)
    }

    /// Fills an input: channels last, without gaps.
    ///
    /// # Errors
    /// When the device refuses.
    ///
    /// # Panics
    /// When the graph has no input of that name, or the input has another size.
    pub fn write(&self, name: &str, values: &[f32]) -> Result<(), GpuError> {
        let Some(view) = self.input(name) else { panic!("{name}: no input of this graph") };
        assert_eq!(values.len(), count(view), "{name}: numbers of an input");
        self.gpu.write_floats(&self.staging, values)?;
        self.convert("fill", view)
    }

    /// An output of the last run, channels last, without gaps, once it is there. None where the graph
    /// has none of that name.
    ///
    /// # Errors
    /// When the device refuses, or something failed that it was told before.
    pub fn read(&self, name: &str) -> Result<Option<Vec<f32>>, GpuError> {
        let Some(index) = self.outputs.iter().position(|output| output == name) else {
            return Ok(None);
        };
        let view = &self.plan.outputs[index];
        self.convert("take", view)?;
        self.gpu.read_floats(&self.staging, count(view)).map(Some)
    }

    pub(in crate::execute) fn arena(&self) -> &Memory {
        &self.arena
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    fn input(&self, name: &str) -> Option<&View> {
        let index = self.inputs.iter().position(|input| input == name)?;
        Some(&self.plan.inputs[index])
    }

    /// Between the staging memory and a tensor in the arena.
    fn convert(&self, kernel: &'static str, view: &View) -> Result<(), GpuError> {
        let (groups, group) = covering(view, Each::Number);
        let arguments = vec![
            Argument::from(&self.arena),
            Argument::from(&self.staging),
            Argument::from(0),
            Argument::from(given(view)),
        ];
        self.gpu.launch(&Launch { kernel, precision: self.precision, groups, group, arguments })
    }
}

fn count(view: &View) -> usize {
    view.size().iter().product()
}
