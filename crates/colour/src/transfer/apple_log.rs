//! Apple, "Apple Log Profile" white paper (September 2023).

/// The curve's constants.
#[derive(Debug)]
pub struct AppleLog;

impl AppleLog {
    /// Linear value of code 0.
    pub const R0: f64 = -0.056_410_88;
    /// Linear value at which the logarithm takes over.
    pub const RT: f64 = 0.01;
    /// Factor of the square.
    pub const C: f64 = 47.287_112_36;
    /// Added inside the logarithm.
    pub const BETA: f64 = 0.009_640_52;
    /// Code per stop.
    pub const GAMMA: f64 = 0.085_504_79;
    /// Added to the logarithm.
    pub const DELTA: f64 = 0.693_369_45;
    /// Code at which the logarithm takes over.
    pub const PT: f64 = Self::C * (Self::RT - Self::R0) * (Self::RT - Self::R0);
}

/// Linear to Apple Log: `gamma log2(L + beta) + delta` from L = 0.01 on, `c (L - R0)^2` down to R0,
/// and 0 below R0 = -0.05641088, as the paper says. V = 1 is L = 12.
#[must_use]
pub fn log_encoding_apple_log(l: f64) -> f64 {
    if l >= AppleLog::RT {
        AppleLog::GAMMA * libm::log2(l + AppleLog::BETA) + AppleLog::DELTA
    } else if l < AppleLog::R0 {
        0.0
    } else {
        AppleLog::C * (l - AppleLog::R0) * (l - AppleLog::R0)
    }
}

/// Inverse of [`log_encoding_apple_log`]; R0 for V below 0, as the paper says.
#[must_use]
pub fn log_decoding_apple_log(v: f64) -> f64 {
    if v >= AppleLog::PT {
        libm::exp2((v - AppleLog::DELTA) / AppleLog::GAMMA) - AppleLog::BETA
    } else if v < 0.0 {
        AppleLog::R0
    } else {
        libm::sqrt(v / AppleLog::C) + AppleLog::R0
    }
}
