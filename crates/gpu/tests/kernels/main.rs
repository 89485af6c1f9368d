//! Every kernel against the same operation of the CPU, on whatever device OpenCL offers. Without one
//! the tests say so and pass.

mod bench;
mod convolutions;
mod frames;
mod runtime;
mod shapes;
mod tensor_cores;
