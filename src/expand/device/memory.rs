//! What a model keeps on devices: its weights, and memory for a tile.

use super::{DeviceFailure, stored};
use crate::execute::{
    DeviceRunner, DeviceTensors, DeviceTile, FrameError, FrameInputs, FrameTensors,
};
use crate::expand::Abort;
use crate::expand::network::Loaded;
use headroom_gpu::source::Precision;
use headroom_gpu::{Gpu, GpuError, Marker, Memory};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Contexts and precisions for which weights are kept.
const MOST_RUNNERS: usize = 4;

/// Tiles that are kept; more than that many renders at once make their own.
const MOST_TILES: usize = 2;

/// A context and how tensors are stored in it.
type Where = (u64, Precision);

/// See the module. Whatever belongs to a context that is gone is let go when others need the room, or
/// with the model.
#[derive(Debug, Default)]
pub(in crate::expand) struct DeviceModels {
    runners: Mutex<Vec<(Where, Arc<DeviceRunner>)>>,
    tiles: Mutex<Vec<(Where, LentTile)>>,
}

/// Memory for a tile, lent to one render.
#[derive(Debug)]
pub(super) struct LentTile {
    pub(super) tile: DeviceTile,
    /// When the render before was done with it.
    free: Option<Marker>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl DeviceModels {
    /// The model's network on a device; made at the first call.
    pub(in crate::expand) fn runner(
        &self,
        gpu: &Gpu,
        loaded: &Loaded,
        precision: Precision,
    ) -> Result<Arc<DeviceRunner>, DeviceFailure> {
        let place = (gpu.context(), precision);
        let mut runners = lock(&self.runners);
        let known = runners.iter().position(|(of, _)| *of == place);
        let runner = match known {
            Some(index) => runners.remove(index).1,
            None => {
                let parts = (&loaded.model.network, &loaded.model.weights);
                Arc::new(DeviceRunner::new(gpu, parts, &loaded.runner, precision)?)
            }
        };
        if runners.len() >= MOST_RUNNERS {
            runners.remove(0);
        }
        runners.push((place, Arc::clone(&runner)));
        Ok(runner)
    }

    /// Runs the stages of a frame, whose tensors are the same for every precision of tiles.
    pub(in crate::expand) fn frame(
        &self,
        gpu: &Gpu,
        loaded: &Loaded,
        inputs: &FrameInputs<'_>,
        abort: Abort<'_>,
    ) -> Result<FrameTensors, FrameError> {
        let runner = self.of_frames(gpu, loaded).map_err(|failure| match failure {
            DeviceFailure::Gpu(error) => FrameError::Gpu(error),
            other => FrameError::Gpu(GpuError::Missing(other.to_string())),
        })?;
        runner.frame(gpu, inputs, abort)
    }

    /// The same of a frame that lies on the device, into memory that `allocate` gives; nothing is waited for.
    pub(super) fn frame_on(
        &self,
        gpu: &Gpu,
        loaded: &Loaded,
        given: &DeviceTensors,
        allocate: impl Fn(usize) -> Result<Memory, GpuError>,
        abort: Abort<'_>,
    ) -> Result<DeviceTensors, DeviceFailure> {
        let made = self.of_frames(gpu, loaded)?.frame_on(gpu, given, allocate, abort);
        made.map_err(|error| match error {
            FrameError::Interrupted => DeviceFailure::Interrupted,
            FrameError::Gpu(error) => DeviceFailure::Gpu(error),
            other => DeviceFailure::Network(other.to_string()),
        })
    }

    /// The runner that does the stages of a frame: that of any precision.
    fn of_frames(&self, gpu: &Gpu, loaded: &Loaded) -> Result<Arc<DeviceRunner>, DeviceFailure> {
        let known = {
            let runners = lock(&self.runners);
            let of_context = |(of, _): &&(Where, _)| of.0 == gpu.context();
            runners.iter().find(of_context).map(|(_, runner)| Arc::clone(runner))
        };
        known.map_or_else(|| self.runner(gpu, loaded, stored(loaded.machine.precision)), Ok)
    }

    /// Memory for a tile.
    pub(super) fn tile(
        &self,
        gpu: &Gpu,
        runner: &DeviceRunner,
        precision: Precision,
        picture: [usize; 2],
    ) -> Result<LentTile, DeviceFailure> {
        let place = (gpu.context(), precision);
        let kept = {
            let mut tiles = lock(&self.tiles);
            let index = tiles.iter().position(|(of, _)| *of == place);
            index.map(|index| tiles.remove(index).1)
        };
        if let Some(kept) = kept {
            if let Some(free) = &kept.free {
                gpu.wait_for(free)?;
            }
            return Ok(kept);
        }
        Ok(LentTile { tile: DeviceTile::new(gpu, runner, picture)?, free: None })
    }

    /// Takes it back, to be used when what was enqueued is done.
    pub(super) fn give(
        &self,
        gpu: &Gpu,
        precision: Precision,
        mut tile: LentTile,
    ) -> Result<(), DeviceFailure> {
        tile.free = Some(gpu.mark()?);
        let mut tiles = lock(&self.tiles);
        if tiles.len() >= MOST_TILES {
            tiles.remove(0);
        }
        tiles.push(((gpu.context(), precision), tile));
        Ok(())
    }
}
