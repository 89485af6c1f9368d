//! Scores over cameras and data sets.

use serde::{Deserialize, Serialize};

/// The table `[eval]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {}
