//! Colour spaces between OpenFX 1.5 and the engine.

use headroom_colour::{Kind, Space, find};
use headroom_ofx::sys;

/// What sources are best handed over as, preferred first: the encodings SDR pictures live in.
pub(crate) const WANTED: [&str; 5] =
    ["srgb_tx", "g24_rec709_tx", "rec1886_rec709_display", "srgb_display", "ofx_display_sdr"];

/// The names of the native configuration that style Core has besides the five of style Basic, as
/// far as the engine knows them.
const CORE: [&str; 15] = [
    "ACES2065-1",
    "ACEScg",
    "ACEScc",
    "ACEScct",
    "lin_rec709_srgb",
    "lin_rec2020",
    "lin_p3d65",
    "srgb_tx",
    "g22_rec709_tx",
    "g24_rec709_tx",
    "g18_rec709_tx",
    "srgb_display",
    "rec1886_rec709_display",
    "displayp3_display",
    "rec2100_pq_display",
];

/// How much of colour management a host and the plug-in agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Nothing.
    None,
    /// Five generic names.
    Basic,
    /// The common names. This is what the plug-in offers at most.
    Core,
}

impl Style {
    /// The style of an OpenFX name.
    pub(crate) fn from_name(name: &str) -> Self {
        let is = |style: &std::ffi::CStr| style.to_bytes() == name.as_bytes();
        if is(sys::kOfxImageEffectColourManagementBasic) {
            Self::Basic
        } else if is(sys::kOfxImageEffectColourManagementNone) || name.is_empty() {
            Self::None
        } else {
            Self::Core
        }
    }

    /// True when a name may be used in this style.
    pub(crate) fn has(self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::Basic => name.starts_with("ofx_"),
            Self::Core => name.starts_with("ofx_") || CORE.contains(&name),
        }
    }

    /// A space's name in this style: its own where the style has it, else the generic one.
    pub(crate) fn name_of(self, space: &'static Space) -> &'static str {
        let own = space.ofx_name.filter(|name| self.has(name));
        own.unwrap_or(match space.kind {
            Kind::SceneLinear => "ofx_scene_linear",
            Kind::Log => "ofx_scene_log",
            Kind::DisplayHdr => "ofx_display_hdr",
            _ => "ofx_display_sdr",
        })
    }
}

/// The space a host means; none for names that say nothing (raw data, unknown names).
pub(crate) fn by_name(name: &str) -> Option<&'static Space> {
    match name {
        // The generic names leave the primaries open; these are the customary ones.
        "ofx_scene_linear" => find("ACEScg"),
        "ofx_scene_log" => find("ACEScct"),
        "ofx_display_sdr" => find("srgb_tx"),
        "ofx_display_hdr" => find("rec2100_pq_display"),
        "ofx_raw" | "" => None,
        name => find(name),
    }
}

/// True when a space can hold what the expansion adds.
pub(crate) fn holds_highlights(space: &Space) -> bool {
    matches!(space.kind, Kind::SceneLinear | Kind::Log | Kind::DisplayHdr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_name_only_what_they_have() {
        let log = find("arri_logc4").expect("in the registry");
        let cg = find("ACEScg").expect("in the registry");
        assert_eq!(Style::Core.name_of(cg), "ACEScg");
        assert_eq!(Style::Basic.name_of(cg), "ofx_scene_linear");
        assert_eq!(Style::Core.name_of(log), "ofx_scene_log");
        assert!(WANTED.iter().all(|name| Style::Core.has(name) && by_name(name).is_some()));
    }
}
