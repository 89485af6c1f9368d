// How far each pixel lies in what the camera cut off: src/expand/mask.rs.

#define WHITE_MARGIN 0.001f

typedef struct {
    // Of the ramp, before a curve that was found makes it narrower.
    float width;
    int keep_above_white;
    int any_channel;
} Clip;

// The mask's ramp at a code, however sure it is that the frame clips.
FN float ramp_of_code(Told told, float code) {
    return smooth((code - told.low) * told.slope);
}

// Of a code by itself.
FN float clip_of_code(Told told, float code) {
    return ramp_of_code(told, code) * told.strength;
}

FN float clip_of(Clip clip, Told told, const float *signal) {
    if (told.strength <= 0.0f) return 0.0f;
    float most = greater(signal[0], greater(signal[1], signal[2]));
    float judged = clip.any_channel ? most : lesser(signal[0], lesser(signal[1], signal[2]));
    float above = clip.keep_above_white ? 1.0f / WHITE_MARGIN : 0.0f;
    float measured = limited((most - told.white) * above, 0.0f, 1.0f);
    return clip_of_code(told, judged) * (1.0f - measured);
}

// The mask of a channel by itself, never more than that of the pixel.
FN float clip_of_channel(Clip clip, Told told, float signal, float whole) {
    if (!clip.any_channel) return whole;
    return lesser(clip_of_code(told, signal), whole);
}
