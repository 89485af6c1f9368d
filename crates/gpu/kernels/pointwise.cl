// Functions of every number, and copies. One work item per number: channels of a row along x.

#define MAP_ACTIVATION 0
#define MAP_AFFINE 1
#define MAP_CLAMP 2
#define MAP_EXP2 3

typedef struct {
    int function;
    int activation;
    float first;
    float second;
} Map;

FN float mapped(Map map, float x) {
    switch (map.function) {
    case MAP_AFFINE: return x * map.first + map.second;
    case MAP_CLAMP: {
        float above = x < map.first ? map.first : x;
        return above > map.second ? map.second : above;
    }
    case MAP_EXP2: {
        float above = x < -126.0f ? -126.0f : x;
        return exp2(above > 126.0f ? 126.0f : above);
    }
    default: return activate(map.activation, map.first, x);
    }
}

KERNEL map(GLOBAL number *arena, View input, View output, Map map) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, c = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    float value = LOAD(arena, pixel_of(input, y, x) + c);
    STORE(arena, pixel_of(output, y, x) + c, mapped(map, value));
}

#define COMBINE_ADD 0
#define COMBINE_MULTIPLY 1
#define COMBINE_DIVIDE 2

// The second is as large as the output, or one pixel for all, or one channel for all.
KERNEL combine(GLOBAL number *arena, View first, View second, View output, int function, float least) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, c = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    float a = LOAD(arena, pixel_of(first, y, x) + c);
    int everywhere = second.height == 1 && second.width == 1;
    int from = everywhere ? second.start : pixel_of(second, y, x);
    float b = LOAD(arena, from + (second.channels == 1 ? 0 : c));
    float result = a + b;
    if (function == COMBINE_MULTIPLY) result = a * b;
    if (function == COMBINE_DIVIDE) result = a / (b < least ? least : b);
    STORE(arena, pixel_of(output, y, x) + c, result);
}

// `from` is another memory or the arena itself; numbers from channel `first` of the input on.
KERNEL copy(GLOBAL number *arena, View input, View output, int first) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, c = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    STORE(arena, pixel_of(output, y, x) + c, LOAD(arena, pixel_of(input, y, x) + first + c));
}

// A tensor of another arena.
KERNEL hand_on(GLOBAL number *arena, GLOBAL number *other, View input, View output) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, c = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    STORE(arena, pixel_of(output, y, x) + c, LOAD(other, pixel_of(input, y, x) + c));
}

// Floats of a packed memory into the arena.
KERNEL fill(GLOBAL number *arena, GLOBAL const float *values, int start, View output) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, c = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    int from = start + (y * output.width + x) * output.channels + c;
    STORE(arena, pixel_of(output, y, x) + c, values[from]);
}

// The arena into floats of a packed memory.
KERNEL take(GLOBAL number *arena, GLOBAL float *values, int start, View input) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / input.channels, c = at % input.channels;
    if (x >= input.width || y >= input.height) return;
    values[start + (y * input.width + x) * input.channels + c] = LOAD(arena, pixel_of(input, y, x) + c);
}

// out[i] = in[0] + ... + in[i] over the channels; one work item per pixel.
KERNEL cumulative_sum(GLOBAL number *arena, View input, View output) {
    int x = GLOBAL_ID(0), y = GLOBAL_ID(1);
    if (x >= output.width || y >= output.height) return;
    int from = pixel_of(input, y, x), to = pixel_of(output, y, x);
    float sum = 0.0f;
    for (int c = 0; c < output.channels; c++) {
        sum += LOAD(arena, from + c);
        STORE(arena, to + c, sum);
    }
}
