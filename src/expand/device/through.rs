//! Pictures in the memory of the CPU, worked on by a device.

use super::staging::{Bands, Side, Staging, There};
use super::{DeviceFailure, DeviceImage, carried_on};
use crate::expand::{Abort, Analysis, Plan, Report};
use half::f16;
use headroom_gpu::Gpu;
use headroom_kernel::{Components, Depth, Format, ImageError, ImageMut, ImageRef, Pool, Rect};

/// As [`crate::expand::render`], by a device: pictures are carried there and the result back, band by band, while the
/// device works on the bands between.
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
    output: ImageMut<'_>,
    pool: &Pool,
    abort: Abort<'_>,
) -> Result<Report, DeviceFailure> {
    if output.rect().is_empty() {
        return Ok(Report::default());
    }
    let mask = mask.filter(|_| plan.mask);
    let mut staging = Staging::lent(gpu)?;
    let from = staging.room(gpu, 0, Side::of_ref(source))?;
    let masked = mask.map(|mask| staging.room(gpu, 1, Side::of_ref(mask))).transpose()?;
    let to = staging.room(gpu, 2, Side::of_mut(&output))?;
    let pictures = [Some((source, &from)), mask.zip(masked.as_ref())];
    let mut bands = Bands::new(gpu, &mut staging, pictures, (&to, output), pool);
    let mask_image = masked.as_ref().map(There::image).transpose()?;
    let images = (&from.image()?, mask_image.as_ref(), &to.image()?);
    let report = carried_on(gpu, plan, analysis, images, &mut bands, true, pool, abort)?;
    bands.finish()?;
    staging.give_back(gpu, [Some(from), masked, Some(to)]);
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
