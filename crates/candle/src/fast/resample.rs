//! Bilinear reading: enlarging, and maps of the whole frame read where a picture lies in it.

use super::{Fast, numbers};
use crate::line::Line;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

/// Reads rows and columns by one line for all samples or one for each.
pub(crate) fn resample(
    fast: &Fast,
    x: &Tensor,
    rows: Vec<Line>,
    columns: Vec<Line>,
) -> Result<Tensor> {
    x.contiguous()?.apply_op1(Resample { fast: fast.clone(), rows, columns })
}

struct Resample {
    fast: Fast,
    rows: Vec<Line>,
    columns: Vec<Line>,
}

/// The line of a sample.
pub(super) fn line(lines: &[Line], sample: usize) -> &Line {
    &lines[if lines.len() == 1 { 0 } else { sample }]
}

impl CustomOp1 for Resample {
    fn name(&self) -> &'static str {
        "headroom bilinear"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let [batch, height, width, channels] = numbers::sides(layout)?;
        let x = numbers::of(x, layout)?;
        let [out_height, out_width] = [&self.rows, &self.columns].map(|lines| lines[0].len());
        let mut y = vec![0.0; batch * out_height * out_width * channels];
        self.fast.each_part(&mut y, out_width * channels, |index, to| {
            let (sample, row) = (index / out_height, index % out_height);
            let x = &x[sample * height * width * channels..];
            let [(above, a), (below, b)] = line(&self.rows, sample).taps(row);
            let mixed =
                mix(x, [above, below].map(|y| y * width * channels), width * channels, [a, b]);
            let columns = line(&self.columns, sample);
            for (column, to) in to.chunks_exact_mut(channels).enumerate() {
                let [(left, a), (right, b)] = columns.taps(column);
                let [left, right] = [left, right].map(|x| &mixed[x * channels..][..channels]);
                for ((to, left), right) in to.iter_mut().zip(left).zip(right) {
                    *to = left * a + right * b;
                }
            }
        });
        Ok((CpuStorage::F32(y), (batch, out_height, out_width, channels).into()))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (_, _, width, channels) = x.dims4()?;
        let (_, out_height, out_width, _) = gradient.dims4()?;
        let row = width * channels;
        let mut sums = vec![0.0; x.elem_count()];
        // A sample is a task: its rows are added to in one order.
        numbers::with(gradient, |gradient| {
            self.fast.each_part(&mut sums, x.elem_count() / x.dim(0)?.max(1), |sample, sums| {
                let mut gathered = vec![0.0; row];
                let columns = line(&self.columns, sample);
                for y in 0..out_height {
                    let from = (sample * out_height + y) * out_width * channels;
                    let told = &gradient[from..][..out_width * channels];
                    gathered.fill(0.0);
                    for (column, told) in told.chunks_exact(channels).enumerate() {
                        for (pixel, weight) in columns.taps(column) {
                            add(&mut gathered[pixel * channels..][..channels], told, weight);
                        }
                    }
                    for (pixel, weight) in line(&self.rows, sample).taps(y) {
                        add(&mut sums[pixel * row..][..row], &gathered, weight);
                    }
                }
            });
            Ok(())
        })?;
        numbers::tensor(sums, x.dims()).map(Some)
    }
}

fn add(sums: &mut [f32], values: &[f32], weight: f32) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += weight * value;
    }
}

/// Two rows weighed.
pub(super) fn mix(x: &[f32], starts: [usize; 2], count: usize, [a, b]: [f32; 2]) -> Vec<f32> {
    let [above, below] = starts.map(|start| &x[start..][..count]);
    above.iter().zip(below).map(|(above, below)| above * a + below * b).collect()
}
