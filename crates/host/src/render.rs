//! The render of frames: its actions in the order in which hosts call them, its threads, its
//! canvas.

use crate::{
    arguments::{Arguments, named, rect},
    buffer::Buffer,
    config::{Checks, Components},
    device::ImageMemory,
    effect::Effect,
    error::HostError,
    image::{Grid, Premult, Sources, Window},
    job::{Frame, Job},
    object::{Node, Preferences},
    propset::{Access, PropType, Value},
    questions::{
        answered, ask_colourspace, ask_definition, ask_frames, ask_preferences, update_clips,
    },
    request::{Field, Instances, OutputBounds, RenderRequest, Rendered},
    session::{Session, lock},
    violation::{Report, ViolationKind},
};
use headroom_ofx_sys::{self as sys, OfxRectD, OfxStatus};
use std::{
    collections::HashMap,
    ffi::CStr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// A frame on its way.
struct Way<'a> {
    request: &'a RenderRequest,
    frame: Arc<Frame>,
    node: Arc<Node>,
    preferences: Preferences,
    colourspace: Option<String>,
    definition: OfxRectD,
    grid: Grid,
}

/// Renders frames, all of their render calls on one set of threads: with more than one frame and
/// thread, calls of different frames run at the same time on the same instance.
pub(crate) fn render(
    effect: &mut Effect,
    requests: &[RenderRequest],
    sources: &dyn Sources,
) -> Result<Vec<Rendered>, HostError> {
    let session = Arc::clone(&effect.loaded.session);
    session.take_messages();
    let frames: Vec<Arc<Frame>> = requests
        .iter()
        // SAFETY: `finish` is called below before `sources` ends, whatever happens between.
        .map(|request| unsafe { Frame::new(&session, effect.depth, request, sources) })
        .collect();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        on_instances(effect, requests, &frames)
    }));
    frames.iter().for_each(|frame| frame.finish());
    let mut result = match result {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    };
    match &mut result {
        Ok(rendered) => {
            let violations = session.take_violations();
            let messages = session.take_messages();
            for rendered in rendered {
                rendered.report = Report { violations: violations.clone() };
                rendered.messages.clone_from(&messages);
            }
        }
        Err(HostError::Action { report, messages, .. }) => {
            report.violations = session.take_violations();
            messages.extend(session.take_messages());
        }
        Err(_) => {}
    }
    result
}

/// Renders on the instances that the first request wants.
fn on_instances(
    effect: &mut Effect,
    requests: &[RenderRequest],
    frames: &[Arc<Frame>],
) -> Result<Vec<Rendered>, HostError> {
    let own =
        effect.instance.clone().ok_or_else(|| HostError::Request("the effect is closed".into()))?;
    let Some(request) = requests.first() else { return Ok(Vec::new()) };
    let single = effect.context_node.as_ref().is_some_and(|node| {
        node.props.int(sys::kOfxImageEffectPluginPropSingleInstance) == Some(1)
    });
    let wanted = match request.instances {
        _ if single => 0,
        Instances::Own if effect.loaded.session.config.per_frame_instances => 1,
        Instances::Own => 0,
        Instances::PerFrame => 1,
        Instances::PerThread => request.threads.max(1),
    };
    if wanted == 0 {
        return on_nodes(effect, requests, frames, &[own]);
    }
    let mut nodes = Vec::new();
    for _ in 0..wanted {
        match effect.create_instance() {
            Ok(node) => {
                node.params.copy_values(&own.params);
                nodes.push(node);
            }
            Err(error) => {
                nodes.iter().for_each(|node| effect.destroy_instance(node));
                return Err(error);
            }
        }
    }
    let result = on_nodes(effect, requests, frames, &nodes);
    nodes.iter().for_each(|node| effect.destroy_instance(node));
    result
}

/// A frame whose questions are answered.
struct Plan<'a> {
    /// One for each instance.
    ways: Vec<Way<'a>>,
    calls: Vec<Call>,
    canvas: std::sync::Mutex<Canvas>,
    identity: Option<(String, f64)>,
    outcome: std::sync::Mutex<Outcome>,
}

/// A render call to make.
struct Call {
    window: Window,
    bounds: Window,
    regions: HashMap<String, OfxRectD>,
}

fn on_nodes(
    effect: &Effect,
    requests: &[RenderRequest],
    frames: &[Arc<Frame>],
    nodes: &[Arc<Node>],
) -> Result<Vec<Rendered>, HostError> {
    let plans: Vec<Plan> = requests
        .iter()
        .zip(frames)
        .map(|(request, frame)| plan(effect, request, frame, nodes))
        .collect::<Result<_, _>>()?;
    let begun: Vec<&Plan> = plans.iter().filter(|plan| !plan.calls.is_empty()).collect();
    for way in begun.iter().flat_map(|plan| &plan.ways) {
        way.sequence(effect, sys::kOfxImageEffectActionBeginSequenceRender)?;
    }
    run(effect, &begun);
    for way in begun.iter().flat_map(|plan| &plan.ways) {
        way.sequence(effect, sys::kOfxImageEffectActionEndSequenceRender)?;
    }
    plans.into_iter().map(|plan| plan.finish(effect)).collect()
}

fn plan<'a>(
    effect: &Effect,
    request: &'a RenderRequest,
    frame: &Arc<Frame>,
    nodes: &[Arc<Node>],
) -> Result<Plan<'a>, HostError> {
    *lock(&effect.loaded.session.time) = request.time;
    let ways: Vec<Way> =
        nodes.iter().map(|node| prepare(effect, request, frame, node)).collect::<Result<_, _>>()?;
    let way = &ways[0];
    let definition = way.grid.pixels(&way.definition);
    let area = request.area.unwrap_or(definition);
    if area.is_empty() {
        return Err(HostError::Request(format!("nothing to render: the area is {area:?}")));
    }
    if area.width() as u64 * area.height() as u64 > 1 << 32 {
        return Err(HostError::Request(format!("the area {area:?} is too large")));
    }
    let mut canvas = Canvas::new(area, request.field);
    let mut identity = None;
    let mut calls = Vec::new();
    for window in request.cut(&area) {
        if let Some((clip, time)) = way.identity(effect, &window)? {
            canvas.take_identity(frame, &window, &clip, time);
            identity = Some((clip, time));
        } else {
            let bounds = match request.output {
                OutputBounds::Definition => cover(&definition, &area),
                OutputBounds::Window => window,
            };
            calls.push(Call { window, bounds, regions: way.regions(effect, &window)? });
        }
    }
    if !calls.is_empty() {
        identity = None;
    }
    Ok(Plan {
        ways,
        calls,
        canvas: std::sync::Mutex::new(canvas),
        identity,
        outcome: std::sync::Mutex::default(),
    })
}

impl Plan<'_> {
    fn finish(self, effect: &Effect) -> Result<Rendered, HostError> {
        let outcome = *lock(&self.outcome);
        if outcome.status != sys::kOfxStatOK && !outcome.aborted {
            return Err(effect.failed(sys::kOfxImageEffectActionRender, outcome.status));
        }
        let canvas = self.canvas.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let way = &self.ways[0];
        let d = way.definition;
        Ok(Rendered {
            pixels: canvas.pixels,
            bounds: canvas.area,
            report: Report::default(),
            premult: Premult::from_name(&way.preferences.premult).unwrap_or_default(),
            colourspace: way.colourspace.clone(),
            definition: [d.x1, d.y1, d.x2, d.y2],
            messages: Vec::new(),
            status: outcome.status,
            identity: self.identity,
            aborted: outcome.aborted,
            abort_polls: outcome.polls,
            calls: outcome.calls,
            time: outcome.time,
        })
    }
}

fn cover(a: &Window, b: &Window) -> Window {
    Window::new(a.x1.min(b.x1), a.y1.min(b.y1), a.x2.max(b.x2), a.y2.max(b.y2))
}

/// The picture being put together.
struct Canvas {
    pixels: Vec<f32>,
    area: Window,
    field: Field,
}

impl Canvas {
    fn new(area: Window, field: Field) -> Self {
        Self { pixels: vec![f32::NAN; 4 * area.width() * area.height()], area, field }
    }

    fn row(&mut self, y: i32, x1: i32, pixels: &[f32]) {
        let row = (i64::from(self.area.y2) - 1 - i64::from(y)) as usize;
        let column = (i64::from(x1) - i64::from(self.area.x1)) as usize;
        let start = 4 * (row * self.area.width() + column);
        self.pixels[start..start + pixels.len()].copy_from_slice(pixels);
    }

    fn take(&mut self, job: &Job) {
        let window = job.window.intersect(&self.area).intersect(&job.output.bounds);
        let mut pixels = Vec::new();
        for y in window.y1..window.y2 {
            if self.field.has_row(y) {
                pixels.clear();
                job.output.read_row(y, &window, &mut pixels);
                self.row(y, window.x1, &pixels);
            }
        }
    }

    fn take_identity(&mut self, frame: &Frame, window: &Window, clip: &str, time: f64) {
        let Some(image) = frame.image(clip, time) else { return };
        let window = window.intersect(&self.area);
        for y in window.y1..window.y2 {
            if self.field.has_row(y) {
                let pixels: Vec<f32> =
                    (window.x1..window.x2).flat_map(|x| image.at(x, y)).collect();
                self.row(y, window.x1, &pixels);
            }
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Outcome {
    status: OfxStatus,
    aborted: bool,
    polls: usize,
    calls: usize,
    time: Duration,
}

/// Makes the render calls, on as many threads as the first request wants.
fn run(effect: &Effect, plans: &[&Plan]) {
    let Some(first) = plans.first() else { return };
    let session = &effect.loaded.session;
    let safety = effect
        .context_node
        .as_ref()
        .and_then(|node| node.props.string(sys::kOfxImageEffectPluginRenderThreadSafety))
        .unwrap_or_default();
    let is = |name: &CStr| name.to_str() == Ok(&safety);
    let wanted = first.ways[0].request.threads.max(1);
    let threads = if is(sys::kOfxImageEffectRenderUnsafe) { 1 } else { wanted };
    let fully_safe = is(sys::kOfxImageEffectRenderFullySafe);
    // Calls of different frames alternate, so that they meet.
    let most = plans.iter().map(|plan| plan.calls.len()).max().unwrap_or(0);
    let calls: Vec<(&Plan, &Call)> = (0..most)
        .flat_map(|at| plans.iter().filter_map(move |plan| Some((*plan, plan.calls.get(at)?))))
        .collect();
    let next = AtomicUsize::new(0);
    let work = |thread: usize| {
        while let Some((plan, call)) = calls.get(next.fetch_add(1, Ordering::Relaxed)) {
            let way = &plan.ways[thread % plan.ways.len()];
            let alone = (!fully_safe).then(|| lock(&way.node.rendering));
            let (job, status, time) = way.call(session, call);
            drop(alone);
            lock(&plan.canvas).take(&job);
            let mut outcome = lock(&plan.outcome);
            outcome.calls += 1;
            outcome.time += time;
            outcome.polls += job.polls();
            outcome.aborted |= job.was_aborted();
            if status != sys::kOfxStatOK {
                outcome.status = status;
            }
        }
    };
    if threads == 1 {
        work(0);
    } else {
        std::thread::scope(|scope| {
            for thread in 0..threads {
                scope.spawn({
                    let work = &work;
                    move || work(thread)
                });
            }
        });
    }
}

/// Everything that comes before the render calls, on the main thread.
fn prepare<'a>(
    effect: &Effect,
    request: &'a RenderRequest,
    frame: &Arc<Frame>,
    node: &Arc<Node>,
) -> Result<Way<'a>, HostError> {
    let formats = update_clips(frame, node);
    let known = lock(&node.preferences).clone();
    let preferences = match known {
        Some(known) if !node.preferences_stale.load(Ordering::Relaxed) => known,
        _ => {
            node.preferences_stale.store(false, Ordering::Relaxed);
            let preferences = ask_preferences(effect, node, &formats)?;
            *lock(&node.preferences) = Some(preferences.clone());
            preferences
        }
    };
    let colourspace = ask_colourspace(effect, node)?;
    let grid = Grid { scale: request.scale, pixel_aspect: preferences.pixel_aspect };
    let definition = ask_definition(effect, request, frame, node, &formats)?;
    ask_frames(effect, request, frame, node)?;
    Ok(Way {
        request,
        frame: Arc::clone(frame),
        node: Arc::clone(node),
        preferences,
        colourspace,
        definition,
        grid,
    })
}
impl Way<'_> {
    fn session(&self) -> &Arc<Session> {
        &self.frame.session
    }

    fn field_name(&self) -> &'static CStr {
        match self.request.field {
            Field::None => sys::kOfxImageFieldNone,
            Field::Both => sys::kOfxImageFieldBoth,
            Field::Lower => sys::kOfxImageFieldLower,
            Field::Upper => sys::kOfxImageFieldUpper,
        }
    }

    /// IsIdentity for one window.
    fn identity(
        &self,
        effect: &Effect,
        window: &Window,
    ) -> Result<Option<(String, f64)>, HostError> {
        if !self.request.honour_identity {
            return Ok(None);
        }
        let action = sys::kOfxImageEffectActionIsIdentity;
        let arguments = Arguments::new(self.session(), action, true);
        let w = window.ofx();
        arguments.input.host(sys::kOfxPropTime, [self.request.time]);
        arguments.input.host(sys::kOfxImageEffectPropFieldToRender, [self.field_name()]);
        arguments.input.host(sys::kOfxImageEffectPropRenderWindow, [w.x1, w.y1, w.x2, w.y2]);
        arguments.input.host(sys::kOfxImageEffectPropRenderScale, self.request.scale);
        arguments.output().plugin(sys::kOfxPropName, [c""]);
        arguments.output().plugin(sys::kOfxPropTime, [self.request.time]);
        let query = Job::query(&self.frame);
        if !answered(effect, action, arguments.call(&self.node, action, Some(&query)))? {
            return Ok(None);
        }
        let clip = arguments.output().string(sys::kOfxPropName).unwrap_or_default();
        if clip.is_empty() {
            return Ok(None);
        }
        if self.node.clip(&clip).is_none() {
            self.session().violate(
                ViolationKind::Description,
                format!("IsIdentity named the clip {clip:?}, which there is not"),
            );
            return Ok(None);
        }
        let time = arguments.output().doubles(sys::kOfxPropTime).first().copied();
        Ok(Some((clip, time.unwrap_or(self.request.time))))
    }

    /// GetRegionsOfInterest for one window.
    fn regions(
        &self,
        effect: &Effect,
        window: &Window,
    ) -> Result<HashMap<String, OfxRectD>, HostError> {
        let action = sys::kOfxImageEffectActionGetRegionsOfInterest;
        let arguments = Arguments::new(self.session(), action, true);
        let r = self.grid.canonical(window);
        let default = [r.x1, r.y1, r.x2, r.y2];
        arguments.input.host(sys::kOfxPropTime, [self.request.time]);
        arguments.input.host(sys::kOfxImageEffectPropRenderScale, self.request.scale);
        arguments.input.host(sys::kOfxImageEffectPropRegionOfInterest, default);
        for clip in self.node.inputs() {
            let name = named(sys::kOfxImageClipPropRoIPrefix, &clip.name);
            arguments.output().plugin(&name, default);
        }
        let query = Job::query(&self.frame);
        // ReplyDefault leaves the defaults standing.
        answered(effect, action, arguments.call(&self.node, action, Some(&query)))?;
        Ok(self
            .node
            .inputs()
            .iter()
            .filter_map(|clip| {
                let name = named(sys::kOfxImageClipPropRoIPrefix, &clip.name);
                Some((clip.name.clone(), rect(&arguments.output().doubles(&name))?))
            })
            .collect())
    }

    /// BeginSequenceRender and EndSequenceRender.
    fn sequence(&self, effect: &Effect, action: &CStr) -> Result<(), HostError> {
        let arguments = Arguments::new(self.session(), action, false);
        let interactive = self.request.interactive;
        arguments
            .input
            .host(sys::kOfxImageEffectPropFrameRange, [self.request.time, self.request.time]);
        arguments.input.host(sys::kOfxImageEffectPropFrameStep, [1.0]);
        arguments.input.host(sys::kOfxPropIsInteractive, [interactive]);
        arguments.input.host(sys::kOfxImageEffectPropRenderScale, self.request.scale);
        arguments.input.host(sys::kOfxImageEffectPropSequentialRenderStatus, [false]);
        arguments.input.host(sys::kOfxImageEffectPropInteractiveRenderStatus, [interactive]);
        answered(effect, action, arguments.call(&self.node, action, None)).map(|_| ())
    }

    /// One render call.
    fn call(&self, session: &Arc<Session>, call: &Call) -> (Arc<Job>, OfxStatus, Duration) {
        let window = call.window;
        let output = self.node.clip(&sys::kOfxImageEffectOutputClipName.to_string_lossy());
        let components = output.map_or(Components::Rgba, |output| *lock(&output.components));
        let make = match session.config.checks {
            Checks::Full => Buffer::new,
            Checks::Cheap => Buffer::zeroed,
        };
        let buffer = make(call.bounds, components, self.frame.depth, self.frame.rows);
        let job = Job::new(
            &self.frame,
            window,
            buffer,
            self.grid,
            self.grid.pixels(&self.definition),
            self.preferences.premult.clone(),
            call.regions.clone(),
            self.request.abort_after,
        );
        lock(&self.node.jobs).push(Arc::clone(&job));
        lock(&session.jobs).push(Arc::clone(&job));
        let action = sys::kOfxImageEffectActionRender;
        let arguments = Arguments::new(session, action, false);
        let w = window.ofx();
        let truth = |value: bool| if value { c"true" } else { c"false" };
        let input = &arguments.input;
        input.host(sys::kOfxPropTime, [self.request.time]);
        input.host(sys::kOfxImageEffectPropFieldToRender, [self.field_name()]);
        input.host(sys::kOfxImageEffectPropRenderWindow, [w.x1, w.y1, w.x2, w.y2]);
        input.host(sys::kOfxImageEffectPropRenderScale, self.request.scale);
        input.host(sys::kOfxImageEffectPropSequentialRenderStatus, [false]);
        let interactive = self.request.interactive;
        input.host(sys::kOfxImageEffectPropInteractiveRenderStatus, [interactive]);
        input.host(sys::kOfxImageEffectPropRenderQualityDraft, [self.request.draft]);
        if session.config.speaks(1, 5) || self.request.thumbnail {
            input.host(sys::kOfxImageEffectPropThumbnailRender, [truth(self.request.thumbnail)]);
            input.host(sys::kOfxImageEffectPropNoSpatialAwareness, [truth(false)]);
        }
        if let Some(gpu) = session.gpu.get() {
            let handle = |name| {
                let handle = vec![Value::Pointer(gpu.handle() as usize)];
                input.define(name, PropType::Pointer, 1, Access::Host, handle);
            };
            match session.config.memory {
                ImageMemory::OpenCl => {
                    input.host(sys::kOfxImageEffectPropOpenCLEnabled, [true]);
                    handle(sys::kOfxImageEffectPropOpenCLCommandQueue);
                }
                memory => {
                    input.host(sys::kOfxImageEffectPropCudaEnabled, [true]);
                    if memory == ImageMemory::Cuda {
                        handle(sys::kOfxImageEffectPropCudaStream);
                    }
                }
            }
        }
        let start = Instant::now();
        let status = arguments.call(&self.node, action, Some(&job));
        let time = job.own_time(start);
        drop(arguments);
        job.end();
        let same = |other: &Arc<Job>| !Arc::ptr_eq(other, &job);
        lock(&self.node.jobs).retain(same);
        lock(&session.jobs).retain(same);
        job.check_output(status == sys::kOfxStatOK && !job.was_aborted());
        (job, status, time)
    }
}
