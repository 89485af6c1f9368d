//! Which properties each kind of object has, with type, default and who may set them.

use crate::{
    config::{ColourStyle, HostConfig},
    device::ImageMemory,
    param::Storage,
    propset::{Access, PropSet, PropType, Value},
};
use headroom_ofx_sys::{self as sys, *};
use std::ffi::CStr;

fn strings(list: impl IntoIterator<Item = &'static CStr>) -> Vec<Value> {
    list.into_iter().map(Value::from).collect()
}

/// The host's own properties.
pub(crate) fn host(set: &PropSet, config: &HostConfig) {
    set.host(kOfxPropType, [kOfxTypeImageEffectHost]);
    set.host(kOfxPropName, [&config.name]);
    set.host(kOfxPropLabel, [&config.label]);
    set.host(kOfxPropVersion, config.version);
    let [major, minor, micro] = config.version;
    set.host(kOfxPropVersionLabel, [&format!("{major}.{minor}.{micro}")]);
    if let Some(version) = config.api_version {
        set.host(kOfxPropAPIVersion, version);
    }
    set.host(kOfxImageEffectHostPropIsBackground, [config.background]);
    set.host(kOfxImageEffectPropSupportsOverlays, [false]);
    set.host(kOfxImageEffectPropSupportsMultiResolution, [config.multi_resolution]);
    set.host(kOfxImageEffectPropSupportsTiles, [config.tiles]);
    set.host(kOfxImageEffectPropTemporalClipAccess, [config.temporal_access]);
    set.host(kOfxImageEffectPropSupportsMultipleClipDepths, [config.multiple_clip_depths]);
    set.host(kOfxImageEffectPropSupportsMultipleClipPARs, [config.multiple_clip_pars]);
    set.host(kOfxImageEffectPropSetableFrameRate, [false]);
    set.host(kOfxImageEffectPropSetableFielding, [false]);
    set.host(kOfxImageEffectInstancePropSequentialRender, [0]);
    set.host(kOfxImageEffectHostPropNativeOrigin, [kOfxHostNativeOriginBottomLeft]);
    let components = config.components.iter().map(|components| components.name());
    set.define(
        kOfxImageEffectPropSupportedComponents,
        PropType::String,
        0,
        Access::Host,
        strings(components),
    );
    let contexts = [kOfxImageEffectContextFilter, kOfxImageEffectContextGeneral];
    set.define(
        kOfxImageEffectPropSupportedContexts,
        PropType::String,
        0,
        Access::Host,
        strings(contexts),
    );
    let depths = config.depths.iter().map(|depth| depth.name());
    set.define(
        kOfxImageEffectPropSupportedPixelDepths,
        PropType::String,
        0,
        Access::Host,
        strings(depths),
    );
    for name in [
        kOfxParamHostPropSupportsCustomInteract,
        kOfxParamHostPropSupportsStringAnimation,
        kOfxParamHostPropSupportsChoiceAnimation,
        kOfxParamHostPropSupportsBooleanAnimation,
        kOfxParamHostPropSupportsCustomAnimation,
    ] {
        set.host(name, [false]);
    }
    set.host(kOfxParamHostPropMaxParameters, [-1]);
    set.host(kOfxParamHostPropMaxPages, [0]);
    set.host(kOfxParamHostPropPageRowColumnCount, [0, 0]);
    set.define(kOfxPropHostOSHandle, PropType::Pointer, 1, Access::Host, vec![]);
    for name in [
        kOfxImageEffectPropOpenGLRenderSupported,
        kOfxImageEffectPropCudaRenderSupported,
        kOfxImageEffectPropCudaStreamSupported,
        kOfxImageEffectPropMetalRenderSupported,
        kOfxImageEffectPropOpenCLRenderSupported,
    ] {
        let lends = config.memory.property() == Some(name)
            || (name == kOfxImageEffectPropCudaStreamSupported
                && config.memory == ImageMemory::Cuda);
        set.host(name, [if lends { c"true" } else { c"false" }]);
    }
    if config.speaks(1, 5) {
        set.host(kOfxImageEffectPropCPURenderSupported, [c"true"]);
        set.host(kOfxParamHostPropSupportsStrChoice, [true]);
        set.host(kOfxParamHostPropSupportsStrChoiceAnimation, [false]);
        set.host(kOfxImageEffectPropOpenCLSupported, [c"false"]);
    }
    if config.colour_style > ColourStyle::None {
        set.host(kOfxImageEffectPropColourManagementStyle, [config.colour_style.name()]);
        set.host(kOfxImageEffectPropColourManagementAvailableConfigs, [kOfxConfigIdentifier]);
    }
}

/// An effect's description.
pub(crate) fn effect_descriptor(set: &PropSet, config: &HostConfig, file: &str) {
    set.host(kOfxPropType, [kOfxTypeImageEffect]);
    for name in [kOfxPropLabel, kOfxPropShortLabel, kOfxPropLongLabel, kOfxPropPluginDescription] {
        set.plugin(name, [c""]);
    }
    set.define(kOfxPropVersion, PropType::Int, 0, Access::Plugin, vec![]);
    set.plugin(kOfxPropVersionLabel, [c""]);
    set.define(kOfxPropIcon, PropType::String, 2, Access::Plugin, vec![]);
    set.host(kOfxPluginPropFilePath, [file]);
    set.plugin(kOfxImageEffectPluginPropGrouping, [c""]);
    set.plugin(kOfxImageEffectPluginPropSingleInstance, [0]);
    set.plugin(kOfxImageEffectPluginRenderThreadSafety, [kOfxImageEffectRenderInstanceSafe]);
    set.plugin(kOfxImageEffectPluginPropHostFrameThreading, [0]);
    set.plugin(kOfxImageEffectPluginPropFieldRenderTwiceAlways, [1]);
    set.plugin(kOfxImageEffectPropSupportsMultiResolution, [1]);
    set.plugin(kOfxImageEffectPropSupportsTiles, [1]);
    set.plugin(kOfxImageEffectPropTemporalClipAccess, [0]);
    set.plugin(kOfxImageEffectPropSupportsMultipleClipDepths, [0]);
    set.plugin(kOfxImageEffectPropSupportsMultipleClipPARs, [0]);
    set.plugin(kOfxImageEffectInstancePropSequentialRender, [0]);
    for name in [
        kOfxImageEffectPropSupportedContexts,
        kOfxImageEffectPropSupportedPixelDepths,
        kOfxImageEffectPropClipPreferencesSlaveParam,
    ] {
        set.define(name, PropType::String, 0, Access::Plugin, vec![]);
    }
    for name in
        [kOfxImageEffectPluginPropOverlayInteractV1, kOfxImageEffectPluginPropOverlayInteractV2]
    {
        set.define(name, PropType::Pointer, 1, Access::Plugin, vec![]);
    }
    for name in [
        kOfxImageEffectPropOpenGLRenderSupported,
        kOfxImageEffectPropCudaRenderSupported,
        kOfxImageEffectPropCudaStreamSupported,
        kOfxImageEffectPropMetalRenderSupported,
        kOfxImageEffectPropOpenCLRenderSupported,
        kOfxImageEffectPropNoSpatialAwareness,
    ] {
        set.plugin(name, [c"false"]);
    }
    if config.speaks(1, 5) {
        set.plugin(kOfxImageEffectPropCPURenderSupported, [c"true"]);
        set.plugin(kOfxImageEffectPropOpenCLSupported, [c"false"]);
    }
    if config.colour_style > ColourStyle::None {
        set.plugin(kOfxImageEffectPropColourManagementStyle, [kOfxImageEffectColourManagementNone]);
        set.define(
            kOfxImageEffectPropColourManagementAvailableConfigs,
            PropType::String,
            0,
            Access::Plugin,
            vec![],
        );
    }
}

/// An effect's instance.
pub(crate) fn effect_instance(
    set: &PropSet,
    config: &HostConfig,
    context: &CStr,
    style: ColourStyle,
) {
    set.host(kOfxPropType, [kOfxTypeImageEffectInstance]);
    set.host(kOfxImageEffectPropContext, [context]);
    set.define(kOfxPropInstanceData, PropType::Pointer, 1, Access::Plugin, vec![]);
    set.define(kOfxImageEffectPropPluginHandle, PropType::Pointer, 1, Access::Host, vec![]);
    set.host(kOfxImageEffectPropProjectSize, config.project.size);
    set.host(kOfxImageEffectPropProjectOffset, config.project.offset);
    set.host(kOfxImageEffectPropProjectExtent, config.project.size);
    set.host(kOfxImageEffectPropProjectPixelAspectRatio, [config.project.pixel_aspect]);
    set.host(kOfxImageEffectPropFrameRate, [config.project.frame_rate]);
    let [first, last] = config.project.frames;
    set.host(kOfxImageEffectInstancePropEffectDuration, [last - first + 1.0]);
    set.host(kOfxPropIsInteractive, [!config.background]);
    set.plugin(kOfxPropLabel, [c""]);
    set.plugin(kOfxImageEffectInstancePropSequentialRender, [0]);
    set.plugin(kOfxImageEffectPropSupportsTiles, [config.tiles]);
    if config.name.starts_with("DaVinciResolve") {
        set.host(kOfxImageEffectPropResolvePage, [c"Color"]);
    }
    if style > ColourStyle::None {
        set.host(kOfxImageEffectPropColourManagementStyle, [style.name()]);
        set.host(kOfxImageEffectPropColourManagementConfig, [kOfxConfigIdentifier]);
        set.host(kOfxImageEffectPropDisplayColourspace, [c"srgb_display"]);
    }
}

/// A clip's description.
pub(crate) fn clip_descriptor(set: &PropSet, name: &str) {
    set.host(kOfxPropType, [kOfxTypeClip]);
    set.host(kOfxPropName, [name]);
    for label in [kOfxPropLabel, kOfxPropShortLabel, kOfxPropLongLabel] {
        set.plugin(label, [name]);
    }
    set.define(kOfxImageEffectPropSupportedComponents, PropType::String, 0, Access::Plugin, vec![]);
    set.plugin(kOfxImageEffectPropTemporalClipAccess, [0]);
    set.plugin(kOfxImageClipPropOptional, [0]);
    set.plugin(kOfxImageClipPropIsMask, [0]);
    set.plugin(kOfxImageClipPropFieldExtraction, [kOfxImageFieldDoubled]);
    set.plugin(kOfxImageEffectPropSupportsTiles, [1]);
}

/// A clip's instance: turns a copy of the description into one.
pub(crate) fn clip_instance(set: &PropSet, config: &HostConfig, style: ColourStyle) {
    for (name, _) in set.all() {
        set.set_access(&name, Access::Host);
    }
    set.host(kOfxImageEffectPropPixelDepth, [kOfxBitDepthNone]);
    set.host(kOfxImageEffectPropComponents, [kOfxImageComponentNone]);
    set.host(kOfxImageClipPropUnmappedPixelDepth, [kOfxBitDepthNone]);
    set.host(kOfxImageClipPropUnmappedComponents, [kOfxImageComponentNone]);
    set.host(kOfxImageEffectPropPreMultiplication, [kOfxImageOpaque]);
    set.host(kOfxImagePropPixelAspectRatio, [1.0]);
    set.host(kOfxImageEffectPropFrameRate, [config.project.frame_rate]);
    set.host(kOfxImageEffectPropFrameRange, config.project.frames);
    set.host(kOfxImageEffectPropUnmappedFrameRate, [config.project.frame_rate]);
    set.host(kOfxImageEffectPropUnmappedFrameRange, config.project.frames);
    set.host(kOfxImageClipPropFieldOrder, [kOfxImageFieldNone]);
    set.host(kOfxImageClipPropConnected, [0]);
    set.host(kOfxImageClipPropContinuousSamples, [0]);
    if config.name.starts_with("DaVinciResolve") {
        set.host(kOfxImageClipPropThumbnail, [0]);
    }
    let is_mask = set.int(kOfxImageClipPropIsMask) == Some(1);
    if style > ColourStyle::None && !is_mask {
        set.plugin(kOfxImageClipPropColourspace, [c""]);
        set.define(
            kOfxImageClipPropPreferredColourspaces,
            PropType::String,
            0,
            Access::Host,
            vec![],
        );
    }
}

/// A parameter's description.
pub(crate) fn param(set: &PropSet, kind: &'static CStr, storage: Storage, name: &str) {
    set.host(kOfxPropType, [kOfxTypeParameter]);
    set.host(kOfxPropName, [name]);
    set.host(kOfxParamPropType, [kind]);
    for label in [kOfxPropLabel, kOfxPropShortLabel, kOfxPropLongLabel, kOfxParamPropScriptName] {
        set.plugin(label, [name]);
    }
    set.define(kOfxPropIcon, PropType::String, 2, Access::Plugin, vec![]);
    set.plugin(kOfxParamPropHint, [c""]);
    set.plugin(kOfxParamPropParent, [c""]);
    set.plugin(kOfxParamPropSecret, [0]);
    set.plugin(kOfxParamPropEnabled, [1]);
    set.define(kOfxParamPropDataPtr, PropType::Pointer, 1, Access::Plugin, vec![]);
    if kind == kOfxParamTypeGroup {
        set.plugin(kOfxParamPropGroupOpen, [1]);
        return;
    }
    if kind == kOfxParamTypePage {
        set.define(kOfxParamPropPageChild, PropType::String, 0, Access::Plugin, vec![]);
        return;
    }
    set.define(kOfxParamPropInteractV1, PropType::Pointer, 1, Access::Plugin, vec![]);
    set.plugin(kOfxParamPropInteractSize, [0.0, 0.0]);
    set.plugin(kOfxParamPropInteractSizeAspect, [1.0]);
    set.plugin(kOfxParamPropInteractMinimumSize, [10.0, 10.0]);
    set.plugin(kOfxParamPropInteractPreferedSize, [10, 10]);
    set.plugin(kOfxParamPropHasHostOverlayHandle, [0]);
    set.plugin(kOfxParamPropUseHostOverlayHandle, [0]);
    if storage == Storage::Nothing {
        return;
    }
    let animates = kind == kOfxParamTypeDouble || matches!(storage, Storage::Doubles(_));
    set.plugin(kOfxParamPropAnimates, [animates]);
    set.plugin(kOfxParamPropCanUndo, [1]);
    set.host(kOfxParamPropIsAnimating, [0]);
    set.host(kOfxParamPropIsAutoKeying, [0]);
    set.plugin(kOfxParamPropPersistant, [1]);
    set.plugin(kOfxParamPropEvaluateOnChange, [1]);
    set.plugin(kOfxParamPropPluginMayWrite, [0]);
    set.plugin(kOfxParamPropCacheInvalidation, [kOfxParamInvalidateValueChange]);
    match storage {
        Storage::Doubles(count) => {
            set.plugin(kOfxParamPropDefault, vec![0.0; count]);
            let colour = kind == kOfxParamTypeRGB || kind == kOfxParamTypeRGBA;
            let (low, high) = if colour { (0.0, 1.0) } else { (f64::MIN, f64::MAX) };
            for name in [kOfxParamPropMin, kOfxParamPropDisplayMin] {
                set.plugin(name, vec![low; count]);
            }
            for name in [kOfxParamPropMax, kOfxParamPropDisplayMax] {
                set.plugin(name, vec![high; count]);
            }
            set.plugin(kOfxParamPropIncrement, [1.0]);
            set.plugin(kOfxParamPropDigits, [2]);
            set.plugin(kOfxParamPropDoubleType, [kOfxParamDoubleTypePlain]);
            set.plugin(kOfxParamPropDefaultCoordinateSystem, [kOfxParamCoordinatesCanonical]);
            set.plugin(kOfxParamPropShowTimeMarker, [0]);
            set.plugin(
                kOfxParamPropDimensionLabel,
                strings(["x", "y", "z", "w"].map(|_| c"").into_iter().take(count)),
            );
        }
        Storage::Ints(count) => {
            set.plugin(kOfxParamPropDefault, vec![0; count]);
            if kind == kOfxParamTypeChoice {
                set.define(kOfxParamPropChoiceOption, PropType::String, 0, Access::Plugin, vec![]);
                set.define(kOfxParamPropChoiceOrder, PropType::Int, 0, Access::Plugin, vec![]);
            } else if kind != kOfxParamTypeBoolean {
                for name in [kOfxParamPropMin, kOfxParamPropDisplayMin] {
                    set.plugin(name, vec![i32::MIN; count]);
                }
                for name in [kOfxParamPropMax, kOfxParamPropDisplayMax] {
                    set.plugin(name, vec![i32::MAX; count]);
                }
                set.plugin(kOfxParamPropDimensionLabel, vec![c""; count]);
            }
        }
        Storage::Text => {
            set.plugin(kOfxParamPropDefault, [c""]);
            if kind == kOfxParamTypeString {
                set.plugin(kOfxParamPropStringMode, [kOfxParamStringIsSingleLine]);
                set.plugin(kOfxParamPropStringFilePathExists, [1]);
            } else if kind == sys::kOfxParamTypeStrChoice {
                set.define(kOfxParamPropChoiceOption, PropType::String, 0, Access::Plugin, vec![]);
                set.define(kOfxParamPropChoiceEnum, PropType::String, 0, Access::Plugin, vec![]);
            } else {
                set.define(
                    kOfxParamPropCustomInterpCallbackV1,
                    PropType::Pointer,
                    1,
                    Access::Plugin,
                    vec![],
                );
            }
        }
        Storage::Nothing => {}
    }
}

/// A parameter's instance: what was fixed by the description can no longer be set.
pub(crate) fn param_instance(set: &PropSet) {
    set.put(kOfxPropType, [kOfxTypeParameterInstance]);
    for fixed in [
        kOfxParamPropScriptName,
        kOfxParamPropParent,
        kOfxParamPropAnimates,
        kOfxParamPropPersistant,
        kOfxParamPropCacheInvalidation,
        kOfxParamPropCanUndo,
        kOfxParamPropStringMode,
        kOfxParamPropPageChild,
        kOfxParamPropDoubleType,
    ] {
        set.set_access(fixed, Access::Host);
    }
}
