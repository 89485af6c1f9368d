//! What the kernels of networks are given.

use super::{Plain, plain};
use headroom_kernel::nn::ops::{Combine as Two, Map as One};
use headroom_kernel::nn::{Activation, ConvShape, Epilogue, Residual};

plain! {
    /// A tensor in the arena: channels last, rows without gaps.
    struct View {
        /// Index of its first number.
        start: i32,
        /// Rows.
        height: i32,
        /// Pixels of a row.
        width: i32,
        /// Numbers of a pixel.
        channels: i32,
        /// From one pixel to the next.
        stride: i32,
    }

    /// A function of one number.
    struct Map {
        /// One of `MAP_*`.
        function: i32,
        /// One of `ACTIVATION_*`.
        activation: i32,
        /// Slope of a leaky ReLU, scale, or least value.
        first: f32,
        /// Offset, or greatest value.
        second: f32,
    }

    /// A convolution and what follows it.
    struct Conv {
        /// Rows of taps.
        taps_y: i32,
        /// Taps of a row.
        taps_x: i32,
        /// Input pixels from one output pixel to the next.
        stride: i32,
        /// Input pixels from one tap to the next.
        dilation: i32,
        /// Parts into which the channels are divided.
        groups: i32,
        /// Zeros above and below.
        padding_y: i32,
        /// Zeros left and right.
        padding_x: i32,
        /// Where its matrix begins.
        weight: i32,
        /// Where its biases begin; below 0 there are none.
        bias: i32,
        /// One of `ACTIVATION_*`.
        activation: i32,
        /// Of a leaky ReLU.
        slope: f32,
        /// One of `RESIDUAL_*`.
        residual: i32,
        /// Tiles of eight output channels in the matrix, where it is laid for tensor cores.
        weight_tiles: i32,
    }

    /// Where rows or columns lie in the frame: pixel `at` covers the frame from origin + at down / up
    /// to origin + (at + 1) down / up.
    struct Axis {
        /// Edge of the first, in pixels of the frame.
        origin: i32,
        /// Pixels of the frame ...
        down: i32,
        /// ... for so many of these.
        up: i32,
        /// Pixels of the frame in all.
        frame: i32,
    }
}

/// Number and slope of an activation.
fn activation(activation: Activation) -> (i32, f32) {
    match activation {
        Activation::None => (0, 0.0),
        Activation::Relu => (1, 0.0),
        Activation::LeakyRelu(slope) => (2, slope),
        Activation::Silu => (3, 0.0),
        Activation::Sigmoid => (4, 0.0),
        Activation::Softplus => (5, 0.0),
        Activation::Tanh => (6, 0.0),
        Activation::Relu6 => (7, 0.0),
    }
}

impl From<One> for Map {
    fn from(map: One) -> Self {
        let (function, (activation, slope)) = match map {
            One::Activation(by) => (0, activation(by)),
            One::Affine { scale, offset } => {
                return Self { function: 1, activation: 0, first: scale, second: offset };
            }
            One::Clamp { low, high } => {
                return Self { function: 2, activation: 0, first: low, second: high };
            }
            One::Exp2 => (3, (0, 0.0)),
        };
        Self { function, activation, first: slope, second: 0.0 }
    }
}

/// Number of a function of two numbers, and the least divisor.
#[must_use]
pub fn combine(function: Two) -> (i32, f32) {
    match function {
        Two::Add => (0, 0.0),
        Two::Multiply => (1, 0.0),
        Two::Divide { least } => (2, least),
    }
}

impl Conv {
    /// A convolution whose matrix and biases begin at these indices.
    #[must_use]
    pub fn new(shape: &ConvShape, epilogue: Epilogue, weight: i32, bias: Option<i32>) -> Self {
        let (activation, slope) = activation(epilogue.activation);
        Self {
            taps_y: shape.kernel[0] as i32,
            taps_x: shape.kernel[1] as i32,
            stride: shape.stride as i32,
            dilation: shape.dilation as i32,
            groups: shape.groups as i32,
            padding_y: shape.padding[0] as i32,
            padding_x: shape.padding[1] as i32,
            weight,
            bias: bias.unwrap_or(-1),
            activation,
            slope,
            residual: match epilogue.residual {
                Residual::None => 0,
                Residual::BeforeActivation => 1,
                Residual::AfterActivation => 2,
            },
            weight_tiles: super::weight_tiles(shape.out_channels) as i32,
        }
    }
}

/// What a group of work items makes of a convolution at once; see `kernels/conv.cl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvTile {
    /// Its kernel.
    pub kernel: &'static str,
    /// Pixels of the output.
    pub pixels: usize,
    /// Channels of the output.
    pub channels: usize,
    /// Work items.
    pub workers: usize,
}

/// The kernels of convolutions in tiles, which a macro writes.
pub const CONV_KERNELS: [&str; 3] = ["conv_4", "conv_16", "conv_64"];

/// The tile for so many output channels: the narrowest that holds them all, or else the widest.
#[must_use]
pub fn conv_tile(out_channels: usize) -> ConvTile {
    let tile = |kernel, pixels, channels| ConvTile { kernel, pixels, channels, workers: 256 };
    match out_channels {
        0..=4 => tile(CONV_KERNELS[0], 256, 4),
        5..=16 => tile(CONV_KERNELS[1], 256, 16),
        _ => tile(CONV_KERNELS[2], 64, 64),
    }
}

/// The weights of a convolution (output channel, input channel, row, column of taps; as frameworks keep
/// them) as the matrix that the kernels read: row (row, column, input channel), column output channel.
#[must_use]
pub fn conv_matrix(shape: &ConvShape, weight: &[f32]) -> Vec<f32> {
    let each = shape.in_channels / shape.groups.max(1);
    let taps = shape.kernel[0] * shape.kernel[1];
    let mut matrix = Vec::with_capacity(weight.len());
    for tap in 0..taps {
        for channel in 0..each {
            for out in 0..shape.out_channels {
                matrix.push(weight[(out * each + channel) * taps + tap]);
            }
        }
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_have_no_gaps() {
        let view = View { start: 1, height: 2, width: 3, channels: 4, stride: 5 };
        let bytes: Vec<u8> = (1i32..=5).flat_map(i32::to_ne_bytes).collect();
        assert_eq!(view.bytes(), bytes);
        assert_eq!(Map::from(One::Exp2).bytes().len(), 16);
        let conv = Conv::new(&ConvShape::same(3, 4, 5), Epilogue::default(), 7, None);
        assert_eq!((conv.bytes().len(), conv.bias, conv.padding_x), (52, -1, 2));
    }

    #[test]
    fn a_matrix_has_the_output_channels_side_by_side() {
        let shape = ConvShape { kernel: [1, 2], ..ConvShape::same(2, 3, 1) };
        // Weight of output o, input i, tap t: 100 o + 10 i + t.
        let weight: Vec<f32> = [0, 1, 2]
            .into_iter()
            .flat_map(|o| [0, 1, 10, 11].map(|rest| (100 * o + rest) as f32))
            .collect();
        let expected = [0, 100, 200, 10, 110, 210, 1, 101, 201, 11, 111, 211];
        assert_eq!(conv_matrix(&shape, &weight), expected.map(|v| v as f32));
    }
}
