//! The run folder.

use serde::{Deserialize, Serialize};

/// The table `[record]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {}
