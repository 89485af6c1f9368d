//! `c/ofx_ext.h` as bindgen reads it.
#![allow(missing_docs, clippy::all)]

include!(concat!(env!("OUT_DIR"), "/ext.rs"));
