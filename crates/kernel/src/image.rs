//! Views of picture memory as hosts hand it over: any row order, any padding, half or float.

use crate::Rect;
use crate::interleave::{Stores, deinterleave, interleave};
use half::f16;
use half::slice::HalfFloatSliceExt;
use std::marker::PhantomData;

/// How one component is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Depth {
    /// IEEE 754 binary16.
    Half,
    /// IEEE 754 binary32.
    Float,
}

impl Depth {
    /// Bytes of one component.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Half => 2,
            Self::Float => 4,
        }
    }
}

/// Which components a pixel has, interleaved in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Components {
    /// Red, green, blue, alpha.
    Rgba,
    /// Red, green, blue; alpha reads as 1.
    Rgb,
    /// Alpha alone; red, green and blue read as 0.
    Alpha,
}

impl Components {
    /// Components per pixel.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::Rgba => 4,
            Self::Rgb => 3,
            Self::Alpha => 1,
        }
    }
}

/// The layout of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Format {
    /// Storage of a component.
    pub depth: Depth,
    /// Components of a pixel.
    pub components: Components,
}

impl Format {
    /// Float RGBA, what most hosts hand over.
    pub const RGBA_FLOAT: Self = Self { depth: Depth::Float, components: Components::Rgba };

    /// Bytes of one pixel.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.depth.bytes() * self.components.count()
    }
}

/// Why memory could not be seen as a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageError {
    /// Rows are shorter than the pixels they should hold.
    RowTooShort {
        /// What the caller said.
        row_bytes: isize,
        /// What the width needs.
        needed: usize,
    },
    /// The memory ends before the last row does.
    TooSmall {
        /// Bytes there are.
        found: usize,
        /// Bytes the rectangle needs.
        needed: usize,
    },
    /// The address is not a multiple of the component's size.
    Misaligned,
    /// A null address.
    Null,
}

impl std::fmt::Display for ImageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RowTooShort { row_bytes, needed } => {
                write!(f, "row bytes: found {row_bytes}, expected at least {needed} either way")
            }
            Self::TooSmall { found, needed } => {
                write!(f, "picture memory: found {found} bytes, expected {needed}")
            }
            Self::Misaligned => f.write_str("picture memory is not aligned to its components"),
            Self::Null => f.write_str("picture memory is at the null address"),
        }
    }
}

impl std::error::Error for ImageError {}

/// One run of pixels, a slice per component, all of one length.
pub struct Planes<'a> {
    /// Red.
    pub r: &'a mut [f32],
    /// Green.
    pub g: &'a mut [f32],
    /// Blue.
    pub b: &'a mut [f32],
    /// Alpha.
    pub a: &'a mut [f32],
}

impl Planes<'_> {
    /// Pixels in the run.
    #[must_use]
    pub fn len(&self) -> usize {
        self.r.len()
    }

    /// True when the run has no pixel.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.r.is_empty()
    }
}

/// Address, stride and shape; shared by the two views below.
#[derive(Clone, Copy, Debug)]
struct Raster {
    /// Pixel (rect.x1, rect.y1): the leftmost of the top row.
    top_left: *mut u8,
    /// From a row to the one below it; negative when memory runs upwards.
    row_bytes: isize,
    rect: Rect,
    format: Format,
}

impl Raster {
    fn check(self) -> Result<Self, ImageError> {
        if self.rect.is_empty() {
            return Ok(self);
        }
        let needed = self.rect.width() * self.format.bytes();
        if self.rect.height() > 1 && self.row_bytes.unsigned_abs() < needed {
            return Err(ImageError::RowTooShort { row_bytes: self.row_bytes, needed });
        }
        if self.top_left.is_null() {
            return Err(ImageError::Null);
        }
        let align = self.format.depth.bytes();
        if !(self.top_left as usize).is_multiple_of(align)
            || !self.row_bytes.unsigned_abs().is_multiple_of(align)
        {
            return Err(ImageError::Misaligned);
        }
        Ok(self)
    }

    /// The same memory with its last row on top.
    fn flipped(self) -> Self {
        if self.rect.is_empty() {
            return self;
        }
        let top_left = self.pixel(self.rect.x1, self.rect.y2 - 1);
        Self { top_left, row_bytes: -self.row_bytes, ..self }
    }

    /// Address of a pixel that must lie in `rect`.
    fn pixel(&self, x: i32, y: i32) -> *mut u8 {
        assert!(
            x >= self.rect.x1 && x < self.rect.x2 && y >= self.rect.y1 && y < self.rect.y2,
            "pixel outside its picture"
        );
        let dx = (i64::from(x) - i64::from(self.rect.x1)) as isize;
        let dy = (i64::from(y) - i64::from(self.rect.y1)) as isize;
        // SAFETY: the constructor's caller vouched for every pixel of `rect`, and (x, y) is in it.
        unsafe { self.top_left.offset(dy * self.row_bytes + dx * self.format.bytes() as isize) }
    }
}

/// Bytes of a row when `found` bytes hold every row of `rect` one after another.
fn whole_rows(found: usize, rect: Rect, format: Format) -> Result<isize, ImageError> {
    let row = rect.width().saturating_mul(format.bytes());
    let needed = row.saturating_mul(rect.height());
    if found < needed {
        return Err(ImageError::TooSmall { found, needed });
    }
    Ok(row as isize)
}

/// A picture that is read.
#[derive(Clone, Copy, Debug)]
pub struct ImageRef<'a> {
    raster: Raster,
    lifetime: PhantomData<&'a [u8]>,
}

// SAFETY: an ImageRef only reads, and its lifetime keeps the memory alive and unwritten.
unsafe impl Send for ImageRef<'_> {}
// SAFETY: as above; reads from several threads do not conflict.
unsafe impl Sync for ImageRef<'_> {}

impl<'a> ImageRef<'a> {
    /// A view of foreign memory.
    ///
    /// `top_left` is the address of pixel (`rect.x1`, `rect.y1`), `row_bytes` the signed distance
    /// to the row below.
    ///
    /// # Errors
    /// When rows overlap, the address is null or misaligned.
    ///
    /// # Safety
    /// For `'a`, every row of `rect` must be readable memory that nobody writes.
    pub unsafe fn from_raw(
        top_left: *const u8,
        row_bytes: isize,
        rect: Rect,
        format: Format,
    ) -> Result<Self, ImageError> {
        let raster = Raster { top_left: top_left.cast_mut(), row_bytes, rect, format }.check()?;
        Ok(Self { raster, lifetime: PhantomData })
    }

    /// A view of float pixels stored top row first without padding.
    ///
    /// # Errors
    /// When the slice is shorter than the rectangle needs.
    pub fn from_floats(
        data: &'a [f32],
        rect: Rect,
        components: Components,
    ) -> Result<Self, ImageError> {
        let format = Format { depth: Depth::Float, components };
        let row = whole_rows(size_of_val(data), rect, format)?;
        // SAFETY: the slice is borrowed for 'a and was just found to hold every row.
        unsafe { Self::from_raw(data.as_ptr().cast(), row, rect, format) }
    }

    /// A view of half-float pixels stored top row first without padding.
    ///
    /// # Errors
    /// When the slice is shorter than the rectangle needs.
    pub fn from_halves(
        data: &'a [f16],
        rect: Rect,
        components: Components,
    ) -> Result<Self, ImageError> {
        let format = Format { depth: Depth::Half, components };
        let row = whole_rows(size_of_val(data), rect, format)?;
        // SAFETY: the slice is borrowed for 'a and was just found to hold every row.
        unsafe { Self::from_raw(data.as_ptr().cast(), row, rect, format) }
    }

    /// The same memory seen with its last row on top.
    #[must_use]
    pub fn flipped(self) -> Self {
        Self { raster: self.raster.flipped(), ..self }
    }

    /// Which pixels there are.
    #[must_use]
    pub fn rect(&self) -> Rect {
        self.raster.rect
    }

    /// How they are stored.
    #[must_use]
    pub fn format(&self) -> Format {
        self.raster.format
    }

    /// The bytes of one row, left to right, or none where the picture has no such row.
    #[must_use]
    pub fn row_as_bytes(&self, y: i32) -> &'a [u8] {
        let rect = self.raster.rect;
        if rect.is_empty() || y < rect.y1 || y >= rect.y2 {
            return &[];
        }
        let len = rect.width() * self.raster.format.bytes();
        // SAFETY: the row lies in `rect`; from_raw's caller vouched for its memory for 'a.
        unsafe { std::slice::from_raw_parts(self.raster.pixel(rect.x1, y), len) }
    }

    /// Reads pixels (x .. x + planes.len(), y); what lies outside the picture is black and
    /// transparent.
    pub fn load(&self, x: i32, y: i32, planes: &mut Planes<'_>) {
        let n = planes.len();
        let rect = self.raster.rect;
        let first = i64::from(rect.x1).max(i64::from(x));
        let last = i64::from(rect.x2).min(i64::from(x) + n as i64);
        if y < rect.y1 || y >= rect.y2 || first >= last {
            for plane in [&mut *planes.r, &mut *planes.g, &mut *planes.b, &mut *planes.a] {
                plane.fill(0.0);
            }
            return;
        }
        let (lead, count) = ((first - i64::from(x)) as usize, (last - first) as usize);
        for plane in [&mut *planes.r, &mut *planes.g, &mut *planes.b, &mut *planes.a] {
            plane[..lead].fill(0.0);
            plane[lead + count..].fill(0.0);
        }
        let range = lead..lead + count;
        let (r, g) = (&mut planes.r[range.clone()], &mut planes.g[range.clone()]);
        let (b, a) = (&mut planes.b[range.clone()], &mut planes.a[range]);
        let address = self.raster.pixel(first as i32, y);
        let values = count * self.raster.format.components.count();
        match self.raster.format.depth {
            Depth::Float => {
                // SAFETY: `values` floats from `address` lie in one row of `rect`; alignment was
                // checked by the constructor.
                let row = unsafe { std::slice::from_raw_parts(address.cast::<f32>(), values) };
                deinterleave(row, self.raster.format.components, r, g, b, a);
            }
            Depth::Half => {
                // SAFETY: as above, with halves.
                let row = unsafe { std::slice::from_raw_parts(address.cast::<f16>(), values) };
                let per = self.raster.format.components.count();
                let mut wide = [0.0f32; CHUNK];
                for (i, chunk) in row.chunks(CHUNK / per * per).enumerate() {
                    let wide = &mut wide[..chunk.len()];
                    chunk.convert_to_f32_slice(wide);
                    let at = i * (CHUNK / per);
                    let to = at + chunk.len() / per;
                    deinterleave(
                        wide,
                        self.raster.format.components,
                        &mut r[at..to],
                        &mut g[at..to],
                        &mut b[at..to],
                        &mut a[at..to],
                    );
                }
            }
        }
    }
}

/// Bytes from which a picture is written past the caches: larger than most second-level caches, and
/// than most shares of a third-level one.
const STREAMED: usize = 16 << 20;

/// Values converted between half and float at a time: fits the first-level cache.
const CHUNK: usize = 1024;

/// A picture that is written.
#[derive(Debug)]
pub struct ImageMut<'a> {
    raster: Raster,
    stores: Stores,
    lifetime: PhantomData<&'a mut [u8]>,
}

// SAFETY: an ImageMut is the only one who may touch its rows (see from_raw and into_bands), so it
// may move to another thread.
unsafe impl Send for ImageMut<'_> {}

impl<'a> ImageMut<'a> {
    /// A view of foreign memory; arguments as for [`ImageRef::from_raw`].
    ///
    /// # Errors
    /// When rows overlap, the address is null or misaligned.
    ///
    /// # Safety
    /// For `'a`, every row of `rect` must be writable memory that nobody else reads or writes.
    pub unsafe fn from_raw(
        top_left: *mut u8,
        row_bytes: isize,
        rect: Rect,
        format: Format,
    ) -> Result<Self, ImageError> {
        let raster = Raster { top_left, row_bytes, rect, format }.check()?;
        let bytes = rect.width() * rect.height() * format.bytes();
        let stores = if bytes >= STREAMED { Stores::Streaming } else { Stores::Cached };
        Ok(Self { raster, stores, lifetime: PhantomData })
    }

    /// A view of float pixels stored top row first without padding.
    ///
    /// # Errors
    /// When the slice is shorter than the rectangle needs.
    pub fn from_floats(
        data: &'a mut [f32],
        rect: Rect,
        components: Components,
    ) -> Result<Self, ImageError> {
        let format = Format { depth: Depth::Float, components };
        let row = whole_rows(size_of_val(data), rect, format)?;
        // SAFETY: the slice is borrowed mutably for 'a and was just found to hold every row.
        unsafe { Self::from_raw(data.as_mut_ptr().cast(), row, rect, format) }
    }

    /// A view of half-float pixels stored top row first without padding.
    ///
    /// # Errors
    /// When the slice is shorter than the rectangle needs.
    pub fn from_halves(
        data: &'a mut [f16],
        rect: Rect,
        components: Components,
    ) -> Result<Self, ImageError> {
        let format = Format { depth: Depth::Half, components };
        let row = whole_rows(size_of_val(data), rect, format)?;
        // SAFETY: the slice is borrowed mutably for 'a and was just found to hold every row.
        unsafe { Self::from_raw(data.as_mut_ptr().cast(), row, rect, format) }
    }

    /// The same memory seen with its last row on top.
    #[must_use]
    pub fn flipped(self) -> Self {
        Self { raster: self.raster.flipped(), ..self }
    }

    /// Which pixels there are.
    #[must_use]
    pub fn rect(&self) -> Rect {
        self.raster.rect
    }

    /// How they are stored.
    #[must_use]
    pub fn format(&self) -> Format {
        self.raster.format
    }

    /// The pixels in `window`, lent for a while.
    #[must_use]
    pub fn part(&mut self, window: &Rect) -> ImageMut<'_> {
        ImageMut { raster: self.raster, stores: self.stores, lifetime: PhantomData }.crop(window)
    }

    /// Gives up every pixel outside `window`.
    #[must_use]
    pub fn crop(self, window: &Rect) -> Self {
        let rect = self.raster.rect.intersect(window);
        if rect.is_empty() {
            let raster = Raster { rect: Rect::default(), ..self.raster };
            return Self { raster, ..self };
        }
        let top_left = self.raster.pixel(rect.x1, rect.y1);
        Self { raster: Raster { top_left, rect, ..self.raster }, ..self }
    }

    /// Cuts the picture into bands of at most `rows` rows, top to bottom, that can be written side
    /// by side.
    #[must_use]
    pub fn into_bands(self, rows: usize) -> Vec<ImageMut<'a>> {
        let rect = self.raster.rect;
        if rect.is_empty() {
            return Vec::new();
        }
        (rect.y1..rect.y2)
            .step_by(rows.max(1))
            .map(|y1| {
                let y2 = i64::from(rect.y2).min(i64::from(y1) + rows.max(1) as i64) as i32;
                let top_left = self.raster.pixel(rect.x1, y1);
                let rect = Rect { y1, y2, ..rect };
                ImageMut { raster: Raster { top_left, rect, ..self.raster }, ..self }
            })
            .collect()
    }

    /// The bytes of one row, left to right, or none where the picture has no such row.
    #[must_use]
    pub fn row_as_bytes_mut(&mut self, y: i32) -> &mut [u8] {
        let rect = self.raster.rect;
        if rect.is_empty() || y < rect.y1 || y >= rect.y2 {
            return &mut [];
        }
        let len = rect.width() * self.raster.format.bytes();
        // SAFETY: the row lies in `rect`; from_raw's caller vouched for its memory, which is ours alone.
        unsafe { std::slice::from_raw_parts_mut(self.raster.pixel(rect.x1, y), len) }
    }

    /// Writes pixels (x .. x + n, y), which must lie in the picture. Components that the format
    /// lacks are dropped.
    ///
    /// # Panics
    /// When a pixel lies outside the picture or the slices differ in length.
    pub fn store(&mut self, x: i32, y: i32, planes: [&[f32]; 4]) {
        let n = planes[0].len();
        assert!(planes.iter().all(|p| p.len() == n), "planes differ in length");
        if n == 0 {
            return;
        }
        let rect = self.raster.rect;
        assert!(i64::from(x) + n as i64 <= i64::from(rect.x2), "run leaves its picture");
        let address = self.raster.pixel(x, y);
        let components = self.raster.format.components;
        let values = n * components.count();
        match self.raster.format.depth {
            Depth::Float => {
                // SAFETY: `values` floats from `address` lie in one row of `rect`, which is ours
                // alone; alignment was checked by the constructor.
                let row = unsafe { std::slice::from_raw_parts_mut(address.cast::<f32>(), values) };
                interleave(row, components, planes, self.stores);
            }
            Depth::Half => {
                // SAFETY: as above, with halves.
                let row = unsafe { std::slice::from_raw_parts_mut(address.cast::<f16>(), values) };
                let per = components.count();
                let mut wide = [0.0f32; CHUNK];
                for (i, chunk) in row.chunks_mut(CHUNK / per * per).enumerate() {
                    let wide = &mut wide[..chunk.len()];
                    let at = i * (CHUNK / per);
                    let to = at + chunk.len() / per;
                    interleave(wide, components, planes.map(|p| &p[at..to]), Stores::Cached);
                    chunk.convert_from_f32_slice(wide);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_read_the_same_upwards_and_downwards() {
        let rect = Rect::new(-2, 5, 1, 7);
        let down: Vec<f32> = (0..24).map(|v| v as f32).collect();
        let up: Vec<f32> = (12..24).chain(0..12).map(|v| v as f32).collect();
        let a = ImageRef::from_floats(&down, rect, Components::Rgba).expect("fits");
        // SAFETY: the top row is the second in memory; both rows are in `up`.
        let b =
            unsafe { ImageRef::from_raw(up[12..].as_ptr().cast(), -48, rect, Format::RGBA_FLOAT) }
                .expect("fits");
        for y in 4..8 {
            let read = |image: &ImageRef<'_>| {
                let (mut r, mut g, mut b, mut a) = ([9.0; 5], [9.0; 5], [9.0; 5], [9.0; 5]);
                let planes = &mut Planes { r: &mut r, g: &mut g, b: &mut b, a: &mut a };
                image.load(-3, y, planes);
                (r, g, b, a)
            };
            assert_eq!(read(&a), read(&b));
            if y == 5 {
                assert_eq!(read(&a).0, [0.0, 0.0, 4.0, 8.0, 0.0], "outside reads as black");
            }
        }
    }

    #[test]
    fn half_rows_longer_than_a_chunk_survive_a_round_trip() {
        let n = 1500;
        let rect = Rect::new(0, 0, n, 1);
        let plane: Vec<f32> = (0..n).map(|v| v as f32 * 0.25).collect();
        for components in [Components::Rgba, Components::Rgb, Components::Alpha] {
            let format = Format { depth: Depth::Half, components };
            let mut memory = vec![f16::ZERO; n as usize * components.count()];
            // SAFETY: one row, in `memory`.
            let mut out =
                unsafe { ImageMut::from_raw(memory.as_mut_ptr().cast(), 0, rect, format) }
                    .expect("fits");
            out.store(0, 0, [&plane, &plane, &plane, &plane]);
            // SAFETY: as above; `out` is not used again.
            let back = unsafe { ImageRef::from_raw(memory.as_ptr().cast(), 0, rect, format) }
                .expect("fits");
            let mut p = vec![vec![0.0; n as usize]; 4];
            let [r, g, b, a] = &mut p[..] else { unreachable!() };
            back.load(0, 0, &mut Planes { r, g, b, a });
            assert_eq!(
                p[3],
                if components == Components::Rgb { vec![1.0; n as usize] } else { plane.clone() }
            );
            if components != Components::Alpha {
                assert_eq!((&p[0], &p[2]), (&plane, &plane));
            }
        }
    }

    #[test]
    fn overlapping_rows_are_refused() {
        let data = [0.0f32; 16];
        let rect = Rect::new(0, 0, 2, 2);
        // SAFETY: refused before anything is read.
        let found =
            unsafe { ImageRef::from_raw(data.as_ptr().cast(), 16, rect, Format::RGBA_FLOAT) };
        assert_eq!(
            found.expect_err("too short"),
            ImageError::RowTooShort { row_bytes: 16, needed: 32 }
        );
    }
}
