// How far each pixel lies in what the camera cut off: src/expand/mask.rs.

#define WHITE_MARGIN 0.001f

typedef struct {
    // Code where the ramp begins.
    float low;
    // 1 / width of the ramp.
    float slope;
    // Greatest value of the mask.
    float strength;
    // Code above which values are measured light.
    float white;
    int keep_above_white;
    int any_channel;
} Clip;

FN float clip_of(Clip clip, const float *signal) {
    if (clip.strength <= 0.0f) return 0.0f;
    float most = greater(signal[0], greater(signal[1], signal[2]));
    float judged = clip.any_channel ? most : lesser(signal[0], lesser(signal[1], signal[2]));
    float above = clip.keep_above_white ? 1.0f / WHITE_MARGIN : 0.0f;
    float measured = limited((most - clip.white) * above, 0.0f, 1.0f);
    return smooth((judged - clip.low) * clip.slope) * clip.strength * (1.0f - measured);
}

// The mask of a channel by itself, never more than that of the pixel.
FN float clip_of_channel(Clip clip, float signal, float whole) {
    if (!clip.any_channel) return whole;
    return lesser(smooth((signal - clip.low) * clip.slope) * clip.strength, whole);
}
