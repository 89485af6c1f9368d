//! Reading, rendering and writing at the same time, a frame apart.
//!
//! Frames are handed from one to the next without a queue: each of the three has one in hand, so
//! memory is at its peak from the third frame on. What becomes of the frames is told in their
//! order.

use super::resolve::Resolved;
use super::source::Source;
use super::{Output, Renderer, Task};
use crate::error::{Error, Outcome};
use crate::interrupt;
use crate::pattern::{Job, Shot, make_folder_of};
use crate::progress::{Form, Progress, Status, Tally};
use headroom::settings::{Id, Values};
use headroom_frame::sequence::Pattern;
use headroom_frame::{Frame, ReadOptions};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What to render and how.
pub(crate) struct Render {
    pub(crate) shots: Vec<Shot>,
    pub(crate) mask: Option<Pattern>,
    pub(crate) values: Values,
    pub(crate) read: ReadOptions,
    pub(crate) output: Output,
    pub(crate) skip_existing: bool,
    /// Whether frames around the current one will be asked for.
    pub(crate) neighbours: bool,
    pub(crate) form: Form,
}

/// What the reader found.
enum Read {
    Picture { picture: Arc<Frame>, mask: Option<Arc<Frame>> },
    Skip,
    Fail(String),
}

/// What the writer has to do.
enum Write {
    Picture { frame: Frame, resolved: Box<Resolved>, clip_share: Option<f32> },
    Skip,
    Fail(String),
}

/// What rendering and writing share.
#[derive(Default)]
struct Shared {
    /// Buffers of written frames, to be filled again.
    spare: Mutex<Vec<Vec<f32>>>,
    /// Held by whoever renders through a plug-in or writes. Both hold several copies of a frame for
    /// a moment; one after the other the peak is the same for every frame, and since each uses all
    /// threads there is little to win side by side.
    turn: Mutex<()>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Renders everything.
///
/// # Errors
/// Interrupted; a usage error that only a picture brought to light; or failed frames, after the
/// others are done.
pub(crate) fn run(render: &Render, mut renderer: Renderer) -> Outcome<Tally> {
    let total = render.shots.iter().map(|shot| shot.jobs.len()).sum();
    let progress = Mutex::new(Progress::start(render.form, total));
    let shared = Shared::default();
    // Whether a picture has gone to be written.
    let mut begun = false;
    let mut outcome = Ok(());
    for shot in &render.shots {
        outcome = run_shot(render, shot, &mut renderer, &progress, &shared, &mut begun);
        if outcome.is_err() || interrupt::asked() {
            break;
        }
    }
    let interrupted = interrupt::asked() || matches!(outcome, Err(Error::Interrupted));
    let tally = progress.into_inner().unwrap_or_else(PoisonError::into_inner).end(interrupted);
    outcome?;
    match tally.failed {
        _ if interrupted => Err(Error::Interrupted),
        0 => Ok(tally),
        failed => Err(Error::failed(format!("{failed} of {total} frames failed"))),
    }
}

fn run_shot(
    render: &Render,
    shot: &Shot,
    renderer: &mut Renderer,
    progress: &Mutex<Progress>,
    shared: &Shared,
    begun: &mut bool,
) -> Outcome {
    let source = Source::new(shot.input.clone(), render.read.clone(), render.neighbours);
    tell_missing_frozen_frame(&render.values, &shot.input);
    thread::scope(|scope| {
        let (to_render, to_be_rendered) = sync_channel(0);
        let (to_write, to_be_written) = sync_channel(0);
        let source = &source;
        scope.spawn(move || read_all(render, shot, source, &to_render));
        scope.spawn(move || write_all(&render.output, &to_be_written, progress, shared));
        // Both channels end with this call, whatever it returns, and with them both threads.
        render_all(render, source, renderer, to_be_rendered, &to_write, shared, begun)
    })
}

/// Engine and plug-in then measure each frame by itself, which is not what was asked for.
fn tell_missing_frozen_frame(values: &Values, input: &Pattern) {
    if !values.toggle(Id::FreezeAnalysis) || !input.is_sequence() {
        return;
    }
    let path = input.path(values.number(Id::FreezeFrame).round() as i64);
    if !path.is_file() {
        let path = path.display();
        log::warn!("{path}: freeze_frame: found no such file; each frame is measured by itself");
    }
}

fn read_all(render: &Render, shot: &Shot, source: &Source, out: &SyncSender<(Job, Read)>) {
    for job in &shot.jobs {
        if interrupt::asked() {
            return;
        }
        let read = if render.skip_existing && job.output.is_file() {
            Read::Skip
        } else {
            read_one(render, job, source).unwrap_or_else(|error| Read::Fail(error.to_string()))
        };
        if out.send((job.clone(), read)).is_err() {
            return;
        }
    }
}

fn read_one(render: &Render, job: &Job, source: &Source) -> Outcome<Read> {
    let picture = source.frame(job.frame)?;
    let mask = match &render.mask {
        Some(pattern) => Some(Arc::new(read_mask(render, &pattern.path(job.frame), &picture)?)),
        None => None,
    };
    Ok(Read::Picture { picture, mask })
}

/// A mask counts by its alpha, or by its red where it has none.
fn read_mask(render: &Render, path: &Path, picture: &Frame) -> Outcome<Frame> {
    let options = ReadOptions { layer: None, ..render.read.clone() };
    let mut mask = headroom_frame::read(path, &options)?;
    let (found, expected) = (mask.display_window, picture.display_window);
    if (found.width, found.height) != (expected.width, expected.height) {
        return Err(Error::failed(format!(
            "{}: mask: found {} x {} pixels, expected {} x {} as the picture has",
            path.display(),
            found.width,
            found.height,
            expected.width,
            expected.height
        )));
    }
    if !mask.has_alpha {
        mask.pixels.as_chunks_mut::<4>().0.iter_mut().for_each(|p| p[3] = p[0]);
    }
    Ok(mask)
}

fn render_all(
    render: &Render,
    source: &Source,
    renderer: &mut Renderer,
    pictures: Receiver<(Job, Read)>,
    results: &SyncSender<(Job, Write)>,
    shared: &Shared,
    begun: &mut bool,
) -> Outcome {
    for (job, read) in pictures {
        if interrupt::asked() {
            return Err(Error::Interrupted);
        }
        let write = match read {
            Read::Skip => Write::Skip,
            Read::Fail(error) => Write::Fail(error),
            Read::Picture { picture, mask } => {
                match render_one(render, source, renderer, &job, picture, mask, shared) {
                    Ok(write) => write,
                    Err(Error::Failed(error) | Error::Missing(error)) => Write::Fail(error),
                    // Code 2 says that nothing was written: afterwards it is the frame's fault.
                    Err(Error::Usage(error)) if *begun => Write::Fail(error),
                    Err(error) => return Err(error),
                }
            }
        };
        *begun |= matches!(write, Write::Picture { .. });
        if results.send((job, write)).is_err() {
            return Err(Error::failed("the thread that writes files has ended"));
        }
    }
    Ok(())
}

fn render_one(
    render: &Render,
    source: &Source,
    renderer: &mut Renderer,
    job: &Job,
    picture: Arc<Frame>,
    mask: Option<Arc<Frame>>,
    shared: &Shared,
) -> Outcome<Write> {
    let resolved = Resolved::new(&render.values, &picture)?;
    render.output.check(&job.output, &resolved)?;
    let task = Task { frame: job.frame, picture, mask, resolved: &resolved, source };
    let turn = matches!(renderer, Renderer::Bundle(_)).then(|| lock(&shared.turn));
    // Under the turn, so that the writer has given its buffer back.
    let buffer = lock(&shared.spare).pop().unwrap_or_default();
    let rendered = renderer.render(&task, buffer)?;
    drop(turn);
    let picture = &task.picture;
    let frame = Frame {
        data_window: picture.data_window,
        display_window: picture.display_window,
        pixel_aspect: picture.pixel_aspect,
        pixels: rendered.pixels,
        has_alpha: picture.has_alpha,
        alpha: picture.alpha,
        source: picture.source,
        metadata: picture.metadata.clone(),
    };
    Ok(Write::Picture { frame, clip_share: rendered.clip_share, resolved: Box::new(resolved) })
}

fn write_all(
    output: &Output,
    results: &Receiver<(Job, Write)>,
    progress: &Mutex<Progress>,
    shared: &Shared,
) {
    for (job, write) in results {
        let status = match write {
            Write::Skip => Status::Skipped,
            Write::Fail(error) => Status::Failed(error),
            Write::Picture { mut frame, resolved, clip_share } => {
                let turn = lock(&shared.turn);
                let written = make_folder_of(&job.output)
                    .and_then(|()| output.write(&job.output, &mut frame, &resolved));
                lock(&shared.spare).push(frame.pixels);
                drop(turn);
                match written {
                    Ok(_) => Status::Written { clip_share },
                    Err(error) => Status::Failed(error.to_string()),
                }
            }
        };
        lock(progress).frame(job.frame, &job.input, &job.output, &status);
    }
}
