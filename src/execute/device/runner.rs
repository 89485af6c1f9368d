//! A whole network on a device.

use super::program::{DeviceError, DeviceProgram};
use super::tensors::DeviceTensors;
use super::workspace::DeviceWorkspace;
use crate::execute::error::FrameError;
use crate::execute::frame::{self, FrameStage, StageRun};
use crate::execute::runner::{FrameInput, Runner};
use crate::execute::tensors::{FrameInputs, FrameTensors};
use crate::execute::tiles::{Tiling, TilingError};
use crate::expand::Abort;
use crate::graph::{Graph, GraphError, Place};
use crate::model::{Network, Run, Weights};
use headroom_gpu::source::Precision;
use headroom_gpu::{Gpu, GpuError, Marker, Memory};
use std::sync::{Arc, Mutex, PoisonError};

/// A network with its weights on a device, the counterpart of [`Runner`]. It holds no picture and can
/// be shared by threads.
#[derive(Debug)]
pub struct DeviceRunner {
    pub(super) stages: Vec<Stage>,
    wanted_by_tiles: Vec<FrameInput>,
    /// Memory of the stages of a frame, while none is worked on, and when it is free.
    spare: Mutex<Option<(Vec<DeviceWorkspace>, Marker)>>,
}

#[derive(Debug)]
pub(super) struct Stage {
    name: String,
    run: Run,
    pub(super) program: DeviceProgram,
}

impl Stage {
    fn is_tile(&self) -> bool {
        self.run == Run::Tile
    }
}

impl DeviceRunner {
    /// Uploads the weights of all stages. Tensors of tiles are stored as `precision` says, those of the
    /// frame, which are small, as floats. `runner` is the same network on the CPU.
    ///
    /// # Errors
    /// As [`DeviceProgram::new`].
    pub fn new(
        gpu: &Gpu,
        (network, weights): (&Network, &Weights),
        runner: &Runner,
        precision: Precision,
    ) -> Result<Self, DeviceError> {
        let stages = network.stages.iter().map(|stage| {
            let precision = if stage.run == Run::Tile { precision } else { Precision::Float };
            let prefix = format!("{}.", stage.name);
            let program = DeviceProgram::new(gpu, &stage.graph, weights, &prefix, precision)?;
            Ok(Stage { name: stage.name.clone(), run: stage.run.clone(), program })
        });
        Ok(Self {
            stages: stages.collect::<Result<_, DeviceError>>()?,
            wanted_by_tiles: runner.wanted_by_tiles().to_vec(),
            spare: Mutex::default(),
        })
    }

    /// Runs the stages of a frame and reads what they made.
    ///
    /// # Errors
    /// When `abort` said so, an input is missing, or the device refuses.
    pub fn frame(
        &self,
        gpu: &Gpu,
        inputs: &FrameInputs<'_>,
        abort: Abort<'_>,
    ) -> Result<FrameTensors, FrameError> {
        let workspaces = self.lend(gpu)?;
        let stages = self.frame_stages().zip(&workspaces);
        let stages = stages.map(|(stage, workspace)| FrameStage {
            name: &stage.name,
            run: &stage.run,
            stage: OnDevice { gpu, program: &stage.program, workspace },
        });
        let made = frame::run(stages.collect(), inputs, &self.wanted_by_tiles, abort);
        if made.is_ok() {
            self.give(gpu, workspaces)?;
        }
        made
    }

    /// Enqueues the stages of a frame, none of which may be a sampler's, and hands on what they make and
    /// what tiles take of `given` besides, in memory that `allocate` gives.
    ///
    /// # Errors
    /// As [`Self::frame`].
    pub fn frame_on(
        &self,
        gpu: &Gpu,
        given: &DeviceTensors,
        allocate: impl Fn(usize) -> Result<Memory, GpuError>,
        abort: Abort<'_>,
    ) -> Result<DeviceTensors, FrameError> {
        let missing = |name: &str, size| FrameError::Missing { name: name.to_owned(), size };
        let mut made = DeviceTensors::default();
        let workspaces = self.lend(gpu)?;
        for (stage, workspace) in self.frame_stages().zip(&workspaces) {
            if abort() {
                return Err(FrameError::Interrupted);
            }
            let (graph, plan) = (stage.program.graph(), workspace.plan());
            for (index, input) in graph.inputs().iter().enumerate() {
                let size = plan.inputs[index].size();
                let found = made.get(&input.name, size).or_else(|| given.get(&input.name, size));
                let found = found.ok_or_else(|| missing(&input.name, size))?;
                workspace.fill(gpu, index, found)?;
            }
            stage.program.run(gpu, workspace, Place::whole([0, 0]))?;
            for (index, output) in graph.outputs().iter().enumerate() {
                let memory = workspace.copied(gpu, index, &allocate)?;
                made.push(&output.name, plan.outputs[index].size(), Arc::new(memory));
            }
        }
        self.give(gpu, workspaces)?;
        for FrameInput { name, size } in &self.wanted_by_tiles {
            let memory = given.get(name, *size).ok_or_else(|| missing(name, *size))?;
            made.push(name, *size, Arc::clone(memory));
        }
        Ok(made)
    }

    fn frame_stages(&self) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(|stage| !stage.is_tile())
    }

    /// Memory of the stages of a frame.
    fn lend(&self, gpu: &Gpu) -> Result<Vec<DeviceWorkspace>, FrameError> {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((workspaces, free)) = spare {
            gpu.wait_for(&free)?;
            return Ok(workspaces);
        }
        let made =
            self.frame_stages().map(|stage| DeviceWorkspace::new(gpu, &stage.program, [0, 0]));
        made.collect::<Result<_, _>>().map_err(|error| match error {
            DeviceError::Gpu(error) => FrameError::Gpu(error),
            DeviceError::Size(error) => FrameError::Workspace(error.into()),
            // Only programs have this one.
            DeviceError::Program(_) => FrameError::Interrupted,
        })
    }

    /// Takes it back, to be used when what was enqueued is done.
    fn give(&self, gpu: &Gpu, workspaces: Vec<DeviceWorkspace>) -> Result<(), GpuError> {
        let free = gpu.mark()?;
        *self.spare.lock().unwrap_or_else(PoisonError::into_inner) = Some((workspaces, free));
        Ok(())
    }

    pub(super) fn tile_stages(&self) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(|stage| stage.is_tile())
    }

    /// Bytes of a [`super::DeviceTile`] for a tile of that height and width, and those of its largest
    /// part.
    fn tile_bytes(&self, picture: [usize; 2]) -> Result<[usize; 2], GraphError> {
        self.tile_stages().try_fold([0usize; 2], |[sum, most], stage| {
            let bytes = stage.program.bytes(picture)?;
            Ok([sum.saturating_add(bytes), most.max(bytes)])
        })
    }

    /// Divides a frame of that height and width into tiles that need at most `budget` bytes each, in
    /// parts of at most `largest`. `runner` is the same network on the CPU.
    ///
    /// # Errors
    /// When that is too little for the smallest tile.
    pub fn tiling(
        &self,
        runner: &Runner,
        frame: [usize; 2],
        budget: usize,
        largest: usize,
    ) -> Result<Tiling, TilingError> {
        let (alignment, reach) = (runner.tile_alignment(), runner.tile_reach());
        Tiling::new(frame, alignment, reach, budget, |picture| match self.tile_bytes(picture) {
            Ok([sum, most]) if most <= largest => Ok(sum),
            Ok(_) => Ok(usize::MAX),
            // More than kernels can count: a smaller tile will do.
            Err(_) if picture.iter().product::<usize>() > 1 << 20 => Ok(usize::MAX),
            Err(error) => Err(error),
        })
    }
}

/// A stage of a frame on a device.
struct OnDevice<'a> {
    gpu: &'a Gpu,
    program: &'a DeviceProgram,
    workspace: &'a DeviceWorkspace,
}

impl StageRun for OnDevice<'_> {
    fn graph(&self) -> &Graph {
        self.program.graph()
    }

    fn input_size(&self, index: usize) -> [usize; 3] {
        self.workspace.plan().inputs[index].size()
    }

    fn put(&mut self, index: usize, values: &[f32]) -> Result<(), FrameError> {
        Ok(self.workspace.put(self.gpu, index, values)?)
    }

    fn run(&mut self, abort: Abort<'_>) -> Result<(), FrameError> {
        if abort() {
            return Err(FrameError::Interrupted);
        }
        Ok(self.program.run(self.gpu, self.workspace, Place::whole([0, 0]))?)
    }

    fn output(&self, index: usize) -> Result<([usize; 3], Vec<f32>), FrameError> {
        let size = self.workspace.plan().outputs[index].size();
        Ok((size, self.workspace.get(self.gpu, index)?))
    }
}
