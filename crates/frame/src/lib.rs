//! Frames, picture files, sequences and metadata.
//!
//! [`read`] takes a PNG, JPEG, TIFF, OpenEXR or Radiance file to a [`Frame`]: 32-bit float RGBA
//! with the values as the file encodes them. [`write`] takes a frame to OpenEXR, PNG, JPEG or
//! TIFF, whole or not at all. No colour is converted here.
//!
//! Files are not trusted: sizes are checked against limits and against the length of the file
//! before anything is allocated, and a decoder that panics is reported as a damaged file.
//!
//! The same file gives the same bits on every machine and with any number of threads. One
//! exception is not ours to mend: OpenEXR's lossy DWAA and DWAB leave the last bits of their
//! cosine transform to the processor; such frames carry the note `exr:lossy`.

mod error;
mod frame;
mod metadata;
mod parallel;
mod read;
pub mod sequence;
mod write;

pub use error::FrameError;
pub use frame::{AlphaKind, Frame, SourceKind, Window};
pub use headroom_colour::Chromaticities;
pub use metadata::{Attribute, AttributeValue, Metadata};
pub use read::{ReadOptions, read};
pub use write::{
    ExrCompression, FileKind, Provenance, Sample, WriteOptions, WriteReport, write, write_whole,
};
