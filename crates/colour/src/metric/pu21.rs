//! PU21: R. K. Mantiuk and M. Azimi, "PU21: A novel perceptually uniform encoding for adapting
//! existing quality metrics for HDR", Picture Coding Symposium 2021; constants as in the authors'
//! published `pu21_encoder.m`.

/// Luminance for which the encoding was fitted, nits; encoding limits its input to it, as the
/// authors' does.
pub const PU21_RANGE_NITS: [f64; 2] = [0.005, 10_000.0];

/// Which contrast sensitivity the encoding was fitted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Pu21 {
    /// Visibility of banding.
    Banding,
    /// Visibility of banding, with glare in the eye. What the authors recommend.
    #[default]
    BandingGlare,
    /// The peaks of contrast sensitivity.
    Peaks,
    /// The peaks of contrast sensitivity, with glare in the eye.
    PeaksGlare,
}

impl Pu21 {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Banding, Self::BandingGlare, Self::Peaks, Self::PeaksGlare];

    /// The name that the authors use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Banding => "banding",
            Self::BandingGlare => "banding_glare",
            Self::Peaks => "peaks",
            Self::PeaksGlare => "peaks_glare",
        }
    }

    /// The constants p1 to p7 of [`Self::encode`].
    #[must_use]
    #[rustfmt::skip]
    pub const fn parameters(self) -> [f64; 7] {
        match self {
            Self::Banding => [
                1.070275272, 0.4088273932, 0.153224308, 0.2520326168, 1.063512885, 1.14115047,
                521.4527484,
            ],
            Self::BandingGlare => [
                0.353487901, 0.3734658629, 8.277049286e-5, 0.9062562627, 0.09150303166,
                0.9099517204, 596.3148142,
            ],
            Self::Peaks => [
                1.043882782, 0.6459495343, 0.3194584211, 0.374025247, 1.114783422, 1.095360363,
                384.9217577,
            ],
            Self::PeaksGlare => [
                816.885024, 1479.463946, 0.001253215609, 0.9329636822, 0.06746643971, 1.573435413,
                419.6006374,
            ],
        }
    }

    /// Nits to PU units: `p7 (((p1 + p2 Y^p4) / (1 + p3 Y^p4))^p5 - p6)`, not below 0. Y is limited
    /// to [`PU21_RANGE_NITS`] first; 100 nits give about 256. NaN gives NaN.
    #[must_use]
    pub fn encode(self, nits: f64) -> f64 {
        let [p1, p2, p3, p4, p5, p6, p7] = self.parameters();
        let [low, high] = PU21_RANGE_NITS;
        let y = libm::pow(nits.clamp(low, high), p4);
        let v = p7 * (libm::pow((p1 + p2 * y) / (1.0 + p3 * y), p5) - p6);
        if v < 0.0 { 0.0 } else { v }
    }

    /// PU units to nits: the inverse of [`Self::encode`].
    #[must_use]
    pub fn decode(self, pu: f64) -> f64 {
        let [p1, p2, p3, p4, p5, p6, p7] = self.parameters();
        let quotient = pu / p7 + p6;
        let v = libm::pow(if quotient < 0.0 { 0.0 } else { quotient }, 1.0 / p5);
        let above = v - p1;
        libm::pow((if above < 0.0 { 0.0 } else { above }) / (p2 - p3 * v), 1.0 / p4)
    }
}

/// [`Pu21::encode`] of the recommended variant, `banding_glare`.
#[must_use]
pub fn pu21_encoding(nits: f64) -> f64 {
    Pu21::BandingGlare.encode(nits)
}

/// [`Pu21::decode`] of the recommended variant, `banding_glare`.
#[must_use]
pub fn pu21_decoding(pu: f64) -> f64 {
    Pu21::BandingGlare.decode(pu)
}
