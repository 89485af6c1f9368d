//! One frame's numbers.

use super::difference;
use crate::error::{Error, Outcome};
use crate::{clip, light};
use headroom::metrics::{METRICS, Pair, scale_to_align};
use headroom_colour::Space;
use headroom_frame::sequence::Pattern;
use headroom_frame::{Frame, ReadOptions, read};
use headroom_kernel::Pool;
use std::path::PathBuf;

/// What is compared and how.
pub(super) struct Inputs {
    pub(super) a: Pattern,
    pub(super) b: Pattern,
    /// Layer of A.
    pub(super) layer: Option<String>,
    pub(super) sdr: Option<Pattern>,
    pub(super) diff: Option<Pattern>,
    pub(super) diff_range: f64,
    pub(super) spaces: [Option<&'static Space>; 2],
    /// Diffuse white in nits, where it was named.
    pub(super) white: Option<f64>,
    pub(super) align: bool,
}

/// Numbers of a frame, in the order of [`METRICS`].
pub(super) struct Measured {
    pub(super) frame: i64,
    pub(super) a: PathBuf,
    pub(super) b: PathBuf,
    /// Factor on A's light; 1 without alignment.
    pub(super) scale: f64,
    /// Share of the pixels that the camera clipped.
    pub(super) clip_share: Option<f64>,
    pub(super) whole: Vec<f64>,
    /// None without an SDR picture.
    pub(super) clipped: Option<Vec<f64>>,
}

pub(super) fn measure(inputs: &Inputs, number: i64, pool: &Pool) -> Outcome<Measured> {
    let (path_a, path_b) = (inputs.a.path(number), inputs.b.path(number));
    let options = ReadOptions::default();
    let layered = ReadOptions { layer: inputs.layer.clone(), ..ReadOptions::default() };
    let (a, b) = (read(&path_a, &layered)?, read(&path_b, &options)?);
    let size = size_of(&b);
    expect_size(&path_a, &a, size)?;
    let codes = match &inputs.sdr {
        Some(pattern) => {
            let path = pattern.path(number);
            let sdr = read(&path, &options)?;
            expect_size(&path, &sdr, size)?;
            Some(clip::codes(&sdr))
        }
        None => None,
    };
    let [space_a, space_b] = inputs.spaces;
    let mut test = light::colours(&light::of_frame(&a, space_a, inputs.white));
    let truth = light::colours(&light::of_frame(&b, space_b, inputs.white));
    let pair = |test: &[[f32; 3]]| -> Outcome<f64> {
        let pair = Pair::new(size.0, size.1, test, &truth)
            .map_err(|error| Error::failed(error.to_string()))?;
        Ok(scale_to_align(&pair, codes.as_ref().map(|c| c.trusted.as_slice())))
    };
    let scale = if inputs.align { pair(&test)? } else { 1.0 };
    if scale != 1.0 {
        let scaled = |v: f32| (f64::from(v) * scale) as f32;
        test.iter_mut().for_each(|rgb| *rgb = rgb.map(scaled));
    }
    if let Some(pattern) = &inputs.diff {
        difference::write(&pattern.path(number), size, &test, &truth, inputs.diff_range)?;
    }
    let pair = Pair::new(size.0, size.1, &test, &truth)
        .map_err(|error| Error::failed(error.to_string()))?;
    let over = |region: Option<&[bool]>| {
        pool.map(METRICS.len(), |index| METRICS[index].measure(&pair, region))
    };
    let whole = over(None);
    let clipped = codes.as_ref().map(|codes| over(Some(&codes.clipped)));
    let clip_share = codes.map(|codes| {
        let count = codes.clipped.iter().filter(|clipped| **clipped).count();
        count as f64 / codes.clipped.len() as f64
    });
    Ok(Measured { frame: number, a: path_a, b: path_b, scale, clip_share, whole, clipped })
}

fn size_of(frame: &Frame) -> (usize, usize) {
    (frame.display_window.width as usize, frame.display_window.height as usize)
}

fn expect_size(path: &std::path::Path, frame: &Frame, expected: (usize, usize)) -> Outcome {
    let found = size_of(frame);
    if found == expected {
        return Ok(());
    }
    Err(Error::failed(format!(
        "{}: size: found {} x {} pixels, expected {} x {} as the truth has",
        path.display(),
        found.0,
        found.1,
        expected.0,
        expected.1
    )))
}
