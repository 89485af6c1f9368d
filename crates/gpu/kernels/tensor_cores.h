// Convolutions on CUDA's tensor cores, Ampere and newer: an implicit product of matrices whose sums are floats.
//
// Halves are multiplied as they are (m16n8k16). A float is parted into two numbers of TF32, whose product loses
// nothing that a float holds but that of both rests (m16n8k8 three times; Ootomo and Yokota 2022); the cores round
// sums towards 0, so what a chunk adds up is added to the rest outside them.
//
// Each of the four warps of a group makes 16 M pixels by 8 N channels of the output, a chunk of channels of one tap
// at a time: pixels go through local memory, where the next chunk arrives while one is worked on; weights come as
// `tensor_matrix` of crates/gpu/src/layout/tensor_cores.rs has laid them, so that a lane reads its own side by side.

#ifndef __OPENCL_VERSION__

// Work items of a group.
#define TENSOR_WORKERS 128
// Bytes of a pixel in a chunk, in a line that is fetched at once, and between the ends of chunks, so that lanes do
// not read from the same bank.
#define CHUNK_BYTES 64
#define LINE_BYTES 16
// Numbers in these.
#define CHUNK (CHUNK_BYTES / (int)sizeof(number))
#define LINE (LINE_BYTES / (int)sizeof(number))
#define LINES (CHUNK_BYTES / LINE_BYTES)
#define CHUNK_STRIDE (CHUNK + LINE)

#if HALF
// Channels that are multiplied at once, and words of a lane's weights for eight output channels.
#define DEEP 16
#define WEIGHT_WORDS 2
#else
#define DEEP 8
#define WEIGHT_WORDS 4
#endif
#define STEPS (CHUNK / DEEP)

// One line of the arena to local memory, or zeros; `aligned`: all at once, and arriving later.
FN void fetch_line(number *to, const number *from, int there, int aligned) {
    if (aligned) {
#if __CUDA_ARCH__ >= 800
        unsigned int at = (unsigned int)__cvta_generic_to_shared(to);
        asm volatile("cp.async.ca.shared.global [%0], [%1], 16, %2;" ::"r"(at), "l"(from), "r"(there > 0 ? 16 : 0)
                     : "memory");
        return;
#endif
    }
    for (int i = 0; i < LINE; i++) {
        if (i < there) to[i] = from[i];
        else STORE(to, i, 0.0f);
    }
}

// What was fetched so far is one batch.
FN void end_batch() {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

// Until all batches of this work item but the last have arrived.
FN void await_batches() {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_group 1;" ::: "memory");
#endif
}

// Two numbers side by side in local memory, or one, as a word.
FN unsigned int word_of(const number *from) {
    return *(const unsigned int *)from;
}

// Two channels of a pixel, of which the last may be one too many, and which lie in one word if they can.
FN int one_word(View view) {
    return HALF && (view.start | view.stride | view.channels) % 2 == 0;
}

FN void add_two(const number *arena, View view, int pixel, int c, float *two) {
    int from = view.start + pixel * view.stride + c;
    if (c >= view.channels) return;
    if (one_word(view)) {
        unsigned int word = word_of(arena + from);
        const number *both = (const number *)&word;
        two[0] += LOAD(both, 0);
        two[1] += LOAD(both, 1);
        return;
    }
    two[0] += LOAD(arena, from);
    if (c + 1 < view.channels) two[1] += LOAD(arena, from + 1);
}

FN void store_two(number *arena, View view, int pixel, int c, const float *two) {
    int to = view.start + pixel * view.stride + c;
    if (c >= view.channels) return;
    if (one_word(view)) {
        unsigned int word;
        number *both = (number *)&word;
        STORE(both, 0, two[0]);
        STORE(both, 1, two[1]);
        *(unsigned int *)(arena + to) = word;
        return;
    }
    STORE(arena, to, two[0]);
    if (c + 1 < view.channels) STORE(arena, to + 1, two[1]);
}

// Not in its place, where there would be a hundred of it.
APART float activate_apart(int activation, float slope, float x) {
    return activate(activation, slope, x);
}

#ifndef TILE_MULTIPLY // a stand-in for these instructions has its own

#if HALF
FN void multiply(float *sums, const unsigned int *a, const unsigned int *b) {
#if __CUDA_ARCH__ >= 800
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}
#else
FN unsigned int tf32_of(float v) {
    unsigned int bits = 0;
#if __CUDA_ARCH__ >= 800
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(v));
#endif
    return bits;
}

FN void multiply_tf32(float *sums, const unsigned int *a, const unsigned int *b) {
#if __CUDA_ARCH__ >= 800
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}
#endif

// sums[m][n] += a[m] b[n], the weights of floats being two words and their two rests.
#if HALF
#define TILE_MULTIPLY(M, N, SUMS, A, B)                                                                         \
    UNROLL for (int m = 0; m < M; m++)                                                                          \
        UNROLL for (int n = 0; n < N; n++) multiply(SUMS[m][n], A[m], B[n])
#else
#define TILE_MULTIPLY(M, N, SUMS, A, B)                                                                         \
    UNROLL for (int m = 0; m < M; m++) {                                                                        \
        unsigned int high[4], low[4];                                                                           \
        UNROLL for (int i = 0; i < 4; i++) {                                                                    \
            high[i] = tf32_of(FLOAT_OF(A[m][i]));                                                               \
            low[i] = tf32_of(FLOAT_OF(A[m][i]) - FLOAT_OF(high[i]));                                            \
        }                                                                                                       \
        UNROLL for (int n = 0; n < N; n++) {                                                                    \
            multiply_tf32(SUMS[m][n], low, B[n]);                                                               \
            multiply_tf32(SUMS[m][n], high, B[n] + 2);                                                          \
            multiply_tf32(SUMS[m][n], high, B[n]);                                                              \
        }                                                                                                       \
    }
#endif

#endif // TILE_MULTIPLY

// Does something with every two sums of a lane: `two` of the pixel `at`, from channel `c` on.
#define EACH_TWO(M, N, DO)                                                                                      \
    UNROLL for (int m = 0; m < M; m++)                                                                          \
        UNROLL for (int half = 0; half < 2; half++) {                                                           \
            int at = first_pixel + (warp * M + m) * 16 + lane / 4 + half * 8;                                   \
            if (at < pixels) {                                                                                  \
                UNROLL for (int n = 0; n < N; n++) {                                                            \
                    int c = first_channel + n * 8 + lane % 4 * 2;                                               \
                    float *two = &sums[m][n][half * 2];                                                         \
                    DO;                                                                                         \
                }                                                                                               \
            }                                                                                                   \
        }
#define ADD_TWO add_two(arena, residual, at, c, two)
#define RELU_TWO                                                                                                \
    two[0] = activate(ACTIVATION_RELU, 0.0f, two[0]);                                                           \
    two[1] = activate(ACTIVATION_RELU, 0.0f, two[1])
#define ACTIVATE_TWO                                                                                            \
    two[0] = activate_apart(conv.activation, conv.slope, two[0]);                                               \
    two[1] = activate_apart(conv.activation, conv.slope, two[1])
#define STORE_TWO store_two(arena, output, at, c, two)

#define TENSOR(NAME, M, N)                                                                                      \
    KERNEL NAME(GLOBAL number *arena, GLOBAL const float *values, View input, View output,                      \
                View residual, Conv conv) {                                                                     \
        LOCAL ALIGNED(16) number seen[2][64 * M][CHUNK_STRIDE];                                                 \
        int me = LOCAL_ID(0), lane = me % 32, warp = me / 32;                                                   \
        int first_pixel = GROUP_ID(0) * (64 * M), first_channel = GROUP_ID(1) * (8 * N);                        \
        int pixels = output.height * output.width;                                                              \
        int parts = (input.channels + CHUNK - 1) / CHUNK;                                                       \
        int chunks = conv.taps_y * conv.taps_x * parts;                                                         \
        int aligned = (input.start | input.stride | input.channels) % LINE == 0;                                \
        /* What this work item fetches: one line of several pixels. */                                          \
        int my_line = me % LINES, my_pixel = me / LINES;                                                        \
        int tops[2 * M], lefts[2 * M];                                                                          \
        UNROLL for (int i = 0; i < 2 * M; i++) {                                                                \
            int pixel = first_pixel + my_pixel + i * (TENSOR_WORKERS / LINES);                                  \
            int y = pixel / output.width, x = pixel % output.width;                                             \
            tops[i] = pixel < pixels ? y * conv.stride - conv.padding_y : -(1 << 28);                           \
            lefts[i] = x * conv.stride - conv.padding_x;                                                        \
        }                                                                                                       \
        float sums[M][N][4];                                                                                    \
        UNROLL for (int m = 0; m < M; m++)                                                                      \
            UNROLL for (int n = 0; n < N; n++)                                                                  \
                UNROLL for (int i = 0; i < 4; i++) sums[m][n][i] = 0.0f;                                        \
        /* One chunk more than there are: while one is worked on the next is on its way. */                     \
        for (int chunk = 0; chunk <= chunks; chunk++) {                                                         \
            if (chunk < chunks) {                                                                               \
                int tap = chunk / parts, channel = chunk % parts * CHUNK + my_line * LINE;                      \
                int down = tap / conv.taps_x * conv.dilation, along = tap % conv.taps_x * conv.dilation;        \
                int most = input.channels - channel;                                                            \
                UNROLL for (int i = 0; i < 2 * M; i++) {                                                        \
                    int y = tops[i] + down, x = lefts[i] + along;                                               \
                    int inside = y >= 0 && y < input.height && x >= 0 && x < input.width && most > 0;           \
                    int from = inside ? pixel_of(input, y, x) + channel : 0;                                    \
                    number *to = &seen[chunk % 2][my_pixel + i * (TENSOR_WORKERS / LINES)][my_line * LINE];     \
                    fetch_line(to, arena + from, inside ? most : 0, aligned);                                   \
                }                                                                                               \
            }                                                                                                   \
            end_batch();                                                                                        \
            if (chunk == 0) continue;                                                                           \
            int working = chunk - 1;                                                                            \
            unsigned int by[STEPS][N][WEIGHT_WORDS];                                                            \
            UNROLL for (int step = 0; step < STEPS; step++)                                                     \
                UNROLL for (int n = 0; n < N; n++) {                                                            \
                    int row = (working * STEPS + step) * conv.weight_tiles + first_channel / 8 + n;             \
                    int at = conv.weight + (row * 32 + lane) * WEIGHT_WORDS;                                    \
                    UNROLL for (int i = 0; i < WEIGHT_WORDS; i++) by[step][n][i] = BITS_OF(values[at + i]);     \
                }                                                                                               \
            await_batches();                                                                                    \
            BARRIER;                                                                                            \
            float part[M][N][4];                                                                                \
            UNROLL for (int m = 0; m < M; m++)                                                                  \
                UNROLL for (int n = 0; n < N; n++)                                                              \
                    UNROLL for (int i = 0; i < 4; i++) part[m][n][i] = HALF ? sums[m][n][i] : 0.0f;             \
            UNROLL for (int step = 0; step < STEPS; step++) {                                                   \
                unsigned int pixel[M][4];                                                                       \
                UNROLL for (int m = 0; m < M; m++)                                                              \
                    UNROLL for (int i = 0; i < 4; i++) {                                                        \
                        int row = (warp * M + m) * 16 + lane / 4 + i % 2 * 8;                                   \
                        int column = step * DEEP + (lane % 4 + i / 2 * 4) * (HALF ? 2 : 1);                     \
                        pixel[m][i] = word_of(&seen[working % 2][row][column]);                                 \
                    }                                                                                           \
                TILE_MULTIPLY(M, N, part, pixel, by[step]);                                                     \
            }                                                                                                   \
            UNROLL for (int m = 0; m < M; m++)                                                                  \
                UNROLL for (int n = 0; n < N; n++)                                                              \
                    UNROLL for (int i = 0; i < 4; i++) sums[m][n][i] = part[m][n][i] + (HALF ? 0.0f : sums[m][n][i]); \
            BARRIER;                                                                                            \
        }                                                                                                       \
        /* What follows the sums; a lane has two channels side by side of eight, of rows eight apart. */        \
        UNROLL for (int n = 0; n < N; n++)                                                                      \
            UNROLL for (int i = 0; i < 2; i++) {                                                                \
                int c = first_channel + n * 8 + lane % 4 * 2 + i;                                               \
                float add = conv.bias >= 0 && c < output.channels ? values[conv.bias + c] : 0.0f;               \
                UNROLL for (int m = 0; m < M; m++) {                                                            \
                    sums[m][n][i] += add;                                                                       \
                    sums[m][n][i + 2] += add;                                                                   \
                }                                                                                               \
            }                                                                                                   \
        if (conv.residual == RESIDUAL_BEFORE_ACTIVATION) EACH_TWO(M, N, ADD_TWO)                                \
        if (conv.activation == ACTIVATION_RELU) {                                                               \
            EACH_TWO(M, N, RELU_TWO)                                                                            \
        } else if (conv.activation != ACTIVATION_NONE) {                                                        \
            EACH_TWO(M, N, ACTIVATE_TWO)                                                                        \
        }                                                                                                       \
        if (conv.residual == RESIDUAL_AFTER_ACTIVATION) EACH_TWO(M, N, ADD_TWO)                                 \
        EACH_TWO(M, N, STORE_TWO)                                                                               \
    }

// Which is for what: `tensor_tile` in crates/gpu/src/layout/tensor_cores.rs.
TENSOR(conv_tensor_few, 1, 4)
TENSOR(conv_tensor_16, 2, 2)
TENSOR(conv_tensor_32, 2, 4)
#if HALF
TENSOR(conv_tensor_64, 4, 8)
#else
TENSOR(conv_tensor_64, 2, 8)
#endif

#endif // CUDA
