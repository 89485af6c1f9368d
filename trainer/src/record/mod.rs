//! The run folder: what a run was, what it did, and how well, in files that outlive it.
//!
//! | module | what it is for |
//! |---|---|
//! | [`settings`](Settings) | the table `[record]` |
//! | `folder` | where things lie, and names that never collide |
//! | `entry` | what the loop hands over |
//! | `recorder` | where it goes |
//! | `log`, `file` | CSV and JSON lines that survive a crash and can be cut; whole files |
//! | `environment` | what the run ran on |
//! | `progress`, `notify` | telling a person |
//!
//! Logs hold the same numbers for the same run, however often it was interrupted; times differ.

mod entry;
mod environment;
mod file;
mod folder;
mod log;
mod notify;
mod progress;
mod recorder;
mod settings;

pub use entry::{EpochRecord, Figure, Phase, Position, Sample, StepRecord};
pub use file::write_whole;
pub use folder::RunFolder;
pub use notify::notify;
pub use progress::{Progress, Style};
pub use recorder::Recorder;
pub use settings::Settings;
