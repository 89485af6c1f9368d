//! Pictures of f32, channels last.

use super::shape::ShapeError;

/// A picture that is read: element (y, x, c) is `data[y * row_stride + x * pixel_stride + c]`.
///
/// A pixel stride above the number of channels lets a convolution read part of the channels of a
/// wider tensor: a slice or a concatenation without a copy.
#[derive(Clone, Copy, Debug)]
pub struct Tensor<'a> {
    /// The numbers, from the first channel of the first pixel on.
    pub data: &'a [f32],
    /// Rows.
    pub height: usize,
    /// Pixels of a row.
    pub width: usize,
    /// Numbers of a pixel.
    pub channels: usize,
    /// Numbers from a pixel to the next; at least `channels`.
    pub pixel_stride: usize,
    /// Numbers from a row to the next; at least what a row takes.
    pub row_stride: usize,
}

/// A picture that is written; as [`Tensor`].
#[derive(Debug)]
pub struct TensorMut<'a> {
    /// The numbers, from the first channel of the first pixel on.
    pub data: &'a mut [f32],
    /// Rows.
    pub height: usize,
    /// Pixels of a row.
    pub width: usize,
    /// Numbers of a pixel.
    pub channels: usize,
    /// Numbers from a pixel to the next; at least `channels`.
    pub pixel_stride: usize,
    /// Numbers from a row to the next; at least what a row takes.
    pub row_stride: usize,
}

impl<'a> Tensor<'a> {
    /// A picture without gaps between pixels and rows.
    #[must_use]
    pub const fn packed(data: &'a [f32], height: usize, width: usize, channels: usize) -> Self {
        let row_stride = width.saturating_mul(channels);
        Self { data, height, width, channels, pixel_stride: channels, row_stride }
    }

    /// # Errors
    /// When pixels or rows overlap or the data is too short.
    pub fn check(&self, what: &'static str) -> Result<(), ShapeError> {
        let size = [self.height, self.width, self.channels];
        check(what, self.data.len(), size, [self.pixel_stride, self.row_stride])
    }
}

impl<'a> TensorMut<'a> {
    /// A picture without gaps between pixels and rows.
    #[must_use]
    pub const fn packed(data: &'a mut [f32], height: usize, width: usize, channels: usize) -> Self {
        let row_stride = width.saturating_mul(channels);
        Self { data, height, width, channels, pixel_stride: channels, row_stride }
    }

    /// # Errors
    /// When pixels or rows overlap or the data is too short.
    pub fn check(&self, what: &'static str) -> Result<(), ShapeError> {
        let size = [self.height, self.width, self.channels];
        check(what, self.data.len(), size, [self.pixel_stride, self.row_stride])
    }

    /// The same picture for a shorter time.
    pub const fn reborrow(&mut self) -> TensorMut<'_> {
        TensorMut {
            data: self.data,
            height: self.height,
            width: self.width,
            channels: self.channels,
            pixel_stride: self.pixel_stride,
            row_stride: self.row_stride,
        }
    }

    /// The same picture to read.
    #[must_use]
    pub const fn as_ref(&self) -> Tensor<'_> {
        Tensor {
            data: self.data,
            height: self.height,
            width: self.width,
            channels: self.channels,
            pixel_stride: self.pixel_stride,
            row_stride: self.row_stride,
        }
    }
}

/// The kernels write through addresses from many threads: what holds here is what makes that sound.
fn check(
    what: &'static str,
    length: usize,
    [height, width, channels]: [usize; 3],
    [pixel_stride, row_stride]: [usize; 2],
) -> Result<(), ShapeError> {
    if height == 0 || width == 0 || channels == 0 {
        return Ok(());
    }
    if pixel_stride < channels {
        let found = format!("pixel stride {pixel_stride}");
        return Err(ShapeError::new(what, found, format!("at least the {channels} channels")));
    }
    let row = (width - 1).checked_mul(pixel_stride).and_then(|n| n.checked_add(channels));
    if height > 1 && row.is_none_or(|row| row_stride < row) {
        let found = format!("row stride {row_stride}");
        let expected = format!("room for {width} pixels {pixel_stride} apart");
        return Err(ShapeError::new(what, found, expected));
    }
    let needed = (height - 1)
        .checked_mul(row_stride)
        .zip(row)
        .and_then(|(rows, row)| rows.checked_add(row))
        .filter(|&needed| needed <= length);
    if needed.is_none() {
        let found = format!("{length} numbers");
        let expected = format!(
            "enough for {height} x {width} x {channels} with strides {row_stride}, {pixel_stride}"
        );
        return Err(ShapeError::new(what, found, expected));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strides_and_lengths_are_held() {
        let data = vec![0.0; 2 * 3 * 4];
        let good = Tensor::packed(&data, 2, 3, 4);
        assert_eq!(good.check("input"), Ok(()));
        let part = Tensor { channels: 2, ..good };
        assert_eq!(part.check("input"), Ok(()));
        let last = Tensor { data: &data[2..], ..part };
        assert_eq!(last.check("input"), Ok(()));
        for bad in [
            Tensor { channels: 5, ..good },
            Tensor { row_stride: 11, ..good },
            Tensor { height: 3, ..good },
            Tensor { data: &data[3..], ..part },
            Tensor { row_stride: usize::MAX, ..good },
            Tensor { width: usize::MAX, ..good },
        ] {
            let error = bad.check("input").expect_err("does not fit");
            assert!(error.to_string().starts_with("input: found "), "{error}");
        }
        assert_eq!(Tensor::packed(&[], 0, 3, 4).check("input"), Ok(()));
    }
}
