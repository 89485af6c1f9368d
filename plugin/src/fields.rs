//! Renders of one field.
//!
//! The picture is rendered as a whole frame and the field's rows are kept, so that two fields
//! rendered apart are the frame rendered at once. Hosts hand the output over in one of two shapes:
//! at full height, where only the field's rows may be written, or as the field alone at half
//! height.

use headroom::expand::device::DeviceImage;
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
    /// `wanted` is the field of the render and `output` that of the output image, which is
    /// `output_rows` high. The whole frame is `frame_rows` high where the host tells; the source's
    /// picture says which field it is, if one, and how high its frame is.
    ///
    /// An image of one field is packed when it is half as high as the frame, give or take the odd
    /// row. Where the source is packed in the same way, rows go one to one; so they do where
    /// nothing tells how high the frame is, since a row that is not written is worse than one
    /// that nobody looks at.
    pub(crate) fn of(
        wanted: Field,
        output: Field,
        output_rows: i64,
        frame_rows: Option<i64>,
        source: Option<(Field, i64)>,
    ) -> Option<Self> {
        let unpacked = || wanted.parity().map(|parity| Self { parity, packed: false });
        let Some(single) = output.parity() else { return unpacked() };
        let packed = || Some(Self { parity: wanted.parity().unwrap_or(single), packed: true });
        let half = |rows: i64, frame: i64| (rows * 2 - frame).abs() <= 1;
        match (frame_rows, source) {
            (Some(frame), _) if !half(output_rows, frame) => unpacked(),
            (Some(frame), Some((field, rows))) if field.parity().is_some() && half(rows, frame) => {
                None
            }
            (Some(_), _) => packed(),
            (None, Some((field, rows))) if field.parity().is_none() => {
                if half(output_rows, rows) {
                    packed()
                } else {
                    unpacked()
                }
            }
            (None, _) => None,
        }
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

    /// The rows of an output on a device, whose rectangle is the window, taken for those of the frame.
    pub(crate) fn on_device<'a>(self, output: &DeviceImage<'a>) -> DeviceImage<'a> {
        let y1 = output.rect().y1;
        if self.packed {
            // As in `keep`: row y is row -1 - (2 (-1 - y) + parity) of the frame.
            return output.field(1 + 2 * y1 - self.parity);
        }
        let first = y1 + i32::from((-1 - y1).rem_euclid(2) != self.parity);
        output.every_second(first)
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
        let rows = Rows::of(Field::Lower, Field::Both, 4, Some(4), None).expect("some rows");
        assert_eq!(kept(rows, window, 4), [-1.0, 2.0, -1.0, 0.0]);
        let rows = Rows::of(Field::Upper, Field::None, 4, Some(4), None).expect("some rows");
        assert_eq!(kept(rows, window, 4), [3.0, -1.0, 1.0, -1.0]);
    }

    #[test]
    fn a_field_at_half_height_takes_every_second_row() {
        let rows = Rows::of(Field::Upper, Field::Upper, 2, None, Some((Field::None, 4)))
            .expect("some rows");
        let window = Rect::new(0, -2, 1, 0);
        assert_eq!(rows.frame_window(window), Rect::new(0, -4, 1, 0));
        assert_eq!(kept(rows, window, 4), [3.0, 1.0]);
    }

    #[test]
    fn a_field_of_a_frame_with_an_odd_number_of_rows_is_packed() {
        for rows in [9, 10] {
            let rows = Rows::of(Field::Lower, Field::Lower, rows, Some(19), None);
            assert!(rows.expect("some rows").packed);
        }
    }

    #[test]
    fn every_row_is_written_where_the_source_is_the_field_too_or_nothing_tells() {
        let of = |frame, source| Rows::of(Field::Upper, Field::Upper, 2, frame, source);
        assert_eq!(of(None, None), None);
        assert_eq!(of(None, Some((Field::Upper, 2))), None);
        assert_eq!(of(Some(4), Some((Field::Upper, 2))), None);
    }

    #[test]
    fn a_missing_source_does_not_make_a_packed_field_a_frame() {
        let rows = Rows::of(Field::Upper, Field::Upper, 2, Some(4), None).expect("some rows");
        assert_eq!(kept(rows, Rect::new(0, -2, 1, 0), 4), [3.0, 1.0]);
    }

    #[test]
    fn a_tile_of_a_full_height_field_is_not_taken_for_packed() {
        let source = Some((Field::None, 540));
        for frame in [Some(540), None] {
            let rows = Rows::of(Field::Lower, Field::Lower, 16, frame, source);
            assert!(!rows.expect("some rows").packed);
        }
    }

    #[test]
    fn frames_without_fields_are_written_one_to_one() {
        assert_eq!(Rows::of(Field::None, Field::None, 4, Some(4), None), None);
        assert_eq!(Rows::of(Field::Both, Field::Both, 4, Some(4), None), None);
    }
}
