//! What a host asks about space and time before it renders.

use crate::describe::{MASK, SOURCE};
use crate::instance::Instance;
use headroom::settings::Id;
use headroom_ofx::{PropertySet, RectD, Result, Status, sys, text};
use std::ffi::CStr;

/// Pixels around a window that a render may look at when nothing needs the whole frame (the
/// dequantiser and the clip mask look a little around).
const MARGIN: f64 = 64.0;

/// The time an action is about.
pub(crate) fn time(args: Option<&PropertySet>) -> f64 {
    args.and_then(|args| args.get::<f64>(sys::kOfxPropTime))
        .filter(|t| t.is_finite())
        .unwrap_or(0.0)
}

/// The render scale of an action.
pub(crate) fn scale(args: Option<&PropertySet>) -> [f64; 2] {
    args.and_then(|args| args.get_array(sys::kOfxImageEffectPropRenderScale))
        .filter(|scale: &[f64; 2]| scale.iter().all(|s| s.is_finite() && *s > 0.0))
        .unwrap_or([1.0, 1.0])
}

/// `prefix` and a clip's name, as the out arguments' names are made.
pub(crate) fn of_clip(prefix: &CStr, clip: &CStr) -> &'static CStr {
    text::intern(&format!("{}{}", prefix.to_string_lossy(), clip.to_string_lossy()))
}

/// GetRegionOfDefinition: the source's, said outright because not every host fills it in before.
pub(crate) fn region_of_definition(
    instance: &Instance,
    args: Option<&PropertySet>,
    out: Option<&PropertySet>,
) -> Result {
    let out = out.ok_or(Status::BAD_HANDLE)?;
    let region = instance.source.region_of_definition(time(args)).ok_or(Status::REPLY_DEFAULT)?;
    out.set_all(sys::kOfxImageEffectPropRegionOfDefinition, region.to_array());
    Ok(())
}

/// GetRegionsOfInterest: the whole source when the analysis needs it.
pub(crate) fn regions_of_interest(
    instance: &Instance,
    args: Option<&PropertySet>,
    out: Option<&PropertySet>,
) -> Result {
    let out = out.ok_or(Status::BAD_HANDLE)?;
    let time = time(args);
    let wanted = args
        .and_then(|args| args.get_array(sys::kOfxImageEffectPropRegionOfInterest))
        .map(RectD::from_array);
    let values = instance.values(time);
    let plan = instance.plan(&values, instance.alpha());
    let whole = instance.source.region_of_definition(time);
    let [sx, sy] = scale(args);
    let margin = MARGIN * (instance.source.pixel_aspect() / sx).max(1.0 / sy);
    let padded = wanted.map(|region| region.grow(margin));
    let source = if plan.needs_whole_frame() { whole.or(padded) } else { padded };
    if let Some(region) = source {
        out.set_all(of_clip(sys::kOfxImageClipPropRoIPrefix, SOURCE), region.to_array());
    }
    if let (Some(region), Some(_)) = (wanted, instance.mask) {
        out.set_all(of_clip(sys::kOfxImageClipPropRoIPrefix, MASK), region.to_array());
    }
    Ok(())
}

/// GetFramesNeeded: neighbours for stabilisation, or the frozen frame.
pub(crate) fn frames_needed(
    instance: &Instance,
    args: Option<&PropertySet>,
    out: Option<&PropertySet>,
) -> Result {
    let out = out.ok_or(Status::BAD_HANDLE)?;
    let time = time(args);
    let values = instance.values(time);
    let plan = instance.plan(&values, instance.alpha());
    let mut ranges = vec![time, time];
    if plan.needs_whole_frame() {
        let times = instance.analysis_times(&plan, time);
        if let (Some(first), Some(last)) = (times.first(), times.last()) {
            if *first <= time && time <= *last {
                ranges = vec![*first, *last];
            } else {
                ranges.extend([*first, *last]);
            }
        }
    }
    out.set_all(of_clip(sys::kOfxImageClipPropFrameRangePrefix, SOURCE), ranges);
    if instance.mask.is_some() && values.toggle(Id::MaskEnable) {
        out.set_all(of_clip(sys::kOfxImageClipPropFrameRangePrefix, MASK), [time, time]);
    }
    Ok(())
}

/// IsIdentity: the source where the engine would hand every pixel on.
pub(crate) fn is_identity(
    instance: &Instance,
    args: Option<&PropertySet>,
    out: Option<&PropertySet>,
) -> Result {
    let time = time(args);
    let plan = instance.plan(&instance.values(time), instance.alpha());
    if !plan.is_identity() {
        return Err(Status::REPLY_DEFAULT);
    }
    let out = out.ok_or(Status::BAD_HANDLE)?;
    out.require(sys::kOfxPropName, SOURCE)?;
    out.set(sys::kOfxPropTime, time);
    Ok(())
}
