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

/// Every preset, in menu order; append-only.
#[must_use]
pub fn all() -> &'static [Preset] {
    &[]
}
