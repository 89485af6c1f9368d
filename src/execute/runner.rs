//! A whole network: which stage takes what from where, and the stages of a frame.

use super::error::{FrameError, ProgramError, WorkspaceError};
use super::frame::{self, FrameStage, StageRun, is_of_sampler};
use super::program::Program;
use super::tensors::{FrameInputs, FrameTensors};
use super::tile_workspace::TileWorkspace;
use super::tiles::{Tiling, TilingError};
use super::workspace::Workspace;
use crate::expand::{Abort, Interrupted};
use crate::graph::{Extent, Graph, GraphError, Place, Reach, Scale, Shape};
use crate::model::{Network, Run, Sampler, Weights};
use headroom_kernel::Pool;
use headroom_kernel::nn::Machine;
use std::sync::{Mutex, PoisonError};

/// A tensor of fixed size that a network takes from the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameInput {
    /// One of [`crate::model::inputs`].
    pub name: String,
    /// Height, width and channels.
    pub size: [usize; 3],
}

/// A network with its weights packed for one machine. It holds no picture and can be shared by
/// threads.
#[derive(Debug)]
pub struct Runner {
    pub(super) stages: Vec<Stage>,
    /// What the engine gives.
    wanted: Vec<FrameInput>,
    /// Those of them that stages of a tile take.
    wanted_by_tiles: Vec<FrameInput>,
    /// Memory of the stages of a frame, while none is worked on.
    spare: Mutex<Option<Vec<Workspace>>>,
}

#[derive(Debug)]
pub(super) struct Stage {
    name: String,
    pub(super) run: Run,
    pub(super) program: Program,
}

impl Stage {
    pub(super) fn is_tile(&self) -> bool {
        self.run == Run::Tile
    }
}

impl Runner {
    /// Packs the weights of all stages and checks that the stages go together.
    ///
    /// # Errors
    /// When a weight does not fit, the kernels do not know a layer, or a stage takes what no other
    /// can give it.
    pub fn new(
        network: &Network,
        weights: &Weights,
        machine: Machine,
    ) -> Result<Self, ProgramError> {
        let mut check = Check::default();
        let mut stages = Vec::with_capacity(network.stages.len());
        for stage in &network.stages {
            let told = |problem| ProgramError::Stage { stage: stage.name.clone(), problem };
            check.stage(stage).map_err(told)?;
            let program =
                Program::new(&stage.graph, weights, &format!("{}.", stage.name), machine)?;
            stages.push(Stage { name: stage.name.clone(), run: stage.run.clone(), program });
        }
        let Check { wanted, wanted_by_tiles, .. } = check;
        Ok(Self { stages, wanted, wanted_by_tiles, spare: Mutex::new(None) })
    }

    /// What [`Self::frame`] must be given.
    #[must_use]
    pub fn frame_inputs(&self) -> &[FrameInput] {
        &self.wanted
    }

    /// Runs the stages of a frame.
    ///
    /// # Errors
    /// When `abort` said so, an input is missing, or there is no memory.
    pub fn frame(
        &self,
        inputs: &FrameInputs<'_>,
        pool: &Pool,
        abort: Abort<'_>,
    ) -> Result<FrameTensors, FrameError> {
        let mut workspaces = match self.take_spare() {
            Some(workspaces) if workspaces.iter().all(|w| w.plan.threads >= pool.threads()) => {
                workspaces
            }
            _ => self.frame_workspaces(pool.threads())?,
        };
        let made = self.run_frame(&mut workspaces, inputs, pool, abort);
        *self.spare.lock().unwrap_or_else(PoisonError::into_inner) = Some(workspaces);
        made
    }

    fn take_spare(&self) -> Option<Vec<Workspace>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn frame_stages(&self) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(|stage| !stage.is_tile())
    }

    pub(super) fn tile_stages(&self) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(|stage| stage.is_tile())
    }

    fn frame_workspaces(&self, threads: usize) -> Result<Vec<Workspace>, WorkspaceError> {
        self.frame_stages().map(|stage| Workspace::new(&stage.program, [0, 0], threads)).collect()
    }

    fn run_frame(
        &self,
        workspaces: &mut [Workspace],
        inputs: &FrameInputs<'_>,
        pool: &Pool,
        abort: Abort<'_>,
    ) -> Result<FrameTensors, FrameError> {
        let stages = self.frame_stages().zip(workspaces).map(|(stage, workspace)| FrameStage {
            name: &stage.name,
            run: &stage.run,
            stage: OnCpu { program: &stage.program, workspace, pool },
        });
        frame::run(stages.collect(), inputs, &self.wanted_by_tiles, abort)
    }

    pub(super) fn wanted_by_tiles(&self) -> &[FrameInput] {
        &self.wanted_by_tiles
    }

    /// Sides of tiles are multiples of this.
    #[must_use]
    pub fn tile_alignment(&self) -> usize {
        let alignments = self.tile_stages().map(|stage| stage.program.graph().alignment());
        alignments.fold(1, |all, one| {
            let mut common = all;
            while !common.is_multiple_of(one) {
                common += all;
            }
            common
        })
    }

    /// How far a pixel of the result sees, through all stages of a tile together.
    #[must_use]
    pub fn tile_reach(&self) -> Reach {
        let reaches = self.tile_stages().map(|stage| stage.program.graph().reach());
        reaches.fold(Reach::Pixels(0), |all, one| match (all, one) {
            (Reach::Pixels(a), Reach::Pixels(b)) => Reach::Pixels(a.saturating_add(b)),
            _ => Reach::Everything,
        })
    }

    /// Bytes of a [`TileWorkspace`] for a tile of that height and width.
    ///
    /// # Errors
    /// When the size does not suit the graphs.
    pub fn tile_bytes(&self, picture: [usize; 2], threads: usize) -> Result<usize, GraphError> {
        self.tile_stages().try_fold(0usize, |sum, stage| {
            Ok(sum.saturating_add(stage.program.plan(picture, threads)?.bytes()))
        })
    }

    /// Divides a frame of that height and width into tiles that need at most `budget` bytes each.
    ///
    /// # Errors
    /// When that is too little for the smallest tile.
    pub fn tiling(
        &self,
        frame: [usize; 2],
        threads: usize,
        budget: usize,
    ) -> Result<Tiling, TilingError> {
        Tiling::new(frame, self.tile_alignment(), self.tile_reach(), budget, |picture| {
            self.tile_bytes(picture, threads)
        })
    }

    /// Runs the stages of a tile on the picture in `workspace`, which lies at `place` in the frame.
    ///
    /// # Errors
    /// When `abort` said so; the outputs are then unfinished.
    ///
    /// # Panics
    /// When the workspace or the frame's tensors are of another runner.
    pub fn tile(
        &self,
        workspace: &mut TileWorkspace,
        frame: &FrameTensors,
        place: Place,
        pool: &Pool,
        abort: Abort<'_>,
    ) -> Result<(), Interrupted> {
        workspace.run(self, frame, place, pool, abort)
    }
}

/// A stage of a frame on the CPU.
struct OnCpu<'a> {
    program: &'a Program,
    workspace: &'a mut Workspace,
    pool: &'a Pool,
}

impl StageRun for OnCpu<'_> {
    fn graph(&self) -> &Graph {
        self.program.graph()
    }

    fn input_size(&self, index: usize) -> [usize; 3] {
        self.workspace.plan.inputs[index].size()
    }

    fn put(&mut self, index: usize, values: &[f32]) -> Result<(), FrameError> {
        self.workspace.input_at(index).copy_from_slice(values);
        Ok(())
    }

    fn run(&mut self, abort: Abort<'_>) -> Result<(), FrameError> {
        // Tensors of fixed size show the whole frame, whatever it measures.
        let place = Place::whole([0, 0]);
        Ok(self.program.run(self.workspace, place, self.pool, abort)?)
    }

    fn output(&self, index: usize) -> Result<([usize; 3], Vec<f32>), FrameError> {
        let view = &self.workspace.plan.outputs[index];
        Ok((view.size(), self.workspace.read(view).to_vec()))
    }
}

/// What is known of the stages so far.
#[derive(Default)]
struct Check {
    /// By stages of a frame.
    made: Vec<(String, Shape)>,
    /// By stages of a tile.
    made_by_tiles: Vec<(String, Shape)>,
    wanted: Vec<FrameInput>,
    wanted_by_tiles: Vec<FrameInput>,
    in_tiles: bool,
}

impl Check {
    fn stage(&mut self, stage: &crate::model::Stage) -> Result<(), String> {
        let tile = stage.run == Run::Tile;
        if self.in_tiles && !tile {
            return Err("runs once per frame after one that runs per tile".to_owned());
        }
        self.in_tiles = tile;
        let graph = &stage.graph;
        let sampler = match &stage.run {
            Run::Sampler(sampler) => Some(sampler),
            Run::Frame | Run::Tile => None,
        };
        for input in graph.inputs() {
            let shape = graph.node(input.node).shape;
            if sampler.is_none() || !is_of_sampler(&input.name) {
                self.input(&input.name, shape, tile)?;
            }
        }
        let outputs = graph.outputs().iter().map(|o| (o.name.clone(), graph.node(o.node).shape));
        if let Some(sampler) = sampler {
            let shape = self.sampler(stage, sampler)?;
            self.made.push((stage.name.clone(), shape));
        } else if tile {
            self.made_by_tiles.extend(outputs);
        } else {
            self.made.extend(outputs);
        }
        Ok(())
    }

    fn input(&mut self, name: &str, shape: Shape, tile: bool) -> Result<(), String> {
        if !tile && !matches!(shape.extent, Extent::Fixed(_)) {
            return Err(format!("input {name}: found {shape}, expected a fixed size"));
        }
        let last = |made: &[(String, Shape)]| {
            made.iter().rev().find(|(other, _)| other == name).map(|&(_, shape)| shape)
        };
        let earlier = last(&self.made_by_tiles).filter(|_| tile).or_else(|| last(&self.made));
        if let Some(found) = earlier {
            // Free inputs of all stages are as large as the picture.
            let free = |shape: Shape| match shape.extent {
                Extent::Of { scale, .. } => Some((scale == Scale::ONE, shape.channels)),
                Extent::Fixed(_) => None,
            };
            let same =
                found == shape || free(shape).is_some_and(|(_, c)| free(found) == Some((true, c)));
            if !same {
                return Err(format!("input {name}: found {found}, expected {shape}"));
            }
        } else if let Extent::Fixed([height, width]) = shape.extent {
            let wanted =
                FrameInput { name: name.to_owned(), size: [height, width, shape.channels] };
            if tile && !self.wanted_by_tiles.contains(&wanted) {
                self.wanted_by_tiles.push(wanted.clone());
            }
            if !self.wanted.contains(&wanted) {
                self.wanted.push(wanted);
            }
        }
        Ok(())
    }

    /// The shape of the sample.
    fn sampler(&mut self, stage: &crate::model::Stage, sampler: &Sampler) -> Result<Shape, String> {
        let graph = &stage.graph;
        let input = |name: &str| {
            let input = graph.inputs().iter().find(|input| input.name == name);
            input.map(|input| graph.node(input.node).shape)
        };
        let prediction = graph.outputs().iter().find(|o| o.name == Sampler::PREDICTION);
        let prediction = prediction.map(|output| graph.node(output.node).shape);
        let Some(sample) = input(Sampler::SAMPLE) else {
            return Err(format!("input {}: found none", Sampler::SAMPLE));
        };
        if prediction != Some(sample) {
            let found = prediction.map_or_else(|| "nothing".to_owned(), |shape| shape.to_string());
            let name = Sampler::PREDICTION;
            return Err(format!("output {name}: found {found}, expected {sample}"));
        }
        self.input(Sampler::SAMPLE, sample, false).and_then(|()| {
            // The sample itself is not the engine's to give; what it starts from is.
            self.wanted.retain(|wanted| wanted.name != Sampler::SAMPLE);
            self.input(&sampler.start, sample, false)
        })?;
        Ok(sample)
    }
}
