//! The stages of a tile on a device, and their memory.

use super::launch::given;
use super::program::DeviceError;
use super::runner::DeviceRunner;
use super::tensors::DeviceFrame;
use super::workspace::DeviceWorkspace;
use crate::execute::tile_workspace::{Source, sources};
use crate::graph::Place;
use headroom_gpu::layout::View;
use headroom_gpu::{Gpu, GpuError, Memory};

/// All tensors of a tile, the counterpart of [`crate::execute::TileWorkspace`].
#[derive(Debug)]
pub struct DeviceTile {
    stages: Vec<StageMemory>,
    picture: [usize; 2],
    /// Those that the inputs of the frame hold.
    frame: Option<DeviceFrame>,
}

#[derive(Debug)]
struct StageMemory {
    workspace: DeviceWorkspace,
    inputs: Vec<(String, Source)>,
}

impl DeviceTile {
    /// For tiles of that height and width.
    ///
    /// # Errors
    /// When the size does not suit the graphs or the device has no memory.
    pub fn new(gpu: &Gpu, runner: &DeviceRunner, picture: [usize; 2]) -> Result<Self, DeviceError> {
        let programs: Vec<_> = runner.tile_stages().map(|stage| &stage.program).collect();
        let graphs: Vec<_> = programs.iter().map(|program| program.graph()).collect();
        let stages = programs.iter().enumerate().map(|(index, program)| {
            let names = graphs[index].inputs().iter().map(|input| input.name.clone());
            let inputs = names.zip(sources(&graphs[..index], graphs[index])).collect();
            Ok(StageMemory { workspace: DeviceWorkspace::new(gpu, program, picture)?, inputs })
        });
        Ok(Self { stages: stages.collect::<Result<_, DeviceError>>()?, picture, frame: None })
    }

    /// For tiles of another size. Memory is kept where it is large enough.
    ///
    /// # Errors
    /// As [`Self::new`]; the tile is then of no use.
    pub fn resize(
        &mut self,
        gpu: &Gpu,
        runner: &DeviceRunner,
        picture: [usize; 2],
    ) -> Result<(), DeviceError> {
        if picture != self.picture {
            self.frame = None;
            for (stage, memory) in runner.tile_stages().zip(&mut self.stages) {
                memory.workspace.resize(gpu, &stage.program, picture)?;
            }
            self.picture = picture;
        }
        Ok(())
    }

    /// Lets go of what it holds of a frame that lies on the device.
    pub fn let_go(&mut self) {
        self.frame = self.frame.take().filter(|frame| matches!(frame, DeviceFrame::Carried(_)));
    }

    /// Where the picture of that name lies, to be filled by a kernel; rows and columns beyond the
    /// frame repeat its last ones. None where no stage takes it.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<(&Memory, View)> {
        self.stages.iter().find_map(|stage| {
            let takes = |(input, source): &(String, Source)| {
                input == name && matches!(source, Source::Caller)
            };
            stage
                .inputs
                .iter()
                .any(takes)
                .then(|| stage.workspace.input(name))
                .flatten()
                .map(|view| (stage.workspace.arena(), given(view)))
        })
    }

    /// Where an output of the last stage that has one of that name lies.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<(&Memory, View)> {
        self.stages.iter().rev().find_map(|stage| {
            stage.workspace.output(name).map(|view| (stage.workspace.arena(), given(view)))
        })
    }

    /// Enqueues the stages for a picture that lies at `place` in the frame.
    ///
    /// # Errors
    /// When the device refuses; the outputs are then unfinished.
    ///
    /// # Panics
    /// When the tile or the frame's tensors are of another runner.
    pub fn run(
        &mut self,
        gpu: &Gpu,
        runner: &DeviceRunner,
        frame: &DeviceFrame,
        place: Place,
    ) -> Result<(), GpuError> {
        let known = self.frame.as_ref().is_some_and(|known| known.is(frame));
        self.frame = None;
        for (index, stage) in runner.tile_stages().enumerate() {
            let (earlier, rest) = self.stages.split_at(index);
            rest[0].fill(gpu, earlier, (!known).then_some(frame))?;
            stage.program.run(gpu, &rest[0].workspace, place)?;
        }
        self.frame = Some(frame.clone());
        Ok(())
    }
}

impl StageMemory {
    /// Fills inputs from earlier stages, and from the frame where it is told.
    fn fill(
        &self,
        gpu: &Gpu,
        earlier: &[Self],
        frame: Option<&DeviceFrame>,
    ) -> Result<(), GpuError> {
        for (index, (name, source)) in self.inputs.iter().enumerate() {
            let missing = || -> ! { panic!("{name}: not among the tensors of this frame") };
            match source {
                Source::Caller => {}
                Source::Input(stage) | Source::Output(stage) => {
                    let from = &earlier[*stage].workspace;
                    let view = match source {
                        Source::Input(_) => from.input(name),
                        _ => from.output(name),
                    };
                    self.workspace.hand_on(gpu, index, from, view.unwrap_or_else(|| missing()))?;
                }
                Source::Frame => {
                    let Some(frame) = frame else { continue };
                    let size = self.workspace.plan().inputs[index].size();
                    match frame {
                        DeviceFrame::Carried(frame) => {
                            let values = frame.values(name, size).unwrap_or_else(|| missing());
                            self.workspace.put(gpu, index, values)?;
                        }
                        DeviceFrame::There(frame) => {
                            let values = frame.get(name, size).unwrap_or_else(|| missing());
                            self.workspace.fill(gpu, index, values)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}
