// Elementary functions as the CPU computes them, operation by operation: crates/colour/src/vector/elementary.rs
// (for transfer functions) and src/expand/math.rs (for stops). Only what a compiler joins into one rounding
// differs.

FN float greater(float a, float b) { return a > b ? a : b; }
FN float lesser(float a, float b) { return a < b ? a : b; }
FN float limited(float v, float low, float high) { return v < low ? low : v > high ? high : v; }
FN float signed_as(float v, float sign) { return copysign(v, sign); }

#define INFINITE FLOAT_OF(0x7f800000u)
#define LEAST_NORMAL 1.17549435e-38f

// Splits x = 2^k m with m between the square roots of one half and two. Positive normal x only.
FN float split(float x, float *k) {
    int above = (int)BITS_OF(x) - 0x3f3504f3;
    *k = (float)(above >> 23);
    return FLOAT_OF((unsigned int)((above & 0x007fffff) + 0x3f3504f3));
}

// log2(1 + s) for s between the square roots of one half and two, less 1.
FN float log2_mantissa(float s) {
    float z = s / (s + 2.0f);
    float w = z * z;
    return z * ((2.88539f + w * 0.96179885f) + (w * w) * (0.5767137f + w * 0.43175188f));
}

// 2^f - 1 for f from -1/2 to 1/2.
FN float exp2m1_fraction(float f) {
    float f2 = f * f;
    float high = (0.05550332f + f * 0.00961844f) + f2 * (0.0013399132f + f * 0.00015353154f);
    return f * ((0.693147180f + f * 0.24022648f) + f2 * high);
}

FN float clamp_exponent(float t) {
    t = t < -127.0f ? -127.0f : t;
    return t > 128.0f ? 128.0f : t;
}

// Nearest integer of t within -127 to 128; `scale` is 2 to that power.
FN float nearest_power(float t, float *scale) {
    float shifted = t + 12583039.0f;
    *scale = FLOAT_OF(BITS_OF(shifted) << 23);
    return shifted - 12583039.0f;
}

// log2 of a positive normal finite number.
FN float log2_positive(float x) {
    float k, m = split(x, &k);
    return k + log2_mantissa(m - 1.0f);
}

// log2(1 + y) for y > -1, accurate near 0 too.
FN float log2_1p(float y) {
    float k, m = split(1.0f + y, &k);
    return k + log2_mantissa(k == 0.0f ? y : m - 1.0f);
}

FN float exp2_whole_range(float t) {
    t = clamp_exponent(t);
    float scale, n = nearest_power(t, &scale);
    return (1.0f + exp2m1_fraction(t - n)) * scale;
}

FN float less_one(float p, float scale) {
    float y = p * scale + (scale - 1.0f);
    return scale < INFINITE || p != p ? y : scale;
}

FN float exp2_less_one(float t) {
    t = clamp_exponent(t);
    float scale, n = nearest_power(t, &scale);
    return less_one(exp2m1_fraction(t - n), scale);
}

// `Exp2Affine`: 2^(a v + b); six numbers: a, its upper and lower half, b and its halves.
FN float affine_fraction(const float *by, float v, float *scale) {
    float rough = by[0] * v + by[3];
    float n = nearest_power(clamp_exponent(rough), scale);
    float v_upper = FLOAT_OF(BITS_OF(v) & 0xfffff000u);
    float v_lower = v - v_upper;
    float head = by[1] * v_upper + (by[4] - n);
    float tail = by[1] * v_lower + (by[2] * v + by[5]);
    float fraction = rough > -127.0f && rough < 128.0f ? head + tail : 0.0f;
    return rough != rough ? rough : fraction;
}

FN float exp2_affine(const float *by, float v) {
    float scale, fraction = affine_fraction(by, v, &scale);
    return (1.0f + exp2m1_fraction(fraction)) * scale;
}

FN float exp2_affine_less_one(const float *by, float v) {
    float scale, fraction = affine_fraction(by, v, &scale);
    return less_one(exp2m1_fraction(fraction), scale);
}

// `PowF32`: factor x^exponent; six numbers: upper and lower half of the exponent, the exponent, log2 of the
// factor, the values at 0 and at infinity. Positive normal x only.
FN float power_of_normal(const float *by, float x) {
    float k, m = split(x, &k);
    float head = by[0] * k;
    float tail = (by[1] * k + by[3]) + by[2] * log2_mantissa(m - 1.0f);
    float scale, n = nearest_power(clamp_exponent(head + tail), &scale);
    return (1.0f + exp2m1_fraction((head - n) + tail)) * scale;
}

FN float power(const float *by, float x) {
    float y = power_of_normal(by, x);
    y = x < LEAST_NORMAL ? by[4] : y;
    y = x == INFINITE ? by[5] : y;
    return x != x ? x : y;
}

// 2 to the power of stops, which are limited to [-126, 126]; exactly 1 at 0.
FN float light_of(float stops) {
    float x = limited(stops, -126.0f, 126.0f);
    float shifted = x + 12582912.0f;
    float f = x - (shifted - 12582912.0f);
    float p = 1.540353e-4f * f + 1.3333558e-3f;
    p = p * f + 9.618129e-3f;
    p = p * f + 5.550411e-2f;
    p = p * f + 2.402265e-1f;
    p = p * f + 6.931472e-1f;
    p = p * f + 1.0f;
    return p * FLOAT_OF((BITS_OF(shifted) - 0x4b400000u + 127u) << 23);
}

// Binary logarithm of light; zero and below give about -127.
FN float stops_of(float light) {
    float x = greater(light, LEAST_NORMAL);
    int exponent = ((int)BITS_OF(x) - 0x3f3504f3) >> 23;
    float m = FLOAT_OF(BITS_OF(x) - ((unsigned int)exponent << 23));
    float r = (m - 1.0f) / (m + 1.0f);
    float s = r * r;
    float p = 0.320599f * s + 0.4121986f;
    p = p * s + 0.577078f;
    p = p * s + 0.9617967f;
    p = p * s + 2.88539f;
    return p * r + (float)exponent;
}

// 0 below 0, 1 above 1, between them a curve that leaves and arrives level.
FN float smooth(float t) {
    t = limited(t, 0.0f, 1.0f);
    return t * t * (3.0f - 2.0f * t);
}

// A matrix, row by row, times a pixel.
FN void multiply(const float *m, float *rgb) {
    float r = rgb[0], g = rgb[1], b = rgb[2];
    for (int i = 0; i < 3; i++) rgb[i] = (m[3 * i] * r + m[3 * i + 1] * g) + m[3 * i + 2] * b;
}
