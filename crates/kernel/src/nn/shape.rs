//! The geometry of a convolution, and what is done to its sums before they are stored.

use std::fmt;

/// A size that does not fit the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeError {
    /// Which size.
    pub what: &'static str,
    /// What it is.
    pub found: String,
    /// What it had to be.
    pub expected: String,
}

impl ShapeError {
    pub(super) fn new(
        what: &'static str,
        found: impl fmt::Display,
        expected: impl fmt::Display,
    ) -> Self {
        Self { what, found: found.to_string(), expected: expected.to_string() }
    }
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}, expected {}", self.what, self.found, self.expected)
    }
}

impl std::error::Error for ShapeError {}

/// Geometry of a two-dimensional convolution (a cross-correlation, as in every framework).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConvShape {
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Taps in y and x.
    pub kernel: [usize; 2],
    /// Input pixels from one output pixel to the next, in both directions.
    pub stride: usize,
    /// Input pixels from one tap to the next, in both directions.
    pub dilation: usize,
    /// Parts into which the channels are divided; each output part sees one input part.
    pub groups: usize,
    /// Zeros at each side, in y and x.
    pub padding: [usize; 2],
}

impl ConvShape {
    /// A square kernel with stride 1 that keeps the size (for an odd `kernel`).
    #[must_use]
    pub const fn same(in_channels: usize, out_channels: usize, kernel: usize) -> Self {
        let padding = [kernel / 2, kernel / 2];
        let kernel = [kernel, kernel];
        Self { in_channels, out_channels, kernel, stride: 1, dilation: 1, groups: 1, padding }
    }

    /// Height and width of the output for an input of that size; 0 where the input is empty or
    /// smaller than the kernel.
    #[must_use]
    pub fn output(&self, height: usize, width: usize) -> [usize; 2] {
        let size = |length: usize, axis: usize| {
            if length == 0 || self.kernel[axis] == 0 || self.stride == 0 {
                return 0;
            }
            let span = (self.kernel[axis] - 1).saturating_mul(self.dilation);
            let padded = length.saturating_add(self.padding[axis].saturating_mul(2));
            if padded > span { (padded - span - 1) / self.stride + 1 } else { 0 }
        };
        match [size(height, 0), size(width, 1)] {
            [0, _] | [_, 0] => [0, 0],
            size => size,
        }
    }

    /// Number of weights: out x in / groups x kernel height x kernel width.
    ///
    /// # Errors
    /// When a size is 0, the groups do not divide the channels, or the number is absurd.
    pub fn weights(&self) -> Result<usize, ShapeError> {
        let sizes = [
            ("convolution input channels", self.in_channels),
            ("convolution output channels", self.out_channels),
            ("convolution kernel height", self.kernel[0]),
            ("convolution kernel width", self.kernel[1]),
            ("convolution stride", self.stride),
            ("convolution dilation", self.dilation),
            ("convolution groups", self.groups),
        ];
        for (what, size) in sizes {
            if size == 0 {
                return Err(ShapeError::new(what, 0, "at least 1"));
            }
        }
        for (what, channels) in [sizes[0], sizes[1]] {
            if channels % self.groups != 0 {
                let expected = format!("a multiple of the {} groups", self.groups);
                return Err(ShapeError::new(what, channels, expected));
            }
        }
        (self.in_channels / self.groups)
            .checked_mul(self.out_channels)
            .and_then(|n| n.checked_mul(self.kernel[0]))
            .and_then(|n| n.checked_mul(self.kernel[1]))
            .filter(|&n| n <= isize::MAX as usize / 256)
            .ok_or_else(|| ShapeError::new("convolution weights", "more", "what fits in memory"))
    }

    /// Multiplications (each with an addition) of a direct convolution with that many output
    /// pixels.
    #[must_use]
    pub fn multiplications(&self, pixels: usize) -> u64 {
        let taps = self.kernel[0] as u64 * self.kernel[1] as u64;
        let inputs = self.in_channels as u64 / self.groups.max(1) as u64;
        taps * inputs * self.out_channels as u64 * pixels as u64
    }
}

/// A function of one number that ends a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Activation {
    /// x
    #[default]
    None,
    /// max(x, 0)
    Relu,
    /// x where x > 0, else slope x
    LeakyRelu(f32),
    /// x / (1 + e^-x)
    Silu,
    /// 1 / (1 + e^-x)
    Sigmoid,
    /// ln(1 + e^x)
    Softplus,
    /// (e^x - e^-x) / (e^x + e^-x)
    Tanh,
    /// min(max(x, 0), 6)
    Relu6,
}

/// When a residual of the output's shape is added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Residual {
    /// There is none.
    #[default]
    None,
    /// activation(sum + bias + residual)
    BeforeActivation,
    /// activation(sum + bias) + residual
    AfterActivation,
}

/// What is done to the sums before they are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Epilogue {
    /// The function.
    pub activation: Activation,
    /// The addition.
    pub residual: Residual,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_sizes_are_those_of_the_textbook() {
        // Dumoulin & Visin, A guide to convolution arithmetic for deep learning, relations 6 and 15
        let shape = |kernel, stride, dilation, padding| ConvShape {
            in_channels: 1,
            out_channels: 1,
            kernel: [kernel, kernel],
            stride,
            dilation,
            groups: 1,
            padding: [padding, padding],
        };
        assert_eq!(shape(3, 1, 1, 1).output(5, 7), [5, 7]);
        assert_eq!(shape(3, 2, 1, 1).output(5, 6), [3, 3]);
        assert_eq!(shape(3, 1, 2, 0).output(7, 7), [3, 3]);
        assert_eq!(shape(7, 2, 1, 3).output(8, 9), [4, 5]);
        assert_eq!(shape(3, 1, 1, 0).output(2, 9), [0, 0]);
        assert_eq!(shape(3, 1, 1, 1).output(0, 9), [0, 0]);
        assert_eq!(shape(1, 1, 1, usize::MAX).output(1, 1), [usize::MAX, usize::MAX]);
    }

    #[test]
    fn impossible_shapes_name_the_size() {
        let good = ConvShape::same(4, 6, 3);
        assert_eq!(good.weights(), Ok(4 * 6 * 9));
        let error = ConvShape { groups: 4, ..good }.weights().expect_err("6 / 4");
        assert_eq!(
            error.to_string(),
            "convolution output channels: found 6, expected a multiple of the 4 groups"
        );
        for bad in [
            ConvShape { in_channels: 0, ..good },
            ConvShape { out_channels: 0, ..good },
            ConvShape { kernel: [0, 3], ..good },
            ConvShape { stride: 0, ..good },
            ConvShape { dilation: 0, ..good },
            ConvShape { groups: 0, ..good },
            ConvShape { in_channels: usize::MAX, groups: 1, ..good },
        ] {
            assert!(bad.weights().is_err(), "{bad:?}");
        }
    }
}
