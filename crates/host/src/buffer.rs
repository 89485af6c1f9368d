//! Memory for images that a plug-in sees: rows in either order, padded, between guards.

use crate::{
    config::{Components, Depth},
    device::Mirror,
    image::{HostImage, Window},
};
use headroom_gpu::{Gpu, GpuError};
use std::sync::{Arc, OnceLock};

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};

/// How rows lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct RowLayout {
    /// The top row comes first in memory: negative row bytes.
    pub top_first: bool,
    /// Bytes between two rows that belong to no pixel, rounded up to whole samples.
    pub padding: usize,
}

/// Where parts of a device's memory may begin, on any device.
const GUARD_ALIGNMENT: usize = 512;

/// What guard and padding bytes hold.
const GUARD: u8 = 0xC3;
/// What unwritten float samples hold: a NaN that no arithmetic makes.
const POISON_FLOAT: u32 = 0x7FA5_A5A5;
/// What unwritten half samples hold.
const POISON_HALF: u16 = 0x7DA5;

/// An image's memory.
pub(crate) struct Buffer {
    start: *mut u8,
    layout: Layout,
    pub(crate) bounds: Window,
    pub(crate) components: Components,
    pub(crate) depth: Depth,
    rows: RowLayout,
    stride: usize,
    guard: usize,
    /// The same on a device, once a plug-in was given it.
    mirror: OnceLock<Mirror>,
}

// SAFETY: the memory is owned; the host reads it only when no plug-in writes to it, and two render
// calls never share an output buffer.
unsafe impl Send for Buffer {}
// SAFETY: as above.
unsafe impl Sync for Buffer {}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout in `new`, freed once.
        unsafe { dealloc(self.start, self.layout) }
    }
}

impl Buffer {
    /// Memory in which every sample of every pixel is poisoned.
    pub(crate) fn new(
        bounds: Window,
        components: Components,
        depth: Depth,
        rows: RowLayout,
    ) -> Self {
        let buffer = Self::zeroed(bounds, components, depth, rows);
        let samples = bounds.width() * components.count();
        for row in 0..bounds.height() {
            // SAFETY: the row lies in the allocation, and only this function knows of it yet; the
            // allocation and its rows are aligned to samples.
            unsafe {
                let row = buffer.row(row);
                match depth {
                    Depth::Float => std::slice::from_raw_parts_mut(row.cast::<u32>(), samples)
                        .fill(POISON_FLOAT),
                    Depth::Half => {
                        std::slice::from_raw_parts_mut(row.cast::<u16>(), samples)
                            .fill(POISON_HALF);
                    }
                }
            }
        }
        buffer
    }

    /// Memory in which every sample of every pixel is 0.
    pub(crate) fn zeroed(
        bounds: Window,
        components: Components,
        depth: Depth,
        rows: RowLayout,
    ) -> Self {
        let pixel = components.count() * depth.bytes();
        // Rows stay aligned to their samples.
        let rows = RowLayout { padding: rows.padding.next_multiple_of(depth.bytes()), ..rows };
        let stride = bounds.width() * pixel + rows.padding;
        // A row and a bit: an index that is one row off still hits the guard.
        let guard = (stride + 256).next_multiple_of(GUARD_ALIGNMENT);
        let size = 2 * guard + stride * bounds.height();
        let layout = Layout::from_size_align(size, 64).expect("an image fits the address space");
        // SAFETY: the size is at least the guards'.
        let start = unsafe { alloc_zeroed(layout) };
        if start.is_null() {
            handle_alloc_error(layout);
        }
        let mirror = OnceLock::new();
        let buffer = Self { start, layout, bounds, components, depth, rows, stride, guard, mirror };
        // SAFETY: both guards and each row's padding lie in the `size` bytes just allocated.
        unsafe {
            start.write_bytes(GUARD, guard);
            start.add(size - guard).write_bytes(GUARD, guard);
            for row in 0..bounds.height() {
                let end = buffer.row(row).add(stride - rows.padding);
                end.write_bytes(GUARD, rows.padding);
            }
        }
        buffer
    }

    /// Memory that holds part of a picture. `source_row` says which row of the picture stands in
    /// which row of the memory (for fields).
    pub(crate) fn from_image(
        image: &HostImage,
        bounds: Window,
        components: Components,
        depth: Depth,
        rows: RowLayout,
        source_row: impl Fn(i32) -> i32,
    ) -> Self {
        let buffer = Self::zeroed(bounds, components, depth, rows);
        buffer.fill(image, source_row);
        buffer
    }

    /// Writes a picture over all of this memory, which no plug-in may be looking at.
    pub(crate) fn fill(&self, image: &HostImage, source_row: impl Fn(i32) -> i32) {
        let bounds = self.bounds;
        let mut pixels = Vec::with_capacity(4 * bounds.width());
        for (row, y) in (bounds.y1..bounds.y2).enumerate() {
            pixels.clear();
            image.read_row(source_row(y), bounds.x1, bounds.x2, &mut pixels);
            // SAFETY: each row lies in the allocation, which nobody else touches meanwhile.
            let row = unsafe { self.row(self.memory_row(row)) };
            self.write_row(row, &pixels);
        }
    }

    /// Writes a row of RGBA floats to a row of this memory.
    fn write_row(&self, row: *mut u8, pixels: &[f32]) {
        let samples: &mut dyn Iterator<Item = f32> = &mut match self.components {
            Components::Rgba => {
                if self.depth == Depth::Float {
                    // SAFETY: a row has room for its pixels, four floats each; padding may leave
                    // it unaligned, which a copy of bytes does not mind.
                    unsafe {
                        row.copy_from_nonoverlapping(pixels.as_ptr().cast(), 4 * pixels.len());
                    }
                    return;
                }
                Samples::new(pixels, 0..4)
            }
            Components::Rgb => Samples::new(pixels, 0..3),
            Components::Alpha => Samples::new(pixels, 3..4),
        };
        for (at, sample) in samples.enumerate() {
            // SAFETY: `at` counts samples of this row.
            unsafe {
                match self.depth {
                    Depth::Float => row.cast::<f32>().add(at).write_unaligned(sample),
                    Depth::Half => {
                        row.cast::<u16>().add(at).write_unaligned(crate::half::from_f32(sample));
                    }
                }
            }
        }
    }

    /// The memory row of the row at height `row` above the bottom.
    fn memory_row(&self, row: usize) -> usize {
        if self.rows.top_first { self.bounds.height() - 1 - row } else { row }
    }

    /// # Safety
    ///
    /// `memory_row` is less than the height.
    unsafe fn row(&self, memory_row: usize) -> *mut u8 {
        // SAFETY: the caller's promise keeps the address in the allocation. A stride may be odd
        // in samples of 4 bytes, never in samples of its own depth.
        unsafe { self.start.add(self.guard + memory_row * self.stride) }
    }

    /// The address of the bottom left pixel: `kOfxImagePropData`.
    pub(crate) fn data(&self) -> usize {
        if self.bounds.is_empty() {
            return self.start.expose_provenance();
        }
        // SAFETY: there is at least one row.
        unsafe { self.row(self.memory_row(0)) }.expose_provenance()
    }

    /// All of the memory, guards included.
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: the allocation is that large, and no plug-in is writing.
        unsafe { std::slice::from_raw_parts(self.start, self.layout.size()) }
    }

    /// Where in [`Self::bytes`] the pixels lie.
    pub(crate) fn image_bytes(&self) -> std::ops::Range<usize> {
        self.guard..self.layout.size() - self.guard
    }

    /// As [`Self::data`], on a device; what the CPU's memory held at the first call is there.
    pub(crate) fn device_data(&self, gpu: &Arc<Gpu>) -> Result<usize, GpuError> {
        if let Some(mirror) = self.mirror.get() {
            return Ok(mirror.handle());
        }
        let mirror = Mirror::new(gpu, self)?;
        Ok(self.mirror.get_or_init(|| mirror).handle())
    }

    /// Takes over what is on the device, where there is any.
    pub(crate) fn pull(&self) -> Result<(), GpuError> {
        let Some(mirror) = self.mirror.get() else { return Ok(()) };
        // SAFETY: the allocation is that large; the plug-in that is done writes no more.
        let bytes = unsafe { std::slice::from_raw_parts_mut(self.start, self.layout.size()) };
        mirror.pull(bytes)
    }

    /// Puts what the CPU's memory holds onto the device, where there is a copy.
    pub(crate) fn push(&self) -> Result<(), GpuError> {
        self.mirror.get().map_or(Ok(()), |mirror| mirror.push(self.bytes()))
    }

    /// `kOfxImagePropRowBytes`.
    pub(crate) fn row_bytes(&self) -> i32 {
        let stride = i32::try_from(self.stride).unwrap_or(i32::MAX);
        if self.rows.top_first { -stride } else { stride }
    }

    /// The samples of the row at OpenFX height `y`, as bits.
    fn bits(&self, y: i32) -> Vec<u32> {
        let samples = self.bounds.width() * self.components.count();
        let row = self.memory_row((i64::from(y) - i64::from(self.bounds.y1)) as usize);
        // SAFETY: `y` is in the bounds, and no plug-in is writing.
        unsafe {
            let row = self.row(row);
            match self.depth {
                Depth::Float => {
                    (0..samples).map(|at| row.cast::<u32>().add(at).read_unaligned()).collect()
                }
                Depth::Half => (0..samples)
                    .map(|at| u32::from(row.cast::<u16>().add(at).read_unaligned()))
                    .collect(),
            }
        }
    }

    fn poison(&self) -> u32 {
        match self.depth {
            Depth::Float => POISON_FLOAT,
            Depth::Half => u32::from(POISON_HALF),
        }
    }

    /// Adds the pixels of a row inside `window` to `pixels`, as RGBA floats.
    pub(crate) fn read_row(&self, y: i32, window: &Window, pixels: &mut Vec<f32>) {
        if self.components == Components::Rgba && self.depth == Depth::Float {
            let row = self.memory_row((i64::from(y) - i64::from(self.bounds.y1)) as usize);
            let first = (i64::from(window.x1) - i64::from(self.bounds.x1)) as usize * 4;
            let start = pixels.len();
            pixels.resize(start + 4 * window.width(), 0.0);
            // SAFETY: the window lies in the bounds, so its row lies in the allocation; bytes are
            // copied because padding may leave a row unaligned.
            unsafe {
                let from = self.row(row).add(4 * first);
                let to = pixels.as_mut_ptr().add(start).cast::<u8>();
                to.copy_from_nonoverlapping(from, 16 * window.width());
            }
            return;
        }
        let bits = self.bits(y);
        let value = |at: usize| match self.depth {
            Depth::Float => f32::from_bits(bits[at]),
            Depth::Half => crate::half::to_f32(bits[at] as u16),
        };
        for x in window.x1..window.x2 {
            let at = (i64::from(x) - i64::from(self.bounds.x1)) as usize * self.components.count();
            match self.components {
                Components::Rgba => pixels.extend((0..4).map(|index| value(at + index))),
                Components::Rgb => {
                    pixels.extend((0..3).map(|index| value(at + index)));
                    pixels.push(1.0);
                }
                Components::Alpha => pixels.extend([0.0, 0.0, 0.0, value(at)]),
            }
        }
    }

    /// The first byte before or after the image that has changed, as an offset.
    pub(crate) fn broken_guard(&self) -> Option<String> {
        let size = self.layout.size();
        // SAFETY: both guards lie in the allocation, and no plug-in is writing.
        let (before, after) = unsafe {
            (
                std::slice::from_raw_parts(self.start, self.guard),
                std::slice::from_raw_parts(self.start.add(size - self.guard), self.guard),
            )
        };
        if let Some(at) = before.iter().rposition(|byte| *byte != GUARD) {
            return Some(format!("{} bytes before the image", self.guard - at));
        }
        after
            .iter()
            .position(|byte| *byte != GUARD)
            .map(|at| format!("{} bytes after the image", at + 1))
    }

    /// The first memory row behind which the padding has changed.
    pub(crate) fn broken_padding(&self) -> Option<usize> {
        (0..self.bounds.height()).find(|row| {
            // SAFETY: the padding of a row lies in the allocation, and no plug-in is writing.
            let padding = unsafe {
                let end = self.row(*row).add(self.stride - self.rows.padding);
                std::slice::from_raw_parts(end, self.rows.padding)
            };
            padding.iter().any(|byte| *byte != GUARD)
        })
    }

    /// Looks for pixels that should have been written and were not, and the reverse.
    /// `wanted` says which rows of the window are to be written.
    pub(crate) fn inspect(&self, window: &Window, wanted: impl Fn(i32) -> bool) -> Inspection {
        let mut found = Inspection::default();
        let count = self.components.count();
        let poison = self.poison();
        for y in self.bounds.y1..self.bounds.y2 {
            let bits = self.bits(y);
            for (x, pixel) in (self.bounds.x1..self.bounds.x2).zip(bits.chunks_exact(count)) {
                if window.has(x, y) && wanted(y) {
                    if pixel.contains(&poison) {
                        found.unwritten.note(x, y);
                    }
                } else if pixel.iter().any(|bits| *bits != poison) {
                    found.outside.note(x, y);
                }
            }
        }
        found
    }

    /// A number that changes when any byte of the pixels does.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for row in 0..self.bounds.height() {
            let length = self.stride - self.rows.padding;
            // SAFETY: the row lies in the allocation; a plug-in that writes to it is what is
            // looked for, and is no longer running.
            let bytes = unsafe { std::slice::from_raw_parts(self.row(row), length) };
            for part in bytes.chunks(8) {
                let mut word = [0; 8];
                word[..part.len()].copy_from_slice(part);
                hash = (hash.rotate_left(5) ^ u64::from_le_bytes(word))
                    .wrapping_mul(0x9E37_79B9_7F4A_7C15);
            }
        }
        hash
    }
}

/// Some of the components of RGBA pixels.
struct Samples<'a> {
    pixels: &'a [f32],
    wanted: std::ops::Range<usize>,
    at: usize,
}

impl<'a> Samples<'a> {
    fn new(pixels: &'a [f32], wanted: std::ops::Range<usize>) -> Self {
        Self { pixels, at: wanted.start, wanted }
    }
}

impl Iterator for Samples<'_> {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        let sample = *self.pixels.get(self.at)?;
        self.at += 1;
        if self.at % 4 == self.wanted.end % 4 {
            self.at += 4 - self.wanted.len();
        }
        Some(sample)
    }
}

/// Pixels of one kind: how many, and the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) count: usize,
    pub(crate) first: Option<(i32, i32)>,
}

impl Found {
    fn note(&mut self, x: i32, y: i32) {
        self.count += 1;
        self.first.get_or_insert((x, y));
    }
}

/// What [`Buffer::inspect`] found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inspection {
    pub(crate) unwritten: Found,
    pub(crate) outside: Found,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(rows: RowLayout) -> Buffer {
        let image = HostImage::new(2, 2, (0..16u8).map(f32::from).collect::<Vec<_>>());
        Buffer::from_image(&image, image.bounds, Components::Rgba, Depth::Float, rows, |y| y)
    }

    #[test]
    fn row_bytes_lead_from_the_bottom_row_to_the_top_row_in_either_order() {
        for rows in [RowLayout::default(), RowLayout { top_first: true, padding: 12 }] {
            let buffer = buffer(rows);
            let bottom = std::ptr::with_exposed_provenance::<f32>(buffer.data());
            // SAFETY: both rows lie in the buffer.
            let (bottom, top) = unsafe {
                let top = bottom.byte_offset(buffer.row_bytes() as isize);
                (bottom.read_unaligned(), top.read_unaligned())
            };
            assert_eq!((bottom, top), (8.0, 0.0), "{rows:?}");
        }
    }

    #[test]
    fn components_are_picked_from_the_pixel() {
        let pixels: Vec<f32> = (0..8u8).map(f32::from).collect();
        let picked = |wanted| Samples::new(&pixels, wanted).collect::<Vec<_>>();
        assert_eq!(picked(0..4), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        assert_eq!(picked(0..3), [0.0, 1.0, 2.0, 4.0, 5.0, 6.0]);
        assert_eq!(picked(3..4), [3.0, 7.0]);
    }

    #[test]
    fn a_fresh_buffer_is_unwritten_everywhere_and_whole() {
        let buffer = Buffer::new(
            Window::new(-1, -1, 3, 2),
            Components::Rgb,
            Depth::Half,
            RowLayout { top_first: false, padding: 6 },
        );
        let found = buffer.inspect(&Window::new(0, 0, 2, 2), |_| true);
        assert_eq!((found.unwritten.count, found.outside.count), (4, 0));
        assert_eq!((buffer.broken_guard(), buffer.broken_padding()), (None, None));
    }
}
