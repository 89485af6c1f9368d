//! Canon, "Canon Log Gamma Curves - Description of the Canon Log, Canon Log 2 and Canon Log 3
//! Gamma Curves" (1 November 2018). Full-range codes; L = 1 is a 100 % reflector, which is 0.9 of
//! the paper's unit.

const REFLECTION: f64 = 0.9;

/// Constants of Canon Log 2.
#[derive(Debug)]
pub struct CanonLog2;

impl CanonLog2 {
    /// Code per decade.
    pub const A: f64 = 0.241_360_77;
    /// Factor of L inside the logarithm.
    pub const B: f64 = 87.099_375 / REFLECTION;
    /// Code of L = 0.
    pub const ZERO: f64 = 0.092_864_125;
}

/// Constants of Canon Log 3.
#[derive(Debug)]
pub struct CanonLog3;

impl CanonLog3 {
    /// Code per decade.
    pub const A: f64 = 0.367_268_45;
    /// Factor of |L| inside the logarithm.
    pub const B: f64 = 14.983_25 / REFLECTION;
    /// Added to the logarithm above the line.
    pub const HIGH: f64 = 0.122_405_37;
    /// Added to the logarithm below the line.
    pub const LOW: f64 = 0.127_839_01;
    /// Code per L on the line.
    pub const SLOPE: f64 = 1.975_479_8 / REFLECTION;
    /// Code of L = 0.
    pub const ZERO: f64 = 0.125_122_19;
    /// Code where the upper logarithm begins.
    pub const ENCODED_HIGH: f64 = 0.152_778_91;
    /// Code where the lower logarithm ends.
    pub const ENCODED_LOW: f64 = 0.097_465_473;
    /// L where the upper logarithm begins.
    pub const LINEAR_HIGH: f64 = (Self::ENCODED_HIGH - Self::ZERO) / Self::SLOPE;
    /// L where the lower logarithm ends.
    pub const LINEAR_LOW: f64 = (Self::ENCODED_LOW - Self::ZERO) / Self::SLOPE;
}

/// Linear to Canon Log 2: `0.24136077 log10(87.099375 L / 0.9 + 1) + 0.092864125`, mirrored about
/// L = 0. Domain: any; the camera uses codes 0 to 1, L = -0.0147 to 59.2.
#[must_use]
pub fn log_encoding_canonlog2(l: f64) -> f64 {
    let v = CanonLog2::A * libm::log1p(CanonLog2::B * l.abs()) / std::f64::consts::LN_10;
    CanonLog2::ZERO + v.copysign(l)
}

/// Inverse of [`log_encoding_canonlog2`].
#[must_use]
pub fn log_decoding_canonlog2(v: f64) -> f64 {
    let d = v - CanonLog2::ZERO;
    let l = libm::expm1(d.abs() / CanonLog2::A * std::f64::consts::LN_10) / CanonLog2::B;
    l.copysign(d)
}

/// Linear to Canon Log 3: a line, slope 1.9754798 / 0.9, for L from -0.0126 to 0.0126, and
/// `0.36726845 log10(14.98325 |L| / 0.9 + 1)` beyond on both sides. Domain: any; the camera uses
/// codes 0 to 1, L = -0.0738 to 14.7.
#[must_use]
pub fn log_encoding_canonlog3(l: f64) -> f64 {
    let log = CanonLog3::A * libm::log1p(CanonLog3::B * l.abs()) / std::f64::consts::LN_10;
    if l < CanonLog3::LINEAR_LOW {
        CanonLog3::LOW - log
    } else if l <= CanonLog3::LINEAR_HIGH {
        CanonLog3::SLOPE * l + CanonLog3::ZERO
    } else {
        CanonLog3::HIGH + log
    }
}

/// Inverse of [`log_encoding_canonlog3`].
#[must_use]
pub fn log_decoding_canonlog3(v: f64) -> f64 {
    let linear = |d: f64| libm::expm1(d / CanonLog3::A * std::f64::consts::LN_10) / CanonLog3::B;
    if v < CanonLog3::ENCODED_LOW {
        -linear(CanonLog3::LOW - v)
    } else if v <= CanonLog3::ENCODED_HIGH {
        (v - CanonLog3::ZERO) / CanonLog3::SLOPE
    } else {
        linear(v - CanonLog3::HIGH)
    }
}
