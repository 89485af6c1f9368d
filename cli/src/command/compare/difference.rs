//! The picture of a difference.

use crate::error::Outcome;
use crate::pattern::make_folder_of;
use headroom::metrics::stops_between;
use headroom_frame::{AlphaKind, Frame, WriteOptions};
use std::path::Path;

/// Signal of no difference.
const GREY: f64 = 0.35;
/// Where A is brighter than B by the whole range.
const BRIGHTER: [f64; 3] = [1.0, 0.25, 0.10];
/// Where A is darker than B by the whole range.
const DARKER: [f64; 3] = [0.10, 0.45, 1.0];

fn colour(stops: f64, range: f64) -> [f32; 3] {
    let share = (stops / range).clamp(-1.0, 1.0);
    let target = if share > 0.0 { BRIGHTER } else { DARKER };
    target.map(|v| (GREY + (v - GREY) * share.abs()) as f32)
}

/// Writes what `test` has over `truth`, full colour at `range` stops.
pub(super) fn write(
    path: &Path,
    (width, height): (usize, usize),
    test: &[[f32; 3]],
    truth: &[[f32; 3]],
    range: f64,
) -> Outcome {
    let mut pixels = Vec::with_capacity(test.len() * 4);
    for (a, b) in test.iter().zip(truth) {
        pixels.extend(colour(stops_between(*a, *b), range));
        pixels.push(1.0);
    }
    make_folder_of(path)?;
    let frame = Frame::new(width as u32, height as u32, pixels, AlphaKind::Opaque);
    headroom_frame::write(path, &frame, &WriteOptions::default())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_is_grey_brighter_red_darker_blue() {
        let grey = colour(0.0, 3.0);
        assert_eq!(grey, [GREY as f32; 3]);
        let [r, _, b] = colour(1.5, 3.0);
        assert!(r > b);
        let [r, _, b] = colour(-9.0, 3.0);
        assert!(b > r && colour(-9.0, 3.0) == colour(-3.0, 3.0));
    }
}
