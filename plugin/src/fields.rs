//! Renders of one field.
//!
//! The picture is rendered as a whole frame and the field's rows are kept, so that two fields
//! rendered apart are the frame rendered at once. Hosts hand the output over in one of two shapes:
//! at full height, where only the field's rows may be written, or as the field alone at half
//! height.

use headroom_kernel::{ImageMut, ImageRef, Planes, Rect};
use headroom_ofx::Field;

/// Which rows of a frame go where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    /// Rest of the wanted rows' numbers by 2, counted upwards as OpenFX does.
    parity: i32,
    /// The output holds these rows alone, one below the other.
    packed: bool,
}

impl Rows {
    /// The rows to write; none when it is all of them, one to one.
    ///
    /// `wanted` is the field of the render, `output` that of the output image, whose frame is
    /// `output_rows` high where the source's is `source_rows`.
    pub(crate) fn of(
        wanted: Field,
        output: Field,
        output_rows: i64,
        source_rows: Option<i64>,
    ) -> Option<Self> {
        let single = output.parity();
        let packed = single.is_some() && source_rows.is_some_and(|rows| output_rows * 4 < rows * 3);
        let parity = wanted.parity().or(if packed { single } else { None })?;
        Some(Self { parity, packed })
    }

    /// The part of the whole frame that must be rendered to fill `window` of the output.
    pub(crate) fn frame_window(self, window: Rect) -> Rect {
        if self.packed {
            // Row y of the field is row 2y or 2y + 1 of the frame, both counted upwards.
            Rect { y1: window.y1 * 2, y2: window.y2 * 2, ..window }
        } else {
            window
        }
    }

    /// Copies the field's rows of `frame` into `output`, whose rectangle is the window.
    pub(crate) fn keep(self, frame: &ImageRef<'_>, mut output: ImageMut<'_>) {
        let window = output.rect();
        let width = window.width();
        let mut planes = vec![vec![0.0; width]; 4];
        for y in window.y1..window.y2 {
            // The engine's row y is OpenFX's row -1 - y, whose parity is the other one.
            let up = -1 - y;
            let from = if self.packed {
                -1 - (2 * up + self.parity)
            } else if up.rem_euclid(2) == self.parity {
                y
            } else {
                continue;
            };
            let [r, g, b, a] = &mut planes[..] else { return };
            frame.load(window.x1, from, &mut Planes { r, g, b, a });
            output.store(window.x1, y, [r, g, b, a]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_kernel::Components;

    /// A one-column alpha picture whose pixel at OpenFX row y is y.
    fn column(rows: i32) -> Vec<f32> {
        (0..rows).rev().map(|y| y as f32).collect()
    }

    fn kept(rows: Rows, window: Rect, frame_rows: i32) -> Vec<f32> {
        let frame = column(frame_rows);
        let frame =
            ImageRef::from_floats(&frame, Rect::new(0, -frame_rows, 1, 0), Components::Alpha)
                .expect("fits");
        let mut out = vec![-1.0; window.height()];
        let view = ImageMut::from_floats(&mut out, window, Components::Alpha).expect("fits");
        rows.keep(&frame, view);
        out
    }

    #[test]
    fn the_lower_field_has_the_even_rows_counted_upwards() {
        let window = Rect::new(0, -4, 1, 0);
        let rows = Rows::of(Field::Lower, Field::Both, 4, Some(4)).expect("some rows");
        assert_eq!(kept(rows, window, 4), [-1.0, 2.0, -1.0, 0.0]);
        let rows = Rows::of(Field::Upper, Field::None, 4, Some(4)).expect("some rows");
        assert_eq!(kept(rows, window, 4), [3.0, -1.0, 1.0, -1.0]);
    }

    #[test]
    fn a_field_at_half_height_takes_every_second_row() {
        let rows = Rows::of(Field::Upper, Field::Upper, 2, Some(4)).expect("some rows");
        let window = Rect::new(0, -2, 1, 0);
        assert_eq!(rows.frame_window(window), Rect::new(0, -4, 1, 0));
        assert_eq!(kept(rows, window, 4), [3.0, 1.0]);
    }

    #[test]
    fn frames_without_fields_are_written_one_to_one() {
        assert_eq!(Rows::of(Field::None, Field::None, 4, Some(4)), None);
        assert_eq!(Rows::of(Field::Both, Field::Both, 4, Some(4)), None);
    }
}
