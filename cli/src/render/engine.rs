//! Rendering by the engine, called directly.

use super::{Rendered, Task};
use crate::error::{Error, Outcome};
use crate::interrupt;
use headroom::expand::{self, Analysis, Interrupted, Plan, Statistics, device};
use headroom_frame::sequence::Pattern;
use headroom_frame::{Frame, Window};
use headroom_gpu::Gpu;
use headroom_kernel::{Components, ImageMut, ImageRef, Pool, Rect};
use std::collections::HashMap;
use std::sync::Arc;

/// Measurements kept; more than any radius needs.
const MOST_MEASURED: usize = 256;

/// The engine and what it has measured so far.
pub(crate) struct Engine {
    pool: Pool,
    /// The GPU that was named.
    gpu: Option<Arc<Gpu>>,
    /// Whether it was said why the CPU renders.
    told: bool,
    /// The sequence that the measurements are of: others have frames of the same numbers.
    sequence: Option<Pattern>,
    measured: HashMap<(u64, i64), Statistics>,
    /// Frames near the last one, where what networks say of them is averaged.
    near: HashMap<(u64, i64), Arc<Analysis>>,
}

impl Engine {
    /// With a GPU it renders on that, whatever the settings say.
    pub(crate) fn new(threads: usize, gpu: Option<Arc<Gpu>>) -> Self {
        let (sequence, measured, near) = (None, HashMap::new(), HashMap::new());
        Self { pool: Pool::new(threads), gpu, told: false, sequence, measured, near }
    }

    pub(super) fn render(&mut self, task: &Task<'_>, mut buffer: Vec<f32>) -> Outcome<Rendered> {
        let plan = &task.resolved.plan;
        if plan.is_identity() {
            buffer.clone_from(&task.picture.pixels);
            return Ok(Rendered { pixels: buffer, clip_share: None });
        }
        let rect = rect(&task.picture.data_window);
        let analysis = self.analyse(task)?;
        buffer.resize(task.picture.pixels.len(), 0.0);
        let source = view(&task.picture)?;
        let mask = task.mask.as_deref().map(view).transpose()?;
        let output = ImageMut::from_floats(&mut buffer, rect, Components::Rgba)
            .map_err(|error| Error::failed(error.to_string()))?;
        let abort = interrupt::asked;
        let chosen = match &self.gpu {
            Some(gpu) => Ok(Arc::clone(gpu)),
            None => device::chosen(plan, &source, rect, &self.pool),
        };
        let (gpu, refused) = chosen.map_or_else(|why| (None, why), |gpu| (Some(gpu), None));
        let (gpu, mask, pool) = (gpu.as_deref(), mask.as_ref(), &self.pool);
        let (report, instead) =
            device::render_anywhere(gpu, plan, &analysis, &source, mask, output, pool, &abort)
                .map_err(|Interrupted| Error::Interrupted)?;
        if let Some(why) = refused.or(instead).filter(|_| !self.told) {
            log::warn!("rendered on the CPU: {why}");
            self.told = true;
        }
        if let Some(why) = report.fallback {
            return Err(Error::failed(why));
        }
        if report.nan > 0 {
            log::warn!("frame {}: {} values are no number, read as 0", task.frame, report.nan);
        }
        if report.infinite > 0 {
            let most = "read as the largest number";
            log::warn!("frame {}: {} values are infinite, {most}", task.frame, report.infinite);
        }
        let clip_share = plan.needs_whole_frame().then_some(analysis.statistics().clip_share);
        Ok(Rendered { pixels: buffer, clip_share })
    }

    /// The frame's own analysis with the statistics that its neighbours or a frozen frame decide, and what networks say
    /// of all of them.
    fn analyse(&mut self, task: &Task<'_>) -> Outcome<Analysis> {
        let plan = &task.resolved.plan;
        let times = plan.analysis_times(task.frame as f64);
        if times.len() == 1 && times[0] == task.frame as f64 {
            return look(&self.pool, plan, &task.picture);
        }
        if self.sequence.as_ref() != Some(task.source.pattern()) {
            self.measured.clear();
            self.near.clear();
            self.sequence = Some(task.source.pattern().clone());
        }
        let key = plan.analysis_key();
        if plan.averages_frames() {
            return self.averaged(task, key, &times);
        }
        let own = look(&self.pool, plan, &task.picture)?;
        self.measured.insert((key, task.frame), *own.statistics());
        let statistics = around(&mut self.measured, key, &times, |number| {
            let neighbour = task.source.neighbour(number)?;
            let found = neighbour.map(|frame| look(&self.pool, plan, &frame)).transpose()?;
            Ok(found.map(|found| *found.statistics()))
        })?;
        if self.measured.len() > MOST_MEASURED {
            // Far frames are measured anew when they are needed again: slower, never different.
            self.measured.retain(|(_, number), _| (number - task.frame).abs() < 32);
        }
        if statistics.is_empty() {
            return Ok(own);
        }
        Ok(own.with_statistics(Statistics::mean(&statistics)))
    }

    /// As [`Self::analyse`], where networks are heard on every frame.
    fn averaged(&mut self, task: &Task<'_>, key: u64, times: &[f64]) -> Outcome<Analysis> {
        // Where it was a neighbour before, networks were heard on it already.
        let own = match self.near.get(&(key, task.frame)) {
            Some(known) => Arc::clone(known),
            None => Arc::new(look(&self.pool, &task.resolved.plan, &task.picture)?),
        };
        self.near.insert((key, task.frame), Arc::clone(&own));
        let frames = around(&mut self.near, key, times, |number| {
            let neighbour = task.source.neighbour(number)?;
            let look = |frame: Arc<Frame>| look(&self.pool, &task.resolved.plan, &frame);
            Ok(neighbour.map(look).transpose()?.map(Arc::new))
        })?;
        let wanted: Vec<i64> = times.iter().map(|time| time.round() as i64).collect();
        self.near.retain(|(of, number), _| *of == key && wanted.contains(number));
        let statistics: Vec<Statistics> = frames.iter().map(|frame| *frame.statistics()).collect();
        let own = Analysis::clone(&own).with_statistics(Statistics::mean(&statistics));
        Ok(own.averaged_over(frames))
    }
}

/// What is known of the frames at `times`, or else is found there, without those that there are none of.
fn around<T: Clone>(
    known: &mut HashMap<(u64, i64), T>,
    key: u64,
    times: &[f64],
    find: impl Fn(i64) -> Outcome<Option<T>>,
) -> Outcome<Vec<T>> {
    let mut all = Vec::with_capacity(times.len());
    for time in times {
        let number = time.round() as i64;
        if let Some(known) = known.get(&(key, number)) {
            all.push(known.clone());
        } else if let Some(found) = find(number)? {
            known.insert((key, number), found.clone());
            all.push(found);
        }
    }
    Ok(all)
}

fn look(pool: &Pool, plan: &Plan, frame: &Frame) -> Outcome<Analysis> {
    let rect = rect(&frame.data_window);
    expand::analyse(plan, &view(frame)?, rect, pool, &interrupt::asked)
        .map_err(|_| Error::Interrupted)
}

fn rect(window: &Window) -> Rect {
    let end = |start: i32, length: u32| start.saturating_add_unsigned(length);
    Rect::new(window.x, window.y, end(window.x, window.width), end(window.y, window.height))
}

fn view(frame: &Frame) -> Outcome<ImageRef<'_>> {
    ImageRef::from_floats(&frame.pixels, rect(&frame.data_window), Components::Rgba)
        .map_err(|error| Error::failed(error.to_string()))
}
