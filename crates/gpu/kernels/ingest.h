// From the host's picture to unpremultiplied code values and linear light: src/expand/ingest.rs.

#define ALPHA_OPAQUE 0
#define ALPHA_PREMULTIPLIED 1
#define ALPHA_STRAIGHT 2

#define HALF_MAX 65504.0f
#define CODE_MAX 16.0f
#define LINEAR_MAX 1.0e30f

typedef struct {
    // One of ALPHA_*.
    int alpha;
    // The input space holds light, not codes.
    int scene_linear;
    // The input space is display-referred: clipping is judged in its own codes.
    int display;
    // Legal range is undone by code * scale + offset.
    int ranged;
    float range_scale;
    float range_offset;
    float exposure;
    // Light may be anything and is limited.
    int limits;
    Curve curve;
} Ingest;

// True where colour was multiplied by this alpha.
FN int covers(float alpha) {
    return alpha >= 1.0f / 65536.0f && alpha <= 3.402823466e+38f;
}

// One pixel without NaN and infinity, unpremultiplied, full range; `odd` counts the values that were not
// numbers, and above 16 bits those that were infinite.
FN void load_code(GLOBAL const float *memory, Picture picture, Ingest ingest, int x, int y, float *rgba, int *odd) {
    load_pixel(memory, picture, x, y, rgba);
    *odd = 0;
    for (int i = 0; i < 3; i++) {
        float v = rgba[i];
        if (v != v) {
            v = 0.0f;
            *odd += 1;
        } else if (fabs(v) == INFINITE) {
            v = signed_as(HALF_MAX, v);
            *odd += 1 << 16;
        }
        if (ingest.alpha == ALPHA_PREMULTIPLIED && covers(rgba[3])) {
            float most = greater(fabs(v), ingest.scene_linear ? HALF_MAX : CODE_MAX);
            v = greater(lesser(v / rgba[3], most), -most);
        }
        rgba[i] = ingest.ranged ? v * ingest.range_scale + ingest.range_offset : v;
    }
}

// Codes to linear light in the input's primaries, exposed.
FN void to_light(Ingest ingest, const float *code, float *light) {
    for (int i = 0; i < 3; i++) light[i] = code[i];
    decode(&ingest.curve, light);
    if (ingest.limits)
        for (int i = 0; i < 3; i++) light[i] = limited(light[i] * ingest.exposure, -LINEAR_MAX, LINEAR_MAX);
}

// IEC 61966-2-1 encoding of light that is not negative, for judging only.
FN float srgb_code(float light) {
    float curve = 1.055f * light_of(stops_of(light) * (1.0f / 2.4f)) - 0.055f;
    return light <= 0.0031308f ? light * 12.92f : curve;
}

FN float srgb_light(float code) {
    float curve = light_of(stops_of((code + 0.055f) * (1.0f / 1.055f)) * 2.4f);
    return code <= 0.04045f ? code * (1.0f / 12.92f) : curve;
}

// The signal in which clipping is judged.
FN void to_signal(Ingest ingest, const float *code, const float *light, float *signal) {
    float unexpose = 1.0f / ingest.exposure;
    for (int i = 0; i < 3; i++) signal[i] = ingest.display ? code[i] : srgb_code(light[i] * unexpose);
}

// The same of a pixel as it is stored, before any repair.
FN void stored_signal(GLOBAL const float *memory, Picture picture, Ingest ingest, int x, int y, float *signal) {
    float rgba[4], light[3];
    int odd;
    load_code(memory, picture, ingest, x, y, rgba, &odd);
    if (!ingest.display) to_light(ingest, rgba, light);
    to_signal(ingest, rgba, light, signal);
}
