//! The memory of a device's program for one size of picture.

use super::launch::{Each, covering, given};
use super::program::{DeviceError, DeviceProgram};
use crate::execute::plan::{Plan, View};
use headroom_gpu::source::Precision;
use headroom_gpu::{Argument, Gpu, GpuError, Launch, Memory};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// All tensors of a program in one block of the device's memory, used run after run; see
/// [`DeviceProgram::run`].
#[derive(Debug)]
pub struct DeviceWorkspace {
    precision: Precision,
    plan: Plan,
    arena: Memory,
    /// Floats on their way out, once there are any.
    staging: Mutex<Option<Memory>>,
    inputs: Vec<String>,
    outputs: Vec<String>,
}

impl DeviceWorkspace {
    /// For free inputs of that height and width.
    ///
    /// # Errors
    /// When the size does not suit the graph or the device has no memory for it.
    pub fn new(
        gpu: &Gpu,
        program: &DeviceProgram,
        picture: [usize; 2],
    ) -> Result<Self, DeviceError> {
        let plan = program.plan(picture)?;
        let arena = gpu.allocate(arena_bytes(&plan, program.precision))?;
        let graph = program.graph();
        let inputs = graph.inputs().iter().map(|input| input.name.clone()).collect();
        let outputs = graph.outputs().iter().map(|output| output.name.clone()).collect();
        let (precision, staging) = (program.precision, Mutex::default());
        Ok(Self { precision, plan, arena, staging, inputs, outputs })
    }

    /// Bytes of the device's memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.arena.bytes() + self.staging().as_ref().map_or(0, Memory::bytes)
    }

    /// For another size of picture. The block of memory is kept where it is large enough; values of
    /// inputs are not.
    ///
    /// # Errors
    /// As [`Self::new`]; the workspace is then as it was.
    pub fn resize(
        &mut self,
        gpu: &Gpu,
        program: &DeviceProgram,
        picture: [usize; 2],
    ) -> Result<(), DeviceError> {
        if picture != self.plan.picture() {
            let plan = program.plan(picture)?;
            let bytes = arena_bytes(&plan, self.precision);
            if bytes > self.arena.bytes() {
                self.arena = gpu.allocate(bytes)?;
            }
            self.plan = plan;
        }
        Ok(())
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
    pub fn write(&self, gpu: &Gpu, name: &str, values: &[f32]) -> Result<(), GpuError> {
        let index = self.inputs.iter().position(|input| input == name);
        let Some(index) = index else { panic!("{name}: no input of this graph") };
        self.put(gpu, index, values)
    }

    /// As [`Self::write`], by the input's position.
    pub(super) fn put(&self, gpu: &Gpu, index: usize, values: &[f32]) -> Result<(), GpuError> {
        let view = &self.plan.inputs[index];
        assert_eq!(values.len(), count(view), "numbers of an input");
        // Memory of its own: what was told before may not have read the last values yet.
        let values = gpu.upload_floats(values)?;
        self.convert(gpu, "fill", &values, view)
    }

    /// Fills an input, by its position, from floats without gaps on the device.
    pub(super) fn fill(&self, gpu: &Gpu, index: usize, values: &Memory) -> Result<(), GpuError> {
        let view = &self.plan.inputs[index];
        assert!(values.bytes() >= count(view) * size_of::<f32>(), "numbers of an input");
        self.convert(gpu, "fill", values, view)
    }

    /// An output of the last run, by its position, as floats without gaps on the device, in memory that
    /// `allocate` gives.
    pub(super) fn copied(
        &self,
        gpu: &Gpu,
        index: usize,
        allocate: impl FnOnce(usize) -> Result<Memory, GpuError>,
    ) -> Result<Memory, GpuError> {
        let view = &self.plan.outputs[index];
        let memory = allocate(count(view) * size_of::<f32>())?;
        self.convert(gpu, "take", &memory, view)?;
        Ok(memory)
    }

    /// An output of the last run, channels last, without gaps, once it is there. None where the graph
    /// has none of that name.
    ///
    /// # Errors
    /// When the device refuses, or something failed that it was told before.
    pub fn read(&self, gpu: &Gpu, name: &str) -> Result<Option<Vec<f32>>, GpuError> {
        let index = self.outputs.iter().position(|output| output == name);
        index.map(|index| self.get(gpu, index)).transpose()
    }

    /// As [`Self::read`], by the output's position.
    pub(super) fn get(&self, gpu: &Gpu, index: usize) -> Result<Vec<f32>, GpuError> {
        let view = &self.plan.outputs[index];
        let mut staging = self.staging();
        let staging = Self::room(gpu, &mut staging, count(view))?;
        self.convert(gpu, "take", staging, view)?;
        gpu.read_floats(staging, count(view))
    }

    /// Fills an input from a tensor of another workspace of the same precision.
    pub(super) fn hand_on(
        &self,
        gpu: &Gpu,
        index: usize,
        from: &Self,
        view: &View,
    ) -> Result<(), GpuError> {
        let to = &self.plan.inputs[index];
        assert_eq!(to.size(), view.size(), "size of an input");
        let (groups, group) = covering(to, Each::Number);
        let arguments = vec![
            Argument::from(&self.arena),
            Argument::from(&from.arena),
            Argument::from(given(view)),
            Argument::from(given(to)),
        ];
        let precision = self.precision;
        gpu.launch(&Launch { kernel: "hand_on", precision, groups, group, arguments })
    }

    fn staging(&self) -> MutexGuard<'_, Option<Memory>> {
        self.staging.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Staging memory for so many floats.
    fn room<'m>(
        gpu: &Gpu,
        staging: &'m mut Option<Memory>,
        floats: usize,
    ) -> Result<&'m Memory, GpuError> {
        let bytes = floats * size_of::<f32>();
        if staging.as_ref().is_none_or(|memory| memory.bytes() < bytes) {
            *staging = None;
        }
        Ok(match staging {
            Some(memory) => memory,
            none => none.insert(gpu.allocate(bytes)?),
        })
    }

    pub(in crate::execute) fn arena(&self) -> &Memory {
        &self.arena
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Where an input lies in the arena.
    pub(super) fn input(&self, name: &str) -> Option<&View> {
        let index = self.inputs.iter().position(|input| input == name)?;
        Some(&self.plan.inputs[index])
    }

    /// Where an output lies in the arena.
    pub(super) fn output(&self, name: &str) -> Option<&View> {
        let index = self.outputs.iter().position(|output| output == name)?;
        Some(&self.plan.outputs[index])
    }

    /// Between the staging memory and a tensor in the arena.
    fn convert(
        &self,
        gpu: &Gpu,
        kernel: &'static str,
        staging: &Memory,
        view: &View,
    ) -> Result<(), GpuError> {
        let (groups, group) = covering(view, Each::Number);
        let arguments = vec![
            Argument::from(&self.arena),
            Argument::from(staging),
            Argument::from(0),
            Argument::from(given(view)),
        ];
        gpu.launch(&Launch { kernel, precision: self.precision, groups, group, arguments })
    }
}

fn arena_bytes(plan: &Plan, precision: Precision) -> usize {
    plan.floats.saturating_mul(precision.bytes())
}

fn count(view: &View) -> usize {
    view.size().iter().product()
}
