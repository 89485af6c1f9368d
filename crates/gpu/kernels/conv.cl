// Convolutions (cross-correlations, as in every framework), with what follows them.
//
// Weights lie as a matrix: row (tap_y * taps_x + tap_x) * channels + channel, column output channel.

#define RESIDUAL_NONE 0
#define RESIDUAL_BEFORE_ACTIVATION 1
#define RESIDUAL_AFTER_ACTIVATION 2

typedef struct {
    int taps_y;
    int taps_x;
    int stride;
    int dilation;
    int groups;
    int padding_y;
    int padding_x;
    int weight; // where the matrix begins
    int bias;   // where the biases begin; below 0 there are none
    int activation;
    float slope;
    int residual;
    int weight_tiles; // of eight output channels each, in the matrix of tensor_cores.h
} Conv;

FN void finish(GLOBAL number *arena, GLOBAL const float *values, View output, View residual, Conv conv,
               int y, int x, int c, float sum) {
    if (conv.bias >= 0) sum += values[conv.bias + c];
    float add = conv.residual == RESIDUAL_NONE ? 0.0f : LOAD(arena, pixel_of(residual, y, x) + c);
    if (conv.residual == RESIDUAL_BEFORE_ACTIVATION) sum += add;
    sum = activate(conv.activation, conv.slope, sum);
    if (conv.residual == RESIDUAL_AFTER_ACTIVATION) sum += add;
    STORE(arena, pixel_of(output, y, x) + c, sum);
}

// Any convolution. One work item per number of the output, channels of a row along x.
KERNEL conv_any(GLOBAL number *arena, GLOBAL const float *values, View input, View output, View residual,
                Conv conv) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, c = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    int each = input.channels / conv.groups;
    int first = c / (output.channels / conv.groups) * each;
    float sum = 0.0f;
    for (int i = 0; i < conv.taps_y; i++) {
        int row = y * conv.stride - conv.padding_y + i * conv.dilation;
        if (row < 0 || row >= input.height) continue;
        for (int j = 0; j < conv.taps_x; j++) {
            int column = x * conv.stride - conv.padding_x + j * conv.dilation;
            if (column < 0 || column >= input.width) continue;
            int from = pixel_of(input, row, column) + first;
            int by = conv.weight + (i * conv.taps_x + j) * each * output.channels + c;
            for (int k = 0; k < each; k++) sum += LOAD(arena, from + k) * values[by + k * output.channels];
        }
    }
    finish(arena, values, output, residual, conv, y, x, c, sum);
}

// Rows of the matrix that are held at once.
#define DEPTH 16
// Work items of a group.
#define WORKERS 256

// Convolutions of one group of channels, as a product of matrices: PIXELS pixels by CHANNELS output
// channels in local memory, EACH_PIXELS by EACH_CHANNELS of them by one work item. Groups go over the
// pixels of the output in x and over its channels in y.
#define CONV(NAME, PIXELS, CHANNELS, EACH_PIXELS, EACH_CHANNELS)                                        \
    KERNEL NAME(GLOBAL number *arena, GLOBAL const float *values, View input, View output,              \
                View residual, Conv conv) {                                                             \
        LOCAL float seen[DEPTH][PIXELS + 1];                                                            \
        LOCAL float by[DEPTH][CHANNELS];                                                                \
        int me = LOCAL_ID(0);                                                                           \
        int first_pixel = GROUP_ID(0) * PIXELS, first_channel = GROUP_ID(1) * CHANNELS;                 \
        int pixels = output.height * output.width;                                                      \
        int rows = conv.taps_y * conv.taps_x * input.channels;                                          \
        /* What this work item fetches: one row of the matrix at a time, of several pixels. */          \
        int my_row = me % DEPTH, my_pixel = me / DEPTH;                                                 \
        int tops[PIXELS * DEPTH / WORKERS], lefts[PIXELS * DEPTH / WORKERS];                            \
        for (int i = 0; i < PIXELS * DEPTH / WORKERS; i++) {                                            \
            int pixel = first_pixel + my_pixel + i * (WORKERS / DEPTH);                                 \
            int y = pixel / output.width, x = pixel % output.width;                                     \
            tops[i] = pixel < pixels ? y * conv.stride - conv.padding_y : -(1 << 28);                   \
            lefts[i] = x * conv.stride - conv.padding_x;                                                \
        }                                                                                               \
        /* What it adds up. */                                                                          \
        int my_channels = me % (CHANNELS / EACH_CHANNELS) * EACH_CHANNELS;                              \
        int my_pixels = me / (CHANNELS / EACH_CHANNELS) * EACH_PIXELS;                                  \
        float sums[EACH_PIXELS][EACH_CHANNELS];                                                         \
        for (int i = 0; i < EACH_PIXELS; i++)                                                           \
            for (int j = 0; j < EACH_CHANNELS; j++) sums[i][j] = 0.0f;                                  \
        for (int row = 0; row < rows; row += DEPTH) {                                                   \
            int mine = row + my_row;                                                                    \
            int tap = mine / input.channels, channel = mine % input.channels;                           \
            int down = tap / conv.taps_x * conv.dilation, along = tap % conv.taps_x * conv.dilation;    \
            for (int i = 0; i < PIXELS * DEPTH / WORKERS; i++) {                                        \
                int y = tops[i] + down, x = lefts[i] + along;                                           \
                int there = mine < rows && y >= 0 && y < input.height && x >= 0 && x < input.width;     \
                float value = there ? LOAD(arena, pixel_of(input, y, x) + channel) : 0.0f;              \
                seen[my_row][my_pixel + i * (WORKERS / DEPTH)] = value;                                 \
            }                                                                                           \
            for (int i = me; i < DEPTH * CHANNELS; i += WORKERS) {                                      \
                int k = i / CHANNELS, c = i % CHANNELS;                                                 \
                int there = row + k < rows && first_channel + c < output.channels;                      \
                int at = conv.weight + (row + k) * output.channels + first_channel + c;                 \
                by[k][c] = there ? values[at] : 0.0f;                                                   \
            }                                                                                           \
            BARRIER;                                                                                    \
            for (int k = 0; k < DEPTH; k++)                                                             \
                for (int i = 0; i < EACH_PIXELS; i++) {                                                 \
                    float value = seen[k][my_pixels + i];                                               \
                    for (int j = 0; j < EACH_CHANNELS; j++) sums[i][j] += value * by[k][my_channels + j]; \
                }                                                                                       \
            BARRIER;                                                                                    \
        }                                                                                               \
        for (int i = 0; i < EACH_PIXELS; i++) {                                                         \
            int pixel = first_pixel + my_pixels + i;                                                    \
            if (pixel >= pixels) continue;                                                              \
            int y = pixel / output.width, x = pixel % output.width;                                     \
            for (int j = 0; j < EACH_CHANNELS; j++) {                                                   \
                int c = first_channel + my_channels + j;                                                \
                if (c < output.channels)                                                                \
                    finish(arena, values, output, residual, conv, y, x, c, sums[i][j]);                 \
            }                                                                                           \
        }                                                                                               \
    }

// Which is for what: `conv_tile` in crates/gpu/src/layout.rs.
CONV(conv_4, 256, 4, 1, 4)
CONV(conv_16, 256, 16, 4, 4)
CONV(conv_64, 64, 64, 4, 4)
