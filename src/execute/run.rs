//! One step: finds its tensors in the arena and calls its kernel.

use super::lower::Step;
use super::operation::{Operation, Sight};
use super::plan::{Places, View};
use crate::graph::{Place, Resample};
use headroom_kernel::Pool;
use headroom_kernel::nn::ops::{self, Axis, Grid, GroupNorm};
use headroom_kernel::nn::{Arena, Isa, ShapeError, Tensor};

impl Step {
    /// Writes the output.
    pub(super) fn run(
        &self,
        places: &Places,
        arena: &mut Arena,
        isa: Isa,
        place: Place,
        pool: &Pool,
    ) -> Result<(), ShapeError> {
        let Places { output: out, inputs, scratch } = places;
        match &self.operation {
            Operation::Constant(values) => {
                let (output, []) = arena.split(out.range(), []);
                let [height, width, channels] = out.size();
                let values = View { start: 0, height, width, channels, pixel_stride: channels }
                    .tensor(values);
                ops::copy(values, out.tensor_mut(output), pool)
            }
            Operation::Conv(conv) => {
                let x = inputs[0];
                let residual = inputs.get(1);
                let reads = [x.range(), residual.map_or(0..0, View::range)];
                let (output, scratch, [input, add]) =
                    arena.split_scratch(out.range(), scratch.clone(), reads);
                let add = residual.map(|view| view.tensor(add));
                conv.run(x.tensor(input), add, out.tensor_mut(output), scratch, pool)
            }
            Operation::Concat => concat(places, arena, pool),
            Operation::Combine(function) => {
                let [a, b] = [inputs[0], inputs[1]];
                if self.in_place.is_some() {
                    let (output, [second]) = arena.split(out.range(), [b.range()]);
                    let output = out.tensor_mut(output);
                    return ops::combine(isa, *function, None, b.tensor(second), output, pool);
                }
                let (output, [first, second]) = arena.split(out.range(), [a.range(), b.range()]);
                let (first, second) = (Some(a.tensor(first)), b.tensor(second));
                ops::combine(isa, *function, first, second, out.tensor_mut(output), pool)
            }
            Operation::BilateralSlice { bins, sight } => {
                let [grid, guide] = [inputs[0], inputs[1]];
                let reads = [grid.range(), guide.range()];
                let (output, scratch, [cells, by]) =
                    arena.split_scratch(out.range(), scratch.clone(), reads);
                let (grid, guide) =
                    (Grid { cells: grid.tensor(cells), bins: *bins }, guide.tensor(by));
                let (axes, output) = (sight.axes(out, place), out.tensor_mut(output));
                ops::bilateral_slice(isa, grid, guide, axes, output, scratch, pool)
            }
            Operation::BilateralAffine { bins, sight } => {
                let [grid, guide, x] = [inputs[0], inputs[1], inputs[2]];
                let reads = [grid.range(), guide.range(), x.range()];
                let (output, scratch, [cells, by, input]) =
                    arena.split_scratch(out.range(), scratch.clone(), reads);
                let grid = Grid { cells: grid.tensor(cells), bins: *bins };
                let pixels = (guide.tensor(by), x.tensor(input));
                let (axes, output) = (sight.axes(out, place), out.tensor_mut(output));
                ops::bilateral_affine(isa, grid, pixels, axes, output, scratch, pool)
            }
            Operation::ApplyMatrix => {
                let [m, x] = [inputs[0], inputs[1]];
                let (output, [matrices, input]) = arena.split(out.range(), [m.range(), x.range()]);
                let (m, x) = (m.tensor(matrices), x.tensor(input));
                ops::apply_matrix(isa, m, x, out.tensor_mut(output), pool)
            }
            Operation::Curve => {
                let [knots, x] = [inputs[0], inputs[1]];
                if self.in_place.is_some() {
                    let (output, [knots]) = arena.split(out.range(), [knots.range()]);
                    return ops::curve(isa, knots, None, out.tensor_mut(output), pool);
                }
                let (output, [knots, input]) = arena.split(out.range(), [knots.range(), x.range()]);
                ops::curve(isa, knots, Some(x.tensor(input)), out.tensor_mut(output), pool)
            }
            _ => self.run_on_one(places, arena, isa, place, pool),
        }
    }

    /// As [`Self::run`], of the operations with one input.
    fn run_on_one(
        &self,
        places: &Places,
        arena: &mut Arena,
        isa: Isa,
        place: Place,
        pool: &Pool,
    ) -> Result<(), ShapeError> {
        let Places { output: out, inputs, scratch } = places;
        let x = inputs[0];
        let in_place = self.in_place.is_some();
        let read = if in_place { 0..0 } else { x.range() };
        let (output, scratch, [input]) = arena.split_scratch(
            out.range(),
            scratch.clone(),
            std::array::from_fn(|_| read.clone()),
        );
        let given = (!in_place).then(|| x.tensor(input));
        match &self.operation {
            &Operation::Map(function) => {
                return ops::map(isa, function, given, out.tensor_mut(output), pool);
            }
            Operation::GroupNorm { groups, epsilon, weight, bias } => {
                let (groups, epsilon) = (*groups, *epsilon);
                let norm = GroupNorm { groups, epsilon, weight, bias };
                return ops::group_norm(isa, norm, given, out.tensor_mut(output), scratch, pool);
            }
            _ => {}
        }
        let tensor = x.tensor(input);
        match &self.operation {
            &Operation::Channels { first } => {
                let part = Tensor {
                    data: tensor.data.get(first..).unwrap_or_default(),
                    channels: out.channels,
                    ..tensor
                };
                ops::copy(part, out.tensor_mut(output), pool)
            }
            Operation::CumulativeSum => ops::cumulative_sum(tensor, out.tensor_mut(output), pool),
            &Operation::Upsample { factor, by } => {
                let output = out.tensor_mut(output);
                match by {
                    Resample::Nearest => ops::upsample_nearest(factor, tensor, output, pool),
                    Resample::Bilinear => ops::upsample_bilinear(isa, factor, tensor, output, pool),
                }
            }
            &Operation::PixelShuffle { factor } => {
                ops::pixel_shuffle(factor, tensor, out.tensor_mut(output), pool)
            }
            &Operation::PixelUnshuffle { factor } => {
                ops::pixel_unshuffle(factor, tensor, out.tensor_mut(output), pool)
            }
            &Operation::AveragePool { size } => {
                ops::average_pool(isa, size, tensor, out.tensor_mut(output), pool)
            }
            Operation::GlobalMean => ops::global_mean(isa, tensor, output, scratch, pool),
            Operation::Linear { weight, bias } => {
                ops::linear(isa, weight, bias.as_deref(), input, output, pool)
            }
            Operation::TimeEmbedding => {
                time_embedding(input, output);
                Ok(())
            }
            Operation::FromFrame(sight) => {
                let (axes, output) = (sight.axes(out, place), out.tensor_mut(output));
                ops::from_frame(isa, tensor, axes, output, scratch, pool)
            }
            _ => unreachable!("operations of none or two inputs are run above"),
        }
    }
}

/// Copies the parts that were not made in their place.
fn concat(places: &Places, arena: &mut Arena, pool: &Pool) -> Result<(), ShapeError> {
    let whole = places.output;
    let mut first = 0;
    for part in &places.inputs {
        let there = View { start: whole.start + first, channels: part.channels, ..whole };
        first += part.channels;
        if *part != there {
            let (output, [input]) =
                arena.split(there.range(), std::array::from_fn(|_| part.range()));
            ops::copy(part.tensor(input), there.tensor_mut(output), pool)?;
        }
    }
    Ok(())
}

impl Sight {
    /// Where the rows and columns of a tensor lie in the frame.
    fn axes(self, tensor: &View, place: Place) -> [Axis; 2] {
        let axis = |origin: i64, frame: usize, count: usize| match self {
            Self::Part(scale) => {
                let step = f64::from(scale.down) / f64::from(scale.up);
                Axis { origin: origin as f64, step, frame }
            }
            // The frame in pixels of the tensor.
            Self::Whole => Axis { origin: 0.0, step: 1.0, frame: count },
        };
        [axis(place.y, place.frame[0], tensor.height), axis(place.x, place.frame[1], tensor.width)]
    }
}

/// Sines, then cosines, of t * 10000^(-i / half).
fn time_embedding(t: &[f32], output: &mut [f32]) {
    let t = t.first().copied().map_or(0.0, f64::from);
    let (sines, cosines) = output.split_at_mut(output.len() / 2);
    let half = sines.len() as f64;
    for (i, (sine, cosine)) in sines.iter_mut().zip(cosines).enumerate() {
        let angle = t * libm::pow(10_000.0, -(i as f64) / half);
        *sine = libm::sin(angle) as f32;
        *cosine = libm::cos(angle) as f32;
    }
}
