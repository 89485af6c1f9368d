//! From a step to kernels.

use super::values::Placed;
use crate::execute::lower::Step;
use crate::execute::operation::{Operation, Sight};
use crate::execute::plan::{Places, View};
use crate::graph::{Place, Resample};
use headroom_gpu::layout::{self, conv_tile, tensor_tile};
use headroom_gpu::source::Precision;
use headroom_gpu::{Argument, GpuError, Launch, Memory};

/// Work items of a group in x; `THREADS` of `reduce.cl` is the same.
const GROUP: usize = 64;

/// What a work item makes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Each {
    Number,
    Pixel,
}

/// Groups that cover a tensor, rows along y, and work items of a group.
pub(super) fn covering(output: &View, each: Each) -> ([usize; 3], [usize; 3]) {
    let along = match each {
        Each::Number => output.width * output.channels,
        Each::Pixel => output.width,
    };
    ([along.div_ceil(GROUP), output.height, 1], [GROUP, 1, 1])
}

/// A tensor as kernels are given it. Plans hold no more than they can count.
pub(super) fn given(view: &View) -> layout::View {
    let View { start, height, width, channels, pixel_stride } = *view;
    let [start, height, width, channels, stride] =
        [start, height, width, channels, pixel_stride].map(|side| side as i32);
    layout::View { start, height, width, channels, stride }
}

/// A step, and what its kernels are given.
pub(super) struct Stepping<'a> {
    pub(super) step: &'a Step<Placed>,
    pub(super) places: &'a Places,
    /// Where in the values what it knows begins.
    pub(super) known: [i32; 2],
    pub(super) precision: Precision,
    pub(super) place: Place,
    pub(super) arena: &'a Memory,
    pub(super) values: &'a Memory,
}

type Run<'r, 'a> = &'r mut dyn FnMut(Launch<'a>) -> Result<(), GpuError>;

impl<'a> Stepping<'a> {
    /// Calls `run` with every kernel of the step, in order.
    pub(super) fn each(&self, run: Run<'_, 'a>) -> Result<(), GpuError> {
        let out = &self.places.output;
        let inputs = &self.places.inputs;
        let number = |value: usize| Argument::from(value as i32);
        let [first, second] = self.known.map(Argument::from);
        let seen: Vec<Argument<'a>> = inputs.iter().map(|view| given(view).into()).collect();
        let output = Argument::from(given(out));
        match &self.step.operation {
            Operation::Conv(conv) => self.convolve(conv, run),
            Operation::Concat => self.concatenate(run),
            Operation::Constant(_) => {
                self.covered("fill", Each::Number, vec![self.values.into(), first, output], run)
            }
            Operation::Linear { .. } => {
                let arguments = vec![self.values.into(), seen[0].clone(), output, first, second];
                self.grouped("linear", out.channels, arguments, run)
            }
            Operation::GroupNorm { groups, epsilon, .. } => {
                let (count, epsilon) = (number(*groups), Argument::from(*epsilon));
                let given = vec![
                    self.values.into(),
                    seen[0].clone(),
                    output,
                    count,
                    epsilon,
                    first,
                    second,
                ];
                self.grouped("group_norm", *groups, given, run)
            }
            Operation::GlobalMean => {
                self.grouped("global_mean", out.channels, vec![seen[0].clone(), output], run)
            }
            Operation::TimeEmbedding => {
                let arguments = vec![self.values.into(), seen[0].clone(), output, first];
                let groups = [(out.channels / 2).div_ceil(GROUP), 1, 1];
                run(self.launch("time_embedding", groups, [GROUP, 1, 1], arguments))
            }
            Operation::CumulativeSum => {
                let arguments = vec![seen[0].clone(), output];
                self.covered("cumulative_sum", Each::Pixel, arguments, run)
            }
            &Operation::Combine(function) => {
                let (function, least) = layout::combine(function);
                let mut arguments = seen;
                arguments.extend([output, function.into(), least.into()]);
                self.covered("combine", Each::Number, arguments, run)
            }
            Operation::FromFrame(sight) => {
                let [rows, columns] = self.axes(*sight);
                let arguments = vec![seen[0].clone(), output, rows, columns];
                self.covered("from_frame", Each::Number, arguments, run)
            }
            Operation::BilateralSlice { bins, sight }
            | Operation::BilateralAffine { bins, sight } => {
                let (kernel, each) = match self.step.operation {
                    Operation::BilateralSlice { .. } => ("bilateral_slice", Each::Number),
                    _ => ("bilateral_affine", Each::Pixel),
                };
                let mut arguments = seen;
                arguments.push(output);
                arguments.extend(self.axes(*sight));
                arguments.push(number(*bins));
                self.covered(kernel, each, arguments, run)
            }
            operation => {
                // What takes its inputs, its output and perhaps a number.
                let (kernel, last) = match operation {
                    &Operation::Map(function) => {
                        ("map", Some(Argument::from(layout::Map::from(function))))
                    }
                    Operation::Channels { first } => ("copy", Some(number(*first))),
                    Operation::Upsample { factor, by } => {
                        let kernel = match by {
                            Resample::Nearest => "upsample_nearest",
                            Resample::Bilinear => "upsample_bilinear",
                        };
                        (kernel, Some(number(*factor)))
                    }
                    Operation::PixelShuffle { factor } => ("pixel_shuffle", Some(number(*factor))),
                    Operation::PixelUnshuffle { factor } => {
                        ("pixel_unshuffle", Some(number(*factor)))
                    }
                    Operation::AveragePool { size } => ("average_pool", Some(number(*size))),
                    Operation::ApplyMatrix => ("apply_matrix", None),
                    Operation::Curve => ("curve", None),
                    _ => unreachable!("run above"),
                };
                let mut arguments = seen;
                arguments.push(output);
                arguments.extend(last);
                self.covered(kernel, Each::Number, arguments, run)
            }
        }
    }

    fn convolve(&self, conv: &Placed, run: Run<'_, 'a>) -> Result<(), GpuError> {
        let (out, input) = (&self.places.output, &self.places.inputs[0]);
        // Where there is none the kernel does not look at it.
        let residual = self.places.inputs.get(1).unwrap_or(out);
        let arguments = vec![
            self.values.into(),
            given(input).into(),
            given(out).into(),
            given(residual).into(),
            conv.conv.into(),
        ];
        if conv.groups > 1 {
            return self.covered("conv_any", Each::Number, arguments, run);
        }
        let pixels = out.height * out.width;
        let tile = if conv.tensor_cores {
            tensor_tile(self.precision, pixels, conv.out_channels)
        } else {
            conv_tile(conv.out_channels)
        };
        let groups = [pixels.div_ceil(tile.pixels), conv.out_channels.div_ceil(tile.channels), 1];
        run(self.launch(tile.kernel, groups, [tile.workers, 1, 1], arguments))
    }

    /// Copies the parts that were not made in their place.
    fn concatenate(&self, run: Run<'_, 'a>) -> Result<(), GpuError> {
        let whole = self.places.output;
        let mut first = 0;
        for part in &self.places.inputs {
            let there = View { start: whole.start + first, channels: part.channels, ..whole };
            first += part.channels;
            if *part != there && !part.is_empty() {
                let (groups, group) = covering(&there, Each::Number);
                let arguments = vec![given(part).into(), given(&there).into(), 0.into()];
                run(self.launch("copy", groups, group, arguments))?;
            }
        }
        Ok(())
    }

    fn axes(&self, sight: Sight) -> [Argument<'a>; 2] {
        let out = &self.places.output;
        let axis = |origin: i64, frame: usize, count: usize| match sight {
            Sight::Part(scale) => layout::Axis {
                origin: origin as i32,
                down: scale.down as i32,
                up: scale.up as i32,
                frame: frame as i32,
            },
            // The frame in pixels of the tensor.
            Sight::Whole => layout::Axis { origin: 0, down: 1, up: 1, frame: count as i32 },
        };
        [
            axis(self.place.y, self.place.frame[0], out.height).into(),
            axis(self.place.x, self.place.frame[1], out.width).into(),
        ]
    }

    fn covered(
        &self,
        kernel: &'static str,
        each: Each,
        arguments: Vec<Argument<'a>>,
        run: Run<'_, 'a>,
    ) -> Result<(), GpuError> {
        let (groups, group) = covering(&self.places.output, each);
        run(self.launch(kernel, groups, group, arguments))
    }

    /// One group for each of `count` results.
    fn grouped(
        &self,
        kernel: &'static str,
        count: usize,
        arguments: Vec<Argument<'a>>,
        run: Run<'_, 'a>,
    ) -> Result<(), GpuError> {
        run(self.launch(kernel, [count, 1, 1], [GROUP, 1, 1], arguments))
    }

    fn launch(
        &self,
        kernel: &'static str,
        groups: [usize; 3],
        group: [usize; 3],
        arguments: Vec<Argument<'a>>,
    ) -> Launch<'a> {
        let mut all = vec![Argument::from(self.arena)];
        all.extend(arguments);
        Launch { kernel, precision: self.precision, groups, group, arguments: all }
    }
}
