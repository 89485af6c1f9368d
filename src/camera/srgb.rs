//! The curve of IEC 61966-2-1, cut at 1.

use headroom_colour::transfer::inverse_eotf_srgb;

/// Exposure to signal.
pub(super) fn curve(light: f64) -> f64 {
    inverse_eotf_srgb(light.min(1.0))
}
