//! Picture files as linear Rec.709 light, which cameras and metrics read.

use crate::space;
use headroom_colour::{Conversion, Space, Viewing};
use headroom_frame::Frame;

/// Converts the pixels of the display window; `from` or, without it, what the file says. Colour
/// under alpha is left as the file has it.
pub(crate) fn of_frame(frame: &Frame, from: Option<&'static Space>) -> Vec<f32> {
    let from = from.unwrap_or_else(|| space::of_file(frame));
    let to = space::known("lin_rec709_srgb");
    let mut pixels = frame.display_pixels().into_owned();
    convert(&mut pixels, from, to);
    pixels
}

/// Converts RGBA pixels in place; alpha stays.
pub(crate) fn convert(rgba: &mut [f32], from: &'static Space, to: &'static Space) {
    const RUN: usize = 1024;
    let conversion = Conversion::new(from, to, Viewing::default());
    let (mut r, mut g, mut b) = ([0.0; RUN], [0.0; RUN], [0.0; RUN]);
    for run in rgba.as_chunks_mut::<4>().0.chunks_mut(RUN) {
        let n = run.len();
        for (i, p) in run.iter().enumerate() {
            (r[i], g[i], b[i]) = (p[0], p[1], p[2]);
        }
        conversion.convert_planar(&mut r[..n], &mut g[..n], &mut b[..n]);
        for (i, p) in run.iter_mut().enumerate() {
            (p[0], p[1], p[2]) = (r[i], g[i], b[i]);
        }
    }
}

/// The colours alone.
pub(crate) fn colours(rgba: &[f32]) -> Vec<[f32; 3]> {
    rgba.as_chunks::<4>().0.iter().map(|p| [p[0], p[1], p[2]]).collect()
}
