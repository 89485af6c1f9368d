//! Networks at full size: tile by tile, each from a larger part of the picture.

use super::kept::TileKey;
use super::load::Loaded;
use super::picture::Picture;
use crate::execute::{Area, FrameTensors, Tile, TileWorkspace, Tiling};
use crate::expand::compose::row_by_row;
use crate::expand::mask::ClipMask;
use crate::expand::math::{max, min};
use crate::expand::methods::{DeviceMethod, Predict, Prediction, device_method};
use crate::expand::strip::{STRIP, Strip, head};
use crate::expand::{Abort, Interrupted, Plan, Report, ingest};
use crate::model::{Domain, inputs};
use headroom_colour::{AP1, Conversion, Matrix3, REC709, Viewing, find};
use headroom_gpu::layout;
use headroom_kernel::{ImageRef, Pool, Rect, available_memory};
use std::sync::Arc;

/// Part of the free memory that is taken where the user sets no limit.
const SHARE: usize = 2;

/// Taken where the system does not tell how much is free.
const USUAL: usize = 2 << 30;

/// Light beyond this is taken for a mistake of the network.
const MOST: f32 = 65504.0;

/// Rows of a tile that a thread fills at a time.
const ROWS: usize = 16;

/// A network, the frame it works on, and memory for one tile of it.
pub(in crate::expand) struct Tiles<'a> {
    plan: &'a Plan,
    loaded: Arc<Loaded>,
    tensors: Arc<FrameTensors>,
    frame: Rect,
    tiling: Tiling,
    picture: Picture,
    output: Output,
    workspace: Option<TileWorkspace>,
    threads: usize,
    /// More windows of the same frame are likely to come.
    partial: bool,
}

/// From what a network gives to linear light in the input's primaries.
#[derive(Clone, Debug)]
pub(in crate::expand) struct Output {
    domain: Domain,
    /// Undoes ACEScct.
    acescct: Option<Conversion>,
    matrix: Matrix3,
    exposure: f32,
}

impl<'a> Tiles<'a> {
    /// Divides the frame. The error says why that cannot be.
    pub(in crate::expand) fn new(
        plan: &'a Plan,
        loaded: Arc<Loaded>,
        tensors: Arc<FrameTensors>,
        frame: Rect,
        pool: &Pool,
    ) -> Result<Self, String> {
        let threads = pool.threads();
        let size = [frame.height(), frame.width()];
        let workspace = loaded.take_spare(threads);
        // What the workspace takes already is this render's to use.
        let own = workspace.as_ref().map_or(0, TileWorkspace::bytes);
        let free = available_memory().map_or(USUAL, |free| free.saturating_add(own));
        let budget = plan.memory_limit.map_or(free / SHARE, |limit| limit.min(free));
        let tiling =
            loaded.runner.tiling(size, threads, budget).map_err(|error| error.to_string())?;
        let network = &loaded.model.network;
        Ok(Self {
            picture: Picture::new(plan, network.encoding, loaded.takes_recoded()),
            output: Output::new(plan, network.domain),
            plan,
            workspace,
            loaded,
            tensors,
            frame,
            tiling,
            threads,
            partial: false,
        })
    }

    /// The tiles that give a window.
    pub(in crate::expand) fn of(&mut self, window: Rect) -> Vec<Tile> {
        self.partial = !window.contains(&self.frame);
        let window = window.intersect(&self.frame);
        if window.is_empty() {
            return Vec::new();
        }
        let from = |to: i32, from: i32| (i64::from(to) - i64::from(from)) as usize;
        let area = Area {
            y: from(window.y1, self.frame.y1),
            x: from(window.x1, self.frame.x1),
            height: window.height(),
            width: window.width(),
        };
        self.tiling.tiles(area).collect()
    }

    /// Runs the network on a tile.
    pub(in crate::expand) fn run(
        &mut self,
        tile: &Tile,
        source: &ImageRef<'_>,
        clip: &ClipMask,
        pool: &Pool,
        abort: Abort<'_>,
    ) -> Result<Result<TileResult, String>, Interrupted> {
        let mut workspace = match self.workspace_for(tile.picture()) {
            Ok(workspace) => workspace,
            Err(error) => return Ok(Err(error)),
        };
        for name in [inputs::PICTURE, inputs::CLIP] {
            if let Some(to) = workspace.input_mut(name) {
                self.fill(name, to, tile, source, clip, pool, abort)?;
            }
        }
        let first = self.rect(&tile.input);
        let result = |values| TileResult {
            values,
            input: (first.x1, first.y1),
            width: tile.input.width,
            output: self.output.clone(),
        };
        let key = self.partial.then(|| TileKey::new(&mut workspace, tile.input, &self.tensors));
        if let Some(kept) = key.as_ref().and_then(|key| self.loaded.kept.get(key)) {
            let result = result(Values::Kept(kept));
            self.workspace = Some(workspace);
            return Ok(Ok(result));
        }
        let frame = [self.frame.height(), self.frame.width()];
        let done =
            self.loaded.runner.tile(&mut workspace, &self.tensors, tile.place(frame), pool, abort);
        if let Err(interrupted) = done {
            self.workspace = Some(workspace);
            return Err(interrupted);
        }
        if let Some((key, values)) = key.zip(workspace.output(inputs::RESULT)) {
            self.loaded.kept.put(key, values);
        }
        Ok(Ok(result(Values::Fresh(workspace))))
    }

    /// Where the frame lies.
    pub(in crate::expand) fn frame(&self) -> Rect {
        self.frame
    }

    /// The pixels that a tile gives.
    pub(in crate::expand) fn core(&self, tile: &Tile) -> Rect {
        self.rect(&tile.core)
    }

    fn rect(&self, area: &Area) -> Rect {
        let at = |from: i32, offset: usize| i64::from(from).saturating_add(offset as i64) as i32;
        Rect::new(
            at(self.frame.x1, area.x),
            at(self.frame.y1, area.y),
            at(self.frame.x1, area.x + area.width),
            at(self.frame.y1, area.y + area.height),
        )
    }

    /// Takes the memory of a result back.
    pub(in crate::expand) fn reuse(&mut self, result: TileResult) {
        if let Values::Fresh(workspace) = result.values {
            self.workspace = Some(workspace);
        }
    }

    fn workspace_for(&mut self, picture: [usize; 2]) -> Result<TileWorkspace, String> {
        if let Some(mut workspace) = self.workspace.take()
            && workspace.resize(&self.loaded.runner, picture).is_ok()
        {
            return Ok(workspace);
        }
        TileWorkspace::new(&self.loaded.runner, picture, self.threads)
            .map_err(|error| error.to_string())
    }

    /// Fills an input of the tile; beyond the frame its last pixels go on.
    #[allow(clippy::too_many_arguments)]
    fn fill(
        &self,
        name: &str,
        to: &mut [f32],
        tile: &Tile,
        source: &ImageRef<'_>,
        clip: &ClipMask,
        pool: &Pool,
        abort: Abort<'_>,
    ) -> Result<(), Interrupted> {
        let Area { y: top, x: left, width, .. } = tile.input;
        let last = [self.frame.height() - 1, self.frame.width() - 1];
        // Pixels of a row that lie in the frame: the first does.
        let inside = width.min(last[1] + 1 - left);
        let bands: Vec<_> = to.chunks_mut(width * 3 * ROWS).enumerate().collect();
        pool.for_each(bands, |(band, rows)| {
            if abort() {
                return;
            }
            let mut strip = Strip::new();
            let mut planes = strip.linear;
            let mut report = Report::default();
            for (i, row) in rows.chunks_exact_mut(width * 3).enumerate() {
                let y = (top + band * ROWS + i).min(last[0]);
                strip.y = self.frame.y1.wrapping_add(y as i32);
                for x in (0..inside).step_by(STRIP) {
                    strip.n = STRIP.min(inside - x);
                    strip.x = self.frame.x1.wrapping_add((left + x) as i32);
                    ingest::load(self.plan, source, &mut strip, &mut report);
                    if name == inputs::CLIP {
                        self.clip(clip, &mut strip);
                        planes.clone_from(&strip.channel_clip);
                    } else {
                        self.picture.of_code(self.plan, &mut strip, &mut planes);
                    }
                    let [r, g, b] = planes.each_ref().map(|plane| &plane[..strip.n]);
                    let pixels = row[x * 3..(x + strip.n) * 3].as_chunks_mut::<3>().0;
                    for (((to, &r), &g), &b) in pixels.iter_mut().zip(r).zip(g).zip(b) {
                        *to = [r, g, b];
                    }
                }
                let edge: [f32; 3] = std::array::from_fn(|c| row[(inside - 1) * 3 + c]);
                row[inside * 3..].as_chunks_mut::<3>().0.fill(edge);
            }
        });
        if abort() { Err(Interrupted) } else { Ok(()) }
    }

    fn clip(&self, clip: &ClipMask, strip: &mut Strip) {
        ingest::take_signal(self.plan, strip);
        if clip.fill(strip) {
            clip.fill_channels(strip);
        } else {
            strip.channel_clip.iter_mut().for_each(|plane| plane.fill(0.0));
        }
    }
}

impl Drop for Tiles<'_> {
    fn drop(&mut self) {
        if let Some(workspace) = self.workspace.take() {
            self.loaded.give_spare(self.threads, workspace);
        }
    }
}

/// Where a result lies.
enum Values {
    Fresh(TileWorkspace),
    Kept(Arc<[f32]>),
}

/// What a network made of a tile.
pub(in crate::expand) struct TileResult {
    values: Values,
    /// First pixel of the network's picture, and its width.
    input: (i32, i32),
    width: usize,
    output: Output,
}

impl Predict for TileResult {
    fn predict(&self, strip: &mut Strip) -> Prediction {
        let n = strip.n;
        let target = head(&mut strip.target, n);
        let values = match &self.values {
            Values::Fresh(workspace) => workspace.output(inputs::RESULT),
            Values::Kept(values) => Some(&**values),
        };
        let Some(values) = values else {
            target.into_iter().for_each(|plane| plane.fill(0.0));
            return Prediction::Stops;
        };
        let along = |to: i32, from: i32| (i64::from(to) - i64::from(from)) as usize;
        let (x, y) = (along(strip.x, self.input.0), along(strip.y, self.input.1));
        let pixels = values[(y * self.width + x) * 3..][..n * 3].as_chunks::<3>().0;
        let [r, g, b] = target;
        for (((pixel, r), g), b) in pixels.iter().zip(&mut *r).zip(&mut *g).zip(&mut *b) {
            [*r, *g, *b] = *pixel;
        }
        self.output.decode([r, g, b])
    }
}

impl Output {
    pub(in crate::expand) fn new(plan: &Plan, domain: Domain) -> Self {
        let from = match domain {
            Domain::AcesCct => &AP1,
            Domain::Linear | Domain::Stops => &REC709,
        };
        let acescct = find("ACEScct").zip(find("ACEScg"));
        Self {
            domain,
            acescct: acescct.map(|(a, b)| Conversion::new(a, b, Viewing::default())),
            matrix: Matrix3::between(from, &plan.input.primaries),
            exposure: plan.exposure,
        }
    }

    /// The same for a device's kernels.
    pub(in crate::expand) fn for_device(&self) -> layout::Method {
        let matrix = row_by_row(self.matrix.to_f32());
        let light = [&matrix[..], &[self.exposure]].concat();
        match (self.domain, &self.acescct) {
            (Domain::Stops, _) => device_method(DeviceMethod::Stops, &[]),
            (Domain::AcesCct, Some(conversion)) => {
                let (_, curve) = conversion.parts().0.numbers();
                device_method(DeviceMethod::AcesCct, &[light, curve].concat())
            }
            _ => device_method(DeviceMethod::Linear, &light),
        }
    }

    fn decode(&self, [r, g, b]: [&mut [f32]; 3]) -> Prediction {
        match self.domain {
            Domain::Stops => return Prediction::Stops,
            Domain::Linear => {}
            Domain::AcesCct => {
                if let Some(conversion) = &self.acescct {
                    conversion.decode_planar(r, g, b);
                }
            }
        }
        self.matrix.apply_planar(r, g, b);
        for plane in [r, g, b] {
            for v in plane {
                // In this order what is no number becomes black.
                *v = max(min(*v, MOST), -MOST) * self.exposure;
                *v = if v.is_nan() { 0.0 } else { *v };
            }
        }
        Prediction::Target
    }
}
