//! The form that most camera curves share.

/// `V = log_slope * log_base(lin_slope * L + lin_offset) + log_offset` above the break, and a
/// straight line below it (Academy/ASC Common LUT Format S-2014-006, `Log` node `cameraLogToLin`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CameraLog {
    /// V per natural logarithm.
    pub per_ln: f64,
    /// Added to the logarithm.
    pub log_offset: f64,
    /// Factor of L inside the logarithm.
    pub lin_slope: f64,
    /// Added inside the logarithm.
    pub lin_offset: f64,
    /// L at which the line takes over.
    pub linear_break: f64,
    /// V at which the line takes over.
    pub encoded_break: f64,
    /// V per L on the line.
    pub toe_slope: f64,
    /// V of L = 0 on the line.
    pub toe_offset: f64,
}

impl CameraLog {
    /// From the logarithm's base and the four constants of the logarithmic piece; the line meets
    /// it at `linear_break` in value, and in slope too.
    #[must_use]
    pub fn new(
        base: f64,
        [log_slope, log_offset]: [f64; 2],
        [lin_slope, lin_offset]: [f64; 2],
        linear_break: f64,
    ) -> Self {
        let per_ln = log_slope / libm::log(base);
        let inside = lin_slope * linear_break + lin_offset;
        let curve = Self {
            per_ln,
            log_offset,
            lin_slope,
            lin_offset,
            linear_break,
            encoded_break: per_ln * libm::log(inside) + log_offset,
            toe_slope: 0.0,
            toe_offset: 0.0,
        };
        curve.with_toe_slope(per_ln * lin_slope / inside)
    }

    /// The same with the line's slope as the document prints it.
    #[must_use]
    pub fn with_toe_slope(self, toe_slope: f64) -> Self {
        let toe_offset = self.encoded_break - toe_slope * self.linear_break;
        Self { toe_slope, toe_offset, ..self }
    }

    /// Linear to encoded.
    #[must_use]
    pub fn encode(&self, l: f64) -> f64 {
        if l > self.linear_break {
            self.per_ln * libm::log(self.lin_slope * l + self.lin_offset) + self.log_offset
        } else {
            self.toe_slope * l + self.toe_offset
        }
    }

    /// Encoded to linear.
    #[must_use]
    pub fn decode(&self, v: f64) -> f64 {
        if v > self.encoded_break {
            (libm::exp((v - self.log_offset) / self.per_ln) - self.lin_offset) / self.lin_slope
        } else {
            (v - self.toe_offset) / self.toe_slope
        }
    }
}
