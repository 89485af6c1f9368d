//! What the whole frame decides, and the mean over neighbouring frames.

use crate::cache::Key;
use crate::picture::{self, Picture, Trouble};
use crate::state::Engine;
use headroom::expand::device::{DeviceAnalysis, DeviceFailure, Known, Wish, fingerprint};
use headroom::expand::{Abort, Analysis, Interrupted, Plan, Statistics, analyse};
use headroom_gpu::{Gpu, GpuError};
use headroom_kernel::{ImageRef, Rect};
use headroom_ofx::{Clip, RectI};
use std::sync::Arc;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Rows that one thread hashes at a time.
const BAND: usize = 64;

/// Samples of a picture that has a name: so many rows, and so many runs of bytes in each.
const SAMPLED_ROWS: usize = 128;
const SAMPLED_RUNS: usize = 32;
const SAMPLED_BYTES: usize = 16;

/// A frame to look at.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) plan: &'a Plan,
    pub(crate) abort: Abort<'a>,
    /// Where the host's images lie, if on a device.
    pub(crate) gpu: Option<&'a Arc<Gpu>>,
}

/// What is known of a frame, where it was found.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// By the CPU.
    Cpu(Arc<Analysis>),
    /// By a device, where it stays.
    Device(Arc<DeviceAnalysis>),
}

impl From<Analysis> for Found {
    fn from(analysis: Analysis) -> Self {
        Self::Cpu(Arc::new(analysis))
    }
}

impl Found {
    pub(crate) fn known(&self) -> Known<'_> {
        match self {
            Self::Cpu(analysis) => (&**analysis).into(),
            Self::Device(analysis) => (&**analysis).into(),
        }
    }

    /// Bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Cpu(analysis) => analysis.bytes(),
            Self::Device(analysis) => analysis.bytes(),
        }
    }

    fn with_statistics(&self, statistics: Statistics) -> Self {
        match self {
            Self::Cpu(analysis) => Analysis::clone(analysis).with_statistics(statistics).into(),
            Self::Device(analysis) => Self::Device(Arc::new(analysis.with_statistics(statistics))),
        }
    }
}

/// The frame a picture is of, in the engine's coordinates.
pub(crate) fn frame_of(picture: &Picture, bounds_are_frame: bool) -> Rect {
    let bounds: RectI = picture.description.bounds;
    let told = picture.description.frame.filter(|_| !bounds_are_frame);
    picture::rect(told.unwrap_or(bounds))
}

impl Look<'_> {
    /// Analyses a frame, remembering nothing.
    pub(crate) fn fresh(&self, view: &ImageRef<'_>, frame: Rect) -> Result<Analysis, Interrupted> {
        analyse(self.plan, view, frame, self.engine.pool(), self.abort)
    }

    /// Analyses a frame where it lies; on a device nothing is waited for, or carried back. Where the device
    /// refuses, by the CPU. With `kept` it may serve other renders.
    pub(crate) fn there(&self, picture: &Picture, frame: Rect, kept: bool) -> Result<Found, Stop> {
        if !self.plan.needs_whole_frame() || frame.is_empty() {
            // Reads no pixel.
            return Ok(self.fresh(&picture::black().map_err(Stop::Trouble)?, frame)?.into());
        }
        if let Some(gpu) = self.device() {
            let image = picture.on_device().map_err(Stop::Trouble)?;
            match DeviceAnalysis::new(gpu, self.plan, &image, frame, kept, self.abort) {
                Ok(analysis) => return Ok(Found::Device(Arc::new(analysis))),
                Err(DeviceFailure::Interrupted) => return Err(Stop::Interrupted),
                Err(why) => log::warn!("the frame is analysed on the CPU instead: {why}"),
            }
        }
        Ok(self.fresh(&picture.view().map_err(Stop::Trouble)?, frame)?.into())
    }

    /// What was found, for the CPU. Where the device does not hand it over, the CPU looks by itself.
    pub(crate) fn on_cpu(
        &self,
        found: &Found,
        picture: Option<&Picture>,
        frame: Rect,
    ) -> Result<Arc<Analysis>, Stop> {
        let analysis = match (found, self.gpu) {
            (Found::Cpu(analysis), _) => return Ok(Arc::clone(analysis)),
            (Found::Device(analysis), Some(gpu)) => match analysis.fetch(gpu, self.plan) {
                Ok(fetched) => return Ok(fetched),
                Err(why) => {
                    log::warn!("the frame is analysed on the CPU again: {why}");
                    analysis
                }
            },
            (Found::Device(analysis), None) => analysis,
        };
        let view = match picture {
            Some(picture) => picture.view(),
            None => picture::black(),
        };
        let view = view.map_err(Stop::Trouble)?;
        let fresh = self.fresh(&view, frame)?;
        Ok(Arc::new(match analysis.other_statistics() {
            Some(statistics) => fresh.with_statistics(*statistics),
            None => fresh,
        }))
    }

    /// What was measured. Waits for a device.
    fn statistics(&self, found: &Found) -> Result<Statistics, Stop> {
        let trouble = |error: GpuError| Stop::Trouble(Trouble::Device(error.to_string()));
        match (found, self.gpu) {
            (Found::Cpu(analysis), _) => Ok(*analysis.statistics()),
            (Found::Device(analysis), Some(gpu)) => {
                analysis.statistics(gpu, self.plan).map_err(trouble)
            }
            // Nothing is found by a device where there is none.
            (Found::Device(_), None) => Ok(Statistics::default()),
        }
    }

    /// Analyses a frame, or finds that it was done.
    pub(crate) fn remembered(
        &self,
        picture: &Picture,
        frame: Rect,
        time: f64,
    ) -> Result<Found, Stop> {
        let id = &picture.description.unique_id;
        let named = !id.is_empty();
        let key = Key {
            name: if named { xxh3_64(id.as_bytes()) } else { 0 },
            time: if named { time.to_bits() } else { 0 },
            // Some hosts give one name to different pictures, so a look at the pixels is always
            // part of the key; a tile's share of reading the whole frame would be too much.
            content: self.told_apart(picture, named)?,
            rect: picture.rect(),
            frame,
            format: picture.format(),
            plan: self.plan.analysis_key(),
            // Sums differ by rounding, and a frame is to look the same in every tile.
            device: self.device().map(|gpu| gpu.context()),
        };
        let give_up = || (self.abort)().then_some(Stop::Interrupted);
        self.engine.cache().get(key, give_up, || self.there(picture, frame, true))
    }

    /// Where the frame is analysed, unless on the CPU.
    fn device(&self) -> Option<&Arc<Gpu>> {
        self.gpu.filter(|_| self.plan.device() != Wish::Cpu)
    }

    /// A hash of the pixels, or of samples of what has a name; where the picture lies on a device, of all of them there,
    /// from where nothing but that is carried.
    fn told_apart(&self, picture: &Picture, named: bool) -> Result<u64, Stop> {
        if let Some(gpu) = self.device() {
            let image = picture.on_device().map_err(Stop::Trouble)?;
            match fingerprint(gpu, &image) {
                Ok(bytes) => return Ok(xxh3_64(&bytes)),
                Err(why) => log::warn!("the picture is carried to the CPU to be told apart: {why}"),
            }
        }
        let view = picture.view().map_err(Stop::Trouble)?;
        Ok(if named { samples(&view) } else { self.content(&view) })
    }

    /// Hash of every pixel, whatever the order and padding of rows in memory.
    fn content(&self, view: &ImageRef<'_>) -> u64 {
        let rect = view.rect();
        let bands = rect.height().div_ceil(BAND);
        let hashes = self.engine.pool().map(bands, |band| {
            let mut hash = Xxh3::new();
            let first = rect.y1 + (band * BAND) as i32;
            for y in first..rect.y2.min(first + BAND as i32) {
                hash.update(view.row_as_bytes(y));
            }
            hash.digest()
        });
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
        xxh3_64(&bytes)
    }

    /// The analysis of `own` with the mean of the statistics at `times`, and of what networks say
    /// there. Frames that the clip does not have are left out, so that the first and last frames of a
    /// shot have fewer neighbours, on whatever machine they are rendered.
    pub(crate) fn over_time(
        &self,
        (own, own_picture, own_frame): (&Found, &Picture, Rect),
        (time, scale): (f64, [f64; 2]),
        times: &[f64],
        clip: &Clip,
        bounds_are_frame: bool,
    ) -> Result<Found, Stop> {
        let range = clip.frame_range();
        let mut found: Vec<Statistics> = Vec::with_capacity(times.len());
        // Where networks are heard on every frame: by the CPU, which averages.
        let averages = self.plan.averages_frames();
        let heard = averages.then(|| self.on_cpu(own, Some(own_picture), own_frame)).transpose()?;
        let mut frames: Vec<Arc<Analysis>> = Vec::new();
        for &other in times {
            if other == time {
                found.push(self.statistics(own)?);
                frames.extend(heard.clone());
                continue;
            }
            if range.is_some_and(|[first, last]| other < first || other > last) {
                continue;
            }
            let fetched = picture::fetch(clip, other, None, self.gpu).map_err(Stop::Trouble)?;
            let Some(mut picture) = fetched else { continue };
            if !bounds_are_frame {
                picture = picture::widened(picture, clip, other, scale, self.gpu)
                    .map_err(Stop::Trouble)?;
            }
            let frame = frame_of(&picture, bounds_are_frame);
            let analysis = self.remembered(&picture, frame, other)?;
            found.push(self.statistics(&analysis)?);
            if averages {
                frames.push(self.on_cpu(&analysis, Some(&picture), frame)?);
            }
        }
        // Without a single neighbour the frame stands for itself (a frozen frame that is not there).
        let statistics =
            if found.is_empty() { self.statistics(own)? } else { Statistics::mean(&found) };
        Ok(match heard {
            None => own.with_statistics(statistics),
            Some(own) => {
                Analysis::clone(&own).with_statistics(statistics).averaged_over(frames).into()
            }
        })
    }
}

/// Why there is no analysis.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The host wants the render to stop.
    Interrupted,
    /// An image cannot be used.
    Trouble(Trouble),
}

impl From<Interrupted> for Stop {
    fn from(Interrupted: Interrupted) -> Self {
        Self::Interrupted
    }
}

/// Hash of bytes taken evenly from all over the picture.
fn samples(view: &ImageRef<'_>) -> u64 {
    let rect = view.rect();
    let mut hash = Xxh3::new();
    let height = rect.height();
    for i in 0..height.min(SAMPLED_ROWS) {
        let y = rect.y1 + (i * height / height.min(SAMPLED_ROWS)) as i32;
        let row = view.row_as_bytes(y);
        let runs = (row.len() / SAMPLED_BYTES).min(SAMPLED_RUNS);
        for run in 0..runs {
            let at = run * row.len() / runs;
            hash.update(&row[at..row.len().min(at + SAMPLED_BYTES)]);
        }
    }
    hash.digest()
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_kernel::Format;

    #[test]
    fn hashes_do_not_see_row_order_or_padding_but_see_pixels() {
        let engine = Engine::default();
        let plan = Plan::new(&headroom::settings::Values::default(), &Default::default());
        let look = Look { engine: &engine, plan: &plan, abort: &|| false, gpu: None };
        let rect = Rect::new(0, 0, 3, 70);
        let pixel = |x: usize, y: usize| (y * 16 + x) as f32;
        let row = |y: usize| (0..12).map(move |x| pixel(x, y));
        let down: Vec<f32> = (0..70).flat_map(row).collect();
        // Upwards, with four floats of padding per row.
        let up: Vec<f32> = (0..70).rev().flat_map(|y| row(y).chain([9.0; 4])).collect();
        let a =
            ImageRef::from_floats(&down, rect, headroom_kernel::Components::Rgba).expect("fits");
        let top = up[69 * 16..].as_ptr().cast();
        // SAFETY: the top row is the last in memory; every row of 48 bytes is in `up`.
        let b = unsafe { ImageRef::from_raw(top, -64, rect, Format::RGBA_FLOAT) }.expect("fits");
        assert_eq!(look.content(&a), look.content(&b));
        assert_eq!(samples(&a), samples(&b));
        let mut other = down.clone();
        other[500] += 1.0;
        let c =
            ImageRef::from_floats(&other, rect, headroom_kernel::Components::Rgba).expect("fits");
        assert_ne!(look.content(&a), look.content(&c));
    }
}
