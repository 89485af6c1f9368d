// A CUDA driver that is none: memory is the CPU's, and the kernels, compiled by a C++ compiler as they stand,
// run block by block, each thread of a block on a stack of its own. It stands in where there is no card, so
// that the way to the driver is tested (arguments, order, contexts, what is given back), and the dialect's
// other half; it knows nothing of speed, and little of what real hardware minds.
//
// It is as lazy as a driver may be: a stream does what it was told only when somebody waits for it, and then no more
// than that asks for. So whoever forgets to wait finds what was there before.
//
// FAKE_* variables of the environment spoil it: see `spoilt`.
//
// FLOAT_KERNELS and HALF_KERNELS are the files of the kernels, ENTRIES lists them as ENTRY(name), HALF_LENGTH is
// what the fat binary of the latter says of its length.

#include "include/cuda_fp16.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <ucontext.h>
#include <utility>
#include <vector>

Three threadIdx, blockIdx, blockDim;

namespace {

constexpr std::size_t STACK = 64 << 10;
constexpr std::size_t MEMORY = (std::size_t)4 << 30;

// A thread of a block. It goes on from block to block, and changes hands by jumps: swapcontext asks the system each
// time, which would take longer than the work.
struct Fiber {
    jmp_buf place;
    ucontext_t birth;
    std::vector<char> stack;
    bool born = false;
    bool done = false;
};

jmp_buf scheduler;
Fiber *current;
const std::function<void()> *body;

void give_way(Fiber *self) {
    if (_setjmp(self->place) == 0) _longjmp(scheduler, 1);
}

void start() {
    Fiber *self = current;
    for (;;) {
        (*body)();
        self->done = true;
        give_way(self);
    }
}

void go_on(Fiber *fiber) {
    current = fiber;
    if (_setjmp(scheduler) != 0) return;
    if (fiber->born) _longjmp(fiber->place, 1);
    fiber->born = true;
    fiber->stack.resize(STACK);
    getcontext(&fiber->birth);
    fiber->birth.uc_stack.ss_sp = fiber->stack.data();
    fiber->birth.uc_stack.ss_size = STACK;
    fiber->birth.uc_link = nullptr;
    makecontext(&fiber->birth, start, 0);
    setcontext(&fiber->birth);
}

// All threads of a block, in turns from barrier to barrier.
void run_block() {
    static std::deque<Fiber> fibers;
    unsigned int count = blockDim.x * blockDim.y * blockDim.z;
    if (fibers.size() < count) fibers.resize(count);
    for (unsigned int i = 0; i < count; i++) fibers[i].done = false;
    for (bool going = true; going;) {
        going = false;
        for (unsigned int i = 0; i < count; i++) {
            if (fibers[i].done) continue;
            threadIdx = {i % blockDim.x, i / blockDim.x % blockDim.y, i / blockDim.x / blockDim.y};
            go_on(&fibers[i]);
            going = true;
        }
    }
}

}  // namespace

void __syncthreads() {
    Three mine = threadIdx;
    give_way(current);
    threadIdx = mine;
}

namespace float_kernels {
#include FLOAT_KERNELS
}  // namespace float_kernels

#undef HALF
#undef KERNEL
#undef LOAD
#undef STORE
#undef GLOBAL
#undef LOCAL
#undef OF_LOCAL
#undef FN
#undef DEEP
#undef WEIGHT_WORDS

namespace half_kernels {
#include HALF_KERNELS
}  // namespace half_kernels

typedef int Status;
typedef std::uint64_t Pointer;

namespace {

std::recursive_mutex lock;
std::map<Pointer, std::size_t> blocks;
thread_local std::vector<void *> contexts;
int retained, streams, events, modules, synchronised, allocations;
int primary, other;

// FAKE_FAIL=n: the n-th allocation and all after it are refused. FAKE_LOST=name: that call fails as on a lost
// device.
int number(const char *name) {
    const char *text = std::getenv(name);
    return text ? std::atoi(text) : -1;
}

bool lost(const char *name) {
    const char *text = std::getenv("FAKE_LOST");
    return text && std::string(text) == name;
}

Status allocate(Pointer *to, std::size_t bytes) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    int fail = number("FAKE_FAIL");
    if (bytes > MEMORY || (fail >= 0 && allocations++ >= fail)) return 2;
    void *memory = std::malloc(bytes);
    // Not numbers, in either float type.
    std::memset(memory, 0xff, bytes);
    *to = (Pointer)memory;
    blocks[*to] = bytes;
    return 0;
}

Status release(Pointer pointer) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    if (!blocks.erase(pointer)) return 1;
    std::free((void *)pointer);
    return 0;
}

// The kernel with its arguments, which are copied as a launch does.
template <class... A, std::size_t... I>
std::function<void()> with_arguments(void (*function)(A...), void **given, std::index_sequence<I...>) {
    std::tuple<A...> all(*(A *)given[I]...);
    return [function, all] { std::apply(function, all); };
}

template <class... A>
std::function<void()> with_arguments(void (*function)(A...), void **given) {
    return with_arguments(function, given, std::index_sequence_for<A...>());
}

// What a stream was told, and how much of it is done.
struct Stream {
    std::deque<std::function<void()>> told;
    long done = 0, all = 0;
    void tell(std::function<void()> what) {
        told.push_back(std::move(what));
        all++;
    }
    void until(long end) {
        while (done < end) {
            std::function<void()> next = std::move(told.front());
            told.pop_front();
            done++;
            next();
        }
    }
};
struct Event {
    Stream *stream;
    long end;
};
std::vector<Stream *> every_stream;
Stream default_stream;
// What copies go to and from by themselves.
std::map<Pointer, std::size_t> pinned;

Stream *stream_of(void *handle) { return handle ? (Stream *)handle : &default_stream; }

bool is_pinned(const void *pointer) {
    auto next = pinned.upper_bound((Pointer)pointer);
    if (next == pinned.begin()) return false;
    --next;
    return (Pointer)pointer < next->first + next->second;
}

void finish_everything() {
    for (Stream *stream : every_stream) stream->until(stream->all);
    default_stream.until(default_stream.all);
}

struct Entry {
    const char *name;
    std::function<void()> (*bound)(void **);
};

const Entry float_entries[] = {
#define ENTRY(kernel) {#kernel, [](void **given) { return with_arguments(float_kernels::kernel, given); }},
#include ENTRIES
#undef ENTRY
};

const Entry half_entries[] = {
#define ENTRY(kernel) {#kernel, [](void **given) { return with_arguments(half_kernels::kernel, given); }},
#include ENTRIES
#undef ENTRY
};

}  // namespace

#define API extern "C" __attribute__((visibility("default"))) Status

API cuInit(unsigned int) { return lost("cuInit") ? 100 : 0; }
API cuDriverGetVersion(int *to) { *to = 13000; return 0; }
API cuGetErrorName(Status status, const char **to) {
    *to = status == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : status == 999 ? "CUDA_ERROR_UNKNOWN" : "CUDA_ERROR";
    return 0;
}
API cuDeviceGetCount(int *to) { *to = 1; return 0; }
API cuDeviceGet(int *to, int index) { *to = index; return index == 0 ? 0 : 101; }
API cuDeviceGetName(char *to, int length, int) { std::snprintf(to, length, "a CPU in disguise"); return 0; }
API cuDeviceTotalMem_v2(std::size_t *to, int) { *to = MEMORY; return 0; }
API cuDeviceGetAttribute(int *to, int attribute, int) {
    *to = attribute == 75 ? 9 : attribute == 115 ? number("FAKE_POOLS") != 0 : 0;
    return 0;
}
API cuDevicePrimaryCtxRetain(void **to, int) { retained++; *to = &primary; return 0; }
API cuDevicePrimaryCtxRelease_v2(int) { retained--; return 0; }
API cuCtxPushCurrent_v2(void *context) {
    if (lost("cuCtxPushCurrent")) return 999;
    contexts.push_back(context);
    return 0;
}
API cuCtxPopCurrent_v2(void **to) {
    if (contexts.empty()) return 201;
    *to = contexts.back();
    contexts.pop_back();
    return 0;
}
API cuModuleLoadData(void **to, const void *image) {
    unsigned int magic;
    std::memcpy(&magic, image, 4);
    if (magic != 0xba55ed50u) return 200;
    modules++;
    // The images are told apart by their length, which stands behind the magic number and the header's.
    std::uint64_t length;
    std::memcpy(&length, (const char *)image + 8, 8);
    *to = (void *)(length == HALF_LENGTH ? half_entries : float_entries);
    return lost("cuModuleLoadData") ? 999 : 0;
}
API cuModuleUnload(void *) { modules--; return 0; }
API cuModuleGetFunction(void **to, void *module, const char *name) {
    const Entry *entry = (const Entry *)module;
    for (std::size_t i = 0; i < sizeof float_entries / sizeof *float_entries; i++, entry++)
        if (std::string(entry->name) == name) {
            *to = (void *)entry;
            return 0;
        }
    return 500;
}
// A driver may wait for the device in these.
API cuMemAlloc_v2(Pointer *to, std::size_t bytes) { synchronised++; return allocate(to, bytes); }
API cuMemFree_v2(Pointer pointer) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    synchronised++;
    finish_everything();
    return release(pointer);
}
API cuMemHostAlloc(void **to, std::size_t bytes, unsigned int) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    synchronised++;
    Pointer pointer;
    Status status = allocate(&pointer, bytes);
    if (status == 0) pinned[pointer] = bytes, *to = (void *)pointer;
    return status;
}
API cuMemFreeHost(void *pointer) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    synchronised++;
    finish_everything();
    pinned.erase((Pointer)pointer);
    return release((Pointer)pointer);
}
API cuMemAllocAsync(Pointer *to, std::size_t bytes, void *) { return allocate(to, bytes); }
API cuMemFreeAsync(Pointer pointer, void *stream) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    if (!blocks.erase(pointer)) return 1;
    stream_of(stream)->tell([pointer] { std::free((void *)pointer); });
    return 0;
}
API cuMemGetInfo_v2(std::size_t *free, std::size_t *all) {
    *free = *all = MEMORY;
    return 0;
}
API cuMemGetAddressRange_v2(Pointer *base, std::size_t *bytes, Pointer pointer) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    auto next = blocks.upper_bound(pointer);
    if (next == blocks.begin()) return 1;
    --next;
    if (pointer >= next->first + next->second) return 1;
    *base = next->first;
    *bytes = next->second;
    return 0;
}
API cuPointerGetAttribute(void *to, int attribute, Pointer pointer) {
    Pointer base;
    std::size_t bytes;
    if (attribute != 9 || cuMemGetAddressRange_v2(&base, &bytes, pointer) != 0) return 1;
    *(int *)to = 0;
    return 0;
}
// What can be paged is read before the call returns, and written before it does.
API cuMemcpyHtoDAsync_v2(Pointer to, const void *from, std::size_t bytes, void *stream) {
    if (lost("cuMemcpyHtoDAsync")) return 999;
    std::lock_guard<std::recursive_mutex> guard(lock);
    if (is_pinned(from)) {
        stream_of(stream)->tell([=] { std::memcpy((void *)to, from, bytes); });
    } else {
        std::vector<char> copy((const char *)from, (const char *)from + bytes);
        stream_of(stream)->tell([=] { std::memcpy((void *)to, copy.data(), bytes); });
    }
    return 0;
}
API cuMemcpyDtoHAsync_v2(void *to, Pointer from, std::size_t bytes, void *stream) {
    if (lost("cuMemcpyDtoHAsync")) return 999;
    std::lock_guard<std::recursive_mutex> guard(lock);
    Stream *in = stream_of(stream);
    in->tell([=] { std::memcpy(to, (const void *)from, bytes); });
    if (!is_pinned(to)) in->until(in->all);
    return 0;
}
API cuStreamCreate(void **to, unsigned int) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    streams++;
    Stream *stream = new Stream;
    every_stream.push_back(stream);
    *to = stream;
    return 0;
}
// What it was told is still done; it is remembered, since events may name it.
API cuStreamDestroy_v2(void *) { streams--; return 0; }
API cuStreamSynchronize(void *stream) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    synchronised++;
    Stream *of = stream_of(stream);
    of->until(of->all);
    return lost("cuStreamSynchronize") ? 999 : 0;
}
API cuStreamWaitEvent(void *stream, void *event, unsigned int) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    Event what = *(Event *)event;
    stream_of(stream)->tell([what] { what.stream->until(what.end); });
    return 0;
}
API cuEventCreate(void **to, unsigned int) { events++; *to = new Event{&default_stream, 0}; return 0; }
API cuEventRecord(void *event, void *stream) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    *(Event *)event = {stream_of(stream), stream_of(stream)->all};
    return 0;
}
API cuEventSynchronize(void *event) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    synchronised++;
    ((Event *)event)->stream->until(((Event *)event)->end);
    return lost("cuEventSynchronize") ? 999 : 0;
}
API cuEventDestroy_v2(void *event) { events--; delete (Event *)event; return 0; }
API cuLaunchKernel(void *function, unsigned int gx, unsigned int gy, unsigned int gz, unsigned int bx,
                   unsigned int by, unsigned int bz, unsigned int, void *stream, void **given, void **) {
    if (lost("cuLaunchKernel")) return 999;
    std::lock_guard<std::recursive_mutex> guard(lock);
    if (contexts.empty() || contexts.back() != &primary) return 201;
    std::function<void()> bound = ((const Entry *)function)->bound(given);
    stream_of(stream)->tell([=] {
        blockDim = {bx, by, bz};
        body = &bound;
        for (blockIdx.z = 0; blockIdx.z < gz; blockIdx.z++)
            for (blockIdx.y = 0; blockIdx.y < gy; blockIdx.y++)
                for (blockIdx.x = 0; blockIdx.x < gx; blockIdx.x++) run_block();
    });
    return 0;
}

// For tests: what is held and was done, in the order contexts on the stack, primary contexts, blocks of
// memory, streams, events, modules, synchronisations.
API fake_held(int which) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    int held[] = {(int)contexts.size(), retained, (int)blocks.size(), streams, events, modules, synchronised};
    return held[which];
}
// Makes another context the current one, as a host would.
API fake_enter() { return cuCtxPushCurrent_v2(&other); }
API fake_is_inside() {
    return !contexts.empty() && contexts.back() == &other;
}
