//! ITU-R BT.2100-2, table 5 (hybrid log-gamma).

/// Peak of the display that the conversions assume, nits. Fixed, as in OpenColorIO's display.
pub const HLG_PEAK_NITS: f64 = 1000.0;
/// System gamma at that peak (note 5e).
pub const HLG_SYSTEM_GAMMA: f64 = 1.2;
/// Scene luminance below which OpenColorIO keeps the system gamma's gain from growing; its unit
/// puts peak at `3^1.2`, here it is 1.
pub const HLG_BLACK_FLOOR: f64 = 1e-4 / 3.737_192_818_846_552;

/// Constants of the curve (table 5, "reference OETF").
#[derive(Debug)]
pub struct Hlg;

impl Hlg {
    /// Factor of the logarithm.
    pub const A: f64 = 0.178_832_77;
    /// `1 - 4 A`.
    pub const B: f64 = 1.0 - 4.0 * Self::A;
    /// `0.5 - A ln(4 A)`.
    pub const C: f64 = 0.559_910_729_529_562;
    /// Luminance weights of BT.2100's primaries as the document prints them.
    pub const LUMINANCE: [f64; 3] = [0.2627, 0.6780, 0.0593];
}

/// Scene light (1 at peak) to signal: `sqrt(3 E)` up to 1/12, `a ln(12 E - b) + c` above; mirrored
/// below zero. Domain: any.
#[must_use]
pub fn oetf_hlg(e: f64) -> f64 {
    let x = e.abs();
    let v = if x <= 1.0 / 12.0 {
        libm::sqrt(3.0 * x)
    } else {
        Hlg::A * libm::log(12.0 * x - Hlg::B) + Hlg::C
    };
    v.copysign(e)
}

/// Inverse of [`oetf_hlg`].
#[must_use]
pub fn inverse_oetf_hlg(v: f64) -> f64 {
    let x = v.abs();
    let e = if x <= 0.5 { x * x / 3.0 } else { (libm::exp((x - Hlg::C) / Hlg::A) + Hlg::B) / 12.0 };
    e.copysign(v)
}

/// Scene light to display light, both 1 at peak: `E * Y^(gamma - 1)` with Y the luminance of E.
/// The exact inverse of [`inverse_ootf_hlg`].
#[must_use]
pub fn ootf_hlg(e: [f64; 3]) -> [f64; 3] {
    let y = luminance(e).max(libm::pow(HLG_BLACK_FLOOR, 1.0 / HLG_SYSTEM_GAMMA));
    let gain = libm::pow(y, HLG_SYSTEM_GAMMA - 1.0);
    e.map(|e| e * gain)
}

/// Display light to scene light, both 1 at peak: `F * Y^(1 / gamma - 1)`, Y the size of F's
/// luminance, not below [`HLG_BLACK_FLOOR`] where the power runs off to infinity.
#[must_use]
pub fn inverse_ootf_hlg(f: [f64; 3]) -> [f64; 3] {
    let gain = libm::pow(luminance(f).max(HLG_BLACK_FLOOR), 1.0 / HLG_SYSTEM_GAMMA - 1.0);
    f.map(|f| f * gain)
}

fn luminance(rgb: [f64; 3]) -> f64 {
    let [r, g, b] = Hlg::LUMINANCE;
    (rgb[0] * r + rgb[1] * g + rgb[2] * b).abs()
}
