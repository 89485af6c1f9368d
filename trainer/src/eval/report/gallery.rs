//! The pictures of a report, small enough to stand in one page.

use crate::Error;
use crate::data::camera::jpeg::Jpeg;
use crate::eval::Judged;
use headroom::metrics::stops_between;
use headroom_colour::transfer::inverse_eotf_srgb;

/// Stops by which light is shown darker, one column each.
pub const EXPOSURES: [i32; 3] = [0, -2, -4];
/// Stops at which a difference has its full colour.
const RANGE: f64 = 3.0;
/// Pictures are reduced until they are no wider.
const WIDEST: usize = 320;
/// Signal of no difference.
const GREY: f64 = 0.35;
/// Where the prediction is brighter by the whole range.
const BRIGHTER: [f64; 3] = [1.0, 0.25, 0.10];
/// Where it is darker.
const DARKER: [f64; 3] = [0.10, 0.45, 1.0];

/// A picture of a report.
#[derive(Debug)]
pub struct Shown {
    /// Under which condition.
    pub condition: String,
    /// Which picture.
    pub picture: String,
    /// `input`, `truth` or the method.
    pub what: String,
    /// Width and height.
    pub size: [usize; 2],
    /// JPEG files: one for the input, one for each of [`EXPOSURES`] for light, and then the difference
    /// for predictions.
    pub files: Vec<Vec<u8>>,
}

/// All pictures of a report.
#[derive(Debug, Default)]
pub struct Gallery {
    /// In the order in which they are shown.
    pub shown: Vec<Shown>,
}

impl Gallery {
    /// Adds a prediction; with `first` the input and the truth before it.
    ///
    /// # Errors
    /// When JPEG cannot hold the picture.
    pub fn add(
        &mut self,
        condition: &str,
        picture: &str,
        method: &str,
        first: bool,
        judged: &Judged<'_>,
    ) -> Result<(), Error> {
        let small = |rgb: &[f32]| reduce(judged.size, rgb, WIDEST);
        let (size, truth) = small(judged.truth);
        let mut add = |what: &str, pictures: Vec<Vec<u8>>| -> Result<(), Error> {
            let jpeg = Jpeg { quality: 88, subsampled: true };
            let files = pictures.iter().map(|codes| jpeg.encode(codes, size[1], size[0]));
            self.shown.push(Shown {
                condition: condition.to_owned(),
                picture: picture.to_owned(),
                what: what.to_owned(),
                size: [size[1], size[0]],
                files: files.collect::<Result<_, _>>()?,
            });
            Ok(())
        };
        if first {
            let codes = small(judged.code).1.iter().map(|v| code(f64::from(*v))).collect();
            add("input", vec![codes])?;
            add("truth", EXPOSURES.map(|stops| exposed(&truth, f64::from(stops))).to_vec())?;
        }
        let (_, prediction) = small(judged.prediction);
        let mut pictures = EXPOSURES.map(|stops| exposed(&prediction, f64::from(stops))).to_vec();
        pictures.push(difference(&prediction, &truth));
        add(method, pictures)
    }
}

/// A signal as a code of 8 bits.
pub(in crate::eval) fn code(signal: f64) -> u8 {
    // Light that is no number is cast to black.
    (signal.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

/// sRGB codes of light after a change of exposure.
#[must_use]
pub fn exposed(light: &[f32], stops: f64) -> Vec<u8> {
    let factor = libm::exp2(stops);
    light
        .iter()
        .map(|v| code(inverse_eotf_srgb((f64::from(*v) * factor).clamp(0.0, 1.0))))
        .collect()
}

/// Codes of a difference: red where the first picture is brighter, blue where it is darker.
fn difference(test: &[f32], truth: &[f32]) -> Vec<u8> {
    let pixels = test.as_chunks::<3>().0.iter().zip(truth.as_chunks::<3>().0);
    pixels
        .flat_map(|(a, b)| {
            let share = (stops_between(*a, *b) / RANGE).clamp(-1.0, 1.0);
            let target = if share > 0.0 { BRIGHTER } else { DARKER };
            target.map(|v| code(GREY + (v - GREY) * share.abs()))
        })
        .collect()
}

/// Means of squares of pixels, until the picture is no wider than `widest`.
pub(in crate::eval) fn reduce(
    [height, width]: [usize; 2],
    rgb: &[f32],
    widest: usize,
) -> ([usize; 2], Vec<f32>) {
    let side = width.div_ceil(widest).max(1).min(height.max(1));
    let (new_height, new_width) = (height / side, width / side);
    let mut to = Vec::with_capacity(new_height * new_width * 3);
    for y in 0..new_height {
        for x in 0..new_width {
            let mut sum = [0.0f32; 3];
            for row in y * side..(y + 1) * side {
                for column in x * side..(x + 1) * side {
                    let start = (row * width + column) * 3;
                    sum.iter_mut().zip(&rgb[start..start + 3]).for_each(|(s, v)| *s += v);
                }
            }
            to.extend(sum.map(|v| v / (side * side) as f32));
        }
    }
    ([new_height, new_width], to)
}
