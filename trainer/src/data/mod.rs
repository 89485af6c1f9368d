//! Pictures from disk to batches of shots.

use serde::{Deserialize, Serialize};

/// The table `[data]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {}
