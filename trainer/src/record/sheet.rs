//! Sample sheets: input, prediction, truth and difference side by side, at two exposures.

use super::Sample;
use super::raster::{Anchor, FAINT, GROUND, INK, Raster, Weight};
use crate::Error;
use crate::shot::luminance_weights;
use headroom_colour::transfer::SRGB;

/// Pictures are shown no wider than this.
const WIDEST: usize = 512;
/// Stops at which the difference has its full colour.
const STOPS: f64 = 2.0;
/// Below this, light is shown as equally dark: 13 stops under white.
const FLOOR: f64 = 1.0 / 8192.0;
const GAP: usize = 8;
const HEAD: usize = 34;
const CAPTION: usize = 26;

/// A sheet, and where its pictures lie.
pub(super) struct Sheet {
    pub(super) raster: Raster,
    /// Left and top of the pictures, row by row.
    #[cfg(test)]
    pub(super) places: Vec<[usize; 2]>,
    /// Height and width of each picture.
    #[cfg(test)]
    pub(super) tile: [usize; 2],
}

/// Draws a sheet.
///
/// # Errors
/// When a picture is not as large as the size says.
pub(super) fn draw(sample: &Sample<'_>, title: &str) -> Result<Sheet, Error> {
    let [height, width] = sample.size;
    for (what, pixels) in
        [("code", sample.code), ("prediction", sample.prediction), ("truth", sample.truth)]
    {
        if pixels.len() != height * width * 3 || pixels.is_empty() {
            let (name, found) = (sample.name, pixels.len());
            return Err(Error::failed(format!(
                "sample {name}: {what}: found {found} numbers, expected {width} x {height} x 3"
            )));
        }
    }
    let factor = width.div_ceil(WIDEST);
    let code: Vec<f64> = sample.code.iter().map(|&c| SRGB.decode(f64::from(c))).collect();
    let light = |pixels: &[f32]| pixels.iter().copied().map(f64::from).collect::<Vec<_>>();
    let (tile, input) = reduce(sample.size, &code, factor);
    let prediction = reduce(sample.size, &light(sample.prediction), factor).1;
    let truth = reduce(sample.size, &light(sample.truth), factor).1;
    let stops = stops(&prediction, &truth);
    let apart: Vec<f64> = prediction.iter().zip(&truth).map(|(p, t)| (p - t).abs()).collect();

    let shown = |pixels: &[f64], gain: f64| pixels.iter().map(|v| display(v * gain)).collect();
    let dark = 0.125;
    let tiles: [(&str, Vec<u8>); 8] = [
        ("Input", shown(&input, 1.0)),
        ("Prediction", shown(&prediction, 1.0)),
        ("Truth", shown(&truth, 1.0)),
        ("Prediction / truth, blue -2 to red +2 stops", stops),
        ("Input, \u{2212}3 stops", shown(&input, dark)),
        ("Prediction, \u{2212}3 stops", shown(&prediction, dark)),
        ("Truth, \u{2212}3 stops", shown(&truth, dark)),
        ("Difference of light, \u{2212}3 stops", shown(&apart, dark)),
    ];
    let [rows, columns] = tile;
    // Captions need room even above small pictures.
    let column = columns.max(150);
    let mut raster =
        Raster::new(GAP + 4 * (column + GAP), HEAD + 2 * (CAPTION + rows) + GAP, GROUND);
    let bold = (Weight::Bold, Anchor::Start);
    raster.text(title, [GAP as f32, 22.0], 15.0, bold, INK)?;
    #[cfg(test)]
    let mut places = Vec::new();
    for (index, (caption, pixels)) in tiles.iter().enumerate() {
        let left = GAP + (index % 4) * (column + GAP);
        let top = HEAD + CAPTION + (index / 4) * (CAPTION + rows);
        let (caption, size) = fitted(caption, column)?;
        let style = (Weight::Regular, Anchor::Start);
        raster.text(&caption, [left as f32, top as f32 - 8.0], size, style, FAINT)?;
        for (at, pixel) in pixels.chunks_exact(3).enumerate() {
            raster.set(left + at % columns, top + at / columns, [pixel[0], pixel[1], pixel[2]]);
        }
        #[cfg(test)]
        places.push([left, top]);
    }
    Ok(Sheet {
        raster,
        #[cfg(test)]
        places,
        #[cfg(test)]
        tile,
    })
}

/// A caption and the size at which it fits, shortened at need.
fn fitted(text: &str, room: usize) -> Result<(String, f32), Error> {
    let wide = super::raster::width(text, 13.0, Weight::Regular)?;
    let size = (13.0 * room as f32 / wide).min(13.0);
    if size >= 10.0 {
        return Ok((text.to_owned(), size));
    }
    let short = text.split(", ").next().unwrap_or(text);
    let short = short.replace("Difference of light", "Difference");
    Ok((short, 12.0))
}

/// Means of squares of `factor` pixels a side.
fn reduce([height, width]: [usize; 2], pixels: &[f64], factor: usize) -> ([usize; 2], Vec<f64>) {
    if factor <= 1 {
        return ([height, width], pixels.to_vec());
    }
    let (rows, columns) = ((height / factor).max(1), (width / factor).max(1));
    let mut means = Vec::with_capacity(rows * columns * 3);
    for index in 0..rows * columns * 3 {
        let (row, column, channel) = (index / 3 / columns, index / 3 % columns, index % 3);
        let (mut sum, mut count) = (0.0, 0.0);
        for y in row * factor..((row + 1) * factor).min(height) {
            for x in column * factor..((column + 1) * factor).min(width) {
                sum += pixels[(y * width + x) * 3 + channel];
                count += 1.0;
            }
        }
        means.push(sum / count);
    }
    ([rows, columns], means)
}

/// Light as an sRGB code.
fn display(light: f64) -> u8 {
    // What is no number shows as black, what is too bright as white.
    (SRGB.encode(light.clamp(0.0, 1.0)) * 255.0 + 0.5) as u8
}

/// By how many stops a prediction's luminance differs: blue where it is too dark, red where it is too
/// bright, white where it is right.
fn stops(prediction: &[f64], truth: &[f64]) -> Vec<u8> {
    const RED: [f64; 3] = [214.0, 40.0, 40.0];
    const BLUE: [f64; 3] = [37.0, 99.0, 235.0];
    let weights = luminance_weights();
    let luminance =
        |p: &[f64]| p.iter().zip(weights).map(|(value, w)| value * w).sum::<f64>().max(FLOOR);
    let colour = |(p, t): (&[f64], &[f64])| {
        let apart = libm::log2(luminance(p) / luminance(t)) / STOPS;
        let share = if apart.is_nan() { 1.0 } else { apart.abs().min(1.0) };
        let full = if apart < 0.0 { BLUE } else { RED };
        full.map(|channel| (245.0 + (channel - 245.0) * share + 0.5) as u8)
    };
    prediction.chunks_exact(3).zip(truth.chunks_exact(3)).flat_map(colour).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixel(sheet: &Sheet, tile: usize, [x, y]: [usize; 2]) -> [u8; 3] {
        let [left, top] = sheet.places[tile];
        let at = ((top + y) * sheet.raster.size()[1] + left + x) * 3;
        sheet.raster.pixels()[at..at + 3].try_into().unwrap()
    }

    fn sheet() -> Sheet {
        // Truth 4.0 everywhere; the prediction is half of it on the left, equal on the right.
        let size = [4, 6];
        let prediction: Vec<f32> =
            (0..24).flat_map(|i| [if i % 6 < 3 { 2.0 } else { 4.0 }; 3]).collect();
        let sample = Sample {
            name: "window",
            size,
            code: &[0.5; 72],
            prediction: &prediction,
            truth: &[4.0; 72],
        };
        draw(&sample, "window").unwrap()
    }

    #[test]
    fn pictures_show_light_at_two_exposures() {
        let sheet = sheet();
        assert_eq!(sheet.tile, [4, 6]);
        assert_eq!(pixel(&sheet, 0, [0, 0]), [128; 3]);
        assert_eq!(pixel(&sheet, 2, [5, 3]), [255; 3]);
        // 4.0 three stops down is 0.5: sRGB code 188. 2.0 becomes 0.25: 137.
        assert_eq!(pixel(&sheet, 6, [0, 0]), [188; 3]);
        assert_eq!(pixel(&sheet, 5, [0, 0]), [137; 3]);
        assert_eq!(pixel(&sheet, 5, [5, 0]), [188; 3]);
    }

    #[test]
    fn differences_are_blue_where_too_dark_and_white_where_right() {
        let sheet = sheet();
        let [red, _, blue] = pixel(&sheet, 3, [0, 0]);
        assert!(blue > red + 50, "one stop too dark: {red} {blue}");
        assert_eq!(pixel(&sheet, 3, [5, 0]), [245; 3]);
        // |2 - 4| three stops down is 0.25.
        assert_eq!(pixel(&sheet, 7, [0, 0]), [137; 3]);
        assert_eq!(pixel(&sheet, 7, [5, 0]), [0; 3]);
    }

    #[test]
    fn wide_pictures_are_reduced_by_means_of_light() {
        let (size, means) = reduce([2, 4], &[1.0, 1.0, 1.0, 3.0, 3.0, 3.0].repeat(4), 2);
        assert_eq!((size, means), ([1, 2], vec![2.0; 6]));
    }

    #[test]
    fn a_picture_of_the_wrong_size_is_refused_by_name() {
        let sample =
            Sample { name: "x", size: [2, 2], code: &[0.0; 12], prediction: &[0.0; 9], truth: &[] };
        let error = draw(&sample, "x").err().unwrap().to_string();
        assert_eq!(error, "sample x: prediction: found 9 numbers, expected 2 x 2 x 3");
    }

    #[test]
    fn no_number_shows_as_black_and_never_panics() {
        let none = [f32::NAN; 12];
        let sample =
            Sample { name: "x", size: [2, 2], code: &[0.0; 12], prediction: &none, truth: &none };
        assert_eq!(pixel(&draw(&sample, "x").unwrap(), 1, [0, 0]), [0; 3]);
    }
}
