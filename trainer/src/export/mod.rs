//! Weights files, model cards and ONNX from a run.
