//! One render: window by window, row by row, as the host asks.

use crate::device::Lending;
use crate::fields::Rows;
use crate::instance::{self, Instance};
use crate::measure::{Found, Look, Stop, frame_of};
use crate::picture::{self, Picture, Trouble};
use crate::regions::{scale, time};
use crate::state;
use headroom::expand::device::{self, DeviceFailure, DeviceImage, Wish};
use headroom::expand::{Alpha, Interrupted, Plan, Report};
use headroom::settings::Values;
use headroom_gpu::Gpu;
use headroom_kernel::{Components, Format, ImageMut, ImageRef, Rect};
use headroom_ofx::{
    Components as ClipComponents, Description, Effect, Fault, Field, PropertySet, RectI, Result,
    Status, log_path, sys,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;

/// What a render is asked for.
struct Request {
    time: f64,
    field: Field,
    window: Option<RectI>,
    scale: [f64; 2],
    /// How the host lends a device on which its images lie, if it does.
    lending: Option<Lending>,
}

impl Request {
    /// Reads the arguments; what is lacking is as in a plain render of everything.
    fn new(args: Option<&PropertySet>) -> Self {
        let field = args.and_then(|args| args.get::<String>(sys::kOfxImageEffectPropFieldToRender));
        Self {
            time: time(args),
            field: Field::from_name(&field.unwrap_or_default()),
            window: args
                .and_then(|args| args.get_array(sys::kOfxImageEffectPropRenderWindow))
                .map(RectI::from_array),
            scale: scale(args),
            lending: Lending::of(args),
        }
    }
}

/// Why a render ended early.
enum End {
    /// The host asked for it, and will not look at the output.
    Interrupted,
    /// Something is wrong, as told.
    Failed(Status, String),
}

impl End {
    fn of(clip: &'static str) -> impl Fn(Trouble) -> Self {
        move |trouble| {
            let (status, text) = trouble.tell(clip);
            Self::Failed(status, text)
        }
    }

    /// By a device that refuses.
    fn on_device(error: &impl ToString) -> Self {
        Self::Failed(Status::GPU_RENDER_FAILED, error.to_string())
    }

    /// By looking at the frame.
    fn looking(stop: Stop) -> Self {
        match stop {
            Stop::Interrupted => Self::Interrupted,
            Stop::Trouble(trouble) => Self::of("Source")(trouble),
        }
    }
}

/// Render.
pub(crate) fn render(instance: &Instance, args: Option<&PropertySet>) -> Result {
    let request = Request::new(args);
    // Caught here rather than at the border, so that the node can say that something went wrong.
    let result = catch_unwind(AssertUnwindSafe(|| match attempt(instance, &request) {
        // Hosts refuse images once they want to stop; that is no error to show.
        Err(End::Failed(..)) if instance.effect.abort() => Err(End::Interrupted),
        result => result,
    }));
    match result.unwrap_or_else(|_| Err(broken())) {
        Ok(None) => {
            instance.succeed();
            Ok(())
        }
        Ok(Some(fallback)) => {
            instance.warn(&fallback);
            Ok(())
        }
        Err(End::Interrupted) => Ok(()),
        Err(End::Failed(status, text)) => Err(instance.fail(status, &text)),
    }
}

/// What a panic means to the user.
fn broken() -> End {
    let place = log_path().map_or_else(|| "none".to_owned(), |path| path.display().to_string());
    End::Failed(Status::FAILED, format!("Headroom failed by a mistake of its own; log: {place}"))
}

/// Renders. The answer tells why the exact colour transform stands in for the method, where it does.
fn attempt(instance: &Instance, request: &Request) -> std::result::Result<Option<String>, End> {
    // Asked once for sure: later only this thread asks, which on a busy machine may find every band
    // done by others.
    if instance.effect.abort() {
        return Err(End::Interrupted);
    }
    let output = picture::fetch_output(&instance.output, request.time, request.lending)
        .map_err(End::of("Output"))?;
    let Some((mut output, gpu)) = output else { return Ok(None) };
    let gpu = gpu.as_ref();
    must_hold_colour(&output, "Output")?;
    let bounds = output.description.bounds;
    let window = request.window.map_or(bounds, |window| window.intersect(&bounds));
    if window.is_empty() {
        return Ok(None);
    }
    let window = picture::rect(window);

    let engine = state::engine();
    let abort = Aborter::new(instance.effect);
    let abort = || abort.asked();
    let values = instance.values(request.time);
    let mut source = source(instance, request, gpu, &values)?;
    if let Some(source) = &mut source {
        source.keep_from(&output).map_err(End::of("Source"))?;
    }
    let alpha = source.as_ref().map_or_else(|| instance.alpha(), |p| alpha(instance, p));
    let mut plan = instance.plan(&values, alpha);
    let loaded = plan.load(&state::models());
    let look = Look { engine: &engine, plan: &plan, abort: &abort, gpu };

    let rows = rows(instance, request, &output, source.as_ref());
    let frame_window = rows.map_or(window, |rows| rows.frame_window(window));
    let known =
        analysis(instance, request, &look, source.as_ref(), frame_window).map_err(End::looking)?;

    // Without a picture the mask is black: the engine expands nowhere then.
    let mask = match instance.mask_clip(&values) {
        Some(clip) => picture::fetch(&clip, request.time, None, gpu).map_err(End::of("Mask"))?,
        None => None,
    };
    let work = Work {
        look: &look,
        known: &known,
        bounds_are_frame: instance.quirks.bounds_are_frame,
        source: source.as_ref(),
        mask: mask.as_ref(),
        rows,
        window,
        frame_window,
    };
    // Nobody could wait for what is told a device without a stream of the host's.
    let finish = |gpu: &Gpu| match request.lending.is_some_and(Lending::must_finish) {
        true => gpu.finish().map_err(|error| End::on_device(&error)),
        false => Ok(()),
    };
    let mut failed = None;
    if let Some(gpu) = gpu.filter(|_| plan.device() != Wish::Cpu) {
        match work.on_device(gpu, &output) {
            Ok(report) => {
                finish(gpu)?;
                return Ok(loaded.err().map(|e| e.to_string()).or(report.fallback));
            }
            Err(End::Failed(_, why)) => {
                log::warn!("frame {}: on the CPU instead: {why}", request.time);
                failed = Some(format!("rendered on the CPU: {why}"));
            }
            Err(interrupted) => return Err(interrupted),
        }
    }
    let report = match gpu {
        None => {
            let view = view(source.as_ref()).map_err(End::of("Source"))?;
            let own = device::chosen(&plan, &view, window, engine.pool());
            let (own, refused) = own.map_or_else(|why| (None, why), |own| (Some(own), None));
            let target = output.view_mut().map_err(End::of("Output"))?.crop(&window);
            let (report, instead) = work.through(own.as_deref(), target)?;
            failed = refused.or(instead).map(|why| format!("rendered on the CPU: {why}"));
            report
        }
        Some(gpu) => {
            let report = work.for_device(&output)?;
            finish(gpu)?;
            report
        }
    };
    if report.nan > 0 {
        log::debug!("frame {}: {} values were no numbers", request.time, report.nan);
    }
    Ok(loaded.err().map(|error| error.to_string()).or(report.fallback).or(failed))
}

/// Everything that a render is made from.
struct Work<'a> {
    look: &'a Look<'a>,
    known: &'a Found,
    bounds_are_frame: bool,
    source: Option<&'a Picture>,
    mask: Option<&'a Picture>,
    rows: Option<Rows>,
    window: Rect,
    /// What of the frame must be rendered to fill the window.
    frame_window: Rect,
}

impl Work<'_> {
    /// On the device on which all pictures lie, without waiting for it.
    fn on_device(&self, gpu: &Gpu, output: &Picture) -> std::result::Result<Report, End> {
        let nothing;
        let source = match self.source {
            Some(picture) => picture.on_device().map_err(End::of("Source"))?,
            None => {
                nothing = gpu.upload(&[]).map_err(|error| End::on_device(&error))?;
                DeviceImage::new(&nothing, 0, 0, Rect::default(), Format::RGBA_FLOAT)
                    .map_err(|error| End::on_device(&error))?
            }
        };
        let mask = self.mask.map(Picture::on_device).transpose().map_err(End::of("Mask"))?;
        let target = output.on_device().map_err(End::of("Output"))?.crop(&self.window);
        let target = match self.rows {
            None => target,
            Some(rows) => rows.on_device(&target),
        };
        let Look { engine, plan, abort, .. } = *self.look;
        let (known, mask, pool) = (self.known.known(), mask.as_ref(), engine.pool());
        let run = device::render_on;
        run(gpu, plan, known, &source, mask, &target, false, pool, abort).map_err(|failure| {
            match failure {
                DeviceFailure::Interrupted => End::Interrupted,
                other => End::on_device(&other),
            }
        })
    }

    /// On the CPU, for pictures on a device.
    fn for_device(&self, output: &Picture) -> std::result::Result<Report, End> {
        let target = output.on_device().map_err(End::of("Output"))?.crop(&self.window);
        // What is there is kept where nothing is written: the rows of the other field.
        let mut pixels = output.fetch(&target).map_err(End::of("Output"))?;
        let (report, _) = self.through(None, pixels.view_mut().map_err(End::of("Output"))?)?;
        pixels.put(output, &target).map_err(End::of("Output"))?;
        Ok(report)
    }

    /// From and to the memory of the CPU, on a GPU if one is given and it can; else the text says why
    /// not.
    fn through(
        &self,
        gpu: Option<&Gpu>,
        target: ImageMut<'_>,
    ) -> std::result::Result<(Report, Option<String>), End> {
        let view = view(self.source).map_err(End::of("Source"))?;
        let mask = self.mask.map(Picture::view).transpose().map_err(End::of("Mask"))?;
        let frame = |picture| frame_of(picture, self.bounds_are_frame);
        let frame = self.source.map_or(self.frame_window, frame);
        let analysis = self.look.on_cpu(self.known, self.source, frame).map_err(End::looking)?;
        let Look { engine, plan, abort, .. } = *self.look;
        let run = |target: ImageMut<'_>| {
            let (mask, pool) = (mask.as_ref(), engine.pool());
            device::render_anywhere(gpu, plan, &analysis, &view, mask, target, pool, abort)
                .map_err(|Interrupted| End::Interrupted)
        };
        let Some(rows) = self.rows else { return run(target) };
        // The engine renders rows that touch; the field's are picked from them afterwards.
        let size =
            self.frame_window.width() * self.frame_window.height() * Components::Rgba.count();
        let mut floats = Vec::new();
        floats.try_reserve_exact(size).map_err(|_| {
            End::Failed(Status::MEMORY, format!("no memory for {size} values of a field"))
        })?;
        floats.resize(size, 0.0f32);
        let unusable =
            |e: headroom_kernel::ImageError| End::Failed(Status::FAILED, format!("field: {e}"));
        let whole = ImageMut::from_floats(&mut floats, self.frame_window, Components::Rgba)
            .map_err(unusable)?;
        let report = run(whole)?;
        let whole = ImageRef::from_floats(&floats, self.frame_window, Components::Rgba)
            .map_err(unusable)?;
        rows.keep(&whole, target);
        Ok(report)
    }
}

/// Which rows to write; none when it is all of them, one to one.
fn rows(
    instance: &Instance,
    request: &Request,
    output: &Picture,
    source: Option<&Picture>,
) -> Option<Rows> {
    let height = |description: &Description| {
        (description.field, description.frame.unwrap_or(description.bounds).height())
    };
    let (field, rows) = height(&output.description);
    // Asked for only where it matters: of most renders no field is wanted.
    let frame = field
        .parity()
        .and_then(|_| instance.output.region_of_definition(request.time))
        .and_then(|region| region.to_pixels(request.scale, output.description.pixel_aspect))
        .map(|frame| frame.height());
    Rows::of(request.field, field, rows, frame, source.map(|source| height(&source.description)))
}

/// The source's picture; the whole of it when the analysis needs that.
fn source(
    instance: &Instance,
    request: &Request,
    gpu: Option<&Arc<Gpu>>,
    values: &Values,
) -> std::result::Result<Option<Picture>, End> {
    let found = picture::fetch(&instance.source, request.time, None, gpu);
    let Some(mut found) = found.map_err(End::of("Source"))? else { return Ok(None) };
    must_hold_colour(&found, "Source")?;
    let plan = instance.plan(values, alpha(instance, &found));
    if plan.needs_whole_frame() && !instance.quirks.bounds_are_frame {
        found = picture::widened(found, &instance.source, request.time, request.scale, gpu)
            .map_err(End::of("Source"))?;
        must_hold_colour(&found, "Source")?;
    }
    Ok(Some(found))
}

/// How colour relates to alpha in a picture.
fn alpha(instance: &Instance, picture: &Picture) -> Alpha {
    let description = &picture.description;
    if description.components != ClipComponents::Rgba {
        return Alpha::Opaque;
    }
    description.premultiplication.map_or_else(|| instance.alpha(), |p| instance::alpha(Some(p)))
}

fn must_hold_colour(picture: &Picture, clip: &'static str) -> std::result::Result<(), End> {
    if picture.description.components != ClipComponents::Alpha {
        return Ok(());
    }
    Err(End::of(clip)(Trouble::Fault(Fault {
        what: "components",
        found: "OfxImageComponentAlpha".to_owned(),
        expected: "OfxImageComponentRGBA or OfxImageComponentRGB".to_owned(),
    })))
}

/// The pixels of a picture; none where there is no picture.
fn view(source: Option<&Picture>) -> std::result::Result<ImageRef<'_>, Trouble> {
    match source {
        Some(picture) => picture.view(),
        None => picture::black(),
    }
}

fn analysis(
    instance: &Instance,
    request: &Request,
    look: &Look<'_>,
    source: Option<&Picture>,
    window: Rect,
) -> std::result::Result<Found, Stop> {
    let plan: &Plan = look.plan;
    let quirk = instance.quirks.bounds_are_frame;
    // A source that is not there is black all over; there is nothing to remember.
    let Some(picture) = source else {
        let black = picture::black().map_err(Stop::Trouble)?;
        return Ok(look.fresh(&black, window)?.into());
    };
    let frame = frame_of(picture, quirk);
    let times = instance.analysis_times(plan, request.time);
    // Where frames are averaged one by itself goes the same way, so that on a device, too, it is bit for bit what it is
    // among others that are alike.
    let alone = times == [request.time] && !plan.averages_frames();
    // Where no pixel is read, or it is the one render of this frame: to look whether it was analysed
    // before would cost as much as analysing it.
    if !plan.needs_whole_frame() || (alone && window.contains(&frame)) {
        return look.there(picture, frame, false);
    }
    let own = look.remembered(picture, frame, request.time)?;
    if alone {
        return Ok(own);
    }
    let own = (&own, picture, frame);
    look.over_time(own, (request.time, request.scale), &times, &instance.source, quirk)
}

/// Asks the host whether to stop, from the render's own thread alone: hosts keep what belongs to a
/// render in thread-local storage and do not know the plug-in's threads.
struct Aborter {
    effect: Effect,
    thread: ThreadId,
    asked: AtomicBool,
}

impl Aborter {
    fn new(effect: Effect) -> Self {
        Self { effect, thread: std::thread::current().id(), asked: AtomicBool::new(false) }
    }

    fn asked(&self) -> bool {
        if self.asked.load(Ordering::Relaxed) {
            return true;
        }
        let asked = std::thread::current().id() == self.thread && self.effect.abort();
        if asked {
            self.asked.store(true, Ordering::Relaxed);
        }
        asked
    }
}
