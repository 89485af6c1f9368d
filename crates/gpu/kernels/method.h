// How light above white is found, where no network does: src/expand/methods.

#define METHOD_NOTHING 0
#define METHOD_HIGHLIGHTS 1
#define METHOD_BT2446A 2
#define METHOD_BT2446C 3
#define METHOD_AKYUZ 4
// What a network made lies in the arena: stops per channel, linear light, ACEScct.
#define METHOD_STOPS 5
#define METHOD_LINEAR 6
#define METHOD_ACESCCT 7
// Stops per channel, found as they are needed: place.h.
#define METHOD_PLACE 8

// What a method gives: stops for all channels, linear light per channel, stops per channel.
#define BY_GAIN 0
#define BY_TARGET 1
#define BY_STOPS 2

typedef struct {
    int kind;
    // Of METHOD_BT2446A: the matrices to and from BT.2020, and the light of a nit. Of METHOD_BT2446C: the same
    // with crosstalk, and luminance weights after them. Of METHOD_AKYUZ: darkest, scale, peak. Of METHOD_LINEAR
    // and METHOD_ACESCCT: the matrix to the input's primaries, the exposure, and the curve's. Of METHOD_PLACE: what
    // place.h says.
    float n[42];
} Method;

FN float near_clipping(float code) {
    return smooth((code - 0.45f) * (1.0f / (1.0f - 0.45f)));
}

FN float bt2446_signal(float light) {
    return light_of(stops_of(greater(light, 1.0e-12f)) * (1.0f / 2.4f));
}

FN float bt2446_light(float signal, float per_nit) {
    signal = lesser(greater(signal, 0.0f), 1000.0f) * (1.0f / 1000.0f);
    float light = 1000.0f * per_nit * light_of(stops_of(signal) * 2.4f);
    return signal > 0.0f ? light : 0.0f;
}

FN void bt2446a(const float *n, float *rgb) {
    multiply(n, rgb);
    float r = bt2446_signal(rgb[0]), g = bt2446_signal(rgb[1]), b = bt2446_signal(rgb[2]);
    float luma = 0.2627f * r + 0.6780f * g + 0.0593f * b;
    float cb = (b - luma) * (1.0f / 1.8814f), cr = (r - luma) * (1.0f / 1.4746f);
    float code = 255.0f * lesser(luma, 1.0f);
    float low = (1.8712e-5f * code - 2.7334e-3f) * code + 1.3141f;
    float high = (2.8305e-6f * code - 7.4622e-4f) * code + 1.2528f;
    float hdr = light_of(stops_of(code) * (code <= 70.0f ? low : high));
    float scale = 1.075f * hdr / greater(luma, 1.0e-6f);
    cb *= scale;
    cr *= scale;
    rgb[0] = bt2446_light(hdr + 1.4746f * cr, n[18]);
    rgb[2] = bt2446_light(hdr + 1.8814f * cb, n[18]);
    rgb[1] = bt2446_light(hdr - (0.0593f * 1.8814f / 0.6780f) * cb - (0.2627f * 1.4746f / 0.6780f) * cr, n[18]);
    multiply(n + 9, rgb);
}

FN void bt2446c(const float *n, float *rgb) {
    multiply(n, rgb);
    float nits = 100.0f * (n[19] * rgb[0] + n[20] * rgb[1] + n[21] * rgb[2]);
    float line = nits * n[22];
    float curve = n[24] * (light_of((nits - n[25]) * n[26]) + n[27]);
    float hdr = nits < n[23] ? line : curve;
    float factor = 100.0f * n[18] * (nits > 0.0f ? hdr / greater(nits, 1.0e-6f) : n[22]);
    for (int i = 0; i < 3; i++) rgb[i] *= factor;
    multiply(n + 9, rgb);
}

FN void akyuz(const float *n, const float *luminance, float *rgb) {
    float darkest = n[0], scale = n[1], peak = n[2];
    float below = darkest > 0.0f ? 0.0f : peak * scale;
    float y = luminance[0] * rgb[0] + luminance[1] * rgb[1] + luminance[2] * rgb[2];
    float to = greater((y - darkest) * scale, 0.0f);
    float factor = y > greater(darkest, 1.0e-12f) ? peak * to / y : below;
    for (int i = 0; i < 3; i++) rgb[i] *= factor;
}

// From what a network gave to linear light in the input's primaries.
FN void light_of_network(Method method, float *rgb) {
    if (method.kind == METHOD_ACESCCT) {
        Curve curve;
        curve.kind = CURVE_CAMERA_LOG;
        for (int i = 0; i < CURVE_NUMBERS; i++) curve.n[i] = i < 17 ? method.n[10 + i] : 0.0f;
        decode(&curve, rgb);
    }
    multiply(method.n, rgb);
    for (int i = 0; i < 3; i++) {
        // In this order what is no number becomes black.
        float v = greater(lesser(rgb[i], HALF_MAX), -HALF_MAX) * method.n[9];
        rgb[i] = v != v ? 0.0f : v;
    }
}
