//! Presets: named sets of values, from `resources/presets/*.toml`, embedded at build time.

/// A preset.
#[derive(Debug)]
pub struct Preset {
    /// Stable identifier.
    pub id: &'static str,
    /// Text on screen.
    pub label: &'static str,
    /// What it is for.
    pub hint: &'static str,
    /// Setting ids and values as text.
    pub values: &'static [(&'static str, &'static str)],
}

static PRESETS: &[Preset] = include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// Every preset, in menu order; append-only (a file's `order` never changes).
#[must_use]
pub fn all() -> &'static [Preset] {
    PRESETS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Group, Id, SETTINGS, Values};
    use std::collections::HashSet;

    #[test]
    fn every_value_of_every_preset_is_one_that_its_setting_takes() {
        let mut ids = HashSet::new();
        for preset in all() {
            assert!(ids.insert(preset.id), "{} stands twice", preset.id);
            assert!(!preset.values.is_empty() && !preset.hint.is_empty(), "{}", preset.id);
            for (id, text) in preset.values {
                let mut values = Values::default();
                values.set_text(id, text).unwrap_or_else(|e| panic!("{}: {e}", preset.id));
                let group = Values::find(id).expect("a setting").group;
                let look = [Group::Expansion, Group::CleanUp, Group::Output].contains(&group);
                assert!(look, "{}: {id} belongs to the shot, not to a look", preset.id);
            }
        }
        assert!(all().len() >= 5);
    }

    #[test]
    fn graphics_safe_keeps_its_promise_in_nits_too() {
        let preset = all().iter().find(|p| p.id == "graphics-safe").expect("a preset");
        let mut values = Values::default();
        for (id, text) in preset.values {
            values.set_text(id, text).expect("a value");
        }
        let stops = libm::log2(values.number(Id::PeakNits) / values.number(Id::DiffuseWhite));
        assert!((stops - values.number(Id::Peak)).abs() < 0.01, "{stops}");
    }

    #[test]
    fn every_preset_sets_all_that_makes_a_look() {
        // What tells of the shot, the display or the machine is the user's.
        let own = [
            "clip_auto",
            "clip_threshold",
            "diffuse_white",
            "weights",
            "precision",
            "memory_limit",
            "device",
        ];
        for setting in SETTINGS.iter().filter(|s| s.group == Group::Expansion) {
            for preset in all() {
                let sets = preset.values.iter().any(|(id, _)| *id == setting.id);
                assert_eq!(sets, !own.contains(&setting.id), "{}: {}", preset.id, setting.id);
            }
        }
    }

    #[test]
    fn every_preset_sets_what_any_other_sets() {
        // Else the result would depend on which preset was chosen before.
        let keys = |p: &Preset| p.values.iter().map(|(id, _)| *id).collect::<HashSet<_>>();
        let first = keys(&all()[0]);
        for preset in all() {
            assert_eq!(keys(preset), first, "{}", preset.id);
        }
    }
}
