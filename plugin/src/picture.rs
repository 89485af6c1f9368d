//! Images of a host as pictures of the engine.
//!
//! OpenFX counts rows upwards, the engine downwards; row y here is row -1 - y there, so that no
//! frame height enters and tiles, offsets and crops stay whole numbers.

use crate::device::Lending;
use headroom::expand::device::{DeviceImage, Fetched};
use headroom_gpu::{Gpu, Memory};
use headroom_kernel as kernel;
use headroom_kernel::{Format, ImageMut, ImageRef, Rect};
use headroom_ofx::{Clip, Components, Depth, Description, Fault, Image, RectD, RectI, Status};
use std::sync::{Arc, OnceLock};

/// An image and what it says of itself. It is released when this goes.
#[derive(Debug)]
pub(crate) struct Picture {
    /// Held for its release.
    _image: Image,
    pub(crate) description: Description,
    /// The pixels, where the host's may be overwritten meanwhile; see [`Picture::keep_from`].
    own: Option<Pixels>,
    lent: Option<Lent>,
}

/// The memory of an image on a device.
#[derive(Debug)]
struct Lent {
    gpu: Arc<Gpu>,
    memory: Memory,
    /// Its pixels in the memory of the CPU, once somebody has asked for them.
    fetched: OnceLock<Fetched>,
}

/// Rows from top to bottom, each a whole number of words long, so that any depth is aligned.
#[derive(Debug)]
pub(crate) struct Pixels {
    words: Vec<u32>,
    row_bytes: usize,
    rect: Rect,
    format: Format,
}

/// Why there is no picture where one should be.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The host gave something that cannot be used.
    Fault(Fault),
    /// The host could not give anything.
    Status(Status),
    /// The device on which it lies refuses.
    Device(String),
}

/// The engine's rectangle of a host's.
pub(crate) fn rect(rect: RectI) -> Rect {
    Rect::new(rect.x1, -rect.y2, rect.x2, -rect.y1)
}

/// Fetches a clip's picture, which lies on that device if there is one; none where there is none (it
/// then counts as black and transparent).
pub(crate) fn fetch(
    clip: &Clip,
    time: f64,
    region: Option<RectD>,
    gpu: Option<&Arc<Gpu>>,
) -> Result<Option<Picture>, Trouble> {
    let Some(image) = clip.image(time, region).map_err(Trouble::Status)? else { return Ok(None) };
    Picture::new(image, gpu)
}

/// The whole frame of a picture that a host cropped to the window, as one does that does not ask for regions of
/// interest: what the frame decides must not depend on that. The picture itself where there is no more of it.
pub(crate) fn widened(
    found: Picture,
    clip: &Clip,
    time: f64,
    scale: [f64; 2],
    gpu: Option<&Arc<Gpu>>,
) -> Result<Picture, Trouble> {
    let Description { bounds, frame, pixel_aspect, .. } = found.description;
    if frame.is_some_and(|frame| bounds.contains(&frame)) {
        return Ok(found);
    }
    let region = clip.region_of_definition(time);
    let more = region.and_then(|region| region.to_pixels(scale, pixel_aspect));
    if more.is_none_or(|more| bounds.contains(&more)) {
        return Ok(found);
    }
    let whole = fetch(clip, time, region, gpu)?;
    Ok(whole.filter(|whole| whole.description.bounds.contains(&bounds)).unwrap_or(found))
}

/// A picture, and the device on which it lies, if on one.
type Opened = (Picture, Option<Arc<Gpu>>);

/// Fetches the picture to write, and opens the device on which it lies where the host lends one; none
/// where it has no pixel.
pub(crate) fn fetch_output(
    clip: &Clip,
    time: f64,
    lending: Option<Lending>,
) -> Result<Option<Opened>, Trouble> {
    let image = clip.image(time, None).map_err(Trouble::Status)?;
    let image = image.ok_or(Trouble::Status(Status::FAILED))?;
    let Some(lending) = lending else {
        return Ok(Picture::new(image, None)?.map(|picture| (picture, None)));
    };
    let Some(description) = image.describe_on_device().map_err(Trouble::Fault)? else {
        return Ok(None);
    };
    let gpu = lending.open(description.data).map_err(on_device)?;
    Ok(Picture::new(image, Some(&gpu))?.map(|picture| (picture, Some(gpu))))
}

impl Picture {
    fn new(image: Image, gpu: Option<&Arc<Gpu>>) -> Result<Option<Self>, Trouble> {
        let Some(gpu) = gpu else {
            let description = image.describe().map_err(Trouble::Fault)?;
            return Ok(description.map(|description| Self {
                _image: image,
                description,
                own: None,
                lent: None,
            }));
        };
        let Some(description) = image.describe_on_device().map_err(Trouble::Fault)? else {
            return Ok(None);
        };
        // SAFETY: OpenFX (ofxGPURender.h) says that it is memory of the device that the host lends, valid
        // until the image is released, which is after this.
        let memory = unsafe { gpu.memory_of_host(description.data) };
        let memory = memory.map_err(|error| on_device(error.to_string()))?;
        let lent = Lent { gpu: Arc::clone(gpu), memory, fetched: OnceLock::new() };
        Ok(Some(Self { _image: image, description, own: None, lent: Some(lent) }))
    }

    /// The picture on its device, rows from the top.
    pub(crate) fn on_device(&self) -> Result<DeviceImage<'_>, Trouble> {
        let Some(lent) = &self.lent else {
            return Err(on_device("lies in the memory of the CPU".to_owned()));
        };
        let Description { bounds, row_bytes, .. } = self.description;
        let top = (bounds.height() - 1) as isize * row_bytes;
        let first =
            usize::try_from(top).map_err(|_| on_device(format!("row bytes {row_bytes}")))?;
        DeviceImage::new(&lent.memory, first, -row_bytes, self.rect(), self.format())
            .map_err(|error| on_device(error.to_string()))
    }

    /// The pixels of a part of a picture on a device.
    pub(crate) fn fetch(&self, part: &DeviceImage<'_>) -> Result<Pixels, Trouble> {
        let Some(lent) = &self.lent else {
            return Err(on_device("lies in the memory of the CPU".to_owned()));
        };
        let fetched =
            Fetched::new(&lent.gpu, part).map_err(|error| on_device(error.to_string()))?;
        Pixels::copy(&fetched.view().map_err(|error| unusable(&error))?)
    }

    /// Puts a picture of the same format, rows from the top without gaps, into a part of a picture on a
    /// device.
    pub(crate) fn put(&self, part: &DeviceImage<'_>, rows: &[u8]) -> Result<(), Trouble> {
        let Some(lent) = &self.lent else { return Ok(()) };
        part.put(&lent.gpu, rows).map_err(|error| on_device(error.to_string()))
    }

    /// The engine's rectangle of the pixels there are.
    pub(crate) fn rect(&self) -> Rect {
        rect(self.description.bounds)
    }

    /// The layout of a pixel.
    pub(crate) fn format(&self) -> Format {
        let Description { depth, components, .. } = self.description;
        Format {
            depth: match depth {
                Depth::Half => kernel::Depth::Half,
                Depth::Float => kernel::Depth::Float,
            },
            components: match components {
                Components::Rgba => kernel::Components::Rgba,
                Components::Rgb => kernel::Components::Rgb,
                Components::Alpha => kernel::Components::Alpha,
            },
        }
    }

    /// Addresses of the first byte and of the one past the last.
    fn span(&self) -> std::ops::Range<usize> {
        let Description { data, bounds, .. } = self.description;
        let format = self.format();
        let row = bounds.width() as usize * format.components.count() * format.depth.bytes();
        let (bottom, top) = (data as usize, self.top_left() as usize);
        bottom.min(top)..bottom.max(top).saturating_add(row)
    }

    /// Copies the pixels when they lie in the memory of `output`: some hosts render in place, and
    /// neighbouring pixels are read after they are written.
    pub(crate) fn keep_from(&mut self, output: &Self) -> Result<(), Trouble> {
        if let Some(lent) = &self.lent {
            if self.description.data == output.description.data {
                self.lent = Some(lent.copied(&self.on_device()?)?);
                let Description { bounds, .. } = self.description;
                let row = bounds.width() as usize * self.format().bytes();
                self.description.row_bytes = row as isize;
            }
            return Ok(());
        }
        let (own, other) = (self.span(), output.span());
        if own.end <= other.start || other.end <= own.start {
            return Ok(());
        }
        let pixels = Pixels::copy(&self.view()?)?;
        self.own = Some(pixels);
        Ok(())
    }

    /// Address of the leftmost pixel of the top row.
    fn top_left(&self) -> *mut u8 {
        let Description { data, bounds, row_bytes, .. } = self.description;
        let rows = (bounds.height() - 1) as isize;
        data.cast::<u8>().wrapping_offset(rows * row_bytes)
    }

    /// The picture to read.
    pub(crate) fn view(&self) -> Result<ImageRef<'_>, Trouble> {
        if let Some(lent) = &self.lent {
            if lent.fetched.get().is_none() {
                let fetched = Fetched::new(&lent.gpu, &self.on_device()?);
                let fetched = fetched.map_err(|error| on_device(error.to_string()))?;
                let _ = lent.fetched.set(fetched);
            }
            let fetched = lent.fetched.get().map(Fetched::view);
            return fetched
                .unwrap_or(Err(kernel::ImageError::Null))
                .map_err(|error| unusable(&error));
        }
        if let Some(own) = &self.own {
            let (address, row_bytes) = (own.words.as_ptr(), own.row_bytes as isize);
            // SAFETY: `copy` made as many rows of that length, which live as long as `self`.
            let view =
                unsafe { ImageRef::from_raw(address.cast(), row_bytes, own.rect, own.format) };
            return view.map_err(|error| unusable(&error));
        }
        let row_bytes = -self.description.row_bytes;
        // SAFETY: the host vouches for the image's memory until it is released, which borrowing
        // `self` delays; the claims were looked through by `describe`. Nobody writes a source
        // during a render.
        unsafe { ImageRef::from_raw(self.top_left(), row_bytes, self.rect(), self.format()) }
            .map_err(|error| unusable(&error))
    }

    /// The picture to write.
    pub(crate) fn view_mut(&mut self) -> Result<ImageMut<'_>, Trouble> {
        let row_bytes = -self.description.row_bytes;
        // SAFETY: as in `view`; the output's memory is this render's alone within its window, and
        // the caller crops to that before writing.
        unsafe { ImageMut::from_raw(self.top_left(), row_bytes, self.rect(), self.format()) }
            .map_err(|error| unusable(&error))
    }
}

impl Pixels {
    /// The pixels to write.
    pub(crate) fn view_mut(&mut self) -> Result<ImageMut<'_>, Trouble> {
        let (address, row_bytes) = (self.words.as_mut_ptr(), self.row_bytes as isize);
        // SAFETY: `copy` made as many rows of that length, which are borrowed for as long as the view.
        unsafe { ImageMut::from_raw(address.cast(), row_bytes, self.rect, self.format) }
            .map_err(|error| unusable(&error))
    }

    /// Puts them into the part of `picture` that they are of.
    pub(crate) fn put(&mut self, picture: &Picture, part: &DeviceImage<'_>) -> Result<(), Trouble> {
        let rect = self.rect;
        let mut view = self.view_mut()?;
        let mut bytes = Vec::new();
        (rect.y1..rect.y2).for_each(|y| bytes.extend_from_slice(view.row_as_bytes_mut(y)));
        picture.put(part, &bytes)
    }

    /// The pixels of a picture.
    fn copy(view: &ImageRef<'_>) -> Result<Self, Trouble> {
        const WORD: usize = size_of::<u32>();
        let rect = view.rect();
        let length = (rect.y1..rect.y2).next().map_or(0, |y| view.row_as_bytes(y).len());
        let row_bytes = length.next_multiple_of(WORD);
        let mut words = Vec::new();
        words
            .try_reserve_exact(row_bytes / WORD * rect.height())
            .map_err(|_| Trouble::Status(Status::MEMORY))?;
        for y in rect.y1..rect.y2 {
            words.extend(view.row_as_bytes(y).chunks(WORD).map(|bytes| {
                let mut word = [0; WORD];
                word[..bytes.len()].copy_from_slice(bytes);
                u32::from_ne_bytes(word)
            }));
        }
        Ok(Self { words, row_bytes, rect, format: view.format() })
    }
}

impl Lent {
    /// The same pixels in memory of their own, rows upwards without gaps.
    fn copied(&self, image: &DeviceImage<'_>) -> Result<Self, Trouble> {
        let fetched =
            Fetched::new(&self.gpu, image).map_err(|error| on_device(error.to_string()))?;
        let view = fetched.view().map_err(|error| unusable(&error))?;
        let rect = view.rect();
        let mut bytes = Vec::new();
        (rect.y1..rect.y2).rev().for_each(|y| bytes.extend_from_slice(view.row_as_bytes(y)));
        let memory = self.gpu.upload(&bytes).map_err(|error| on_device(error.to_string()))?;
        Ok(Self { gpu: Arc::clone(&self.gpu), memory, fetched: OnceLock::from(fetched) })
    }
}

/// The pixels of a picture that is not there: black all over.
pub(crate) fn black() -> Result<ImageRef<'static>, Trouble> {
    ImageRef::from_floats(&[], Rect::default(), kernel::Components::Rgba)
        .map_err(|error| unusable(&error))
}

fn on_device(why: String) -> Trouble {
    Trouble::Device(why)
}

fn unusable(error: &kernel::ImageError) -> Trouble {
    Trouble::Fault(Fault {
        what: "memory",
        found: error.to_string(),
        expected: "rows of whole, aligned pixels".to_owned(),
    })
}

impl Trouble {
    /// What to tell the user and the host about a clip's image.
    pub(crate) fn tell(&self, clip: &str) -> (Status, String) {
        match self {
            Self::Fault(fault) => (Status::IMAGE_FORMAT, format!("{clip} image: {fault}")),
            Self::Device(why) => (Status::GPU_RENDER_FAILED, format!("{clip} image: {why}")),
            Self::Status(status) => {
                (*status, format!("{clip} image: found none ({status}), expected one"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copied_pixels_are_the_same_and_rows_of_halves_stay_aligned() {
        let rect = Rect::new(0, 0, 3, 2);
        let format = Format { depth: kernel::Depth::Half, components: kernel::Components::Alpha };
        // Upwards, with a half of padding: the second row in memory is the top one.
        let halves: [u16; 8] = [4, 5, 6, 9, 1, 2, 3, 9];
        let top = halves[4..].as_ptr().cast();
        // SAFETY: three halves each at the fifth and at the first.
        let view = unsafe { ImageRef::from_raw(top, -8, rect, format) }.expect("fits");
        let copy = Pixels::copy(&view).expect("memory");
        assert_eq!((copy.row_bytes, copy.words.len()), (8, 4));
        let address = copy.words.as_ptr().cast();
        // SAFETY: `copy` holds two rows of eight bytes.
        let copied = unsafe { ImageRef::from_raw(address, 8, rect, format) }.expect("fits");
        for y in 0..2 {
            assert_eq!(copied.row_as_bytes(y), view.row_as_bytes(y));
        }
    }

    #[test]
    fn rows_are_mirrored_about_the_edge_between_rows_minus_one_and_nought() {
        let found = rect(RectI { x1: -3, y1: -2, x2: 5, y2: 7 });
        assert_eq!(found, Rect::new(-3, -7, 5, 2));
    }
}
