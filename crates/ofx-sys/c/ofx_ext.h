/* What OpenFX 1.5.1 has and the crate openfx-sys 0.1 (headers between 1.4 and
 * 1.5) lacks, or presents in a way bindgen cannot read (casts in macros).
 *
 * Written for Headroom. The names and values are facts of the OpenFX 1.5.1
 * interface; one that is not part of the standard says whose it is.
 */
#ifndef HEADROOM_OFX_EXT_H
#define HEADROOM_OFX_EXT_H

/* Status codes (ofxCore.h, ofxImageEffect.h, ofxGPURender.h). */
#define kOfxStatOK 0
#define kOfxStatFailed 1
#define kOfxStatErrFatal 2
#define kOfxStatErrUnknown 3
#define kOfxStatErrMissingHostFeature 4
#define kOfxStatErrUnsupported 5
#define kOfxStatErrExists 6
#define kOfxStatErrFormat 7
#define kOfxStatErrMemory 8
#define kOfxStatErrBadHandle 9
#define kOfxStatErrBadIndex 10
#define kOfxStatErrValue 11
#define kOfxStatReplyYes 12
#define kOfxStatReplyNo 13
#define kOfxStatReplyDefault 14
#define kOfxStatUnlicensed 15
#define kOfxStatErrImageFormat 1000
#define kOfxStatGPUOutOfMemory 1001
#define kOfxStatGPURenderFailed 1002

/* Edges of an infinite region of definition in pixels (ofxCore.h). */
#define kOfxFlagInfiniteMax 2147483647
#define kOfxFlagInfiniteMin (-2147483647 - 1)

/* Colour management (ofxColour.h, 1.5). */
#define kOfxImageEffectPropColourManagementStyle "OfxImageEffectPropColourManagementStyle"
#define kOfxImageEffectColourManagementNone "OfxImageEffectColourManagementNone"
#define kOfxImageEffectColourManagementBasic "OfxImageEffectColourManagementBasic"
#define kOfxImageEffectColourManagementCore "OfxImageEffectColourManagementCore"
#define kOfxImageEffectColourManagementFull "OfxImageEffectColourManagementFull"
#define kOfxImageEffectColourManagementOCIO "OfxImageEffectColourManagementOCIO"
#define kOfxImageEffectPropColourManagementAvailableConfigs "OfxImageEffectPropColourManagementAvailableConfigs"
#define kOfxImageEffectPropColourManagementConfig "OfxImageEffectPropColourManagementConfig"
#define kOfxConfigIdentifier "ofx-native-v1.5_aces-v1.3_ocio-v2.3"
#define kOfxImageEffectPropOCIOConfig "OfxImageEffectPropOCIOConfig"
#define kOfxImageEffectPropOCIODisplay "OfxImageEffectPropOCIODisplay"
#define kOfxImageEffectPropOCIOView "OfxImageEffectPropOCIOView"
#define kOfxImageEffectPropDisplayColourspace "OfxImageEffectPropDisplayColourspace"
#define kOfxImageClipPropColourspace "OfxImageClipPropColourspace"
#define kOfxImageClipPropPreferredColourspaces "OfxImageClipPropPreferredColourspaces"
#define kOfxImageEffectActionGetOutputColourspace "OfxImageEffectActionGetOutputColourspace"
/* A clip's name appended makes a cross-reference: "OfxColourspace_Source". */
#define kOfxColourspaceCrossReferencePrefix "OfxColourspace_"

/* The five basic colourspaces of the native configuration. */
#define kOfxColourspaceOfxDisplaySdr "ofx_display_sdr"
#define kOfxColourspaceOfxDisplayHdr "ofx_display_hdr"
#define kOfxColourspaceOfxSceneLinear "ofx_scene_linear"
#define kOfxColourspaceOfxSceneLog "ofx_scene_log"
#define kOfxColourspaceOfxRaw "ofx_raw"

/* Parameters (ofxParam.h, 1.5). */
#define kOfxParamTypeStrChoice "OfxParamTypeStrChoice"
#define kOfxParamTypeBytes "OfxParamTypeBytes"
#define kOfxParamPropChoiceEnum "OfxParamPropChoiceEnum"
#define kOfxParamPropChoiceOrder "OfxParamPropChoiceOrder"
#define kOfxParamHostPropSupportsStrChoice "OfxParamHostPropSupportsStrChoice"
#define kOfxParamHostPropSupportsStrChoiceAnimation "OfxParamHostPropSupportsStrChoiceAnimation"

/* GPU rendering (ofxGPURender.h, 1.5). */
#define kOfxImageEffectPropOpenCLSupported "OfxImageEffectPropOpenCLSupported"
#define kOfxImageEffectPropOpenCLImage "OfxImageEffectPropOpenCLImage"
#define kOfxOpenCLProgramSuite "OfxOpenCLProgramSuite"

/* 1.5.1. */
#define kOfxImageEffectPropCPURenderSupported "OfxImageEffectPropCPURenderSupported"
#define kOfxImageEffectPropNoSpatialAwareness "OfxImageEffectPropNoSpatialAwareness"
#define kOfxImageEffectPropThumbnailRender "OfxImageEffectPropThumbnailRender"

/* After 1.5.1 (on the standard's main branch). */
#define kOfxImageEffectPluginPropObsolete "OfxImageEffectPluginPropObsolete"
#define kOfxImageEffectPropBehaviourWhenUnlicensed "OfxImageEffectPropBehaviourWhenUnlicensed"
#define kOfxUnlicensedContinue "OfxUnlicensedContinue"
#define kOfxUnlicensedFail "OfxUnlicensedFail"

/* Prefixes of the properties that carry one clip's value in an action's
 * arguments: the clip's name is appended. */
#define kOfxImageClipPropRoIPrefix "OfxImageClipPropRoI_"
#define kOfxImageClipPropFrameRangePrefix "OfxImageClipPropFrameRange_"
#define kOfxImageClipPropComponentsPrefix "OfxImageClipPropComponents_"
#define kOfxImageClipPropDepthPrefix "OfxImageClipPropDepth_"
#define kOfxImageClipPropPARPrefix "OfxImageClipPropPAR_"
#define kOfxImageClipPropPreferredColourspacesPrefix "OfxImageClipPropPreferredColourspaces_"

/* Blackmagic Design: DaVinci Resolve and Fusion. */
#define kOfxImageClipPropThumbnail "kOfxImageClipPropThumbnail"
#define kOfxImageEffectPropResolvePage "OfxImageEffectPropResolvePage"
#define kOfxImageEffectPropSrcFilePath "OfxImageEffectPropSrcFilePath"
#define kOfxImageEffectPropSrcFrame "OfxImageEffectPropSrcFrame"

#ifdef __cplusplus
extern "C" {
#endif

/* Compiles an OpenCL program for a plug-in (optional suite, version 1).
 * The result is a cl_program. */
typedef struct OfxOpenCLProgramSuiteV1 {
    int (*compileProgram)(const char *source, int optional, void *result);
} OfxOpenCLProgramSuiteV1;

#ifdef __cplusplus
}
#endif

#endif
