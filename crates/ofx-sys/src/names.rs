//! The 1.4 names of openfx-sys (byte arrays with a NUL) as `&'static CStr`.
//!
//! Grouped by the header that defines them. What the standard added later is in
//! `c/ofx_ext.h`.

use std::ffi::CStr;

/// The bytes of a bindgen string constant as a C string.
const fn cstr(bytes: &'static [u8]) -> &'static CStr {
    match CStr::from_bytes_with_nul(bytes) {
        Ok(text) => text,
        Err(_) => panic!("a string constant of openfx-sys ends with its only NUL"),
    }
}

macro_rules! names {
    ($header:literal: $($name:ident)*) => {
        $(
            #[doc = concat!("Defined in ", $header, ".")]
            pub const $name: &CStr = cstr(openfx_sys::$name);
        )*
    };
}

names! { "ofxCore.h":
    kOfxActionLoad
    kOfxActionDescribe
    kOfxActionUnload
    kOfxActionPurgeCaches
    kOfxActionSyncPrivateData
    kOfxActionCreateInstance
    kOfxActionDestroyInstance
    kOfxActionInstanceChanged
    kOfxActionBeginInstanceChanged
    kOfxActionEndInstanceChanged
    kOfxActionBeginInstanceEdit
    kOfxActionEndInstanceEdit
    kOfxPropAPIVersion
    kOfxPropTime
    kOfxPropIsInteractive
    kOfxPluginPropFilePath
    kOfxPropInstanceData
    kOfxPropType
    kOfxPropName
    kOfxPropVersion
    kOfxPropVersionLabel
    kOfxPropPluginDescription
    kOfxPropLabel
    kOfxPropIcon
    kOfxPropShortLabel
    kOfxPropLongLabel
    kOfxPropChangeReason
    kOfxPropEffectInstance
    kOfxPropHostOSHandle
    kOfxChangeUserEdited
    kOfxChangePluginEdited
    kOfxChangeTime
    kOfxBitDepthNone
    kOfxBitDepthByte
    kOfxBitDepthShort
    kOfxBitDepthHalf
    kOfxBitDepthFloat
}

names! { "ofxProperty.h":
    kOfxPropertySuite
}

names! { "ofxMemory.h":
    kOfxMemorySuite
}

names! { "ofxMultiThread.h":
    kOfxMultiThreadSuite
}

names! { "ofxMessage.h":
    kOfxMessageSuite
    kOfxMessageFatal
    kOfxMessageError
    kOfxMessageWarning
    kOfxMessageMessage
    kOfxMessageLog
    kOfxMessageQuestion
}

names! { "ofxProgress.h":
    kOfxProgressSuite
}

names! { "ofxTimeLine.h":
    kOfxTimeLineSuite
}

names! { "ofxImageEffect.h":
    kOfxImageEffectPluginApi
    kOfxImageComponentNone
    kOfxImageComponentRGBA
    kOfxImageComponentRGB
    kOfxImageComponentAlpha
    kOfxImageEffectContextGenerator
    kOfxImageEffectContextFilter
    kOfxImageEffectContextTransition
    kOfxImageEffectContextPaint
    kOfxImageEffectContextGeneral
    kOfxImageEffectContextRetimer
    kOfxTypeImageEffectHost
    kOfxTypeImageEffect
    kOfxTypeImageEffectInstance
    kOfxTypeClip
    kOfxTypeImage
    kOfxImageEffectActionGetRegionOfDefinition
    kOfxImageEffectActionGetRegionsOfInterest
    kOfxImageEffectActionGetTimeDomain
    kOfxImageEffectActionGetFramesNeeded
    kOfxImageEffectActionGetClipPreferences
    kOfxImageEffectActionIsIdentity
    kOfxImageEffectActionRender
    kOfxImageEffectActionBeginSequenceRender
    kOfxImageEffectActionEndSequenceRender
    kOfxImageEffectActionDescribeInContext
    kOfxImageEffectPropSupportedContexts
    kOfxImageEffectPropPluginHandle
    kOfxImageEffectHostPropIsBackground
    kOfxImageEffectPluginPropSingleInstance
    kOfxImageEffectPluginRenderThreadSafety
    kOfxImageEffectRenderUnsafe
    kOfxImageEffectRenderInstanceSafe
    kOfxImageEffectRenderFullySafe
    kOfxImageEffectPluginPropHostFrameThreading
    kOfxImageEffectPropSupportsMultipleClipDepths
    kOfxImageEffectPropSupportsMultipleClipPARs
    kOfxImageEffectPropClipPreferencesSlaveParam
    kOfxImageEffectPropSetableFrameRate
    kOfxImageEffectPropSetableFielding
    kOfxImageEffectInstancePropSequentialRender
    kOfxImageEffectPropSequentialRenderStatus
    kOfxHostNativeOriginBottomLeft
    kOfxHostNativeOriginTopLeft
    kOfxHostNativeOriginCenter
    kOfxImageEffectHostPropNativeOrigin
    kOfxImageEffectPropInteractiveRenderStatus
    kOfxImageEffectPluginPropGrouping
    kOfxImageEffectPropSupportsOverlays
    kOfxImageEffectPluginPropOverlayInteractV1
    kOfxImageEffectPluginPropOverlayInteractV2
    kOfxImageEffectPropSupportsMultiResolution
    kOfxImageEffectPropSupportsTiles
    kOfxImageEffectPropTemporalClipAccess
    kOfxImageEffectPropContext
    kOfxImageEffectPropPixelDepth
    kOfxImageEffectPropComponents
    kOfxImagePropUniqueIdentifier
    kOfxImageClipPropContinuousSamples
    kOfxImageClipPropUnmappedPixelDepth
    kOfxImageClipPropUnmappedComponents
    kOfxImageEffectPropPreMultiplication
    kOfxImageOpaque
    kOfxImagePreMultiplied
    kOfxImageUnPreMultiplied
    kOfxImageEffectPropSupportedPixelDepths
    kOfxImageEffectPropSupportedComponents
    kOfxImageClipPropOptional
    kOfxImageClipPropIsMask
    kOfxImagePropPixelAspectRatio
    kOfxImageEffectPropFrameRate
    kOfxImageEffectPropUnmappedFrameRate
    kOfxImageEffectPropFrameStep
    kOfxImageEffectPropFrameRange
    kOfxImageEffectPropUnmappedFrameRange
    kOfxImageClipPropConnected
    kOfxImageEffectFrameVarying
    kOfxImageEffectPropRenderScale
    kOfxImageEffectPropRenderQualityDraft
    kOfxImageEffectPropProjectExtent
    kOfxImageEffectPropProjectSize
    kOfxImageEffectPropProjectOffset
    kOfxImageEffectPropProjectPixelAspectRatio
    kOfxImageEffectInstancePropEffectDuration
    kOfxImageClipPropFieldOrder
    kOfxImagePropData
    kOfxImagePropBounds
    kOfxImagePropRegionOfDefinition
    kOfxImagePropRowBytes
    kOfxImagePropField
    kOfxImageEffectPluginPropFieldRenderTwiceAlways
    kOfxImageClipPropFieldExtraction
    kOfxImageEffectPropFieldToRender
    kOfxImageEffectPropRegionOfDefinition
    kOfxImageEffectPropRegionOfInterest
    kOfxImageEffectPropRenderWindow
    kOfxImageEffectPropCudaRenderSupported
    kOfxImageEffectPropCudaEnabled
    kOfxImageEffectPropCudaStreamSupported
    kOfxImageEffectPropCudaStream
    kOfxImageEffectPropMetalRenderSupported
    kOfxImageEffectPropMetalEnabled
    kOfxImageEffectPropMetalCommandQueue
    kOfxImageEffectPropOpenCLRenderSupported
    kOfxImageEffectPropOpenCLEnabled
    kOfxImageEffectPropOpenCLCommandQueue
    kOfxImageFieldNone
    kOfxImageFieldLower
    kOfxImageFieldUpper
    kOfxImageFieldBoth
    kOfxImageFieldSingle
    kOfxImageFieldDoubled
    kOfxImageEffectOutputClipName
    kOfxImageEffectSimpleSourceClipName
    kOfxImageEffectTransitionSourceFromClipName
    kOfxImageEffectTransitionSourceToClipName
    kOfxImageEffectTransitionParamName
    kOfxImageEffectRetimerParamName
    kOfxImageEffectSuite
}

names! { "ofxOpenGLRender.h":
    kOfxOpenGLRenderSuite
    kOfxImageEffectPropOpenGLRenderSupported
    kOfxOpenGLPropPixelDepth
    kOfxImageEffectPropOpenGLEnabled
    kOfxImageEffectPropOpenGLTextureIndex
    kOfxImageEffectPropOpenGLTextureTarget
    kOfxActionOpenGLContextAttached
    kOfxActionOpenGLContextDetached
}

names! { "ofxParam.h":
    kOfxParameterSuite
    kOfxTypeParameter
    kOfxTypeParameterInstance
    kOfxParamTypeInteger
    kOfxParamTypeDouble
    kOfxParamTypeBoolean
    kOfxParamTypeChoice
    kOfxParamTypeRGBA
    kOfxParamTypeRGB
    kOfxParamTypeDouble2D
    kOfxParamTypeInteger2D
    kOfxParamTypeDouble3D
    kOfxParamTypeInteger3D
    kOfxParamTypeString
    kOfxParamTypeCustom
    kOfxParamTypeGroup
    kOfxParamTypePage
    kOfxParamTypePushButton
    kOfxParamHostPropSupportsCustomAnimation
    kOfxParamHostPropSupportsStringAnimation
    kOfxParamHostPropSupportsBooleanAnimation
    kOfxParamHostPropSupportsChoiceAnimation
    kOfxParamHostPropSupportsCustomInteract
    kOfxParamHostPropMaxParameters
    kOfxParamHostPropMaxPages
    kOfxParamHostPropPageRowColumnCount
    kOfxParamPageSkipRow
    kOfxParamPageSkipColumn
    kOfxParamPropInteractV1
    kOfxParamPropInteractSize
    kOfxParamPropInteractSizeAspect
    kOfxParamPropInteractMinimumSize
    kOfxParamPropInteractPreferedSize
    kOfxParamPropType
    kOfxParamPropAnimates
    kOfxParamPropCanUndo
    kOfxPropParamSetNeedsSyncing
    kOfxParamPropIsAnimating
    kOfxParamPropPluginMayWrite
    kOfxParamPropPersistant
    kOfxParamPropEvaluateOnChange
    kOfxParamPropSecret
    kOfxParamPropScriptName
    kOfxParamPropCacheInvalidation
    kOfxParamInvalidateValueChange
    kOfxParamInvalidateValueChangeToEnd
    kOfxParamInvalidateAll
    kOfxParamPropHint
    kOfxParamPropDefault
    kOfxParamPropDoubleType
    kOfxParamDoubleTypePlain
    kOfxParamDoubleTypeScale
    kOfxParamDoubleTypeAngle
    kOfxParamDoubleTypeTime
    kOfxParamDoubleTypeAbsoluteTime
    kOfxParamDoubleTypeX
    kOfxParamDoubleTypeY
    kOfxParamDoubleTypeXAbsolute
    kOfxParamDoubleTypeYAbsolute
    kOfxParamDoubleTypeXY
    kOfxParamDoubleTypeXYAbsolute
    kOfxParamPropDefaultCoordinateSystem
    kOfxParamCoordinatesCanonical
    kOfxParamCoordinatesNormalised
    kOfxParamPropHasHostOverlayHandle
    kOfxParamPropUseHostOverlayHandle
    kOfxParamPropShowTimeMarker
    kOfxPluginPropParamPageOrder
    kOfxParamPropPageChild
    kOfxParamPropParent
    kOfxParamPropGroupOpen
    kOfxParamPropEnabled
    kOfxParamPropDataPtr
    kOfxParamPropChoiceOption
    kOfxParamPropMin
    kOfxParamPropMax
    kOfxParamPropDisplayMin
    kOfxParamPropDisplayMax
    kOfxParamPropIncrement
    kOfxParamPropDigits
    kOfxParamPropDimensionLabel
    kOfxParamPropIsAutoKeying
    kOfxParamPropCustomInterpCallbackV1
    kOfxParamPropStringMode
    kOfxParamPropStringFilePathExists
    kOfxParamStringIsSingleLine
    kOfxParamStringIsMultiLine
    kOfxParamStringIsFilePath
    kOfxParamStringIsDirectoryPath
    kOfxParamStringIsLabel
    kOfxParamStringIsRichTextFormat
    kOfxParamPropCustomValue
    kOfxParamPropInterpolationTime
    kOfxParamPropInterpolationAmount
}

names! { "ofxParametricParam.h":
    kOfxParametricParameterSuite
    kOfxParamTypeParametric
    kOfxParamPropParametricDimension
    kOfxParamPropParametricUIColour
    kOfxParamPropParametricInteractBackground
    kOfxParamHostPropSupportsParametricAnimation
    kOfxParamPropParametricRange
}

names! { "ofxInteract.h":
    kOfxInteractSuite
    kOfxInteractPropSlaveToParam
    kOfxInteractPropPixelScale
    kOfxInteractPropBackgroundColour
    kOfxInteractPropSuggestedColour
    kOfxInteractPropPenPosition
    kOfxInteractPropPenViewportPosition
    kOfxInteractPropPenPressure
    kOfxInteractPropBitDepth
    kOfxInteractPropHasAlpha
    kOfxInteractActionDraw
    kOfxInteractActionPenMotion
    kOfxInteractActionPenDown
    kOfxInteractActionPenUp
    kOfxInteractActionKeyDown
    kOfxInteractActionKeyUp
    kOfxInteractActionKeyRepeat
    kOfxInteractActionGainFocus
    kOfxInteractActionLoseFocus
}

names! { "ofxDrawSuite.h":
    kOfxDrawSuite
    kOfxInteractPropDrawContext
}

names! { "ofxDialog.h":
    kOfxDialogSuite
    kOfxActionDialog
}

names! { "ofxOld.h":
    kOfxImageComponentYUVA
    kOfxImageEffectPropInAnalysis
    kOfxInteractPropViewportSize
    kOfxParamDoubleTypeNormalisedX
    kOfxParamDoubleTypeNormalisedY
    kOfxParamDoubleTypeNormalisedXAbsolute
    kOfxParamDoubleTypeNormalisedYAbsolute
    kOfxParamDoubleTypeNormalisedXY
    kOfxParamDoubleTypeNormalisedXYAbsolute
}
