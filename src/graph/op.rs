//! The operations. Each says what it takes, what it gives and whose definition it follows.
//!
//! Where PyTorch has the operation, its definition is meant, so that weights can move between the
//! two; arrays are channels last here.

use headroom_kernel::nn;

/// Pointwise curves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// max(x, 0).
    Relu,
    /// x above 0, slope * x below.
    LeakyRelu(f32),
    /// x * sigmoid(x).
    Silu,
    /// 1 / (1 + exp(-x)).
    Sigmoid,
    /// ln(1 + exp(x)): never negative, close to x above.
    Softplus,
    /// Hyperbolic tangent.
    Tanh,
    /// min(max(x, 0), 6).
    Relu6,
}

/// As the kernels call it.
impl From<Activation> for nn::Activation {
    fn from(by: Activation) -> Self {
        match by {
            Activation::Relu => Self::Relu,
            Activation::LeakyRelu(slope) => Self::LeakyRelu(slope),
            Activation::Silu => Self::Silu,
            Activation::Sigmoid => Self::Sigmoid,
            Activation::Softplus => Self::Softplus,
            Activation::Tanh => Self::Tanh,
            Activation::Relu6 => Self::Relu6,
        }
    }
}

/// How pixels are read between pixels. Centres lie at halves (PyTorch: `align_corners=False`), and
/// beyond the border the border goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resample {
    /// The nearest pixel.
    Nearest,
    /// Linear in both directions.
    Bilinear,
}

/// What a node does to its operands.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// A tensor that the caller gives. No operand.
    Input,
    /// Fixed numbers, channels last. No operand.
    Constant(Vec<f32>),
    /// Cross-correlation with zeros around the picture, so that the output is the input's size divided
    /// by `stride`. One operand; parameters `weight` (out, in / groups, kh, kw) and, with `bias`,
    /// `bias` (out).
    Conv {
        /// Height and width of the kernel.
        kernel: [usize; 2],
        /// Distance between output pixels in input pixels.
        stride: usize,
        /// Distance between taps.
        dilation: usize,
        /// Blocks of channels that do not see each other.
        groups: usize,
        /// Whether a bias is added.
        bias: bool,
    },
    /// Matrix product with a vector's channels. One operand of extent 1 x 1; parameters `weight`
    /// (out, in) and, with `bias`, `bias` (out).
    Linear {
        /// Whether a bias is added.
        bias: bool,
    },
    /// A pointwise curve. One operand.
    Activation(Activation),
    /// Sum of two operands; the second may be a vector (added everywhere) or have one channel (added
    /// to all).
    Add,
    /// Product of two operands; as [`Self::Add`].
    Multiply,
    /// x * scale + offset, by two fixed numbers. One operand.
    Affine {
        /// Factor.
        scale: f32,
        /// Added after it.
        offset: f32,
    },
    /// Limits to [low, high]; the gradient is 0 outside. One operand.
    Clamp {
        /// Least value.
        low: f32,
        /// Greatest value.
        high: f32,
    },
    /// Channels of all operands one after the other.
    Concat,
    /// Some of the channels. One operand.
    Channels {
        /// First channel.
        first: usize,
    },
    /// Enlarges by a whole factor. One operand.
    Upsample {
        /// The factor.
        factor: usize,
        /// How it is read.
        by: Resample,
    },
    /// Channels become pixels (PyTorch: `PixelShuffle`): `out[y * f + i, x * f + j, c]`
    /// is `in[y, x, (c * f + i) * f + j]`. One operand.
    PixelShuffle {
        /// The factor.
        factor: usize,
    },
    /// Pixels become channels (PyTorch: `PixelUnshuffle`), the inverse. One operand.
    PixelUnshuffle {
        /// The factor.
        factor: usize,
    },
    /// Mean over blocks of size x size. One operand.
    AveragePool {
        /// Side of a block, and distance between blocks.
        size: usize,
    },
    /// Mean over the picture: a vector. One operand.
    GlobalMean,
    /// Normalises groups of channels over the picture to mean 0 and variance 1, then scales and
    /// shifts (PyTorch: `GroupNorm`). One operand; parameters `weight` (channels), `bias`
    /// (channels).
    GroupNorm {
        /// Groups of channels.
        groups: usize,
        /// Added to the variance.
        epsilon: f32,
    },
    /// Sines and cosines of a number t (Vaswani et al. 2017, 3.5; Ho et al. 2020):
    /// `out[i] = sin(t * 10000^(-i / half))` for i < half, the cosines after them; half = channels / 2.
    /// One operand, a vector of one channel.
    TimeEmbedding,
    /// Reads a tensor that shows the whole frame at a fixed size where the pixels of another lie in
    /// the frame, bilinearly, centres at halves. Operands: the tensor of fixed size, the one whose
    /// extent is taken.
    FromFrame,
    /// Reads a bilateral grid (Chen et al. 2007; Gharbi et al. 2017, 3.3). Operands: the grid, of
    /// fixed size gh x gw with bins * n channels, channel k * bins + z being coefficient k in bin z;
    /// the guide, one channel, 0 to 1. Gives n channels: trilinear between cells, centres at halves
    /// in the frame and in the guide ((z + 1/2) / bins), the border going on.
    BilateralSlice {
        /// Bins of the guide's range.
        bins: usize,
    },
    /// A matrix per pixel. Operands: coefficients, m * (n + 1) channels, channel i * (n + 1) + j
    /// multiplying input j for output i, the last of each row being added; the input, n channels.
    /// Gives m channels.
    ApplyMatrix,
    /// A curve that only rises, straight between evenly spaced knots over [0, 1], its ends going on
    /// flat. Operands: values at the knots, a vector; the input. The caller makes the values rise
    /// (see [`Self::CumulativeSum`]).
    Curve,
    /// `out[i] = in[0] + ... + in[i]`, over channels. One operand.
    CumulativeSum,
    /// 2^x, x limited to [-126, 126]. One operand.
    Exp2,
    /// Quotient of two operands of one shape, the second kept above `least`:
    /// a / max(b, least).
    Divide {
        /// Least divisor.
        least: f32,
    },
}

/// Zeros at each side of a picture, over y and x, that make a convolution's output its input's
/// size divided by `stride`.
#[must_use]
pub fn padding(kernel: [usize; 2], stride: usize, dilation: usize) -> [usize; 2] {
    kernel.map(|side| (dilation * (side - 1) + 1).saturating_sub(stride).div_ceil(2))
}

impl Op {
    /// Short name for tables and messages.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Constant(_) => "constant",
            Self::Conv { .. } => "conv",
            Self::Linear { .. } => "linear",
            Self::Activation(Activation::Relu) => "relu",
            Self::Activation(Activation::LeakyRelu(_)) => "leaky relu",
            Self::Activation(Activation::Silu) => "silu",
            Self::Activation(Activation::Sigmoid) => "sigmoid",
            Self::Activation(Activation::Softplus) => "softplus",
            Self::Activation(Activation::Tanh) => "tanh",
            Self::Activation(Activation::Relu6) => "relu6",
            Self::Add => "add",
            Self::Multiply => "multiply",
            Self::Affine { .. } => "affine",
            Self::Clamp { .. } => "clamp",
            Self::Concat => "concat",
            Self::Channels { .. } => "channels",
            Self::Upsample { by: Resample::Nearest, .. } => "up nearest",
            Self::Upsample { by: Resample::Bilinear, .. } => "up bilinear",
            Self::PixelShuffle { .. } => "pixel shuffle",
            Self::PixelUnshuffle { .. } => "pixel unshuffle",
            Self::AveragePool { .. } => "average pool",
            Self::GlobalMean => "global mean",
            Self::GroupNorm { .. } => "group norm",
            Self::TimeEmbedding => "time embedding",
            Self::FromFrame => "from frame",
            Self::BilateralSlice { .. } => "bilateral slice",
            Self::ApplyMatrix => "apply matrix",
            Self::Curve => "curve",
            Self::CumulativeSum => "cumulative sum",
            Self::Exp2 => "exp2",
            Self::Divide { .. } => "divide",
        }
    }
}
