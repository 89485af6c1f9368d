//! Losses and their gradients.

pub mod edit;

use serde::{Deserialize, Serialize};

/// The table `[loss]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {}
