//! The `headroom` program as users and farms call it.

mod bundle;
mod compare;
mod documents;
mod memory;
mod models;
mod networks;
mod progress;
mod refusals;
mod registries;
mod render;
mod resume;
mod sample;
mod support;
