// Transfer functions: the fast ones of crates/colour, with their numbers from there (`FastCurve::numbers`, which
// says in which order), and the curve that a network finds in the picture.

#define CURVE_LINEAR 0
#define CURVE_GAMMA 1
#define CURVE_MONCURVE 2
#define CURVE_CAMERA_LOG 3
#define CURVE_ACESCC 4
#define CURVE_APPLE_LOG 5
#define CURVE_CANON_LOG_2 6
#define CURVE_CANON_LOG_3 7
#define CURVE_PQ 8
#define CURVE_HLG 9
// Its numbers are told of the frame.
#define CURVE_TONE 10

#define CURVE_NUMBERS 28
#define TONE_KNOTS 24

typedef struct {
    int kind;
    float n[CURVE_NUMBERS];
} Curve;

FN float decode_one(const Curve *curve, float v) {
    const float *n = curve->n;
    switch (curve->kind) {
    case CURVE_GAMMA: {
        float y = power(n, fabs(v));
        return v < 0.0f ? (n[12] != 0.0f ? -y : v) : y;
    }
    case CURVE_MONCURVE: {
        float x = n[17] != 0.0f ? fabs(v) : v;
        float base = x + n[12];
        float raised = base < INFINITE ? power_of_normal(n, base) : base;
        float y = x > n[13] ? raised : x * n[15];
        return n[17] != 0.0f ? signed_as(y, v) : y;
    }
    case CURVE_CAMERA_LOG:
        return v > n[5] ? exp2_affine(n + 10, v) + n[16] : v * n[8] + n[9];
    case CURVE_ACESCC: {
        float light = exp2_affine(n, v);
        return v <= n[6] ? 2.0f * (light - n[7]) : light;
    }
    case CURVE_APPLE_LOG: {
        float light = exp2_affine(n, v) - n[6];
        float positive = v < 0.0f ? 0.0f : v;
        return v >= n[9] ? light : sqrt(positive * n[7]) + n[8];
    }
    case CURVE_CANON_LOG_2: {
        float d = v - n[6];
        return signed_as(exp2_affine_less_one(n, fabs(d)) * n[7], d);
    }
    case CURVE_CANON_LOG_3: {
        int low = v < n[6];
        float d = low ? n[7] - v : v - n[8];
        float light = exp2_affine_less_one(n, d) * n[9];
        light = low ? -light : light;
        return !low && v <= n[10] ? (v - n[11]) * n[12] : light;
    }
    case CURVE_PQ: {
        float x = fabs(v);
        x = x < 1e-30f ? 1e-30f : x;
        float distance = -exp2_less_one(log2_positive(x) * n[14]);
        float below = n[16] + distance * n[17];
        float u = (n[16] - distance) / below;
        u = u < 0.0f ? 0.0f : u;
        u = below > 0.0f ? u : INFINITE;
        return signed_as(power(n + 8, u) * n[1], v);
    }
    default: return v;
    }
}

FN float encode_one(const Curve *curve, float v) {
    const float *n = curve->n;
    switch (curve->kind) {
    case CURVE_GAMMA: {
        float y = power(n + 6, fabs(v));
        return v < 0.0f ? (n[12] != 0.0f ? -y : v) : y;
    }
    case CURVE_MONCURVE: {
        float x = n[17] != 0.0f ? fabs(v) : v;
        float root = power_of_normal(n + 6, x) - n[12];
        root = x < INFINITE ? root : x;
        float y = x > n[14] ? root : x * n[16];
        return n[17] != 0.0f ? signed_as(y, v) : y;
    }
    case CURVE_CAMERA_LOG: {
        float code = n[0] * log2_positive(n[2] * v + n[3]) + n[1];
        code = v < INFINITE ? code : v;
        return v > n[4] ? code : v * n[6] + n[7];
    }
    case CURVE_ACESCC: {
        float toe = n[7] + 0.5f * v;
        toe = toe < LEAST_NORMAL ? LEAST_NORMAL : toe;
        float code = log2_positive(v < 2.0f * n[7] ? toe : v) * n[8] + n[9];
        code = code < n[10] ? n[10] : code;
        return v < INFINITE ? code : v;
    }
    case CURVE_APPLE_LOG: {
        float code = log2_positive(v + n[6]) * n[10] + n[11];
        code = v < INFINITE ? code : v;
        float above = v - n[8];
        above = above < 0.0f ? 0.0f : above;
        return v >= n[12] ? code : above * above * n[13];
    }
    case CURVE_CANON_LOG_2: {
        float x = fabs(v);
        float code = x < INFINITE ? log2_1p(x * n[8]) * n[9] : x;
        return signed_as(code, v) + n[6];
    }
    case CURVE_CANON_LOG_3: {
        float x = fabs(v);
        float code = x < INFINITE ? log2_1p(x * n[13]) * n[14] : x;
        int low = v < n[15];
        code = low ? n[7] - code : n[8] + code;
        return !low && v <= n[16] ? v * n[17] + n[11] : code;
    }
    case CURVE_PQ: {
        float u = power(n + 2, fabs(v) * n[0]);
        float distance = n[16] * (1.0f - u) / (1.0f + n[17] * u);
        distance = fabs(v) < INFINITE ? distance : -n[16] / n[17];
        return signed_as(exp2_whole_range(log2_1p(-distance) * n[15]), v);
    }
    default: return v;
    }
}

FN float hlg_luminance(const float *n, const float *rgb) {
    return fabs((rgb[0] * n[25] + rgb[1] * n[26]) + rgb[2] * n[27]);
}

FN void decode_hlg(const float *n, float *rgb) {
    for (int i = 0; i < 3; i++) {
        float x = fabs(rgb[i]);
        float light = x > 0.5f ? exp2_affine(n + 15, x) + n[23] * (1.0f / 12.0f) : x * x * (1.0f / 3.0f);
        rgb[i] = signed_as(light, rgb[i]);
    }
    float y = greater(hlg_luminance(n, rgb), n[2]);
    float gain = power_of_normal(n + 3, y) * n[1];
    for (int i = 0; i < 3; i++) rgb[i] *= gain;
}

FN void encode_hlg(const float *n, float *rgb) {
    for (int i = 0; i < 3; i++) rgb[i] *= n[0];
    float y = greater(hlg_luminance(n, rgb), n[21]);
    float gain = power_of_normal(n + 9, y);
    for (int i = 0; i < 3; i++) {
        float e = rgb[i] * gain, x = fabs(e);
        float code = log2_positive(12.0f * x - n[23]) * n[22] + n[24];
        code = x < INFINITE ? code : x;
        rgb[i] = signed_as(x > 1.0f / 12.0f ? code : sqrt(x * 3.0f), e);
    }
}

// The curve that was found: log2 of light at knots evenly over code [0, 1], and cross-talk.
FN float tone_stops(const float *n, float code) {
    float at = lesser(greater(code, 0.0f), 1.0f) * (float)(TONE_KNOTS - 1);
    int knot = (int)at < TONE_KNOTS - 2 ? (int)at : TONE_KNOTS - 2;
    return n[knot] + (n[knot + 1] - n[knot]) * (at - (float)knot);
}

FN void decode_tone(const float *n, float *rgb) {
    float sum = 0.0f;
    for (int i = 0; i < 3; i++) {
        rgb[i] = light_of(tone_stops(n, rgb[i]));
        sum += rgb[i];
    }
    float crosstalk = n[TONE_KNOTS];
    float mixed_in = crosstalk * sum * (1.0f / 3.0f);
    for (int i = 0; i < 3; i++) rgb[i] = (rgb[i] - mixed_in) * (1.0f / (1.0f - crosstalk));
}

// Encoded to linear, in place.
FN void decode(const Curve *curve, float *rgb) {
    if (curve->kind == CURVE_HLG) decode_hlg(curve->n, rgb);
    else if (curve->kind == CURVE_TONE) decode_tone(curve->n, rgb);
    else for (int i = 0; i < 3; i++) rgb[i] = decode_one(curve, rgb[i]);
}

// Linear to encoded, in place.
FN void encode(const Curve *curve, float *rgb) {
    if (curve->kind == CURVE_HLG) encode_hlg(curve->n, rgb);
    else for (int i = 0; i < 3; i++) rgb[i] = encode_one(curve, rgb[i]);
}
