//! One pixel after the other, in plain Rust.

use super::row::{PlaceRow, TABLE};
use super::{BINS, COEFFICIENTS, Guide, Place, Run};
use crate::nn::Activation;

pub(super) fn run(place: &Place, row: &PlaceRow, run: &mut Run<'_>) {
    for i in 0..run.code[0].len() {
        let clip = run.clip.map(|plane| plane[i]);
        if clip.iter().all(|&m| m <= 0.0) {
            run.stops.iter_mut().for_each(|plane| plane[i] = 0.0);
            continue;
        }
        let local = match &place.guide {
            Some(guide) => local(guide, row, i, run.code.map(|plane| plane[i])),
            None => [0.0; 3],
        };
        for (c, (plane, clip)) in run.stops.iter_mut().zip(clip).enumerate() {
            let base = map(row, c, i) / map(row, c + 3, i).max(place.least);
            plane[i] = clip * (base + local[c]).max(0.0);
        }
    }
}

/// A plane of the maps at pixel `i` of the run.
fn map(row: &PlaceRow, plane: usize, i: usize) -> f32 {
    let at = plane * 2 * row.map_stride + row.in_maps.cells[i] as usize;
    row.maps[at] + row.in_maps.parts[i] * row.maps[at + row.map_stride]
}

fn local(guide: &Guide, row: &PlaceRow, i: usize, [r, g, b]: [f32; 3]) -> [f32; 3] {
    let mut sum = guide.out_bias;
    for ((w, bias), out) in guide.hidden.iter().zip(guide.hidden_bias).zip(guide.out) {
        sum += out * (w[0] * r + w[1] * g + w[2] * b + bias).max(0.0);
    }
    let guide = Activation::Sigmoid.apply(sum);
    let z = (guide * BINS as f32 - 0.5).clamp(0.0, (BINS - 1) as f32);
    let bin = z as usize;
    let (along_z, along_x) = (z - bin as f32, row.in_grid.parts[i]);
    let cell = row.in_grid.cells[i] as usize;
    let tables = &row.tables[cell * COEFFICIENTS * TABLE..][..COEFFICIENTS * TABLE];
    let coefficient = |k: usize| {
        let table = &tables[k * TABLE..][..TABLE];
        let near = table[bin] + along_x * table[2 * BINS + bin];
        near + along_z * (table[BINS + bin] + along_x * table[3 * BINS + bin])
    };
    std::array::from_fn(|c| {
        let k = c * 4;
        coefficient(k) * r + coefficient(k + 1) * g + coefficient(k + 2) * b + coefficient(k + 3)
    })
}
