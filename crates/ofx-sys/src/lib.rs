//! Raw OpenFX bindings: [openfx-sys](openfx_sys) and what it lacks.
//!
//! * structures, suites and handles: openfx-sys 0.1 (bindgen over headers
//!   between OpenFX 1.4 and 1.5), re-exported;
//! * names of 1.4: the constants of openfx-sys, presented as `&'static CStr`
//!   (`names.rs`);
//! * names of 1.5 and 1.5.1, status codes, the extras of DaVinci Resolve:
//!   `c/ofx_ext.h` through bindgen;
//! * the structures' layouts, confirmed by the C compiler (`c/layout.c`).
//!
//! So every string constant here is a `&'static CStr` and every status an
//! [`OfxStatus`], whichever of the two it comes from. What is safe to do with
//! them is the business of `headroom-ofx` (plug-ins) and `headroom-host`.
//!
//! Two strings of the standard do not follow its own pattern and are right as
//! they stand: [`kOfxActionOpenGLContextDetached`] keeps its `k`, and
//! [`kOfxImageEffectPropProjectPixelAspectRatio`] lacks `Project`.

#![allow(non_upper_case_globals, non_camel_case_types, non_snake_case)]

mod ext;
mod layout;
mod names;

// Names of `ext` and `names` shadow the byte arrays of openfx-sys.
pub use ext::*;
pub use names::*;
pub use openfx_sys::{
    OfxCustomParamInterpFuncV1, OfxHost, OfxImageClipHandle, OfxImageEffectHandle,
    OfxImageEffectOpenGLRenderSuiteV1, OfxImageEffectSuiteV1, OfxImageMemoryHandle,
    OfxMemorySuiteV1, OfxMessageSuiteV1, OfxMessageSuiteV2, OfxMultiThreadSuiteV1, OfxMutexHandle,
    OfxParamHandle, OfxParamSetHandle, OfxParameterSuiteV1, OfxPlugin, OfxPluginEntryPoint,
    OfxPointD, OfxPointI, OfxProgressSuiteV1, OfxProgressSuiteV2, OfxPropertySetHandle,
    OfxPropertySuiteV1, OfxRangeD, OfxRangeI, OfxRectD, OfxRectI, OfxStatus, OfxThreadFunctionV1,
    OfxTime, OfxTimeLineSuiteV1,
};

/// Everything openfx-sys offers, as it offers it (byte-array names included).
pub use openfx_sys as raw;

/// Version 1: the only version of the image effect API ([`OfxPlugin::apiVersion`]).
pub const kOfxImageEffectPluginApiVersion: i32 = 1;

/// The standard's name of a status code, for messages.
#[must_use]
pub fn status_name(status: OfxStatus) -> &'static str {
    match status {
        kOfxStatOK => "kOfxStatOK",
        kOfxStatFailed => "kOfxStatFailed",
        kOfxStatErrFatal => "kOfxStatErrFatal",
        kOfxStatErrUnknown => "kOfxStatErrUnknown",
        kOfxStatErrMissingHostFeature => "kOfxStatErrMissingHostFeature",
        kOfxStatErrUnsupported => "kOfxStatErrUnsupported",
        kOfxStatErrExists => "kOfxStatErrExists",
        kOfxStatErrFormat => "kOfxStatErrFormat",
        kOfxStatErrMemory => "kOfxStatErrMemory",
        kOfxStatErrBadHandle => "kOfxStatErrBadHandle",
        kOfxStatErrBadIndex => "kOfxStatErrBadIndex",
        kOfxStatErrValue => "kOfxStatErrValue",
        kOfxStatReplyYes => "kOfxStatReplyYes",
        kOfxStatReplyNo => "kOfxStatReplyNo",
        kOfxStatReplyDefault => "kOfxStatReplyDefault",
        kOfxStatUnlicensed => "kOfxStatUnlicensed",
        kOfxStatErrImageFormat => "kOfxStatErrImageFormat",
        kOfxStatGPUOutOfMemory => "kOfxStatGPUOutOfMemory",
        kOfxStatGPURenderFailed => "kOfxStatGPURenderFailed",
        _ => "a status unknown to OpenFX",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_the_strings_of_the_standard() {
        assert_eq!(kOfxPropType, c"OfxPropType");
        assert_eq!(kOfxImagePreMultiplied, c"OfxImageAlphaPremultiplied");
        assert_eq!(kOfxActionOpenGLContextDetached, c"kOfxActionOpenGLContextDetached");
        assert_eq!(
            kOfxImageEffectPropSupportsMultipleClipDepths,
            c"OfxImageEffectPropMultipleClipDepths"
        );
        assert_eq!(kOfxImageEffectColourManagementCore, c"OfxImageEffectColourManagementCore");
    }

    #[test]
    fn statuses_and_flags_are_signed_ints() {
        let statuses: [OfxStatus; 3] = [kOfxStatOK, kOfxStatUnlicensed, kOfxStatGPURenderFailed];
        assert_eq!(statuses, [0, 15, 1002]);
        assert_eq!(kOfxFlagInfiniteMin, i32::MIN);
        assert_eq!(kOfxFlagInfiniteMax, i32::MAX);
        assert_eq!(status_name(1000), "kOfxStatErrImageFormat");
    }
}
