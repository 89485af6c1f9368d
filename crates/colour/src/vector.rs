//! Elementary functions on slices of f32.
