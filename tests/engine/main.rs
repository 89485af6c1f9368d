//! The engine's promises, each as a statement that could be false.

mod bench_frame;
mod dequantise;
mod fidelity;
mod harness;
mod invariance;
mod methods;
mod network_models;
mod networks;
mod odd_input;
mod planning;
mod shape;
mod views;
