//! The engine's promises, each as a statement that could be false.

mod averaging;
mod bench_frame;
mod dequantise;
mod device;
mod device_analysis;
mod device_faults;
mod fidelity;
mod golden_case;
mod harness;
mod interpreter;
mod invariance;
mod methods;
mod models_document;
mod network_executor;
mod network_models;
mod network_pictures;
mod network_promises;
mod network_sizes;
mod networks;
mod odd_input;
mod planning;
mod shape;
mod shipped;
mod views;
