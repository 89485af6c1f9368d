//! What a host asks an instance before it renders a frame: preferences, colour space, region,
//! frames. All on the main thread.

use crate::{
    arguments::{Arguments, named, rect},
    change,
    config::Components,
    effect::Effect,
    error::HostError,
    image::{ClipFormat, Grid, Premult},
    job::{Frame, Job, default_components},
    object::{Clip, Node, Preferences},
    propset::{Access, PropType},
    request::RenderRequest,
    session::lock,
    violation::ViolationKind,
};
use headroom_ofx_sys::{self as sys, OfxRectD, OfxStatus};
use std::{ffi::CStr, sync::Arc};

pub(crate) type Formats = Vec<(Arc<Clip>, Option<ClipFormat>)>;

/// Tells the clips what they are connected to, and the plug-in when that has changed.
pub(crate) fn update_clips(frame: &Frame, node: &Arc<Node>) -> Formats {
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

pub(crate) fn answered(
    effect: &Effect,
    action: &CStr,
    status: OfxStatus,
) -> Result<bool, HostError> {
    match status {
        sys::kOfxStatOK => Ok(true),
        sys::kOfxStatReplyDefault => Ok(false),
        status => Err(effect.failed(action, status)),
    }
}

pub(crate) fn first_input(formats: &Formats) -> Option<&ClipFormat> {
    let source = sys::kOfxImageEffectSimpleSourceClipName.to_str();
    formats
        .iter()
        .find(|(clip, format)| source == Ok(clip.name.as_str()) && format.is_some())
        .or_else(|| formats.iter().find(|(_, format)| format.is_some()))
        .and_then(|(_, format)| format.as_ref())
}

pub(crate) fn ask_preferences(
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
pub(crate) fn ask_colourspace(
    effect: &Effect,
    node: &Arc<Node>,
) -> Result<Option<String>, HostError> {
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
pub(crate) fn ask_definition(
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
pub(crate) fn ask_frames(
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
