// What the whole frame tells every pixel of it, as `follow.cl` finds it. It lies in memory, so that nobody has to
// wait for it: TOLD_NUMBERS numbers, and after them the values of the field.

#define TOLD_NUMBERS 4

typedef struct {
    // Code where the ramp of the clip mask begins.
    float low;
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
    told.strength = values[1];
    told.white = values[2];
    told.light = values[3];
    return told;
}
