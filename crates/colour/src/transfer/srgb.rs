//! IEC 61966-2-1:1999 (sRGB), clause 5.2.

use super::Moncurve;
use std::sync::LazyLock;

/// Exponent 2.4, offset 0.055.
pub static SRGB: LazyLock<Moncurve> = LazyLock::new(|| Moncurve::new(2.4, 0.055));

/// sRGB signal to linear light: `((V + 0.055) / 1.055)^2.4`, `V / 12.92` for V up to 0.04045.
///
/// The toe's slope is 12.9232, as continuity demands and OpenColorIO has it, where the standard
/// rounds to 12.92. Below zero the toe goes on. Domain: any; 0 to 1 gives 0 to 1.
#[must_use]
pub fn eotf_srgb(v: f64) -> f64 {
    SRGB.decode(v)
}

/// Inverse of [`eotf_srgb`].
#[must_use]
pub fn inverse_eotf_srgb(l: f64) -> f64 {
    SRGB.encode(l)
}

/// [`eotf_srgb`] with `f(-V) = -f(V)`, as displays of extended range have it (IEC 61966-2-1,
/// amendment 1, annex F: bg-sRGB).
#[must_use]
pub fn eotf_srgb_mirrored(v: f64) -> f64 {
    SRGB.decode(v.abs()).copysign(v)
}

/// Inverse of [`eotf_srgb_mirrored`].
#[must_use]
pub fn inverse_eotf_srgb_mirrored(l: f64) -> f64 {
    SRGB.encode(l.abs()).copysign(l)
}
