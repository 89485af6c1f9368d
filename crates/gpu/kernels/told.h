// What the whole frame tells every pixel of it, as `follow.cl` finds it. It lies in memory, so that nobody has to
// wait for it: TOLD_NUMBERS numbers, and after them the values of the field.

// Where the numbers of the curve that a network found begin, and how many they are.
#define TOLD_TONE 5
#define TONE_NUMBERS (TONE_KNOTS + 1)
#define TOLD_NUMBERS (TOLD_TONE + TONE_NUMBERS)

typedef struct {
    // Code where the ramp of the clip mask begins.
    float low;
    // 1 / its width.
    float slope;
    // Greatest value of the mask.
    float strength;
    // Code above which values are measured light.
    float white;
    // The light of that code.
    float light;
} Told;

FN Told told_by(GLOBAL const float *values) {
    Told told;
    told.low = values[0];
    told.slope = values[1];
    told.strength = values[2];
    told.white = values[3];
    told.light = values[4];
    return told;
}

// What codes are read by, with the curve that was found where it is one.
FN Ingest ingest_by(Ingest ingest, GLOBAL const float *values) {
    if (ingest.curve.kind == CURVE_TONE)
        for (int i = 0; i < TONE_NUMBERS; i++) ingest.curve.n[i] = values[TOLD_TONE + i];
    return ingest;
}
