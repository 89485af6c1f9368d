//! Power functions with a straight toe that meets the power in value and slope.

/// `L = ((V + offset) / (1 + offset))^gamma` above the break, `L = slope * V` below.
///
/// The break and the slope follow from gamma and offset by asking that both pieces meet with one
/// slope; standards print them rounded (0.04045 and 12.92 for sRGB), which leaves a small step.
/// ACES' CTL and OpenColorIO compute them, and so does this, so that every tool agrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moncurve {
    /// Exponent of the power piece.
    pub gamma: f64,
    /// Offset of the power piece.
    pub offset: f64,
    /// Encoded value at which the pieces meet.
    pub encoded_break: f64,
    /// Linear value at which the pieces meet.
    pub linear_break: f64,
    /// Linear over encoded below the break.
    pub slope: f64,
}

impl Moncurve {
    /// From exponent (> 1) and offset (> 0).
    #[must_use]
    pub fn new(gamma: f64, offset: f64) -> Self {
        let encoded_break = offset / (gamma - 1.0);
        let slope = libm::pow(offset * gamma / ((gamma - 1.0) * (1.0 + offset)), gamma)
            * ((gamma - 1.0) / offset);
        Self { gamma, offset, encoded_break, linear_break: encoded_break * slope, slope }
    }

    /// Encoded to linear; below zero the toe goes on.
    #[must_use]
    pub fn decode(&self, v: f64) -> f64 {
        if v > self.encoded_break {
            libm::pow((v + self.offset) / (1.0 + self.offset), self.gamma)
        } else {
            v * self.slope
        }
    }

    /// Inverse of [`Self::decode`].
    #[must_use]
    pub fn encode(&self, l: f64) -> f64 {
        if l > self.linear_break {
            (1.0 + self.offset) * libm::pow(l, 1.0 / self.gamma) - self.offset
        } else {
            l / self.slope
        }
    }
}
