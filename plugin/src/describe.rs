//! The node's description. Hosts run this on every plug-in at every start: it measures nothing,
//! starts nothing and reads no file.

use crate::{IDENTIFIER, LABEL, VERSION, params, state};
use headroom_ofx::{Components, Effect, PropertySet, Result, sys, text};
use std::ffi::CStr;

/// The input.
pub(crate) const SOURCE: &CStr = sys::kOfxImageEffectSimpleSourceClipName;
/// Where to expand.
pub(crate) const MASK: &CStr = c"Mask";
/// The output.
pub(crate) const OUTPUT: &CStr = sys::kOfxImageEffectOutputClipName;

/// Describe.
pub(crate) fn describe(effect: &Effect) -> Result {
    let props = effect.properties()?;
    if let Some(path) = props.get::<String>(sys::kOfxPluginPropFilePath) {
        state::set_place(path.as_ref());
    }
    props.require(sys::kOfxPropLabel, LABEL)?;
    props.set(sys::kOfxPropShortLabel, LABEL);
    props.set(sys::kOfxPropLongLabel, LABEL);
    props.set(sys::kOfxImageEffectPluginPropGrouping, LABEL);
    props.set(
        sys::kOfxPropPluginDescription,
        text::intern(
            "Expands SDR pictures to scene-linear or log HDR. Clipped highlights get light above \
             white; what is not clipped keeps the exact colour transform.",
        ),
    );
    props.set_all(sys::kOfxPropVersion, [VERSION[0] as i32, VERSION[1] as i32]);
    props.set(sys::kOfxPropVersionLabel, text::intern(headroom::VERSION));
    props.set(sys::kOfxPropIcon, text::intern(&format!("{}.svg", IDENTIFIER.to_string_lossy())));
    props.set_at(
        sys::kOfxPropIcon,
        1,
        text::intern(&format!("{}.png", IDENTIFIER.to_string_lossy())),
    );

    props.require(sys::kOfxImageEffectPropSupportedContexts, sys::kOfxImageEffectContextFilter)?;
    props.set_at(sys::kOfxImageEffectPropSupportedContexts, 1, sys::kOfxImageEffectContextGeneral);
    // Nothing that cannot hold a highlight: a host that was offered bytes would hand them over.
    props.require(sys::kOfxImageEffectPropSupportedPixelDepths, sys::kOfxBitDepthFloat)?;
    props.set_at(sys::kOfxImageEffectPropSupportedPixelDepths, 1, sys::kOfxBitDepthHalf);

    // An instance is immutable but for two atomics; what renders share is behind locks (see
    // `instance.rs`, `cache.rs`, `headroom_kernel::Pool`). So any number may render at once, and
    // the plug-in's own threads share the work within a frame.
    props.set(sys::kOfxImageEffectPluginRenderThreadSafety, sys::kOfxImageEffectRenderFullySafe);
    props.set(sys::kOfxImageEffectPluginPropHostFrameThreading, 0);
    props.set(sys::kOfxImageEffectPluginPropSingleInstance, 0);
    props.set(sys::kOfxImageEffectPropSupportsTiles, 1);
    props.set(sys::kOfxImageEffectPropSupportsMultiResolution, 1);
    props.set(sys::kOfxImageEffectPropTemporalClipAccess, 1);
    props.set(sys::kOfxImageEffectPluginPropFieldRenderTwiceAlways, 0);
    props.set(sys::kOfxImageEffectPropSupportsMultipleClipDepths, 0);
    props.set(sys::kOfxImageEffectPropSupportsMultipleClipPARs, 0);
    props.set(sys::kOfxImageEffectInstancePropSequentialRender, 0);
    props.set_all(
        sys::kOfxImageEffectPropClipPreferencesSlaveParam,
        [c"input_space", c"output_space"],
    );
    // The analysis looks at the whole frame, so a LUT cannot stand in for the node.
    props.set(sys::kOfxImageEffectPropNoSpatialAwareness, c"false");

    props.set(sys::kOfxImageEffectPropCPURenderSupported, c"true");
    for gpu in [
        sys::kOfxImageEffectPropOpenGLRenderSupported,
        sys::kOfxImageEffectPropOpenCLSupported,
        sys::kOfxImageEffectPropMetalRenderSupported,
    ] {
        props.set(gpu, c"false");
    }
    // Whether there is CUDA or OpenCL on this machine is the host's to know: it hands its memory over.
    // No driver is touched here.
    for gpu in [
        sys::kOfxImageEffectPropCudaRenderSupported,
        sys::kOfxImageEffectPropCudaStreamSupported,
        sys::kOfxImageEffectPropOpenCLRenderSupported,
    ] {
        props.set(gpu, c"true");
    }
    colour_management(&props);
    Ok(())
}

/// OpenFX 1.5; hosts before it refuse the properties, which is fine.
fn colour_management(props: &PropertySet) {
    props.set(
        sys::kOfxImageEffectPropColourManagementStyle,
        sys::kOfxImageEffectColourManagementCore,
    );
    props.set(sys::kOfxImageEffectPropColourManagementAvailableConfigs, sys::kOfxConfigIdentifier);
}

/// DescribeInContext: the same clips and parameters in every context.
pub(crate) fn describe_in_context(effect: &Effect) -> Result {
    let source = effect.define_clip(SOURCE)?;
    clip(&source, &[Components::Rgba, Components::Rgb])?;
    source.set(sys::kOfxPropLabel, SOURCE);

    let mask = effect.define_clip(MASK)?;
    clip(&mask, &[Components::Alpha, Components::Rgba])?;
    mask.set(sys::kOfxPropLabel, MASK);
    mask.set(sys::kOfxImageClipPropOptional, 1);
    mask.set(sys::kOfxImageClipPropIsMask, 1);
    // The mask counts at the frame it belongs to only.
    mask.set(sys::kOfxImageEffectPropTemporalClipAccess, 0);

    let output = effect.define_clip(OUTPUT)?;
    clip(&output, &[Components::Rgba, Components::Rgb])?;
    output.set(sys::kOfxPropLabel, OUTPUT);

    params::define(&effect.params()?)
}

fn clip(props: &PropertySet, components: &[Components]) -> Result {
    props.require(sys::kOfxImageEffectPropSupportedComponents, components[0].name())?;
    for (index, components) in components.iter().enumerate().skip(1) {
        props.set_at(sys::kOfxImageEffectPropSupportedComponents, index as i32, components.name());
    }
    props.set(sys::kOfxImageEffectPropSupportsTiles, 1);
    props.set(sys::kOfxImageEffectPropTemporalClipAccess, 1);
    // Whole frames even when one field is rendered: the analysis is the same for both.
    props.set(sys::kOfxImageClipPropFieldExtraction, sys::kOfxImageFieldBoth);
    Ok(())
}
