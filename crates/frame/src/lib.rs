//! Frames, picture files, sequences and metadata.
