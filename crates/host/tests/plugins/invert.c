/* An honest filter (out = 1 - in, times amount), and one fault for each rule
 * that the host watches. The int parameter "fault" picks the fault; 0 is none.
 * The numbers are those of `Fault` in tests/common/mod.rs. */
#include "ofx_small.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NONE, GUARD, PADDING, UNWRITTEN, OUTSIDE, SOURCE, LEAK, TWICE, STATUS, FRAME, REGION,
    READ_ONLY, WRONG_TYPE, PARAM_IN_RENDER, TEMPORARY_STRING, STALE_IMAGE, BAD_HANDLE,
    NULL_POINTER, LEAK_MEMORY, BAD_FREE, IMAGE_IN_ROD, FAIL_RENDER, STALE_CLIP, OTHER_FIELD,
    RELEASE_NOTHING, WINDOW_MATTERS, HISTORY_MATTERS,
    LABEL_IN_RENDER, EARLY_HOST
};

static const OfxHost *early_host;

static int renders;

static OfxHost *host;
static const PropertySuite *P;
static const EffectSuite *E;
static const ParameterSuite *Q;
static const MemorySuite *M;
static const MessageSuite *T;
static Handle kept_image;
static Handle kept_clip;
static void *kept_block;

static int is(const char *a, const char *b) { return strcmp(a, b) == 0; }

static void set_host(OfxHost *h) { host = h; }

static int load(void) {
    if (!host) return FAILED;
    P = host->fetchSuite(host->host, "OfxPropertySuite", 1);
    E = host->fetchSuite(host->host, "OfxImageEffectSuite", 1);
    Q = host->fetchSuite(host->host, "OfxParameterSuite", 1);
    M = host->fetchSuite(host->host, "OfxMemorySuite", 1);
    T = host->fetchSuite(host->host, "OfxMessageSuite", 2);
    return P && E && Q ? OK : 4;
}

static int describe(Handle effect) {
    Handle props;
    E->getPropertySet(effect, &props);
    P->setString(props, "OfxPropLabel", 0, "Invert");
    P->setString(props, "OfxImageEffectPluginPropGrouping", 0, "Test");
    P->setString(props, "OfxImageEffectPropSupportedContexts", 0, "OfxImageEffectContextFilter");
    P->setString(props, "OfxImageEffectPropSupportedContexts", 1, "OfxImageEffectContextGeneral");
    P->setString(props, "OfxImageEffectPropSupportedPixelDepths", 0, "OfxBitDepthFloat");
    P->setString(props, "OfxImageEffectPropSupportedPixelDepths", 1, "OfxBitDepthHalf");
    P->setString(props, "OfxImageEffectPluginRenderThreadSafety", 0, "OfxImageEffectRenderFullySafe");
    P->setInt(props, "OfxImageEffectPropSupportsTiles", 0, 1);
    P->setInt(props, "OfxImageEffectPropTemporalClipAccess", 0, 1);
    P->setInt(props, "OfxImageEffectPluginPropFieldRenderTwiceAlways", 0, 0);
    P->setString(props, "OfxImageEffectPropColourManagementStyle", 0, "OfxImageEffectColourManagementCore");
    return OK;
}

static Handle define(Handle params, const char *type, const char *name) {
    Handle props = NULL;
    Q->define(params, type, name, &props);
    P->setString(props, "OfxPropLabel", 0, name);
    return props;
}

static int describe_in_context(Handle effect) {
    Handle params, props;
    static const char *const clips[] = {"Source", "Mask", "Output"};
    for (int i = 0; i < 3; ++i) {
        E->clipDefine(effect, clips[i], &props);
        P->setString(props, "OfxImageEffectPropSupportedComponents", 0,
                     i == 1 ? "OfxImageComponentAlpha" : "OfxImageComponentRGBA");
        P->setString(props, "OfxImageClipPropFieldExtraction", 0, "OfxFieldBoth");
        P->setInt(props, "OfxImageEffectPropTemporalClipAccess", 0, 1);
        if (i == 1) {
            P->setInt(props, "OfxImageClipPropOptional", 0, 1);
            P->setInt(props, "OfxImageClipPropIsMask", 0, 1);
        }
    }
    E->getParamSet(effect, &params);
    props = define(params, "OfxParamTypeDouble", "amount");
    P->setDouble(props, "OfxParamPropDefault", 0, 1.0);
    P->setDouble(props, "OfxParamPropMin", 0, 0.0);
    P->setDouble(props, "OfxParamPropMax", 0, 10.0);
    P->setDouble(props, "OfxParamPropDisplayMin", 0, 0.0);
    P->setDouble(props, "OfxParamPropDisplayMax", 0, 1.0);
    define(params, "OfxParamTypeInteger", "fault");
    props = define(params, "OfxParamTypeChoice", "mode");
    P->setString(props, "OfxParamPropChoiceOption", 0, "Invert");
    P->setString(props, "OfxParamPropChoiceOption", 1, "Copy");
    props = define(params, "OfxParamTypeRGB", "tint");
    for (int i = 0; i < 3; ++i) P->setDouble(props, "OfxParamPropDefault", i, 1.0);
    define(params, "OfxParamTypeString", "info");
    define(params, "OfxParamTypeBoolean", "flag");
    define(params, "OfxParamTypePushButton", "button");
    define(params, "OfxParamTypeGroup", "group");
    define(params, "OfxParamTypePage", "page");
    return OK;
}

static Handle param(Handle effect, const char *name) {
    Handle params, found = NULL;
    E->getParamSet(effect, &params);
    Q->getHandle(params, name, &found, NULL);
    return found;
}

static int fault_of(Handle effect) {
    int fault = 0;
    Q->getValue(param(effect, "fault"), &fault);
    return fault;
}

typedef struct {
    Handle handle;
    char *data;
    int bounds[4], row_bytes, half, components;
} Image;

static int fetch(Handle effect, const char *clip, double time, const RectD *region, Image *image) {
    Handle handle;
    char *text = NULL;
    memset(image, 0, sizeof *image);
    E->clipGetHandle(effect, clip, &handle, NULL);
    if (E->clipGetImage(handle, time, region, &image->handle) != OK) return FAILED;
    P->getPointer(image->handle, "OfxImagePropData", 0, (void **)&image->data);
    P->getIntN(image->handle, "OfxImagePropBounds", 4, image->bounds);
    P->getInt(image->handle, "OfxImagePropRowBytes", 0, &image->row_bytes);
    P->getString(image->handle, "OfxImageEffectPropPixelDepth", 0, &text);
    image->half = is(text, "OfxBitDepthHalf");
    P->getString(image->handle, "OfxImageEffectPropComponents", 0, &text);
    image->components = is(text, "OfxImageComponentAlpha") ? 1 : 4;
    return OK;
}

static void *at(const Image *image, int x, int y) {
    if (x < image->bounds[0] || x >= image->bounds[2] || y < image->bounds[1] || y >= image->bounds[3])
        return NULL;
    ptrdiff_t pixel = image->components * (image->half ? 2 : 4);
    return image->data + (ptrdiff_t)(y - image->bounds[1]) * image->row_bytes +
           (ptrdiff_t)(x - image->bounds[0]) * pixel;
}

/* A half as float and back; enough for the finite values of the tests. */
static float from_half(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = (half >> 10) & 31, mantissa = half & 1023;
    float value;
    if (exponent == 0) {
        value = (float)mantissa / 16777216.0f;
        return sign ? -value : value;
    }
    uint32_t bits = sign | ((exponent + 112) << 23) | (mantissa << 13);
    memcpy(&value, &bits, 4);
    return value;
}

static uint16_t to_half(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    uint16_t sign = (uint16_t)((bits >> 16) & 0x8000);
    if ((bits & 0x7fffffff) < 0x38800000) return sign; /* flushes subnormals */
    return (uint16_t)(sign | (((bits & 0x7fffffff) + 0xfff + ((bits >> 13) & 1) - 0x38000000) >> 13));
}

static int render(Handle effect, Handle in) {
    double time = 0, amount = 1;
    int window[4], mode = 0, fault = fault_of(effect);
    char *field = "OfxFieldNone";
    P->getDouble(in, "OfxPropTime", 0, &time);
    P->getIntN(in, "OfxImageEffectPropRenderWindow", 4, window);
    P->getString(in, "OfxImageEffectPropFieldToRender", 0, &field);
    Q->getValueAtTime(param(effect, "amount"), time, &amount);
    Q->getValueAtTime(param(effect, "mode"), time, &mode);

    Image source, output;
    if (fault == STATUS) return REPLY_DEFAULT;
    if (fault == FAIL_RENDER) {
        if (T && T->setPersistentMessage)
            T->setPersistentMessage(effect, "OfxMessageError", "broken", "%s: %d", "broken on purpose", 7);
        return FAILED;
    }
    if (fetch(effect, "Output", time, NULL, &output) != OK) return FAILED;
    int has_source = fetch(effect, "Source", time, NULL, &source) == OK;

    for (int y = window[1]; y < window[3]; ++y) {
        if (E->abort(effect)) break;
        if (is(field, "OfxFieldLower") && (y & 1)) { if (fault != OTHER_FIELD) continue; }
        if (is(field, "OfxFieldUpper") && !(y & 1)) { if (fault != OTHER_FIELD) continue; }
        for (int x = window[0]; x < window[2]; ++x) {
            if (fault == UNWRITTEN && x == window[0] && y == window[1]) continue;
            void *to = at(&output, x, y);
            const void *from = has_source ? at(&source, x, y) : NULL;
            for (int c = 0; c < 4; ++c) {
                float value = 0;
                if (from) value = source.half ? from_half(((const uint16_t *)from)[c]) : ((const float *)from)[c];
                if (c < 3 && mode == 0) value = (1.0f - value) * (float)amount;
                if (fault == WINDOW_MATTERS) value += (float)(x - window[0]);
                if (fault == HISTORY_MATTERS) value += (float)renders;
                if (output.half) ((uint16_t *)to)[c] = to_half(value);
                else ((float *)to)[c] = value;
            }
        }
    }

    char *row = at(&output, window[0], window[1]);
    int pixel = output.half ? 8 : 16;
    int width = output.bounds[2] - output.bounds[0];
    switch (fault) {
    case GUARD: {
        char *lowest = output.row_bytes < 0 ? at(&output, output.bounds[0], output.bounds[3] - 1)
                                            : at(&output, output.bounds[0], output.bounds[1]);
        lowest[-4] = 1;
        break;
    }
    case PADDING: ((char *)at(&output, output.bounds[0], output.bounds[1]))[width * pixel] = 1; break;
    case OUTSIDE:
        if (window[2] < output.bounds[2]) memset(row + (window[2] - window[0]) * pixel, 0, pixel);
        break;
    case SOURCE: if (has_source) *(char *)at(&source, source.bounds[0], source.bounds[1]) ^= 1; break;
    case FRAME: {
        Image other;
        if (fetch(effect, "Source", time + 7, NULL, &other) == OK) E->clipReleaseImage(other.handle);
        break;
    }
    case REGION: {
        Image other;
        RectD all = {-1e6, -1e6, 1e6, 1e6};
        if (fetch(effect, "Source", time, &all, &other) == OK) E->clipReleaseImage(other.handle);
        break;
    }
    case READ_ONLY: P->setInt(output.handle, "OfxImagePropRowBytes", 0, 1); break;
    case WRONG_TYPE: { double d; P->getDouble(output.handle, "OfxImagePropRowBytes", 0, &d); break; }
    case PARAM_IN_RENDER: Q->setValue(param(effect, "amount"), 0.5); break;
    case STALE_IMAGE: { int i; if (kept_image) P->getInt(kept_image, "OfxImagePropRowBytes", 0, &i); break; }
    case BAD_HANDLE: { int i; P->getInt((Handle)(uintptr_t)12345, "x", 0, &i); break; }
    case NULL_POINTER: P->getInt(output.handle, "OfxImagePropRowBytes", 0, NULL); break;
    case LEAK_MEMORY: if (M) M->alloc(effect, 100, &kept_block); break;
    case BAD_FREE: if (M) M->free(&mode); break;
    case LABEL_IN_RENDER: {
        Handle props;
        Q->getPropertySet(param(effect, "amount"), &props);
        P->setString(props, "OfxPropLabel", 0, "Another label");
        break;
    }
    case EARLY_HOST: early_host->fetchSuite(early_host->host, "OfxPropertySuite", 1); break;
    case RELEASE_NOTHING: E->clipReleaseImage(in); break;
    default: break;
    }

    ++renders;
    kept_image = output.handle;
    E->clipReleaseImage(output.handle);
    if (has_source && fault != LEAK) E->clipReleaseImage(source.handle);
    if (fault == TWICE) E->clipReleaseImage(output.handle);
    return OK;
}

static int clip_preferences(Handle effect, Handle out) {
    if (fault_of(effect) == TEMPORARY_STRING) {
        char *text = malloc(64);
        strcpy(text, "OfxImageAlphaPremultiplied");
        P->setString(out, "OfxImageEffectPropPreMultiplication", 0, text);
        memset(text, 'x', 26);
        free(text);
    }
    return OK;
}

static int region_of_definition(Handle effect, Handle in, Handle out) {
    Handle clip;
    double time = 0;
    RectD rect;
    P->getDouble(in, "OfxPropTime", 0, &time);
    E->clipGetHandle(effect, "Source", &clip, NULL);
    if (fault_of(effect) == IMAGE_IN_ROD) {
        Handle image;
        if (E->clipGetImage(clip, time, NULL, &image) == OK) E->clipReleaseImage(image);
    }
    if (E->clipGetRegionOfDefinition(clip, time, &rect) != OK) return REPLY_DEFAULT;
    P->setDoubleN(out, "OfxImageEffectPropRegionOfDefinition", 4, &rect.x1);
    return OK;
}

static int is_identity(Handle effect, Handle out) {
    int mode = 0;
    Q->getValue(param(effect, "mode"), &mode);
    if (mode != 1 || fault_of(effect)) return REPLY_DEFAULT;
    P->setString(out, "OfxPropName", 0, "Source");
    return OK;
}

static int changed(Handle effect, Handle in) {
    char *name = NULL, *reason = NULL;
    P->getString(in, "OfxPropName", 0, &name);
    P->getString(in, "OfxPropChangeReason", 0, &reason);
    if (is(reason, "OfxChangePluginEdited")) return REPLY_DEFAULT;
    if (is(name, "flag")) Q->setValue(param(effect, "info"), "flag was set");
    if (is(name, "tint")) {
        double r, g, b;
        char text[64];
        Q->getValue(param(effect, "tint"), &r, &g, &b);
        snprintf(text, sizeof text, "%g %g %g", r, g, b);
        Q->setValue(param(effect, "info"), text);
    }
    if (is(name, "button")) Q->setValue(param(effect, "amount"), 0.25);
    if (is(name, "fault") && fault_of(effect) == STALE_CLIP && kept_clip) {
        Handle props;
        E->clipGetPropertySet(kept_clip, &props);
    }
    return OK;
}

static int main_entry(const char *action, const void *handle, Handle in, Handle out) {
    Handle effect = (Handle)handle;
    if (is(action, "OfxActionLoad")) return load();
    if (is(action, "OfxActionUnload")) return OK;
    if (is(action, "OfxActionDescribe")) return describe(effect);
    if (is(action, "OfxImageEffectActionDescribeInContext")) return describe_in_context(effect);
    if (is(action, "OfxActionCreateInstance")) return OK;
    if (is(action, "OfxActionDestroyInstance")) {
        E->clipGetHandle(effect, "Source", &kept_clip, NULL);
        return OK;
    }
    if (is(action, "OfxActionInstanceChanged")) return changed(effect, in);
    if (is(action, "OfxImageEffectActionRender")) return render(effect, in);
    if (is(action, "OfxImageEffectActionIsIdentity")) return is_identity(effect, out);
    if (is(action, "OfxImageEffectActionGetRegionOfDefinition")) return region_of_definition(effect, in, out);
    if (is(action, "OfxImageEffectActionGetClipPreferences")) return clip_preferences(effect, out);
    if (is(action, "OfxImageEffectActionGetOutputColourspace")) {
        P->setString(out, "OfxImageClipPropColourspace", 0, "OfxColourspace_Source");
        return OK;
    }
    return REPLY_DEFAULT;
}

/* A plug-in that calls the host in setHost. */
static void eager_set_host(OfxHost *h) {
    host = h;
    h->fetchSuite(h->host, "OfxPropertySuite", 1);
}

/* A plug-in whose description is wrong, and whose strings do not last. */
static int careless_entry(const char *action, const void *handle, Handle in, Handle out) {
    Handle effect = (Handle)handle, props, params;
    if (is(action, "OfxActionDescribe")) {
        describe(effect);
        char *label = malloc(64);
        strcpy(label, "A label that does not last");
        E->getPropertySet(effect, &props);
        P->setString(props, "OfxPropLabel", 0, label);
        memset(label, 'z', 26);
        return OK;
    }
    if (is(action, "OfxImageEffectActionDescribeInContext")) {
        describe_in_context(effect);
        E->getParamSet(effect, &params);
        props = define(params, "OfxParamTypeDouble", "beyond");
        P->setDouble(props, "OfxParamPropMax", 0, 1.0);
        P->setDouble(props, "OfxParamPropDefault", 0, 2.0);
        return OK;
    }
    if (is(action, "OfxActionPurgeCaches")) return 12; /* ReplyYes */
    if (is(action, "fx.headroom.ActionOfTomorrow")) return OK;
    return main_entry(action, handle, in, out);
}

#define API "OfxImageEffectPluginAPI"
static OfxPlugin plugins[] = {
    {API, 1, "fx.headroom.test.Invert", 1, 2, set_host, main_entry},
    {API, 1, "fx.headroom.test.Eager", 1, 0, eager_set_host, main_entry},
    {API, 1, "fx.headroom.test.Careless", 1, 0, set_host, careless_entry},
    {API, 1, "fx.headroom.test.With Blank", 1, 0, set_host, main_entry},
};

EXPORT int OfxGetNumberOfPlugins(void) { return (int)(sizeof plugins / sizeof plugins[0]); }
EXPORT OfxPlugin *OfxGetPlugin(int n) { return &plugins[n]; }
EXPORT int OfxSetHost(const OfxHost *h) {
    early_host = h;
    return h ? OK : FAILED;
}
