//! From gradients to weights.

use serde::{Deserialize, Serialize};

/// The table `[optimiser]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {}
