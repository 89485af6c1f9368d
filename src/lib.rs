//! The engine of Headroom: settings in, pixels in, pixels out. It knows no OpenFX, no command line
//! and no files but those of models.

pub mod camera;
pub mod execute;
pub mod expand;
pub mod graph;
mod linear;
pub mod metrics;
pub mod model;
pub mod presets;
pub mod settings;
mod simd;

/// Version of the engine and of everything built with it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Commit that was built (12 digits, + where the tree differed from it); "unknown" outside git.
pub const COMMIT: &str = env!("HEADROOM_COMMIT");
