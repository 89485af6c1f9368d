//! A classifier's layers, which know what a window, a lamp or a sky looks like from a million
//! photographs: features for networks that have seen few scenes.
//!
//! The first 13 of the 16 blocks of EfficientNet-Lite0 as its authors trained it on ImageNet, batch
//! normalisation folded into the convolutions before it. Its layers are those of `BLOCKS`: a 1x1 to several times
//! the channels, a convolution of each channel by itself, a 1x1 back, and the sum with what came in
//! where both have the same shape (Sandler et al. 2018, MobileNetV2; Tan and Le 2019, EfficientNet;
//! the Lite variants: <https://github.com/tensorflow/tpu>, `efficientnet/lite`, ReLU6 everywhere and no
//! squeeze-and-excitation). Codes c become c * 255 / 128 - 127 / 128.
//!
//! It thins its pictures by strides, without a filter: what it finds steps as a picture moves. Here a block that halves finds
//! everything at the size that comes in, and halves that behind a low-pass filter (Zhang 2019, Making Convolutional
//! Networks Shift-Invariant Again; decision 0024). The first layer, which is the dearest at full size, keeps its stride;
//! its kernel has a side more than the authors', for the mean of the places that a stride of 2 could begin at.

use super::{Run, Stage, inputs};
use crate::graph::{Activation, Builder, ConvSpec, Graph, GraphError, NodeId};

/// Blocks of one size and width.
struct Blocks {
    /// How many.
    count: usize,
    /// Side of the kernels.
    kernel: usize,
    /// Of the first.
    stride: usize,
    /// Channels inside, in those that come in.
    expand: usize,
    /// Channels that come out.
    channels: usize,
    /// Whether they are handed on.
    handed_on: bool,
}

const fn blocks([count, kernel, stride, expand, channels]: [usize; 5], handed_on: bool) -> Blocks {
    Blocks { count, kernel, stride, expand, channels, handed_on }
}

const BLOCKS: [Blocks; 6] = [
    blocks([1, 3, 1, 1, 16], false),
    blocks([2, 3, 2, 6, 24], true),
    blocks([2, 5, 2, 6, 40], true),
    blocks([3, 3, 2, 6, 80], false),
    blocks([3, 5, 1, 6, 112], true),
    blocks([2, 5, 2, 6, 192], true),
];
/// Channels of the first layer.
const STEM: usize = 32;

/// A tensor that is handed on.
pub(super) struct Features {
    pub(super) name: String,
    /// Rows and columns.
    pub(super) side: usize,
    pub(super) channels: usize,
}

/// What is handed on, from the largest to the smallest, but no more than `most`.
pub(super) fn features(most: usize) -> Vec<Features> {
    // The first layer has a stride too.
    let mut down = 2;
    let mut features = Vec::new();
    for blocks in &BLOCKS {
        down *= blocks.stride;
        if blocks.handed_on {
            let (side, channels) = (inputs::LOOK_SIDE / down, blocks.channels);
            features.push(Features { name: format!("features{side}"), side, channels });
        }
    }
    features.truncate(most);
    features
}

/// The stage: [`inputs::LOOK`] to [`features`]. Blocks behind the last that is handed on are left out.
pub(super) fn stage(most: usize) -> Result<Stage, GraphError> {
    Ok(Stage { name: "backbone".to_owned(), graph: graph(&features(most))?, run: Run::Frame })
}

fn graph(features: &[Features]) -> Result<Graph, GraphError> {
    let mut b = Builder::new();
    let side = inputs::LOOK_SIDE;
    let look = b.fixed(inputs::LOOK, [side, side], inputs::LOOK_CHANNELS);
    let codes = b.channels_of(look, 0, 3);
    let codes = b.affine(codes, 255.0 / 128.0, -127.0 / 128.0);
    let x = b.conv("stem", codes, ConvSpec::new(STEM, 4).stride(2));
    let mut x = b.activation(x, Activation::Relu6);
    let mut index = 0;
    let mut found = Vec::new();
    for blocks in &BLOCKS {
        if found.len() == features.len() {
            break;
        }
        for i in 0..blocks.count {
            let stride = if i == 0 { blocks.stride } else { 1 };
            x = block(&mut b, &format!("block{index}"), x, blocks, stride);
            index += 1;
        }
        if blocks.handed_on {
            found.push(x);
        }
    }
    let outputs: Vec<_> = features.iter().map(|f| f.name.as_str()).zip(found).collect();
    b.finish(&outputs)
}

fn block(b: &mut Builder, name: &str, x: NodeId, blocks: &Blocks, stride: usize) -> NodeId {
    let before = b.channels(x);
    let inside = before * blocks.expand;
    let mut y = x;
    if blocks.expand > 1 {
        y = b.conv(&format!("{name}.expand"), y, ConvSpec::new(inside, 1));
        y = b.activation(y, Activation::Relu6);
    }
    let each = ConvSpec::new(inside, blocks.kernel).groups(inside);
    y = b.conv(&format!("{name}.depthwise"), y, each);
    y = b.activation(y, Activation::Relu6);
    if stride > 1 {
        // With the mean, [1 3 3 1] / 8 both ways: centred on the cells of what comes out.
        y = b.conv(&format!("{name}.smooth"), y, ConvSpec::low_pass(inside));
        y = b.average_pool(y, stride);
    }
    y = b.conv(&format!("{name}.project"), y, ConvSpec::new(blocks.channels, 1));
    if stride == 1 && before == blocks.channels { b.add(y, x) } else { y }
}
