// The picture's way, pixel by pixel: src/expand/render.rs. One work item per pixel.

typedef struct {
    Clip clip;
    Dequantise dequantise;
    Method method;
    Compose compose;
    // Something may move a pixel away from the pure colour transform.
    int expands;
    // The view shows the mask even where nothing is expanded.
    int needs_mask;
} Expand;

typedef struct {
    Picture source;
    Picture mask;
    // What is written: no more than the window.
    Picture output;
    // What a network made, and where in the raster its first pixel lies.
    View result;
    int result_x;
    int result_y;
    Field field;
    Maps maps;
} Places;

// What a method reads: of the source; of pixels, where a network made them; of the frame.
typedef struct {
    GLOBAL const float *source;
    GLOBAL number *arena;
    GLOBAL const float *field;
    GLOBAL const float *gains;
    GLOBAL const float *coverage;
    GLOBAL const float *grid;
} Read;

// Share of the result as the Mask input, its switches and the mix want it.
FN float share_of(GLOBAL const float *memory, Picture mask, Emit emit, int x, int y) {
    if (!emit.masked) return emit.mix;
    if (mask.components == 0) return 0.0f;
    float rgba[4];
    load_pixel(memory, mask, x, y, rgba);
    float m = mask.components == 3 ? rgba[0] : rgba[3];
    m = m != m ? 0.0f : limited(m, 0.0f, 1.0f);
    return emit.mix * (emit.inverted ? 1.0f - m : m);
}

// The expansion of one pixel.
FN void expand(Ingest ingest, Expand by, Places places, Read read, Told told, int x, int y, const float *signal,
               float clip, float *light, float *expanded) {
    Compose compose = by.compose;
    Method method = by.method;
    float white = told.light;
    float cut[3], target[3] = {0.0f, 0.0f, 0.0f}, gain = 0.0f;
    float top = brightest(light), factor = compose.cuts && top > white ? white / top : 1.0f;
    for (int i = 0; i < 3; i++) cut[i] = light[i] * factor;
    int gives = BY_GAIN;
    switch (method.kind) {
    case METHOD_NOTHING: break;
    case METHOD_HIGHLIGHTS: {
        float share = (near_clipping(signal[0]) + near_clipping(signal[1]) + near_clipping(signal[2])) * (1.0f / 3.0f);
        gain = field_at(read.field, places.field, x, y) * (0.106f + (1.0f - 0.106f) * share);
        break;
    }
    case METHOD_BT2446A:
    case METHOD_BT2446C:
    case METHOD_AKYUZ:
        for (int i = 0; i < 3; i++) target[i] = cut[i];
        if (method.kind == METHOD_BT2446A) bt2446a(method.n, target);
        else if (method.kind == METHOD_BT2446C) bt2446c(method.n, target);
        else akyuz(method.n, compose.luminance, target);
        gives = BY_TARGET;
        break;
    case METHOD_PLACE: {
        float each[3], taken[3];
        for (int i = 0; i < 3; i++) {
            each[i] = clip_of_channel(by.clip, told, signal[i], clip);
            // Under a curve that was found, as an sRGB camera would have recorded it.
            taken[i] = ingest.curve.kind == CURVE_TONE ? srgb_code(greater(cut[i] / white, 0.0f)) : signal[i];
        }
        place(places.maps, method.n, read.gains, read.coverage, read.grid, x, y, taken, each, target);
        gives = BY_STOPS;
        break;
    }
    default: {
        int from = pixel_of(places.result, y - places.result_y, x - places.result_x);
        for (int i = 0; i < 3; i++) target[i] = LOAD(read.arena, from + i);
        gives = BY_STOPS;
        if (method.kind != METHOD_STOPS) {
            light_of_network(method, target);
            gives = BY_TARGET;
        }
    }
    }
    if (gives == BY_GAIN) compose_by_gain(compose, white, clip, gain, light, expanded);
    else if (gives == BY_STOPS) {
        float inside[3];
        shares_inside(read.source, places.source, ingest, by.clip, told, x, y, inside);
        compose_by_stops(compose, white, clip, inside, target, light, expanded);
    }
    else compose_by_target(compose, white, clip, target, light, expanded);
    if (compose.tints) tint_addition(compose, light, expanded);
    roll_off(compose, clip, light, expanded);
}

// `legend` holds the false colours; `counts` are of values that were no numbers, and of infinite ones.
KERNEL render(GLOBAL number *arena, GLOBAL const float *source, GLOBAL const float *mask, GLOBAL float *output,
              GLOBAL const float *values, GLOBAL const float *legend, GLOBAL unsigned int *counts,
              GLOBAL const float *gains, GLOBAL const float *coverage, GLOBAL const float *grid, Places places,
              Ingest ingest, Expand by, Emit emit, Shown view) {
    int x = places.output.x1 + GLOBAL_ID(0), y = places.output.y1 + GLOBAL_ID(1) * places.output.step;
    if (x >= places.output.x2 || y >= places.output.y2) return;
    float code[4], came[3], light[3], signal[3], expanded[4], delta[3];
    Told told = told_by(values);
    ingest = ingest_by(ingest, values);
    Read read = {source, arena, values + TOLD_NUMBERS, gains, coverage, grid};
    int odd;
    load_code(source, places.source, ingest, x, y, code, &odd);
    for (int i = 0; odd > 0 && i < (odd & 0xffff); i++) COUNT(counts);
    for (int i = 0; odd > 0 && i < (odd >> 16); i++) COUNT(counts + 1);
    for (int i = 0; i < 3; i++) came[i] = code[i];
    int repairs = by.dequantise.amount > 0.0f;
    if (repairs) {
        repair(source, places.source, ingest, by.dequantise, x, y, delta);
        if (ingest.display)
            for (int i = 0; i < 3; i++) code[i] += delta[i] * (1.0f / by.dequantise.scale);
    }
    to_light(ingest, code, light);
    if (repairs && !ingest.display) repair_light(ingest, by.dequantise, delta, light);
    float share = share_of(mask, places.mask, emit, x, y);
    float clip = 0.0f;
    if (by.expands || by.needs_mask) {
        to_signal(ingest, code, light, signal);
        clip = clip_of(by.clip, told, signal);
    }
    for (int i = 0; i < 3; i++) expanded[i] = light[i];
    if (by.expands && (clip > 0.0f || by.compose.everywhere))
        expand(ingest, by, places, read, told, x, y, signal, clip, light, expanded);
    open_shadows(by.compose, expanded);
    int mixes = emit.masked || emit.mix < 1.0f;
    if (view.kind == VIEW_RESULT) {
        int moved = 0;
        for (int i = 0; i < 3; i++) moved |= expanded[i] != light[i];
        to_code(emit, expanded);
        if (emit.restores && !moved)
            for (int i = 0; i < 3; i++) expanded[i] = code[i];
        if (mixes) {
            float pure[3];
            for (int i = 0; i < 3; i++) pure[i] = came[i];
            if (!emit.identity) {
                to_light(ingest, came, pure);
                to_code(emit, pure);
            }
            for (int i = 0; i < 3; i++) expanded[i] = blended(pure[i], expanded[i], share);
        }
    } else {
        if (mixes && share < 1.0f)
            for (int i = 0; i < 3; i++) expanded[i] = light[i] + (expanded[i] - light[i]) * share;
        shade(view, by.compose, emit, legend, clip, share, light, expanded);
        if (!view.raw) to_code(emit, expanded);
    }
    expanded[3] = code[3];
    for (int i = 0; i < 3; i++) {
        float v = expanded[i];
        if (!view.raw && ingest.alpha == ALPHA_PREMULTIPLIED && covers(code[3])) v *= code[3];
        v = v != v ? 0.0f : v;
        expanded[i] = greater(lesser(v, emit.limit), -emit.limit);
    }
    store_pixel(output, places.output, x, y, expanded);
}

// How a network takes the picture: src/expand/network/picture.rs.
typedef struct {
    // 1: sRGB codes, 0: linear light.
    int codes;
    // The codes are those that the network wants.
    int as_is;
    // To Rec.709 primaries, where they differ.
    int turns;
    float matrix[9];
    float unexpose;
    // Light counts from the white of the curve that was found, and is not negative.
    int found;
} Taken;

// One pixel in the network's encoding. `white` is the light of white, exposed.
FN void as_taken(Ingest ingest, Taken taken, float white, const float *code, float *values) {
    if (taken.as_is) {
        for (int i = 0; i < 3; i++) values[i] = greater(lesser(code[i], HALF_MAX), -HALF_MAX);
        return;
    }
    to_light(ingest, code, values);
    if (taken.turns) multiply(taken.matrix, values);
    float scale = taken.found ? 1.0f / white : taken.unexpose;
    for (int i = 0; i < 3; i++) {
        float v = greater(lesser(values[i] * scale, HALF_MAX), taken.found ? 0.0f : -HALF_MAX);
        values[i] = taken.codes ? srgb_code(v) : v;
    }
}

// Where the inputs of a tile lie in the raster: from x, y on; beyond the frame its last pixels go on.
typedef struct {
    int x;
    int y;
    int last_x;
    int last_y;
} Seen;

// Fills a tensor of three channels with the picture as a network takes it, or with the clip mask of each
// channel.
KERNEL network_input(GLOBAL number *arena, GLOBAL const float *source, GLOBAL const float *told, Picture picture,
                     Ingest ingest, Taken taken, Clip clip, Seen seen, View output, int wants_clip) {
    int column = GLOBAL_ID(0), row = GLOBAL_ID(1);
    if (column >= output.width || row >= output.height) return;
    int x = seen.x + column < seen.last_x ? seen.x + column : seen.last_x;
    int y = seen.y + row < seen.last_y ? seen.y + row : seen.last_y;
    float code[4], light[3], values[3];
    int odd;
    ingest = ingest_by(ingest, told);
    load_code(source, picture, ingest, x, y, code, &odd);
    if (wants_clip) {
        if (!ingest.display) to_light(ingest, code, light);
        to_signal(ingest, code, light, values);
        float whole = clip_of(clip, told_by(told), values);
        for (int i = 0; i < 3; i++) values[i] = clip_of_channel(clip, told_by(told), values[i], whole);
    } else {
        as_taken(ingest, taken, told_by(told).light, code, values);
    }
    int to = pixel_of(output, row, column);
    for (int i = 0; i < 3; i++) STORE(arena, to + i, values[i]);
}
