// From linear light to the host's picture: src/expand/emit.rs.

#define ROUTE_IDENTITY 0
#define ROUTE_DIRECT 1
#define ROUTE_NON_NEGATIVE 2

typedef struct {
    // One of ROUTE_*, and its matrices.
    int route;
    float into[9];
    float out_of[9];
    Curve curve;
    // Codes are limited to low ... high.
    int ranged;
    float low;
    float high;
    // The pure transform changes nothing.
    int identity;
    // A pixel that nothing moved is handed on as its code.
    int restores;
    // Light is limited to this on both sides.
    float limit;
    // Share of the result; the mask takes more of it away.
    float mix;
    int masked;
    int inverted;
} Emit;

FN void to_primaries(Emit emit, float *rgb) {
    if (emit.route == ROUTE_IDENTITY) return;
    multiply(emit.into, rgb);
    if (emit.route == ROUTE_DIRECT) return;
    for (int i = 0; i < 3; i++) rgb[i] = rgb[i] < 0.0f ? 0.0f : rgb[i];
    multiply(emit.out_of, rgb);
}

FN void to_code(Emit emit, float *rgb) {
    to_primaries(emit, rgb);
    encode(&emit.curve, rgb);
    if (emit.ranged)
        for (int i = 0; i < 3; i++) rgb[i] = limited(rgb[i], emit.low, emit.high);
}

// `a` where `share` is 0, `b` where it is 1.
FN float blended(float a, float b, float share) {
    return share >= 1.0f ? b : share <= 0.0f ? a : a + (b - a) * share;
}
