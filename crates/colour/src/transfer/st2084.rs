//! SMPTE ST 2084:2014 (PQ); ITU-R BT.2100-2, table 4, has the same.

/// Luminance of signal 1, nits.
pub const PQ_PEAK_NITS: f64 = 10_000.0;

/// The curve's constants (clause 5.2).
#[derive(Debug)]
pub struct St2084;

impl St2084 {
    /// Exponent of luminance.
    pub const M1: f64 = 2610.0 / 16384.0;
    /// Exponent of the quotient.
    pub const M2: f64 = 2523.0 / 4096.0 * 128.0;
    /// `C3 - C2 + 1`.
    pub const C1: f64 = 3424.0 / 4096.0;
    /// Factor above the line.
    pub const C2: f64 = 2413.0 / 4096.0 * 32.0;
    /// Factor below the line.
    pub const C3: f64 = 2392.0 / 4096.0 * 32.0;
}

/// PQ signal to nits: `10000 (max(N - c1, 0) / (c2 - c3 N))^(1/m1)` with `N = V^(1/m2)`, mirrored
/// below zero. Domain: |V| under 1.99, where the denominator vanishes; beyond it the result is
/// infinite. V = 1 gives 10000.
#[must_use]
pub fn eotf_st2084(v: f64) -> f64 {
    let n = libm::pow(v.abs(), 1.0 / St2084::M2);
    let below = St2084::C2 - St2084::C3 * n;
    let y = if below > 0.0 || below.is_nan() {
        libm::pow((n - St2084::C1).max(0.0) / below, 1.0 / St2084::M1)
    } else {
        f64::INFINITY
    };
    (PQ_PEAK_NITS * if v.is_nan() { v } else { y }).copysign(v)
}

/// Nits to PQ signal: `((c1 + c2 Y) / (1 + c3 Y))^m2` with `Y = (nits / 10000)^m1`, mirrored below
/// zero. Domain: any; 0 gives 7.3e-7 as the formula does, 10000 gives 1.
#[must_use]
pub fn inverse_eotf_st2084(nits: f64) -> f64 {
    if nits.is_infinite() {
        return libm::pow(St2084::C2 / St2084::C3, St2084::M2).copysign(nits);
    }
    let y = libm::pow((nits / PQ_PEAK_NITS).abs(), St2084::M1);
    libm::pow((St2084::C1 + St2084::C2 * y) / (1.0 + St2084::C3 * y), St2084::M2).copysign(nits)
}
