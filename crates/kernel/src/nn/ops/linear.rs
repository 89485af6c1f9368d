//! Matrix times vector.

use super::bands::for_each_band;
use super::dispatch::run;
use crate::Pool;
use crate::nn::machine::Isa;
use crate::nn::shape::ShapeError;
use crate::nn::tensor::TensorMut;

/// Partial sums of a product, whatever the vectors at hand.
const LANES: usize = 16;

/// Products that are worth a thread's while.
const BAND: usize = 64 * 1024;

/// out[i] = bias[i] + the sum of weight[i, j] * in[j]; the weight is (out, in), row-major.
///
/// # Errors
/// When the lengths do not go together.
pub fn linear(
    isa: Isa,
    weight: &[f32],
    bias: Option<&[f32]>,
    input: &[f32],
    output: &mut [f32],
    pool: &Pool,
) -> Result<(), ShapeError> {
    let (rows, columns) = (output.len(), input.len());
    if rows.checked_mul(columns) != Some(weight.len()) {
        let expected = format!("{rows} x {columns}");
        return Err(ShapeError::new("matrix", weight.len(), expected));
    }
    if let Some(bias) = bias
        && bias.len() != rows
    {
        return Err(ShapeError::new("bias of a matrix", bias.len(), rows));
    }
    let of_band = BAND.div_ceil(columns.max(1));
    let output = TensorMut::packed(output, rows, 1, 1);
    for_each_band(output, of_band, (&mut [], 0), pool, |first, band, _| {
        run(isa, || products(weight, bias, input, first, band.data));
    })
}

#[inline(always)]
fn products(weight: &[f32], bias: Option<&[f32]>, input: &[f32], first: usize, out: &mut [f32]) {
    for (i, out) in out.iter_mut().enumerate() {
        let index = first + i;
        let row = &weight[index * input.len()..(index + 1) * input.len()];
        *out = dot(row, input) + bias.map_or(0.0, |bias| bias[index]);
    }
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    for ((sum, a), b) in sums.iter_mut().zip(a_rest).zip(b_rest) {
        *sum += a * b;
    }
    let mut count = LANES;
    while count > 1 {
        count /= 2;
        for i in 0..count {
            sums[i] += sums[i + count];
        }
    }
    sums[0]
}
