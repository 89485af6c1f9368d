//! The table `[loss]`.

use super::frame::Where;
use super::table::{LOSSES, LossInfo};
use crate::Error;
use headroom::model::Domain;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The table `[loss]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What is added up. Empty: what [`Settings::usual`] gives for what the network puts out.
    pub terms: Vec<Term>,
}

/// One term: `{ name = "hybrid", weight = 1.0, alpha = 0.5 }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// Identifier in [`LOSSES`].
    pub name: String,
    /// Factor, 0 or more; 0 measures without training on it.
    #[serde(default = "one")]
    pub weight: f64,
    /// Which values count, where the loss leaves that open.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<Where>,
    /// What the loss's knobs are set to.
    #[serde(flatten)]
    pub options: BTreeMap<String, f64>,
}

const fn one() -> f64 {
    1.0
}

impl Term {
    /// A loss as it usually is.
    #[must_use]
    pub fn new(name: &str, weight: f64) -> Self {
        Self { name: name.to_owned(), weight, place: None, options: BTreeMap::new() }
    }

    pub(super) fn check(&self, index: usize) -> Result<&'static LossInfo, Error> {
        let field = |name: &str| format!("loss.terms[{index}].{name}");
        let info = LOSSES.iter().find(|loss| loss.id == self.name).ok_or_else(|| {
            let ids: Vec<_> = LOSSES.iter().map(|loss| loss.id).collect();
            Error::setting(&field("name"), &self.name, ids.join(", "))
        })?;
        if !(self.weight >= 0.0 && self.weight.is_finite()) {
            return Err(Error::setting(&field("weight"), self.weight, "0 or more"));
        }
        if let (Some(place), None) = (self.place, info.place) {
            let expected = format!("nothing: {} says itself where it looks", info.id);
            return Err(Error::setting(&field("where"), place.id(), expected));
        }
        for (name, value) in &self.options {
            let knob = info.knobs.iter().find(|knob| knob.id == name).ok_or_else(|| {
                let ids: Vec<_> = info.knobs.iter().map(|knob| knob.id).collect();
                let expected = if ids.is_empty() { "no option".to_owned() } else { ids.join(", ") };
                Error::setting(&field(name), value, format!("of {}: {expected}", info.id))
            })?;
            let [low, high] = knob.range;
            if !(*value >= low && *value <= high) {
                return Err(Error::setting(&field(name), value, format!("{low} to {high}")));
            }
        }
        Ok(info)
    }
}

impl Settings {
    /// What is minimised when nothing is said.
    #[must_use]
    pub fn usual(domain: Domain) -> Self {
        let terms = match domain {
            // What clipped is all that can move.
            Domain::Stops => vec![
                Term::new("clip_pu21", 1.0),
                Term::new("clip_stops", 0.5),
                Term::new("energy", 0.05),
            ],
            Domain::Linear => vec![Term::new("hybrid", 1.0), Term::new("energy", 0.05)],
            Domain::AcesCct => vec![Term::new("acescct_l1", 1.0), Term::new("energy", 0.05)],
        };
        Self { terms }
    }
}
