//! From what a network puts out to a prediction in linear Rec.709 light, and the chain rule back.

use headroom::model::Domain;
use headroom_colour::transfer::ACESCCT;
use headroom_colour::vector::{CameraLogF32, CurveF32, exp2_f32};
use headroom_colour::{AP1, Matrix3, REC709};
use std::f32::consts::LN_2;

/// Stops that a prediction may be from its base or from 1. Beyond, light stays as it is there and the
/// gradient is that of the limit, so that weights can come back.
pub const LIMIT_STOPS: f32 = 24.0;

/// The prediction, written into `to`: pixels of three numbers, all slices of the same length. `base` is
/// the SDR picture's light, which only [`Domain::Stops`] looks at.
pub fn forward(domain: Domain, base: &[f32], output: &[f32], to: &mut [f32]) {
    match domain {
        Domain::Stops => {
            for ((to, base), stops) in to.iter_mut().zip(base).zip(output) {
                *to = base * exp2_f32(stops.clamp(-LIMIT_STOPS, LIMIT_STOPS));
            }
        }
        Domain::Linear => to.copy_from_slice(output),
        Domain::AcesCct => {
            let matrix = Matrix3::between(&AP1, &REC709).to_f32();
            let curve = CameraLogF32::new(&ACESCCT);
            let most = highest_code();
            for (to, code) in to.chunks_exact_mut(3).zip(output.chunks_exact(3)) {
                let light = [0, 1, 2].map(|c| curve.decode(code[c].min(most)));
                for (to, row) in to.iter_mut().zip(matrix) {
                    *to = row[0] * light[0] + row[1] * light[1] + row[2] * light[2];
                }
            }
        }
    }
}

/// Turns a gradient with respect to the prediction that [`forward`] made of `output` into the one with
/// respect to `output`.
pub fn backward(
    domain: Domain,
    base: &[f32],
    output: &[f32],
    prediction: &[f32],
    gradient: &mut [f32],
) {
    debug_assert_eq!(base.len(), gradient.len());
    match domain {
        Domain::Stops => {
            for (g, p) in gradient.iter_mut().zip(prediction) {
                *g *= p * LN_2;
            }
        }
        Domain::Linear => {}
        Domain::AcesCct => {
            let matrix = Matrix3::between(&AP1, &REC709).to_f32();
            let curve = CameraLogF32::new(&ACESCCT);
            let (edge, line) = (ACESCCT.encoded_break as f32, (1.0 / ACESCCT.toe_slope) as f32);
            let most = highest_code();
            for (g, code) in gradient.chunks_exact_mut(3).zip(output.chunks_exact(3)) {
                let of = [g[0], g[1], g[2]];
                for c in 0..3 {
                    let steep = 17.52 * LN_2;
                    let slope =
                        if code[c] > edge { steep * curve.decode(code[c].min(most)) } else { line };
                    g[c] = slope * (0..3).map(|row| matrix[row][c] * of[row]).sum::<f32>();
                }
            }
        }
    }
}

/// The ACEScct code of light [`LIMIT_STOPS`] above 1.
fn highest_code() -> f32 {
    ACESCCT.encode(libm::exp2(f64::from(LIMIT_STOPS))) as f32
}
