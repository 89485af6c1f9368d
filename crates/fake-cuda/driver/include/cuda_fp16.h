// What the kernels need of CUDA's header, for a C++ compiler of the CPU: see ../driver.cpp.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

using std::copysign;
using std::exp;
using std::exp2;
using std::fabs;
using std::floor;
using std::log1p;
using std::sqrt;
using std::tanh;

#define __global__
#define __device__
#define __forceinline__ inline
#define __noinline__
// One block after another runs, so what its threads share is one of a kind.
#define __shared__ static
#define __align__(bytes) __attribute__((aligned(bytes)))

struct Three {
    unsigned int x, y, z;
};
extern Three threadIdx, blockIdx, blockDim;

// The other threads of the block go on until they get there too.
void __syncthreads();

static inline unsigned int __float_as_uint(float v) {
    unsigned int bits;
    std::memcpy(&bits, &v, 4);
    return bits;
}

static inline float __uint_as_float(unsigned int bits) {
    float v;
    std::memcpy(&v, &bits, 4);
    return v;
}

static inline unsigned int atomicAdd(unsigned int *counter, unsigned int by) {
    unsigned int before = *counter;
    *counter += by;
    return before;
}

struct __half {
    std::uint16_t bits;
};

static inline float __half2float(__half half) {
    unsigned int sign = (unsigned int)(half.bits & 0x8000) << 16;
    unsigned int exponent = half.bits >> 10 & 31, mantissa = half.bits & 1023;
    if (exponent == 31) return __uint_as_float(sign | 0x7f800000u | mantissa << 13);
    if (exponent != 0) return __uint_as_float(sign | (exponent + 112) << 23 | mantissa << 13);
    float small = (float)mantissa * 5.9604644775390625e-8f;
    return sign ? -small : small;
}

// To the nearest, ties to even.
static inline __half __float2half_rn(float v) {
    unsigned int bits = __float_as_uint(v), sign = bits >> 16 & 0x8000, size = bits & 0x7fffffff;
    __half half;
    if (size > 0x7f800000) {
        half.bits = (std::uint16_t)(sign | 0x7fff);
    } else if (size >= 0x477ff000) {
        half.bits = (std::uint16_t)(sign | 0x7c00);
    } else if (size < 0x38800000) {
        float scaled = std::nearbyint(__uint_as_float(size) * 16777216.0f);
        half.bits = (std::uint16_t)(sign | (unsigned int)scaled);
    } else {
        unsigned int rounded = size + 0xfff + (size >> 13 & 1);
        half.bits = (std::uint16_t)(sign | (rounded - 0x38000000) >> 13);
    }
    return half;
}

// The nearest number of TF32.
static inline float tf32(float v) {
    return __uint_as_float((__float_as_uint(v) + 0x1000u) & ~0x1fffu);
}

// Number k of row `row` of a lane's part of 16 rows, or of column `row` of its part of 8 columns (`rows` 8), by the
// PTX ISA's "Matrix Fragments for mma.m16n8k16" (halves) and "... mma.m16n8k8" (TF32).
template <class Words>
static inline float of_fragment(const Words *lanes, bool half, int rows, int row, int k, bool rest) {
    int per = half ? 2 : 1, lane = row % 8 * 4 + k / per % 4;
    int word = row / 8 + k / (4 * per) * (rows / 8) + (rest ? 2 : 0);
    unsigned int bits = lanes[lane][word];
    return half ? __half2float(__half{(std::uint16_t)(bits >> k % 2 * 16)}) : __uint_as_float(bits);
}

// What tensor cores do for a warp, by the CPU: all lanes show what they hold, the first multiplies it, and each takes
// its own of the sums.
template <int M, int N, int W>
void tile_multiply(bool half, float (&sums)[M][N][4], const unsigned int (&a)[M][4], const unsigned int (&b)[N][W]) {
    static unsigned int all_a[M][1024][4], all_b[N][1024][W];
    static float products[32][M * 16][N * 8];
    int me = threadIdx.x, lane = me % 32, first = me - lane;
    for (int m = 0; m < M; m++) std::memcpy(all_a[m][me], a[m], sizeof a[m]);
    for (int n = 0; n < N; n++) std::memcpy(all_b[n][me], b[n], sizeof b[n]);
    __syncthreads();
    float(&mine)[M * 16][N * 8] = products[first / 32];
    for (int k = 0; lane == 0 && k < (half ? 16 : 8); k++) {
        float row[N * 8], rest[N * 8];
        for (int c = 0; c < N * 8; c++) {
            row[c] = of_fragment(all_b[c / 8] + first, half, 8, c % 8, k, false);
            rest[c] = half ? 0.0f : of_fragment(all_b[c / 8] + first, half, 8, c % 8, k, true);
        }
        for (int r = 0; r < M * 16; r++) {
            float x = of_fragment(all_a[r / 16] + first, half, 16, r % 16, k, false);
            float high = half ? x : tf32(x), low = half ? 0.0f : tf32(x - high);
            for (int c = 0; c < N * 8; c++)
                mine[r][c] = (k == 0 ? 0.0f : mine[r][c]) + (low * row[c] + high * rest[c] + high * row[c]);
        }
    }
    __syncthreads();
    for (int m = 0; m < M; m++)
        for (int n = 0; n < N; n++)
            for (int i = 0; i < 4; i++)
                sums[m][n][i] += mine[m * 16 + lane / 4 + i / 2 * 8][n * 8 + lane % 4 * 2 + i % 2];
}
#define TILE_MULTIPLY(M, N, SUMS, A, B) tile_multiply(HALF, SUMS, A, B)
