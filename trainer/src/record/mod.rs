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
//! | `tensorboard` | events for TensorBoard |
//! | `raster`, `sheet` | pictures with lines and text; sample sheets |
//! | `history`, `curves`, `chart` | logs read back; their charts, as PNG and SVG |
//! | `summary`, `report` | the run in one JSON file and on one page |
//! | `progress`, `notify` | telling a person |
//!
//! Logs hold the same numbers for the same run, however often it was interrupted; times differ.

mod chart;
mod curves;
mod entry;
mod environment;
mod file;
mod folder;
mod history;
mod log;
mod notify;
mod progress;
pub(crate) mod raster;
mod recorder;
mod report;
mod settings;
mod sheet;
mod summary;
mod tensorboard;

pub(crate) use chart::{Chart, Series, page as chart_page};
pub(crate) use curves::number;
pub(crate) use history::{Course, History, known};
pub(crate) use progress::duration;

pub use entry::{EpochRecord, Figure, Phase, Position, Sample, StepRecord};
pub(crate) use environment::host;
pub use folder::{RunFolder, checkpoints_of};
pub use notify::notify;
pub use progress::{Progress, Style};
pub use recorder::Recorder;
pub use settings::Settings;
pub(crate) use summary::settled;

#[cfg(test)]
mod tests;
