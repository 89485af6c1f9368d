//! The same kernels, by CUDA: on a card where there is one (it is the first device then), else on a driver
//! whose device is the CPU.

#[test]
fn every_kernel_by_cuda() {
    // What is left out is of OpenCL alone: nothing is built here for CUDA.
    assert!(headroom_fake_cuda::again("", &["every_kernel_by_cuda", "kernels_are_kept"], &[]));
}
