//! The engine's promises, each as a statement that could be false.

mod bench_frame;
mod dequantise;
mod fidelity;
mod harness;
mod invariance;
mod methods;
mod odd_input;
mod shape;
mod views;
