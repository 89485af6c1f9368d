// The dialect that all kernels are written in: OpenCL C 1.2 and CUDA C++ at once.
//
// What the two call differently has one name here. Kernels are plain C besides; no vectors, no
// overloads, no pointers to private memory that outlive a call.
//
// HALF is 1 where tensors are stored as halves, 0 where they are stored as floats. Arithmetic is in
// floats either way.

#ifdef __OPENCL_VERSION__

#define KERNEL __kernel void
#define GLOBAL __global
#define LOCAL __local
#define OF_LOCAL __local // a pointer to it that a function takes
#define FN static
#define BARRIER barrier(CLK_LOCAL_MEM_FENCE)
#define GLOBAL_ID(axis) ((int)get_global_id(axis))
#define LOCAL_ID(axis) ((int)get_local_id(axis))
#define GROUP_ID(axis) ((int)get_group_id(axis))
#define WIDE long
#define BITS_OF(x) as_uint(x)
#define FLOAT_OF(x) as_float(x)
#define COUNT(counter) atomic_inc(counter)
#define ADD_COUNTS(counter, by) atomic_add(counter, by)

#define HALF_FLOAT half
#define LOAD_HALF(from, index) vload_half((size_t)(index), from)
#define STORE_HALF(to, index, value) vstore_half(value, (size_t)(index), to)

#if HALF
typedef half number;
#define LOAD(from, index) LOAD_HALF(from, index)
#define STORE(to, index, value) STORE_HALF(to, index, value)
#else
typedef float number;
#define LOAD(from, index) ((from)[index])
#define STORE(to, index, value) ((to)[index] = (value))
#endif

#else // CUDA

#include <cuda_fp16.h>

// Of what only CUDA has (tensor_cores.h).
#define ALIGNED(bytes) __align__(bytes)
#define UNROLL _Pragma("unroll")
#define APART static __device__ __noinline__

#define KERNEL extern "C" __global__ void
#define GLOBAL
#define LOCAL __shared__
#define OF_LOCAL
#define FN static __device__ __forceinline__
#define BARRIER __syncthreads()
#define GLOBAL_ID_0 ((int)(blockIdx.x * blockDim.x + threadIdx.x))
#define GLOBAL_ID_1 ((int)(blockIdx.y * blockDim.y + threadIdx.y))
#define GLOBAL_ID_2 ((int)(blockIdx.z * blockDim.z + threadIdx.z))
#define GLOBAL_ID(axis) GLOBAL_ID_##axis
#define LOCAL_ID_0 ((int)threadIdx.x)
#define LOCAL_ID_1 ((int)threadIdx.y)
#define LOCAL_ID(axis) LOCAL_ID_##axis
#define GROUP_ID_0 ((int)blockIdx.x)
#define GROUP_ID_1 ((int)blockIdx.y)
#define GROUP_ID_2 ((int)blockIdx.z)
#define GROUP_ID(axis) GROUP_ID_##axis
#define WIDE long long
#define BITS_OF(x) __float_as_uint(x)
#define FLOAT_OF(x) __uint_as_float(x)
#define COUNT(counter) atomicAdd(counter, 1u)
#define ADD_COUNTS(counter, by) atomicAdd(counter, by)

#define HALF_FLOAT __half
#define LOAD_HALF(from, index) __half2float((from)[index])
#define STORE_HALF(to, index, value) ((to)[index] = __float2half_rn(value))

#if HALF
typedef __half number;
#define LOAD(from, index) LOAD_HALF(from, index)
#define STORE(to, index, value) STORE_HALF(to, index, value)
#else
typedef float number;
#define LOAD(from, index) ((from)[index])
#define STORE(to, index, value) ((to)[index] = (value))
#endif

#endif
