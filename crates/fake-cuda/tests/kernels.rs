//! Every kernel against the same operation of the CPU, by CUDA: the tests of `headroom-gpu` once more, on the
//! driver for tests.
#![allow(missing_docs)]

#[path = "../../gpu/tests/kernels/bench.rs"]
mod bench;
#[path = "../../gpu/tests/kernels/convolutions.rs"]
mod convolutions;
#[path = "../../gpu/tests/kernels/frames.rs"]
mod frames;
#[path = "../../gpu/tests/kernels/runtime.rs"]
mod runtime;
#[path = "../../gpu/tests/kernels/shapes.rs"]
mod shapes;
#[path = "../../gpu/tests/kernels/tensor_cores.rs"]
mod tensor_cores;

use headroom_fake_cuda::{Fake, again};
use headroom_gpu::Gpu;

#[test]
fn every_kernel_by_cuda() {
    // What is left out is of OpenCL alone (nothing is built here for CUDA), or counts what is held and must
    // be alone in its process.
    let alone = "child_gives_the_context_back";
    assert!(again("", &["every_kernel_by_cuda", "kernels_are_kept", alone], &[]));
    assert!(again(alone, &[], &[]));
}

#[test]
#[allow(unsafe_code)] // handles as a host gives them
fn child_gives_the_context_back() {
    let Some(fake) = Fake::get() else { return };
    fake.enter_another_context();
    let gpu = bench::gpu().expect("a device");
    assert_eq!(runtime::copied(&gpu)[4..], [1.0, 2.0, 3.0, 4.0]);
    assert!(fake.is_in_another_context());
    let memory = gpu.allocate(64).expect("a little");
    // SAFETY: no stream is the default one, and the memory is there.
    let lent = unsafe { Gpu::of_cuda_host(memory.handle(), None) }.expect("a device's pointer");
    let before = fake.held();
    // SAFETY: the memory is there for as long as this.
    let image = unsafe { lent.memory_of_host(memory.handle()) }.expect("memory");
    assert_eq!(image.bytes(), 64);
    drop(image);
    drop(lent.upload(&[1, 2, 3]).expect("a little"));
    drop(lent.mark().expect("marks"));
    let held = fake.held();
    assert_eq!(held, before, "nothing is kept, and nothing was waited for");
    assert!(fake.is_in_another_context());
    let wrong = std::ptr::without_provenance_mut(8);
    // SAFETY: what is no pointer of a device is refused.
    assert!(unsafe { Gpu::of_cuda_host(wrong, None) }.is_err());
}
