//! A picture in the memory of a device.

use headroom_gpu::layout::Picture;
use headroom_gpu::{Gpu, GpuError, Memory};
use headroom_kernel::{Components, Depth, Format, Rect};
use std::fmt;
use std::ops::Range;

/// A picture in the memory of a device. That it lies within is checked.
#[derive(Clone, Copy, Debug)]
pub struct DeviceImage<'a> {
    pub(super) memory: &'a Memory,
    rect: Rect,
    format: Format,
    picture: Picture,
}

/// Why memory cannot be seen as a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceImageError {
    /// Rows overlap, or do not begin at a whole component.
    Rows {
        /// What the caller said.
        row_bytes: isize,
        /// What the width needs.
        needed: usize,
    },
    /// The picture lies beyond its memory.
    Beyond {
        /// Bytes there are.
        found: usize,
        /// Bytes that the picture reaches to.
        needed: i64,
    },
    /// More components than kernels can count.
    TooLarge,
}

impl fmt::Display for DeviceImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows { row_bytes, needed } => {
                write!(
                    f,
                    "row bytes: found {row_bytes}, expected whole components and at least {needed}"
                )
            }
            Self::Beyond { found, needed } => {
                write!(f, "device memory: found {found} bytes, expected {needed}")
            }
            Self::TooLarge => {
                f.write_str("device memory: a picture of more components than can be counted")
            }
        }
    }
}

impl std::error::Error for DeviceImageError {}

impl<'a> DeviceImage<'a> {
    /// A picture whose top left pixel lies `first` bytes from the beginning of `memory`, and rows
    /// `row_bytes` below one another (negative: memory runs upwards).
    ///
    /// # Errors
    /// When any of it lies outside the memory, or rows overlap.
    pub fn new(
        memory: &'a Memory,
        first: usize,
        row_bytes: isize,
        rect: Rect,
        format: Format,
    ) -> Result<Self, DeviceImageError> {
        let mut picture = Picture::NONE;
        if !rect.is_empty() {
            let needed = rect.width() * format.bytes();
            let bytes = format.depth.bytes();
            let whole =
                row_bytes.unsigned_abs().is_multiple_of(bytes) && first.is_multiple_of(bytes);
            if !whole || (rect.height() > 1 && row_bytes.unsigned_abs() < needed) {
                return Err(DeviceImageError::Rows { row_bytes, needed });
            }
            let last_row = first as i64 + (rect.height() as i64 - 1) * row_bytes as i64;
            let end = last_row.max(first as i64) + needed as i64;
            if last_row < 0 || end > memory.bytes() as i64 {
                return Err(DeviceImageError::Beyond { found: memory.bytes(), needed: end });
            }
            let count =
                |v: i64| i32::try_from(v / bytes as i64).map_err(|_| DeviceImageError::TooLarge);
            picture = Picture {
                x1: rect.x1,
                y1: rect.y1,
                x2: rect.x2,
                y2: rect.y2,
                first: count(first as i64)?,
                row: count(row_bytes as i64)?,
                components: match format.components {
                    Components::Rgba => 4,
                    Components::Rgb => 3,
                    Components::Alpha => 1,
                },
                half_floats: format.depth == Depth::Half,
                step: 1,
            };
        }
        Ok(Self { memory, rect, format, picture })
    }

    /// The same memory taken for every second row of a frame, as one field has them: its first row is
    /// row `first` of the frame.
    #[must_use]
    pub fn field(&self, first: i32) -> Self {
        let rect = Rect {
            y1: first,
            y2: first.saturating_add(2 * self.rect.height() as i32),
            ..self.rect
        };
        let picture = Picture { y1: rect.y1, y2: rect.y2, step: 2, ..self.picture };
        Self { rect, picture, ..*self }
    }

    /// Its rows `first`, `first + 2` and so on alone.
    #[must_use]
    pub fn every_second(&self, first: i32) -> Self {
        let part = self.crop(&Rect { y1: first, ..self.rect });
        let picture = Picture { row: part.picture.row.saturating_mul(2), step: 2, ..part.picture };
        Self { picture, ..part }
    }

    /// Writes a picture of the same format and size, rows from the top without gaps, to its own rows.
    ///
    /// # Errors
    /// When the device refuses.
    pub fn put(&self, gpu: &Gpu, rows: &[u8]) -> Result<(), GpuError> {
        let length = self.rect.width() * self.format.bytes();
        for (to, from) in self.bytes().1.zip(rows.chunks_exact(length.max(1))) {
            gpu.write(self.memory, to.start, from)?;
        }
        Ok(())
    }

    /// Rows that lie in memory.
    pub(super) fn rows(&self) -> usize {
        self.rect.height().div_ceil(self.picture.step as usize)
    }

    /// Which pixels there are.
    #[must_use]
    pub fn rect(&self) -> Rect {
        self.rect
    }

    /// How they are stored.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The memory it lies in.
    #[must_use]
    pub fn memory(&self) -> &'a Memory {
        self.memory
    }

    /// Gives up every pixel outside `window`.
    #[must_use]
    pub fn crop(&self, window: &Rect) -> Self {
        let mut rect = self.rect.intersect(window);
        // The first of its own rows.
        let step = self.picture.step;
        rect.y1 += (self.rect.y1 - rect.y1).rem_euclid(step);
        if rect.is_empty() {
            return Self { rect: Rect::default(), picture: Picture::NONE, ..*self };
        }
        let (dx, dy) = (rect.x1 - self.rect.x1, rect.y1 - self.rect.y1);
        let Picture { first, row, components, .. } = self.picture;
        // Inside the memory, which was found to be countable.
        let first = i64::from(first)
            + i64::from(dy / step) * i64::from(row)
            + i64::from(dx) * i64::from(components);
        let picture = Picture {
            x1: rect.x1,
            y1: rect.y1,
            x2: rect.x2,
            y2: rect.y2,
            first: first as i32,
            ..self.picture
        };
        Self { rect, picture, ..*self }
    }

    /// The bytes of the memory that it lies in, and those of each row, from the top.
    pub(super) fn bytes(&self) -> (Range<usize>, impl Iterator<Item = Range<usize>>) {
        let bytes = self.format.depth.bytes() as i64;
        let Picture { first, row, .. } = self.picture;
        let length = self.rect.width() * self.format.bytes();
        // Inside the memory, as was checked.
        let start =
            move |y: usize| ((i64::from(first) + y as i64 * i64::from(row)) * bytes) as usize;
        let height = self.rows();
        let ends = [start(0), start(height.max(1) - 1)];
        let (low, high) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
        let rows = (0..height).map(move |y| start(y)..start(y) + length);
        (low..if height == 0 { low } else { high + length }, rows)
    }

    pub(super) fn picture(&self) -> Picture {
        self.picture
    }
}
