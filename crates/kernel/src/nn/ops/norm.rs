//! Means over the picture, and normalisation by them.
//!
//! Sums are made in f64 over bands of rows and then over bands, in that order, whatever the threads.
//! Scratch holds a sum as two f32s, the second what the first left over: 48 bits.

use super::bands::{
    expect, for_each_band, for_each_plain_band, row, row_mut, rows_of_scratch_band, size, size_mut,
};
use super::dispatch::run;
use crate::Pool;
use crate::nn::machine::Isa;
use crate::nn::shape::ShapeError;
use crate::nn::tensor::{Tensor, TensorMut};

/// Channels whose sums stay in registers.
const BLOCK: usize = 16;

/// Bands of a picture of that size.
fn bands([height, width, channels]: [usize; 3]) -> (usize, usize) {
    let rows = rows_of_scratch_band(height, width.saturating_mul(channels));
    (rows, height.div_ceil(rows))
}

/// Numbers of scratch that [`global_mean`] needs for an input of that height, width and channels.
#[must_use]
pub fn global_mean_scratch(size: [usize; 3]) -> usize {
    bands(size).1 * size[2] * 2
}

/// Numbers of scratch that [`group_norm`] needs for an input of that height, width and channels.
#[must_use]
pub fn group_norm_scratch(size: [usize; 3]) -> usize {
    (bands(size).1 + 1) * size[2] * 4
}

/// Mean of every channel over all pixels; 0 where there is no pixel.
///
/// # Errors
/// When there are not as many outputs as channels, or the scratch is too small.
pub fn global_mean(
    isa: Isa,
    input: Tensor<'_>,
    output: &mut [f32],
    scratch: &mut [f32],
    pool: &Pool,
) -> Result<(), ShapeError> {
    expect("input of a mean", &input, size(&input))?;
    if output.len() != input.channels {
        return Err(ShapeError::new("output of a mean", output.len(), input.channels));
    }
    sum_bands::<1>(isa, &input, scratch, pool)?;
    let pixels = (input.height * input.width).max(1) as f64;
    let count = bands(size(&input)).1;
    for (channel, out) in output.iter_mut().enumerate() {
        *out = (total::<1>(scratch, count, input.channels, channel)[0] / pixels) as f32;
    }
    Ok(())
}

/// Sums of powers 1 to `POWERS` of every channel, per band: scratch[((band * channels + channel) *
/// POWERS + power) * 2].
fn sum_bands<const POWERS: usize>(
    isa: Isa,
    input: &Tensor<'_>,
    scratch: &mut [f32],
    pool: &Pool,
) -> Result<(), ShapeError> {
    let (rows, count) = bands(size(input));
    let needed = count * input.channels * POWERS * 2;
    let found = scratch.len();
    let Some(scratch) = scratch.get_mut(..needed) else {
        return Err(ShapeError::new("scratch", found, format!("at least {needed}")));
    };
    let whole = input.channels / BLOCK * BLOCK;
    let sums = TensorMut::packed(scratch, count, 1, input.channels * POWERS * 2);
    for_each_band(sums, 1, (&mut [], 0), pool, |band, sums, _| {
        let rows = band * rows..((band + 1) * rows).min(input.height);
        let (blocks, rest) = sums.data.split_at_mut(whole * POWERS * 2);
        for (index, sums) in blocks.chunks_mut(BLOCK * POWERS * 2).enumerate() {
            run(isa, || sum_block::<POWERS, BLOCK>(input, rows.clone(), index * BLOCK, sums));
        }
        for (index, sums) in rest.chunks_mut(POWERS * 2).enumerate() {
            run(isa, || sum_block::<POWERS, 1>(input, rows.clone(), whole + index, sums));
        }
    })
}

/// Sums over rows of `N` channels from `first` on.
#[inline(always)]
fn sum_block<const POWERS: usize, const N: usize>(
    input: &Tensor<'_>,
    rows: std::ops::Range<usize>,
    first: usize,
    out: &mut [f32],
) {
    let mut sums = [[0.0f64; N]; POWERS];
    for y in rows {
        for pixel in row(input, y).chunks(input.pixel_stride) {
            // `pixel` holds all channels, of which these are some.
            let values = pixel[first..].first_chunk::<N>().unwrap_or(&[0.0; N]).map(f64::from);
            let mut powers = values;
            for sums in &mut sums {
                for ((sum, power), value) in sums.iter_mut().zip(&mut powers).zip(&values) {
                    *sum += *power;
                    *power *= value;
                }
            }
        }
    }
    for (i, out) in out.chunks_exact_mut(POWERS * 2).enumerate() {
        for (power, pair) in out.chunks_exact_mut(2).enumerate() {
            let sum = sums[power][i];
            pair[0] = sum as f32;
            pair[1] = (sum - f64::from(pair[0])) as f32;
        }
    }
}

/// A channel's sums over all bands.
fn total<const POWERS: usize>(
    scratch: &[f32],
    count: usize,
    channels: usize,
    channel: usize,
) -> [f64; POWERS] {
    let mut sums = [0.0; POWERS];
    for band in 0..count {
        for (power, sum) in sums.iter_mut().enumerate() {
            let at = ((band * channels + channel) * POWERS + power) * 2;
            // Infinite sums have nothing left over, and must not become "not a number" by it.
            let rest = if scratch[at].is_finite() { scratch[at + 1] } else { 0.0 };
            *sum += f64::from(scratch[at]) + f64::from(rest);
        }
    }
    sums
}

/// What a normalisation knows beside its input.
#[derive(Clone, Copy, Debug)]
pub struct GroupNorm<'a> {
    /// Groups of channels that are normalised together.
    pub groups: usize,
    /// Added to the variance.
    pub epsilon: f32,
    /// Factor of each channel.
    pub weight: &'a [f32],
    /// Added to each channel.
    pub bias: &'a [f32],
}

/// Mean 0 and variance 1 over the pixels of each group of channels, then scaled and shifted. Reads
/// `output` itself where there is no input.
///
/// # Errors
/// When the sizes do not go together or the scratch is too small.
pub fn group_norm(
    isa: Isa,
    norm: GroupNorm<'_>,
    input: Option<Tensor<'_>>,
    output: TensorMut<'_>,
    scratch: &mut [f32],
    pool: &Pool,
) -> Result<(), ShapeError> {
    let GroupNorm { groups, epsilon, weight, bias } = norm;
    let wanted = size_mut(&output);
    output.check("output")?;
    if let Some(input) = &input {
        expect("input of a normalisation", input, wanted)?;
    }
    let [height, width, channels] = wanted;
    if groups == 0 || !channels.is_multiple_of(groups) {
        return Err(ShapeError::new("groups", groups, format!("a divisor of {channels}")));
    }
    for (what, length) in [("weight of a norm", weight.len()), ("bias of a norm", bias.len())] {
        if length != channels {
            return Err(ShapeError::new(what, length, channels));
        }
    }
    let needed = group_norm_scratch(wanted);
    if scratch.len() < needed {
        return Err(ShapeError::new("scratch", scratch.len(), format!("at least {needed}")));
    }
    let (factors, sums) = scratch.split_at_mut(channels * 2);
    {
        let whole = output.as_ref();
        sum_bands::<2>(isa, input.as_ref().unwrap_or(&whole), sums, pool)?;
    }
    let count = bands(wanted).1;
    let each = channels / groups;
    let number = (each * height * width).max(1) as f64;
    let (scales, offsets) = factors.split_at_mut(channels);
    for group in 0..groups {
        let members = group * each..(group + 1) * each;
        let [mut sum, mut square] = [0.0; 2];
        for channel in members.clone() {
            let [a, b] = total::<2>(sums, count, channels, channel);
            sum += a;
            square += b;
        }
        let mean = sum / number;
        let variance = (square / number - mean * mean).max(0.0);
        let inverse = 1.0 / libm::sqrt(variance + f64::from(epsilon));
        for channel in members {
            let scale = f64::from(weight[channel]) * inverse;
            scales[channel] = scale as f32;
            offsets[channel] = (f64::from(bias[channel]) - mean * scale) as f32;
        }
    }
    let (scales, offsets) = (&*scales, &*offsets);
    for_each_plain_band(output, pool, |first, mut band| {
        let stride = band.pixel_stride;
        for y in 0..band.height {
            let from = input.as_ref().map(|input| (row(input, first + y), input.pixel_stride));
            let out = row_mut(&mut band, y);
            run(isa, || scale_row(from, (out, stride), scales, offsets));
        }
    })
}

#[inline(always)]
fn scale_row(
    from: Option<(&[f32], usize)>,
    (out, stride): (&mut [f32], usize),
    scales: &[f32],
    offsets: &[f32],
) {
    let channels = scales.len();
    for (x, out) in out.chunks_mut(stride).enumerate() {
        let out = &mut out[..channels];
        if let Some((from, stride)) = from {
            out.copy_from_slice(&from[x * stride..][..channels]);
        }
        for ((out, scale), offset) in out.iter_mut().zip(scales).zip(offsets) {
            *out = *out * scale + offset;
        }
    }
}
