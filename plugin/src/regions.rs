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
    let region = instance
        .source
        .region_of_definition(time(args))
        .or_else(|| filled_in(out))
        .or_else(|| project(instance))
        .ok_or(Status::REPLY_DEFAULT)?;
    out.set_all(sys::kOfxImageEffectPropRegionOfDefinition, region.to_array());
    Ok(())
}

/// The region that the host put into the answer beforehand, as the standard wants.
fn filled_in(out: &PropertySet) -> Option<RectD> {
    let region = out.get_array(sys::kOfxImageEffectPropRegionOfDefinition);
    region.map(RectD::from_array).filter(RectD::is_sane)
}

/// The project's picture.
fn project(instance: &Instance) -> Option<RectD> {
    let props = instance.effect.properties().ok()?;
    let [x1, y1] = props.get_array(sys::kOfxImageEffectPropProjectOffset).unwrap_or([0.0; 2]);
    let size = |name| {
        let [x, y]: [f64; 2] = props.get_array(name)?;
        Some(RectD { x1, y1, x2: x1 + x, y2: y1 + y }).filter(RectD::is_sane)
    };
    // The extent is counted from the origin, the size from the offset.
    let extent = props
        .get_array::<f64, 2>(sys::kOfxImageEffectPropProjectExtent)
        .map(|[x2, y2]| RectD { x1, y1, x2, y2 })
        .filter(RectD::is_sane);
    size(sys::kOfxImageEffectPropProjectSize).or(extent)
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

/// Ranges of frames, by twos, that hold `time` and those of `times` that the clip has.
fn ranges(time: f64, times: &[f64], clip: Option<[f64; 2]>) -> Vec<f64> {
    let has = |t: &&f64| clip.is_none_or(|[first, last]| first <= **t && **t <= last);
    let mut there = times.iter().filter(has);
    let Some(first) = there.next() else { return vec![time, time] };
    let last = there.next_back().unwrap_or(first);
    if *first <= time && time <= *last {
        vec![*first, *last]
    } else {
        vec![time, time, *first, *last]
    }
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
    let ranges = if plan.needs_whole_frame() {
        ranges(time, &instance.analysis_times(&plan, time), instance.source.frame_range())
    } else {
        vec![time, time]
    };
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
    // Whatever hinders the answer, rendering gives the same.
    let out = out.ok_or(Status::REPLY_DEFAULT)?;
    out.require(sys::kOfxPropName, SOURCE).map_err(|_| Status::REPLY_DEFAULT)?;
    out.set(sys::kOfxPropTime, time);
    // No render will come that could take an earlier error away.
    instance.succeed();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_frame_is_asked_for_that_the_clip_does_not_have() {
        let around = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(ranges(3.0, &around, None), [1.0, 5.0]);
        assert_eq!(ranges(3.0, &around, Some([2.0, 9.0])), [2.0, 5.0]);
        assert_eq!(ranges(3.0, &around, Some([3.0, 3.0])), [3.0, 3.0]);
        assert_eq!(ranges(3.0, &around, Some([4.0, 9.0])), [3.0, 3.0, 4.0, 5.0]);
        assert_eq!(ranges(3.0, &[7.0], Some([1.0, 9.0])), [3.0, 3.0, 7.0, 7.0]);
        assert_eq!(ranges(3.0, &[70.0], Some([1.0, 9.0])), [3.0, 3.0], "a frozen frame not there");
    }
}
