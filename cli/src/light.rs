//! Picture files as linear Rec.709 light in which 1.0 is diffuse white, which cameras and metrics
//! read.

use crate::error::{Error, Outcome};
use crate::{provenance, space};
use headroom::settings::{Id, Values};
use headroom_colour::{Conversion, Space, Viewing};
use headroom_frame::Frame;

/// Nits of diffuse white from the command line.
///
/// # Errors
/// Usage, for what is no luminance.
pub(crate) fn check_white(nits: f64) -> Outcome<f64> {
    if nits > 0.0 && nits.is_finite() {
        return Ok(nits);
    }
    Err(Error::usage(format!("--diffuse-white: found {nits}, expected nits above 0")))
}

/// Converts the pixels of the display window; `from` or, without it, what the file says. `white`
/// is diffuse white in nits, which PQ and HLG need; without it what the file was rendered with,
/// else the setting's default. Colour under alpha is left as the file has it.
pub(crate) fn of_frame(
    frame: &Frame,
    from: Option<&'static Space>,
    white: Option<f64>,
) -> Vec<f32> {
    let diffuse_white = white
        .or_else(|| provenance::diffuse_white(&frame.metadata))
        .unwrap_or_else(|| Values::default().number(Id::DiffuseWhite));
    let from = from.unwrap_or_else(|| space::of_file(frame));
    let to = space::known("lin_rec709_srgb");
    let mut pixels = frame.display_pixels().into_owned();
    convert(&mut pixels, &Conversion::new(from, to, Viewing { diffuse_white }));
    pixels
}

/// Converts RGBA pixels in place; alpha stays.
fn convert(rgba: &mut [f32], conversion: &Conversion) {
    const RUN: usize = 1024;
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
