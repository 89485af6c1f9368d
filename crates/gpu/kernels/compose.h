// Joins the exact linear picture and a prediction, in log light, under the clip mask: src/expand/compose.rs.

#define DARK 1.0e-6f
#define MOST_STOPS 64.0f

typedef struct {
    float amount;
    float highlight_gain;
    // The method may act outside the clip mask.
    int everywhere;
    // Light above white is cut before it is expanded.
    int cuts;
    // `tint` turns and saturates what was added.
    int tints;
    float tint[9];
    // Stops where the roll-off begins, and from there to the peak.
    float knee;
    float room;
    float shadow;
    float luminance[3];
} Compose;

FN float brightest(const float *rgb) {
    return greater(rgb[0], greater(rgb[1], rgb[2]));
}

FN float luminance_of(const float *weights, const float *rgb) {
    return weights[0] * rgb[0] + weights[1] * rgb[1] + weights[2] * rgb[2];
}

FN void compose_by_gain(Compose by, float white, float clip, float gain, const float *light, float *expanded) {
    float excess = by.cuts ? greater(stops_of(brightest(light) * (1.0f / white)), 0.0f) : 0.0f;
    float stops = greater(gain + by.highlight_gain, 0.0f) - excess;
    float factor = light_of(clip * by.amount * stops);
    for (int i = 0; i < 3; i++) expanded[i] = light[i] * factor;
}

FN void compose_by_stops(Compose by, float white, float clip, const float *inside, const float *stops,
                         const float *light, float *expanded) {
    float excess = by.cuts ? clip * greater(stops_of(brightest(light) * (1.0f / white)), 0.0f) : 0.0f;
    float more = clip * brightest(inside) * by.highlight_gain;
    for (int i = 0; i < 3; i++) {
        float added = lesser(greater(inside[i] * stops[i] + more, 0.0f), MOST_STOPS) - excess;
        expanded[i] = light[i] * light_of(by.amount * added);
    }
}

// Raises targets that are darker than the picture.
FN void raise_target(Compose by, float white, const float *light, float *target) {
    float gain = light_of(by.highlight_gain);
    float top = brightest(light), cut = by.cuts && top > white ? white / top : 1.0f;
    float lit[3];
    for (int i = 0; i < 3; i++) lit[i] = light[i] * cut;
    float y = luminance_of(by.luminance, lit), to = luminance_of(by.luminance, target) * gain;
    float raised = y > to ? gain * y / to : gain;
    int keep = lesser(y, to) <= DARK && y > to;
    for (int i = 0; i < 3; i++) target[i] = keep ? lit[i] : target[i] * raised;
}

FN void compose_by_target(Compose by, float white, float clip, float *target, const float *light, float *expanded) {
    if (!by.everywhere) raise_target(by, white, light, target);
    float gain = by.everywhere ? by.amount * by.highlight_gain : 0.0f;
    float k = by.amount * (by.everywhere ? 1.0f : clip);
    for (int i = 0; i < 3; i++) {
        float l = light[i], t = target[i];
        float mixed = lesser(l, t) > DARK ? l * light_of(k * (stops_of(t) - stops_of(l))) : l + (t - l) * k;
        mixed = k >= 1.0f ? t : mixed;
        mixed = k <= 0.0f ? l : mixed;
        expanded[i] = mixed * light_of(clip * gain);
    }
}

FN void tint_addition(Compose by, const float *light, float *expanded) {
    float added[3];
    int changed = 0;
    for (int i = 0; i < 3; i++) {
        added[i] = expanded[i] - light[i];
        changed |= added[i] != 0.0f;
    }
    if (!changed) return;
    for (int i = 0; i < 3; i++) {
        float add = by.tint[3 * i] * added[0] + by.tint[3 * i + 1] * added[1] + by.tint[3 * i + 2] * added[2];
        expanded[i] = greater(light[i] + add, lesser(light[i], 0.0f));
    }
}

// Presses expanded pixels under the peak, never below what they were.
FN void roll_off(Compose by, float clip, const float *light, float *expanded) {
    if (!by.everywhere && !(clip > 0.0f)) return;
    float x = stops_of(brightest(expanded)), before = stops_of(brightest(light));
    float u = greater(x - by.knee, 0.0f) * (1.0f / by.room);
    float pressed = u > 0.0f ? by.knee + by.room * (u / sqrt(1.0f + u * u)) : x;
    float factor = light_of(greater(pressed, lesser(x, before)) - x);
    for (int i = 0; i < 3; i++) expanded[i] *= factor;
}

// Opens what lies more than three stops below white.
FN void open_shadows(Compose by, float *expanded) {
    if (!(by.shadow > 0.0f)) return;
    float y = luminance_of(by.luminance, expanded);
    float factor = light_of(by.shadow * 1.5f * smooth((-3.0f - stops_of(y)) * (1.0f / 5.0f)));
    for (int i = 0; i < 3; i++) expanded[i] *= factor;
}
