//! A procedural HDR scene with known ground truth, for demo and tests.
