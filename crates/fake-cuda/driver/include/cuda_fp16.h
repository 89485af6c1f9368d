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
// One block after another runs, so what its threads share is one of a kind.
#define __shared__ static

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
