//! Pictures in the memory of the CPU, worked on by a device.

use super::{DeviceFailure, DeviceImage, render_on};
use crate::expand::{Abort, Analysis, Plan, Report};
use half::f16;
use headroom_gpu::{Gpu, Memory};
use headroom_kernel::{Components, Depth, Format, ImageError, ImageMut, ImageRef, Pool, Rect};

/// A picture that was carried to a device, rows downwards without gaps.
struct Carried {
    memory: Memory,
    rect: Rect,
    format: Format,
}

impl Carried {
    fn new(gpu: &Gpu, picture: &ImageRef<'_>) -> Result<Self, DeviceFailure> {
        let (rect, format) = (picture.rect(), picture.format());
        let mut bytes = Vec::with_capacity(rect.height() * rect.width() * format.bytes());
        (rect.y1..rect.y2).for_each(|y| bytes.extend_from_slice(picture.row_as_bytes(y)));
        Ok(Self { memory: gpu.upload(&bytes)?, rect, format })
    }

    fn empty(gpu: &Gpu, rect: Rect, format: Format) -> Result<Self, DeviceFailure> {
        let bytes = rect.height() * rect.width() * format.bytes();
        Ok(Self { memory: gpu.allocate(bytes)?, rect, format })
    }

    fn image(&self) -> Result<DeviceImage<'_>, DeviceFailure> {
        let row = (self.rect.width() * self.format.bytes()) as isize;
        Ok(DeviceImage::new(&self.memory, 0, row, self.rect, self.format)?)
    }
}

/// As [`crate::expand::render`], by a device: pictures are carried there, and the result back.
///
/// # Errors
/// When `abort` said so, or the device refuses; the output is then unfinished.
#[allow(clippy::too_many_arguments)]
pub fn render_through(
    gpu: &Gpu,
    plan: &Plan,
    analysis: &Analysis,
    source: &ImageRef<'_>,
    mask: Option<&ImageRef<'_>>,
    mut output: ImageMut<'_>,
    pool: &Pool,
    abort: Abort<'_>,
) -> Result<Report, DeviceFailure> {
    let (rect, format) = (output.rect(), output.format());
    if rect.is_empty() {
        return Ok(Report::default());
    }
    let source = Carried::new(gpu, source)?;
    let mask = mask.filter(|_| plan.mask).map(|mask| Carried::new(gpu, mask)).transpose()?;
    let mask = mask.as_ref().map(Carried::image).transpose()?;
    let made = Carried::empty(gpu, rect, format)?;
    let images = (source.image()?, made.image()?);
    let report =
        render_on(gpu, plan, analysis, &images.0, mask.as_ref(), &images.1, true, pool, abort)?;
    let row = rect.width() * format.bytes();
    let mut bytes = vec![0; made.memory.bytes()];
    gpu.read(&made.memory, 0, &mut bytes)?;
    for (y, from) in (rect.y1..rect.y2).zip(bytes.chunks_exact(row)) {
        output.row_as_bytes_mut(y).copy_from_slice(from);
    }
    Ok(report)
}

/// A picture that was carried back from a device, rows downwards without gaps.
#[derive(Clone, Debug)]
pub struct Fetched {
    pixels: Pixels,
    rect: Rect,
    components: Components,
}

#[derive(Clone, Debug)]
enum Pixels {
    Floats(Vec<f32>),
    Halves(Vec<f16>),
}

impl Fetched {
    /// Waits for all that the device was told, and carries the picture back.
    ///
    /// # Errors
    /// When the device refuses.
    pub fn new(gpu: &Gpu, picture: &DeviceImage<'_>) -> Result<Self, DeviceFailure> {
        let Format { depth, components } = picture.format();
        let (range, rows) = picture.bytes();
        let mut bytes = vec![0; range.len()];
        gpu.read(picture.memory, range.start, &mut bytes)?;
        let rows = rows.map(|row| &bytes[row.start - range.start..row.end - range.start]);
        let pixels = match depth {
            Depth::Float => Pixels::Floats(
                rows.flat_map(|row| row.as_chunks().0).map(|v| f32::from_ne_bytes(*v)).collect(),
            ),
            Depth::Half => Pixels::Halves(
                rows.flat_map(|row| row.as_chunks().0).map(|v| f16::from_ne_bytes(*v)).collect(),
            ),
        };
        Ok(Self { pixels, rect: picture.rect(), components })
    }

    /// The picture to read.
    ///
    /// # Errors
    /// None that a picture from [`Self::new`] could have.
    pub fn view(&self) -> Result<ImageRef<'_>, ImageError> {
        match &self.pixels {
            Pixels::Floats(data) => ImageRef::from_floats(data, self.rect, self.components),
            Pixels::Halves(data) => ImageRef::from_halves(data, self.rect, self.components),
        }
    }
}
