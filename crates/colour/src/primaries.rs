//! Chromaticities of primaries and white points, as their standards print them.

/// CIE 1931 xy of the primaries and the white point of an RGB space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chromaticities {
    /// Red.
    pub red: [f64; 2],
    /// Green.
    pub green: [f64; 2],
    /// Blue.
    pub blue: [f64; 2],
    /// White.
    pub white: [f64; 2],
}

const D65: [f64; 2] = [0.3127, 0.3290];
const ACES_WHITE: [f64; 2] = [0.32168, 0.33767];

/// ACES primaries 0 (SMPTE ST 2065-1).
pub const AP0: Chromaticities = Chromaticities {
    red: [0.7347, 0.2653],
    green: [0.0, 1.0],
    blue: [0.0001, -0.077],
    white: ACES_WHITE,
};
/// ACES primaries 1 (AMPAS S-2014-004).
pub const AP1: Chromaticities = Chromaticities {
    red: [0.713, 0.293],
    green: [0.165, 0.830],
    blue: [0.128, 0.044],
    white: ACES_WHITE,
};
/// ITU-R BT.709-6.
pub const REC709: Chromaticities =
    Chromaticities { red: [0.64, 0.33], green: [0.30, 0.60], blue: [0.15, 0.06], white: D65 };
/// ITU-R BT.2020-2.
pub const REC2020: Chromaticities =
    Chromaticities { red: [0.708, 0.292], green: [0.170, 0.797], blue: [0.131, 0.046], white: D65 };
/// SMPTE EG 432-1 with D65.
pub const P3_D65: Chromaticities =
    Chromaticities { red: [0.680, 0.320], green: [0.265, 0.690], blue: [0.150, 0.060], white: D65 };
/// Adobe RGB (1998).
pub const ADOBE_RGB: Chromaticities =
    Chromaticities { red: [0.64, 0.33], green: [0.21, 0.71], blue: [0.15, 0.06], white: D65 };
