//! The actions of one frame, in the order in which hosts call them.

use crate::{
    action,
    buffer::Buffer,
    change,
    config::{Checks, Components},
    effect::Effect,
    error::HostError,
    image::{ClipFormat, Grid, Premult, Sources, Window},
    job::{Frame, Job, default_components},
    object::{Clip, Node, Preferences},
    propset::{Access, Lifetime, PropSet, PropType},
    registry,
    request::{Field, Instances, OutputBounds, RenderRequest, Rendered},
    session::{Session, lock},
    violation::{Report, ViolationKind},
};
use headroom_ofx_sys::{self as sys, OfxRectD, OfxStatus};
use std::{
    collections::HashMap,
    ffi::{CStr, CString},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Property sets of an action's arguments; they end with the action.
struct Arguments {
    input: Arc<PropSet>,
    output: Option<Arc<PropSet>>,
    session: Arc<Session>,
}

impl Arguments {
    fn new(session: &Arc<Session>, action: &CStr, with_output: bool) -> Self {
        let set = |which: &str| {
            let label = format!("the {which} arguments of {}", action.to_string_lossy());
            PropSet::new(session, &label, Lifetime::Action)
        };
        Self {
            input: set("in"),
            output: with_output.then(|| set("out")),
            session: Arc::clone(session),
        }
    }

    fn output(&self) -> &PropSet {
        self.output.as_ref().unwrap_or(&self.input)
    }

    fn call(&self, node: &Arc<Node>, action: &CStr, job: Option<&Arc<Job>>) -> OfxStatus {
        for missing in &self.session.config.missing_arguments {
            if let Ok(name) = CString::new(missing.as_str()) {
                self.input.remove(&name);
            }
        }
        let arguments = (Some(&self.input), self.output.as_ref());
        action::call(&self.session, node.plugin.raw(), action, Some(node), arguments, job)
    }
}

impl Drop for Arguments {
    fn drop(&mut self) {
        registry::retire(self.input.handle, &self.session);
        if let Some(output) = &self.output {
            registry::retire(output.handle, &self.session);
        }
    }
}

fn named(prefix: &CStr, clip: &str) -> CString {
    CString::new(format!("{}{clip}", prefix.to_string_lossy())).unwrap_or_default()
}

fn rect(values: &[f64]) -> Option<OfxRectD> {
    let &[x1, y1, x2, y2] = values else { return None };
    Some(OfxRectD { x1, y1, x2, y2 })
}

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

type Formats = Vec<(Arc<Clip>, Option<ClipFormat>)>;

/// Tells the clips what they are connected to, and the plug-in when that has changed.
fn update_clips(frame: &Frame, node: &Arc<Node>) -> Formats {
    let session = &frame.session;
    let config = &session.config;
    let mut formats = Vec::new();
    for clip in node.inputs() {
        let format = frame.format(&clip.name, frame.time);
        let connected = format.is_some() || config.unconnected_look_connected;
        let before = (
            clip.props.int(sys::kOfxImageClipPropConnected),
            clip.props.string(sys::kOfxImageEffectPropPreMultiplication),
            clip.props.doubles(sys::kOfxImagePropPixelAspectRatio),
            clip.props.string(sys::kOfxImageClipPropColourspace),
        );
        clip.props.put(sys::kOfxImageClipPropConnected, [connected]);
        if let Some(format) = &format {
            clip.props.put(sys::kOfxImageEffectPropPreMultiplication, [format.premult.name()]);
            clip.props.put(sys::kOfxImagePropPixelAspectRatio, [format.pixel_aspect]);
            clip.props.put(sys::kOfxImageClipPropUnmappedPixelDepth, [frame.depth.name()]);
            clip.props.put(sys::kOfxImageClipPropUnmappedComponents, [sys::kOfxImageComponentRGBA]);
            let space = format.colourspace.as_deref().unwrap_or_default();
            clip.props.put(sys::kOfxImageClipPropColourspace, [space]);
        }
        let after = (
            clip.props.int(sys::kOfxImageClipPropConnected),
            clip.props.string(sys::kOfxImageEffectPropPreMultiplication),
            clip.props.doubles(sys::kOfxImagePropPixelAspectRatio),
            clip.props.string(sys::kOfxImageClipPropColourspace),
        );
        if before != after {
            change::clip_changed(node, &clip);
        }
        formats.push((clip, format));
    }
    formats
}

fn answered(effect: &Effect, action: &CStr, status: OfxStatus) -> Result<bool, HostError> {
    match status {
        sys::kOfxStatOK => Ok(true),
        sys::kOfxStatReplyDefault => Ok(false),
        status => Err(effect.failed(action, status)),
    }
}

fn first_input(formats: &Formats) -> Option<&ClipFormat> {
    let source = sys::kOfxImageEffectSimpleSourceClipName.to_str();
    formats
        .iter()
        .find(|(clip, format)| source == Ok(clip.name.as_str()) && format.is_some())
        .or_else(|| formats.iter().find(|(_, format)| format.is_some()))
        .and_then(|(_, format)| format.as_ref())
}

fn ask_preferences(
    effect: &Effect,
    node: &Arc<Node>,
    formats: &Formats,
) -> Result<Preferences, HostError> {
    let session = &effect.loaded.session;
    let config = &session.config;
    let action = sys::kOfxImageEffectActionGetClipPreferences;
    let arguments = Arguments::new(session, action, true);
    let out = arguments.output();
    let base = effect.context_node.as_ref();
    let both =
        |name: &CStr, host: bool| host && base.and_then(|node| node.props.int(name)) == Some(1);
    let may = |allowed: bool| if allowed { Access::Plugin } else { Access::Refuse };
    let depths =
        both(sys::kOfxImageEffectPropSupportsMultipleClipDepths, config.multiple_clip_depths);
    let aspects = both(sys::kOfxImageEffectPropSupportsMultipleClipPARs, config.multiple_clip_pars);
    let input = first_input(formats);
    let aspect = input.map_or(config.project.pixel_aspect, |format| format.pixel_aspect);
    let premult = input.map_or(Premult::Opaque, |format| format.premult);
    let style = node.props.get(sys::kOfxImageEffectPropColourManagementStyle).is_some();
    for clip in node.all_clips() {
        let supported = clip.props.strings(sys::kOfxImageEffectPropSupportedComponents);
        let is_mask = clip.props.int(sys::kOfxImageClipPropIsMask) == Some(1);
        let components = default_components(&config.components, &supported, is_mask);
        let depth = effect.depth.name();
        let string = PropType::String;
        let name = |prefix: &CStr| named(prefix, &clip.name);
        out.define(
            &name(sys::kOfxImageClipPropComponentsPrefix),
            string,
            1,
            Access::Plugin,
            vec![components.name().into()],
        );
        out.define(
            &name(sys::kOfxImageClipPropDepthPrefix),
            string,
            1,
            may(depths),
            vec![depth.into()],
        );
        out.define(
            &name(sys::kOfxImageClipPropPARPrefix),
            PropType::Double,
            1,
            may(aspects),
            vec![aspect.into()],
        );
        if style && !is_mask && !clip.is_output() {
            out.define(
                &name(sys::kOfxImageClipPropPreferredColourspacesPrefix),
                string,
                0,
                Access::Plugin,
                vec![],
            );
        }
    }
    out.define(
        sys::kOfxImageEffectPropFrameRate,
        PropType::Double,
        1,
        Access::Refuse,
        vec![config.project.frame_rate.into()],
    );
    out.plugin(sys::kOfxImageEffectPropPreMultiplication, [premult.name()]);
    out.plugin(sys::kOfxImageClipPropFieldOrder, [sys::kOfxImageFieldNone]);
    out.plugin(sys::kOfxImageClipPropContinuousSamples, [0]);
    out.plugin(sys::kOfxImageEffectFrameVarying, [0]);
    answered(effect, action, arguments.call(node, action, None))?;

    for clip in node.all_clips() {
        let chosen = out
            .string(&named(sys::kOfxImageClipPropComponentsPrefix, &clip.name))
            .and_then(|name| Components::from_name(&name));
        let chosen = chosen.unwrap_or(Components::Rgba);
        let supported = clip.props.strings(sys::kOfxImageEffectPropSupportedComponents);
        if !supported.iter().any(|name| chosen.name().to_str() == Ok(name)) {
            session.violate(
                ViolationKind::Description,
                format!("clip {:?} is to have {chosen:?}, which it does not support", clip.name),
            );
        }
        *lock(&clip.components) = chosen;
        clip.props.put(sys::kOfxImageEffectPropComponents, [chosen.name()]);
        clip.props.put(sys::kOfxImageEffectPropPixelDepth, [effect.depth.name()]);
        let preferred =
            out.strings(&named(sys::kOfxImageClipPropPreferredColourspacesPrefix, &clip.name));
        clip.props.put(sys::kOfxImageClipPropPreferredColourspaces, &preferred);
    }
    let chosen = out.string(sys::kOfxImageEffectPropPreMultiplication).unwrap_or_default();
    if Premult::from_name(&chosen).is_none() {
        session.violate(
            ViolationKind::Description,
            format!("the output's premultiplication is {chosen:?}, unknown to OpenFX"),
        );
    }
    let output = node.clip(&sys::kOfxImageEffectOutputClipName.to_string_lossy());
    let par = named(sys::kOfxImageClipPropPARPrefix, "Output");
    let pixel_aspect = out.doubles(&par).first().copied().unwrap_or(aspect);
    if let Some(output) = output {
        output.props.put(sys::kOfxImageEffectPropPreMultiplication, [&chosen]);
        output.props.put(sys::kOfxImagePropPixelAspectRatio, [pixel_aspect]);
        output.props.put(sys::kOfxImageClipPropConnected, [1]);
    }
    Ok(Preferences { premult: chosen, pixel_aspect })
}

/// GetOutputColourspace, when host and plug-in agreed on a style.
fn ask_colourspace(effect: &Effect, node: &Arc<Node>) -> Result<Option<String>, HostError> {
    let session = &effect.loaded.session;
    if node.props.get(sys::kOfxImageEffectPropColourManagementStyle).is_none() {
        return Ok(None);
    }
    let action = sys::kOfxImageEffectActionGetOutputColourspace;
    let arguments = Arguments::new(session, action, true);
    let wanted: Vec<_> =
        session.config.output_colourspaces.iter().map(|space| space.as_str().into()).collect();
    arguments.input.define(
        sys::kOfxImageClipPropPreferredColourspaces,
        PropType::String,
        0,
        Access::Host,
        wanted,
    );
    arguments.output().plugin(sys::kOfxImageClipPropColourspace, [c""]);
    let source = sys::kOfxImageEffectSimpleSourceClipName.to_string_lossy();
    let space_of = |clip: &str| {
        node.clip(clip).and_then(|clip| clip.props.string(sys::kOfxImageClipPropColourspace))
    };
    let space = if answered(effect, action, arguments.call(node, action, None))? {
        let named =
            arguments.output().string(sys::kOfxImageClipPropColourspace).unwrap_or_default();
        if named.is_empty() {
            session.violate(
                ViolationKind::Description,
                "GetOutputColourspace returned OK and named no colour space",
            );
        }
        let prefix = sys::kOfxColourspaceCrossReferencePrefix.to_string_lossy();
        match named.strip_prefix(prefix.as_ref()) {
            Some(clip) => space_of(clip),
            None => Some(named),
        }
    } else {
        space_of(&source)
    };
    if let (Some(space), Some(output)) = (&space, node.clip("Output")) {
        output.props.put(sys::kOfxImageClipPropColourspace, [space]);
    }
    Ok(space.filter(|space| !space.is_empty()))
}

/// GetRegionOfDefinition, or the default.
fn ask_definition(
    effect: &Effect,
    request: &RenderRequest,
    frame: &Arc<Frame>,
    node: &Arc<Node>,
    formats: &Formats,
) -> Result<OfxRectD, HostError> {
    let session = &effect.loaded.session;
    let project = &session.config.project;
    let [x, y] = project.offset;
    let [width, height] = project.size;
    let whole = OfxRectD { x1: x, y1: y, x2: x + width, y2: y + height };
    let default = first_input(formats).map_or(whole, |format| {
        Grid { scale: frame.scale, pixel_aspect: format.pixel_aspect }.canonical(&format.definition)
    });
    let action = sys::kOfxImageEffectActionGetRegionOfDefinition;
    let arguments = Arguments::new(session, action, true);
    arguments.input.host(sys::kOfxPropTime, [request.time]);
    arguments.input.host(sys::kOfxImageEffectPropRenderScale, request.scale);
    let preset = if session.config.preset_out_arguments {
        [default.x1, default.y1, default.x2, default.y2]
    } else {
        [0.0; 4]
    };
    arguments.output().plugin(sys::kOfxImageEffectPropRegionOfDefinition, preset);
    if !answered(effect, action, arguments.call(node, action, Some(&Job::query(frame))))? {
        return Ok(default);
    }
    let answer = arguments.output().doubles(sys::kOfxImageEffectPropRegionOfDefinition);
    let answer = rect(&answer).unwrap_or(default);
    // An infinite region is as large as the project.
    let infinite = f64::from(i32::MAX);
    Ok(OfxRectD {
        x1: if answer.x1 <= -infinite { whole.x1 } else { answer.x1 },
        y1: if answer.y1 <= -infinite { whole.y1 } else { answer.y1 },
        x2: if answer.x2 >= infinite { whole.x2 } else { answer.x2 },
        y2: if answer.y2 >= infinite { whole.y2 } else { answer.y2 },
    })
}

/// GetFramesNeeded, where host and plug-in both reach over frames.
fn ask_frames(
    effect: &Effect,
    request: &RenderRequest,
    frame: &Arc<Frame>,
    node: &Arc<Node>,
) -> Result<(), HostError> {
    let session = &effect.loaded.session;
    let temporal = effect
        .context_node
        .as_ref()
        .is_some_and(|node| node.props.int(sys::kOfxImageEffectPropTemporalClipAccess) == Some(1));
    if !temporal || !session.config.temporal_access {
        return Ok(());
    }
    let action = sys::kOfxImageEffectActionGetFramesNeeded;
    let arguments = Arguments::new(session, action, true);
    arguments.input.host(sys::kOfxPropTime, [request.time]);
    for clip in node.inputs() {
        arguments.output().define(
            &named(sys::kOfxImageClipPropFrameRangePrefix, &clip.name),
            PropType::Double,
            0,
            Access::Plugin,
            vec![request.time.into(), request.time.into()],
        );
    }
    if !answered(effect, action, arguments.call(node, action, Some(&Job::query(frame))))? {
        return Ok(());
    }
    let mut needed = lock(&frame.frames_needed);
    for clip in node.inputs() {
        let ranges =
            arguments.output().doubles(&named(sys::kOfxImageClipPropFrameRangePrefix, &clip.name));
        if ranges.len() % 2 == 1 {
            session.violate(
                ViolationKind::Description,
                format!("GetFramesNeeded gave {} numbers for {:?}", ranges.len(), clip.name),
            );
        }
        let ranges = ranges.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect();
        needed.insert(clip.name.clone(), ranges);
    }
    Ok(())
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
