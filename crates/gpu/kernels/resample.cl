// Larger and smaller by whole factors, channels to pixels and back. One work item per number of the
// output, channels of a row along x.

KERNEL upsample_nearest(GLOBAL number *arena, View input, View output, int factor) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, c = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    float value = LOAD(arena, pixel_of(input, y / factor, x / factor) + c);
    STORE(arena, pixel_of(output, y, x) + c, value);
}

typedef struct {
    int before;
    int after;
    float weight;
} Taps;

// The two pixels between which pixel `at` of an enlargement lies, centres at halves.
FN Taps taps_of(int at, int factor, int count) {
    int parts = 2 * factor;
    int position = 2 * at + 1 + factor;
    int after = position / parts;
    Taps taps;
    taps.weight = (float)(position % parts) / (float)parts;
    taps.before = after > 0 ? after - 1 : 0;
    taps.after = after < count - 1 ? after : count - 1;
    return taps;
}

// A channel between four pixels.
FN float between(GLOBAL number *arena, View input, Taps down, Taps along, int c) {
    float a = LOAD(arena, pixel_of(input, down.before, along.before) + c);
    float b = LOAD(arena, pixel_of(input, down.before, along.after) + c);
    float e = LOAD(arena, pixel_of(input, down.after, along.before) + c);
    float f = LOAD(arena, pixel_of(input, down.after, along.after) + c);
    float left = a * (1.0f - down.weight) + e * down.weight;
    float right = b * (1.0f - down.weight) + f * down.weight;
    return left * (1.0f - along.weight) + right * along.weight;
}

KERNEL upsample_bilinear(GLOBAL number *arena, View input, View output, int factor) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, c = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    Taps down = taps_of(y, factor, input.height), along = taps_of(x, factor, input.width);
    STORE(arena, pixel_of(output, y, x) + c, between(arena, input, down, along, c));
}

KERNEL average_pool(GLOBAL number *arena, View input, View output, int size) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, c = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    float sum = 0.0f;
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++)
            sum += LOAD(arena, pixel_of(input, y * size + i, x * size + j) + c);
    STORE(arena, pixel_of(output, y, x) + c, sum * (1.0f / (float)(size * size)));
}

// out[y f + i, x f + j, c] = in[y, x, (c f + i) f + j]
KERNEL pixel_shuffle(GLOBAL number *arena, View input, View output, int factor) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, c = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    int channel = (c * factor + y % factor) * factor + x % factor;
    float value = LOAD(arena, pixel_of(input, y / factor, x / factor) + channel);
    STORE(arena, pixel_of(output, y, x) + c, value);
}

KERNEL pixel_unshuffle(GLOBAL number *arena, View input, View output, int factor) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, c = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    int j = c % factor, i = c / factor % factor, channel = c / (factor * factor);
    float value = LOAD(arena, pixel_of(input, y * factor + i, x * factor + j) + channel);
    STORE(arena, pixel_of(output, y, x) + c, value);
}
