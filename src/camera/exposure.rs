//! The exposure at which a wanted share of a picture clips.

use super::{Camera, code};

/// The least code that counts as clipped: JPEG whites rarely reach 255.
pub const CLIPPED_CODE: u8 = 250;

/// The factor on the light at which `share` (0 to 1) of the pixels have a channel with a code of
/// [`CLIPPED_CODE`] or more. `pixels` are RGBA (or anything with four values per pixel), linear
/// Rec.709. With a share of 0 nothing clips, but only just. 1 for a picture without light.
///
/// The share is met as closely as ties between pixels allow.
#[must_use]
pub fn exposure_for(camera: &Camera, pixels: &[f32], share: f64) -> f64 {
    let brightest = |p: &[f32; 4]| {
        let [r, g, b] = camera.sensor([p[0], p[1], p[2]].map(f64::from));
        r.max(g).max(b)
    };
    let mut light: Vec<f64> = pixels.as_chunks::<4>().0.iter().map(brightest).collect();
    if light.is_empty() {
        return 1.0;
    }
    let wanted = ((share.clamp(0.0, 1.0) * light.len() as f64).round() as usize).min(light.len());
    let index = wanted.saturating_sub(1);
    let (_, threshold, _) = light.select_nth_unstable_by(index, |a, b| b.total_cmp(a));
    if *threshold <= 0.0 || !threshold.is_finite() {
        return 1.0;
    }
    let (below, at) = clipping_light(camera);
    if wanted == 0 { below / *threshold } else { at / *threshold }
}

/// The greatest light whose code is below [`CLIPPED_CODE`] and the least whose code is not, by
/// bisection over a curve that never falls.
fn clipping_light(camera: &Camera) -> (f64, f64) {
    let clips = |light: f64| code((camera.curve)(light).clamp(0.0, 1.0)) >= CLIPPED_CODE;
    let (mut low, mut high) = (0.0, 1024.0);
    for _ in 0..64 {
        let middle = 0.5 * (low + high);
        if clips(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    // A little room, so that light times exposure does not round to the other side.
    (low * (1.0 - 1e-9), high * (1.0 + 1e-9))
}
