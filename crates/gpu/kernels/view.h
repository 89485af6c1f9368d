// What can be put out besides the result: src/expand/views, in the order of VIEWS there.

#define VIEW_RESULT 0
#define VIEW_CLIP_MASK 1
#define VIEW_CONFIDENCE 2
#define VIEW_DIFFERENCE 3
#define VIEW_FALSE_COLOUR 4
#define VIEW_EXPOSURE_PREVIEW 5
#define VIEW_EXPANSION_ONLY 6

typedef struct {
    int kind;
    // Values are data: neither encoded nor multiplied with alpha.
    int raw;
    float preview;
    // The first colour of the legend stands for this many stops from grey, and below.
    int first_stop;
    int colours;
} Shown;

FN void shade(Shown view, Compose by, Emit emit, GLOBAL const float *legend, float clip, float mix,
              const float *light, float *expanded) {
    float before = luminance_of(by.luminance, light), after = luminance_of(by.luminance, expanded);
    float grey = 0.0f;
    switch (view.kind) {
    case VIEW_CLIP_MASK:
        grey = clip * mix;
        break;
    case VIEW_CONFIDENCE: {
        float kept = after > before && before > 0.0f ? before / after : 1.0f;
        grey = 1.0f - clip * (1.0f - 0.5f * kept);
        break;
    }
    case VIEW_DIFFERENCE:
        grey = before > 0.0f && after > 0.0f && after != before ? stops_of(after) - stops_of(before) : 0.0f;
        break;
    case VIEW_FALSE_COLOUR: {
        int index = (int)floor(stops_of(after * (1.0f / 0.18f))) - view.first_stop;
        index = index < 0 ? 0 : index >= view.colours ? view.colours - 1 : index;
        for (int i = 0; i < 3; i++) expanded[i] = legend[3 * index + i];
        return;
    }
    case VIEW_EXPOSURE_PREVIEW:
        for (int i = 0; i < 3; i++) expanded[i] *= view.preview;
        return;
    case VIEW_EXPANSION_ONLY:
        for (int i = 0; i < 3; i++) expanded[i] -= light[i];
        to_primaries(emit, expanded);
        return;
    default:
        return;
    }
    for (int i = 0; i < 3; i++) expanded[i] = grey;
}
