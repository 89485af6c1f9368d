//! The network `grid` at full size, found where pixels are made: `kernels/place.h`.

use super::DeviceFailure;
use crate::execute::DeviceFrame;
use crate::expand::methods::{DeviceMethod, device_method};
use crate::expand::network::GridWeights;
use headroom_gpu::layout;
use headroom_gpu::{Gpu, Memory};
use headroom_kernel::Rect;
use headroom_kernel::nn::{BINS, COEFFICIENTS};
use std::sync::Arc;

/// What the frame's stages say of places.
pub(super) struct Placed {
    pub(super) gains: Arc<Memory>,
    pub(super) coverage: Arc<Memory>,
    /// Of the weights that have one.
    pub(super) grid: Option<Arc<Memory>>,
    pub(super) maps: layout::Maps,
    pub(super) method: layout::Method,
}

impl Placed {
    /// Of the tensors of a frame, which are carried to the device where they are not there.
    pub(super) fn new(
        gpu: &Gpu,
        weights: &GridWeights,
        tensors: &DeviceFrame,
        frame: Rect,
    ) -> Result<Self, DeviceFailure> {
        let get = |name: &str, channels: usize| {
            let (size, memory) = match tensors {
                DeviceFrame::There(tensors) => {
                    tensors.named(name).map(|(size, memory)| (size, Arc::clone(memory)))
                }
                DeviceFrame::Carried(tensors) => match tensors.get(name) {
                    Some(tensor) => {
                        let memory = gpu.upload_floats(&tensor.values)?;
                        Some((tensor.size(), Arc::new(memory)))
                    }
                    None => None,
                },
            }
            .ok_or_else(|| DeviceFailure::Network(format!("{name}: found no tensor")))?;
            if size[2] != channels {
                let found = format!("{name}: found {} channels, expected {channels}", size[2]);
                return Err(DeviceFailure::Network(found));
            }
            Ok((size, memory))
        };
        let ([map_rows, map_columns, _], gains) = get("gains", 3)?;
        let (size, coverage) = get("coverage", 3)?;
        if size != [map_rows, map_columns, 3] {
            return Err(DeviceFailure::Network("coverage: not of the size of gains".to_owned()));
        }
        let grid = weights.has_guide().then(|| get("grid", COEFFICIENTS * BINS)).transpose()?;
        let ([grid_rows, grid_columns, _], grid) =
            grid.map_or(([0; 3], None), |(size, memory)| (size, Some(memory)));
        let [map_rows, map_columns, grid_rows, grid_columns, width, height] =
            [map_rows, map_columns, grid_rows, grid_columns, frame.width(), frame.height()]
                .map(|side| side as i32);
        let maps = layout::Maps {
            map_rows,
            map_columns,
            grid_rows,
            grid_columns,
            x1: frame.x1,
            y1: frame.y1,
            width,
            height,
        };
        let method = device_method(DeviceMethod::Place, &weights.for_device());
        Ok(Self { gains, coverage, grid, maps, method })
    }
}
