//! Convolution, bias and activation in one operation.
//!
//! The gradient of the activation is taken from its result, so its argument need not be kept. That
//! of the input is a convolution again, with the weights turned round; where the stride is more
//! than 1, over the gradients with zeros between them.

use super::activation::derivative;
use super::{Fast, numbers};
use candle_core::{CpuStorage, CustomOp3, Error, Layout, Result, Shape, Tensor};
use headroom::graph::{Activation, padding};
use headroom_kernel::nn::{self, Conv, ConvShape, Epilogue, Residual, WeightGradient};

/// What a convolution is, beyond its weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub(crate) stride: usize,
    pub(crate) dilation: usize,
    pub(crate) groups: usize,
}

/// [`headroom::graph::Op::Conv`], and the activation behind it, of those that
/// [`super::known_by_its_result`].
pub(crate) fn conv(
    fast: &Fast,
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    geometry: Geometry,
    activation: Option<Activation>,
) -> Result<Tensor> {
    let bias = match bias {
        Some(bias) => bias.contiguous()?,
        None => Tensor::zeros(weight.dim(0)?, x.dtype(), x.device())?,
    };
    let op = Convolve { fast: fast.clone(), geometry, activation };
    x.contiguous()?.apply_op3(&weight.contiguous()?, &bias, op)
}

struct Convolve {
    fast: Fast,
    geometry: Geometry,
    activation: Option<Activation>,
}

/// Sides and shape of a convolution at hand.
struct Sizes {
    shape: ConvShape,
    batch: usize,
    input: [usize; 2],
    output: [usize; 2],
}

impl Sizes {
    fn new(geometry: Geometry, x: [usize; 4], weight: [usize; 4]) -> Self {
        let [batch, height, width, in_channels] = x;
        let [out_channels, _, kernel_height, kernel_width] = weight;
        let Geometry { stride, dilation, groups } = geometry;
        let kernel = [kernel_height, kernel_width];
        let padding = padding(kernel, stride, dilation);
        let shape =
            ConvShape { in_channels, out_channels, kernel, stride, dilation, groups, padding };
        Self { shape, batch, input: [height, width], output: shape.output(height, width) }
    }

    fn input_floats(&self) -> usize {
        self.input[0] * self.input[1] * self.shape.in_channels
    }

    fn output_floats(&self) -> usize {
        self.output[0] * self.output[1] * self.shape.out_channels
    }
}

/// The pictures of a batch.
fn pictures(all: &[f32], [height, width]: [usize; 2], channels: usize) -> Vec<nn::Tensor<'_>> {
    let one = (height * width * channels).max(1);
    all.chunks_exact(one).map(|part| nn::Tensor::packed(part, height, width, channels)).collect()
}

impl CustomOp3 for Convolve {
    fn name(&self) -> &'static str {
        "headroom convolution"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let sizes =
            Sizes::new(self.geometry, numbers::sides(x_layout)?, numbers::sides(weight_layout)?);
        let activation = self.activation.map_or(nn::Activation::None, Into::into);
        let conv = Conv::new(
            sizes.shape,
            Epilogue { activation, residual: Residual::None },
            numbers::of(weight, weight_layout)?,
            Some(numbers::of(bias, bias_layout)?),
            self.fast.machine,
        )
        .map_err(Error::wrap)?;
        let y = self.run(&conv, numbers::of(x, x_layout)?, sizes.batch, sizes.input)?;
        let [height, width] = sizes.output;
        let shape = (sizes.batch, height, width, sizes.shape.out_channels);
        Ok((CpuStorage::F32(y), shape.into()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        result: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let sizes = Sizes::new(self.geometry, x.dims4()?.into(), weight.dims4()?.into());
        let through = self.through_activation(result, gradient)?;
        numbers::with(&through, |told| {
            let of_x = x.track_op().then(|| self.of_input(&sizes, weight, told)).transpose()?;
            let of_weight =
                weight.track_op().then(|| self.of_weight(&sizes, x, told)).transpose()?;
            let of_bias = bias.track_op().then(|| self.of_bias(&sizes, told)).transpose()?;
            Ok((of_x, of_weight, of_bias))
        })
    }
}

impl Convolve {
    fn run(
        &self,
        conv: &Conv,
        x: &[f32],
        batch: usize,
        [height, width]: [usize; 2],
    ) -> Result<Vec<f32>> {
        let shape = conv.shape();
        let [out_height, out_width] = shape.output(height, width);
        let one = out_height * out_width * shape.out_channels;
        let mut y = vec![0.0; batch * one];
        let inputs = pictures(x, [height, width], shape.in_channels);
        let packed = |part| nn::TensorMut::packed(part, out_height, out_width, shape.out_channels);
        let mut outputs: Vec<_> = y.chunks_exact_mut(one.max(1)).map(packed).collect();
        let floats = conv.scratch(height, width, self.fast.pool.threads());
        self.fast
            .with_scratch(floats, |scratch| {
                conv.run_batch(&inputs, &mut outputs, scratch, &self.fast.pool)
            })
            .map_err(Error::wrap)?;
        Ok(y)
    }

    /// The gradient of the sums, before the activation.
    fn through_activation(&self, result: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        match self.activation {
            None => gradient.contiguous(),
            Some(by) => derivative(&self.fast, by, result, gradient),
        }
    }

    fn of_input(&self, sizes: &Sizes, weight: &Tensor, told: &[f32]) -> Result<Tensor> {
        let shape = &sizes.shape;
        let turned = numbers::with(weight, |weight| Ok(turned(shape, weight)))?;
        let span = shape.kernel.map(|side| shape.dilation * (side - 1));
        // As far as zeros and gradients must reach for the result to be the input's size.
        let reach = [0, 1].map(|axis| sizes.input[axis] + 2 * shape.padding[axis] - span[axis]);
        let back = ConvShape {
            in_channels: shape.out_channels,
            out_channels: shape.in_channels,
            stride: 1,
            padding: [0, 1].map(|axis| span[axis] - shape.padding[axis]),
            ..*shape
        };
        let conv = Conv::new(back, Epilogue::default(), &turned, None, self.fast.machine)
            .map_err(Error::wrap)?;
        let values = if shape.stride == 1 {
            self.run(&conv, told, sizes.batch, sizes.output)?
        } else {
            let spread = self.spread(sizes, told, reach);
            self.run(&conv, &spread, sizes.batch, reach)?
        };
        let [height, width] = sizes.input;
        numbers::tensor(values, &[sizes.batch, height, width, shape.in_channels])
    }

    /// Gradients with zeros between them, as far apart as the inputs they belong to.
    fn spread(&self, sizes: &Sizes, told: &[f32], [height, width]: [usize; 2]) -> Vec<f32> {
        let channels = sizes.shape.out_channels;
        let stride = sizes.shape.stride;
        let [rows, columns] = sizes.output;
        let mut all = vec![0.0; sizes.batch * height * width * channels];
        self.fast.each_part(&mut all, height * width * channels, |index, picture| {
            let told = &told[index * sizes.output_floats()..];
            for y in 0..rows {
                for x in 0..columns {
                    let from = (y * columns + x) * channels;
                    let to = (y * stride * width + x * stride) * channels;
                    picture[to..to + channels].copy_from_slice(&told[from..from + channels]);
                }
            }
        });
        all
    }

    fn of_weight(&self, sizes: &Sizes, x: &Tensor, told: &[f32]) -> Result<Tensor> {
        let shape = sizes.shape;
        let gradient = WeightGradient::new(shape, self.fast.machine).map_err(Error::wrap)?;
        let mut values = vec![0.0; shape.weights().map_err(Error::wrap)?];
        numbers::with(x, |x| {
            let inputs =
                pictures(&x[..sizes.batch * sizes.input_floats()], sizes.input, shape.in_channels);
            let told = pictures(told, sizes.output, shape.out_channels);
            self.fast
                .with_scratch(gradient.scratch(), |scratch| {
                    gradient.run(&inputs, &told, &mut values, scratch, &self.fast.pool)
                })
                .map_err(Error::wrap)
        })?;
        let [height, width] = shape.kernel;
        let ins = shape.in_channels / shape.groups;
        numbers::tensor(values, &[shape.out_channels, ins, height, width])
    }

    /// Sums over all pixels, picture by picture.
    fn of_bias(&self, sizes: &Sizes, told: &[f32]) -> Result<Tensor> {
        let channels = sizes.shape.out_channels;
        let mut parts = vec![0.0; sizes.batch * channels];
        self.fast.each_part(&mut parts, channels, |index, sums| {
            let told = &told[index * sizes.output_floats()..][..sizes.output_floats()];
            for pixel in told.chunks_exact(channels) {
                for (sum, value) in sums.iter_mut().zip(pixel) {
                    *sum += value;
                }
            }
        });
        let mut sums = vec![0.0; channels];
        for part in parts.chunks_exact(channels) {
            for (sum, value) in sums.iter_mut().zip(part) {
                *sum += value;
            }
        }
        numbers::tensor(sums, &[channels])
    }
}

/// Weights of the convolution that takes gradients of outputs to those of inputs: in and out
/// exchanged within each group, taps in reverse order.
fn turned(shape: &ConvShape, weight: &[f32]) -> Vec<f32> {
    let taps = shape.kernel[0] * shape.kernel[1];
    let (ins, outs) = (shape.in_channels / shape.groups, shape.out_channels / shape.groups);
    let mut turned = vec![0.0; weight.len()];
    for (index, &value) in weight.iter().enumerate() {
        let (pair, tap) = (index / taps, index % taps);
        let (output, input) = (pair / ins, pair % ins);
        let (group, output) = (output / outs, output % outs);
        turned[((group * ins + input) * outs + output) * taps + taps - 1 - tap] = value;
    }
    turned
}
