//! Networks at full size, tile by tile.

use super::effect::Effect;
use super::{DeviceFailure, stored};
use crate::execute::{Area, DeviceFrame, Tile, TilingError};
use crate::expand::Abort;
use crate::expand::network::{Loaded, Output, Picture};
use crate::expand::render::around;
use crate::model::inputs;
use headroom_kernel::Rect;
use std::sync::Arc;

/// Part of a device's free memory that tiles take at most: the host needs the rest.
const SHARE: u64 = 2;

/// How often tiles are halved before the device is given up.
const HALVINGS: usize = 6;

/// Renders the whole output: in the frame by the network, beyond it exactly. Where no tile fits the
/// memory that is allowed, the exact transform stands in, and the answer says why.
pub(super) fn render(
    effect: &Effect<'_>,
    loaded: &Arc<Loaded>,
    tensors: &DeviceFrame,
    abort: Abort<'_>,
) -> Result<Option<String>, DeviceFailure> {
    let device = effect.gpu.device();
    let largest = usize::try_from(device.largest()).unwrap_or(usize::MAX);
    let mut budget = usize::try_from(effect.gpu.free_memory()? / SHARE).unwrap_or(usize::MAX);
    budget = effect.plan.memory_limit.map_or(budget, |limit| limit.min(budget));
    for _ in 0..HALVINGS {
        match attempt(effect, loaded, tensors, (budget, largest), abort) {
            Err(failure) if failure.is_memory() => budget /= 2,
            other => return other,
        }
    }
    attempt(effect, loaded, tensors, (budget, largest), abort)
}

fn attempt(
    effect: &Effect<'_>,
    loaded: &Arc<Loaded>,
    tensors: &DeviceFrame,
    (budget, largest): (usize, usize),
    abort: Abort<'_>,
) -> Result<Option<String>, DeviceFailure> {
    let gpu = effect.gpu;
    let precision = stored(effect.plan.precision);
    let runner = loaded.device.runner(gpu, loaded, precision)?;
    let frame = effect.analysis.frame();
    let size = [frame.height(), frame.width()];
    let window = effect.output.rect();
    let tiling = match runner.tiling(&loaded.runner, size, budget, largest) {
        Ok(tiling) => tiling,
        Err(error @ TilingError::Memory { .. }) if effect.plan.memory_limit.is_some() => {
            effect.exact(window)?;
            return Ok(Some(error.to_string()));
        }
        Err(error) => return Err(DeviceFailure::Network(error.to_string())),
    };
    let network = &loaded.model.network;
    let method = Output::new(effect.plan, network.domain).for_device();
    let taken = Picture::new(effect.plan, network.encoding, loaded.takes_recoded()).for_device();
    let inside = window.intersect(&frame);
    let at = |to: i32, from: i32| (i64::from(to) - i64::from(from)) as usize;
    let area = Area {
        y: at(inside.y1, frame.y1),
        x: at(inside.x1, frame.x1),
        height: inside.height(),
        width: inside.width(),
    };
    let tiles: Vec<Tile> =
        if inside.is_empty() { Vec::new() } else { tiling.tiles(area).collect() };
    let mut lent = None;
    for tile in &tiles {
        if abort() {
            return Err(DeviceFailure::Interrupted);
        }
        let memory = match &mut lent {
            Some(memory) => memory,
            none => none.insert(loaded.device.tile(gpu, &runner, precision, tile.picture())?),
        };
        memory.tile.resize(gpu, &runner, tile.picture())?;
        let input = rect(frame, &tile.input);
        let origin = [input.x1, input.y1];
        for name in [inputs::PICTURE, inputs::CLIP] {
            if let Some(to) = memory.tile.input(name) {
                effect.fill(to, origin, taken, name == inputs::CLIP, precision)?;
            }
        }
        memory.tile.run(gpu, &runner, tensors, tile.place(size))?;
        let Some((arena, view)) = memory.tile.output(inputs::RESULT) else {
            return Err(DeviceFailure::Network("a network without a result".to_owned()));
        };
        effect.networked(rect(frame, &tile.core), method, (arena, view, origin), precision)?;
    }
    if let Some(mut memory) = lent {
        memory.tile.let_go();
        loaded.device.give(gpu, precision, memory)?;
    }
    for part in around(window, frame) {
        effect.exact(part)?;
    }
    Ok(None)
}

fn rect(frame: Rect, area: &Area) -> Rect {
    let at = |from: i32, offset: usize| i64::from(from).saturating_add(offset as i64) as i32;
    Rect::new(
        at(frame.x1, area.x),
        at(frame.y1, area.y),
        at(frame.x1, area.x + area.width),
        at(frame.y1, area.y + area.height),
    )
}
