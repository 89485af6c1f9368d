//! Settings: what a user can choose. [`table`] declares every one of them once; the node, the
//! command line, presets, documents and tests read that table.

mod kind;
mod table;
mod values;

pub use kind::{Choice, Group, Kind, Setting, Unit, Value};
pub(crate) use table::ESTIMATE;
pub use table::{Id, SETTINGS};
pub use values::{SettingError, Values};
