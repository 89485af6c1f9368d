//! Images: released on every path, and described only after a look at what they claim.

use crate::rect::RectI;
use crate::{Host, PropertySet};
use headroom_ofx_sys as sys;
use std::ffi::{CStr, c_void};

/// An image fetched from a clip; released when dropped, as OpenFX wants it before the action ends.
#[derive(Debug)]
pub struct Image {
    host: &'static Host,
    properties: PropertySet,
}

/// How a component is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Depth {
    /// IEEE 754 binary16.
    Half,
    /// IEEE 754 binary32.
    Float,
}

/// Which components a pixel has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Components {
    /// Red, green, blue, alpha.
    Rgba,
    /// Red, green, blue.
    Rgb,
    /// Alpha alone.
    Alpha,
}

/// How colour relates to alpha.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Premultiplication {
    /// Alpha is 1 or means nothing.
    Opaque,
    /// Colour is multiplied by alpha.
    Premultiplied,
    /// Colour is not multiplied by alpha.
    Unpremultiplied,
}

/// Which rows of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Field {
    /// All: the picture has no fields.
    #[default]
    None,
    /// All: both fields, interlaced.
    Both,
    /// Rows 0, 2, 4 ... counted upwards.
    Lower,
    /// Rows 1, 3, 5 ... counted upwards.
    Upper,
}

/// What an image says of itself, found usable.
#[derive(Clone, Debug)]
pub struct Description {
    /// Address of pixel (`bounds.x1`, `bounds.y1`), the leftmost of the bottom row.
    pub data: *mut c_void,
    /// Pixels there are memory for.
    pub bounds: RectI,
    /// Pixels of the whole frame, where it is told and contains the bounds.
    pub frame: Option<RectI>,
    /// From a row to the one above it; may be negative.
    pub row_bytes: isize,
    /// Storage of a component.
    pub depth: Depth,
    /// Components of a pixel.
    pub components: Components,
    /// How colour relates to alpha, where it is told.
    pub premultiplication: Option<Premultiplication>,
    /// Which rows of a frame the image holds.
    pub field: Field,
    /// Scale, where it is told; some hosts tell it wrongly.
    pub render_scale: Option<[f64; 2]>,
    /// Width of a pixel by its height; 1 where it is not told.
    pub pixel_aspect: f64,
    /// The host's name of this very picture; empty where it has none.
    pub unique_id: String,
}

/// Why an image cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong with it.
    pub what: &'static str,
    /// What the host said.
    pub found: String,
    /// What would have been taken.
    pub expected: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: found {}, expected {}", self.what, self.found, self.expected)
    }
}

impl Depth {
    /// The depth of that OpenFX name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [(sys::kOfxBitDepthHalf, Self::Half), (sys::kOfxBitDepthFloat, Self::Float)]
            .into_iter()
            .find(|(n, _)| is(n, name))
            .map(|f| f.1)
    }

    /// Bytes of one component.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Half => 2,
            Self::Float => 4,
        }
    }
}

impl Components {
    /// The components of that OpenFX name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            (sys::kOfxImageComponentRGBA, Self::Rgba),
            (sys::kOfxImageComponentRGB, Self::Rgb),
            (sys::kOfxImageComponentAlpha, Self::Alpha),
        ]
        .into_iter()
        .find(|(n, _)| is(n, name))
        .map(|f| f.1)
    }

    /// Their OpenFX name.
    #[must_use]
    pub fn name(self) -> &'static CStr {
        match self {
            Self::Rgba => sys::kOfxImageComponentRGBA,
            Self::Rgb => sys::kOfxImageComponentRGB,
            Self::Alpha => sys::kOfxImageComponentAlpha,
        }
    }

    /// How many they are.
    #[must_use]
    pub fn count(self) -> usize {
        match self {
            Self::Rgba => 4,
            Self::Rgb => 3,
            Self::Alpha => 1,
        }
    }
}

impl Premultiplication {
    /// The state of that OpenFX name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Opaque, Self::Premultiplied, Self::Unpremultiplied]
            .into_iter()
            .find(|p| is(p.name(), name))
    }

    /// Its OpenFX name.
    #[must_use]
    pub fn name(self) -> &'static CStr {
        match self {
            Self::Opaque => sys::kOfxImageOpaque,
            Self::Premultiplied => sys::kOfxImagePreMultiplied,
            Self::Unpremultiplied => sys::kOfxImageUnPreMultiplied,
        }
    }
}

impl Field {
    /// The field of that OpenFX name; what is not known is no field.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        [
            (sys::kOfxImageFieldBoth, Self::Both),
            (sys::kOfxImageFieldLower, Self::Lower),
            (sys::kOfxImageFieldUpper, Self::Upper),
        ]
        .into_iter()
        .find(|(n, _)| is(n, name))
        .map_or(Self::None, |f| f.1)
    }

    /// For one field: the rest of its rows' numbers by 2.
    #[must_use]
    pub fn parity(self) -> Option<i32> {
        match self {
            Self::None | Self::Both => None,
            Self::Lower => Some(0),
            Self::Upper => Some(1),
        }
    }
}

fn is(name: &CStr, text: &str) -> bool {
    name.to_bytes() == text.as_bytes()
}

fn fault<T>(what: &'static str, found: &dyn std::fmt::Display, expected: &str) -> Result<T, Fault> {
    Err(Fault { what, found: found.to_string(), expected: expected.to_owned() })
}

impl Image {
    /// Takes an image over; it will be released.
    pub(crate) fn new(host: &'static Host, handle: sys::OfxPropertySetHandle) -> Option<Self> {
        Some(Self { host, properties: PropertySet::from_handle(host, handle)? })
    }

    /// Everything it says.
    #[must_use]
    pub fn properties(&self) -> PropertySet {
        self.properties
    }

    /// What it says, looked through; none when it holds no pixel.
    ///
    /// # Errors
    /// When something is lacking or cannot be true.
    pub fn describe(&self) -> Result<Option<Description>, Fault> {
        self.describe_at(false)
    }

    /// The same of an image on a device, whose data is a handle there: its rows have no gaps where the
    /// host tells of none (Resolve says 0).
    ///
    /// # Errors
    /// As [`Self::describe`].
    pub fn describe_on_device(&self) -> Result<Option<Description>, Fault> {
        self.describe_at(true)
    }

    fn describe_at(&self, device: bool) -> Result<Option<Description>, Fault> {
        let props = &self.properties;
        let text = |name| props.get::<String>(name).unwrap_or_default();

        let name = text(sys::kOfxImageEffectPropPixelDepth);
        let Some(depth) = Depth::from_name(&name) else {
            return fault("pixel depth", &quoted(&name), "OfxBitDepthFloat or OfxBitDepthHalf");
        };
        let name = text(sys::kOfxImageEffectPropComponents);
        let Some(components) = Components::from_name(&name) else {
            return fault(
                "components",
                &quoted(&name),
                "OfxImageComponentRGBA, OfxImageComponentRGB or OfxImageComponentAlpha",
            );
        };
        let Some(bounds) = props.get_array(sys::kOfxImagePropBounds).map(RectI::from_array) else {
            return fault("bounds", &"none", "four whole numbers");
        };
        if bounds.is_empty() {
            return Ok(None);
        }
        if !bounds.is_sane() {
            return fault("bounds", &format!("{bounds:?}"), "a picture's rectangle");
        }
        let needed = bounds.width() as usize * components.count() * depth.bytes();
        let row_bytes = match props.get::<i32>(sys::kOfxImagePropRowBytes) {
            // An `int` of the host; the sum over rows does not fit one, so it is widened here.
            Some(v) if v != 0 || !device => v as isize,
            _ => needed as isize,
        };
        if bounds.height() > 1 && row_bytes.unsigned_abs() < needed {
            return fault("row bytes", &row_bytes, &format!("at least {needed} either way"));
        }
        let data = props.get::<*mut c_void>(sys::kOfxImagePropData).unwrap_or_default();
        if data.is_null() {
            return fault("data", &"the null address", "the address of the pixels");
        }
        let frame = props
            .get_array(sys::kOfxImagePropRegionOfDefinition)
            .map(RectI::from_array)
            .filter(|frame| frame.is_sane() && frame.contains(&bounds));
        let scale = props
            .get_array::<f64, 2>(sys::kOfxImageEffectPropRenderScale)
            .filter(|scale| scale.iter().all(|s| s.is_finite() && *s > 0.0));
        let aspect = props
            .get::<f64>(sys::kOfxImagePropPixelAspectRatio)
            .filter(|aspect| aspect.is_finite() && *aspect > 0.0);
        Ok(Some(Description {
            data,
            bounds,
            frame,
            row_bytes,
            depth,
            components,
            premultiplication: Premultiplication::from_name(&text(
                sys::kOfxImageEffectPropPreMultiplication,
            )),
            field: Field::from_name(&text(sys::kOfxImagePropField)),
            render_scale: scale,
            pixel_aspect: aspect.unwrap_or(1.0),
            unique_id: text(sys::kOfxImagePropUniqueIdentifier),
        }))
    }
}

fn quoted(text: &str) -> String {
    if text.is_empty() { "none".to_owned() } else { text.to_owned() }
}

impl Drop for Image {
    fn drop(&mut self) {
        if let Some(release) = self.host.effect.clipReleaseImage {
            // SAFETY: the handle came from clipGetImage of the same host and is released once.
            let status = unsafe { release(self.properties.handle()) };
            if status != sys::kOfxStatOK {
                log::debug!("clipReleaseImage: {}", sys::status_name(status));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    fn good(props: &PropertySet, data: &mut [f32]) {
        props.set(sys::kOfxImageEffectPropPixelDepth, sys::kOfxBitDepthFloat);
        props.set(sys::kOfxImageEffectPropComponents, sys::kOfxImageComponentRGBA);
        props.set_all(sys::kOfxImagePropBounds, [-1, 0, 3, 2]);
        props.set(sys::kOfxImagePropRowBytes, -64);
        props.set(sys::kOfxImagePropData, data.as_mut_ptr().cast::<c_void>());
    }

    #[test]
    fn a_good_image_is_described_and_released_once() {
        let mut data = [0.0; 32];
        let (host, props) = fake::host_and_properties();
        good(&props, &mut data);
        let image = Image::new(host, props.handle()).expect("a handle");
        let found = image.describe().expect("usable").expect("with pixels");
        assert_eq!(
            (found.row_bytes, found.depth, found.components.count()),
            (-64, Depth::Float, 4)
        );
        assert_eq!(found.frame, None);
        drop(image);
        assert_eq!(fake::releases(&props), 1);
    }

    #[test]
    fn claims_that_cannot_be_true_are_refused_before_memory_is_touched() {
        let mut data = [0.0; 32];
        type Spoil = fn(&PropertySet);
        let cases: [(&str, Spoil); 6] = [
            ("pixel depth", |p| {
                p.set(sys::kOfxImageEffectPropPixelDepth, sys::kOfxBitDepthByte);
            }),
            ("components", |p| {
                p.set(sys::kOfxImageEffectPropComponents, sys::kOfxImageComponentNone);
            }),
            ("row bytes", |p| p.set(sys::kOfxImagePropRowBytes, 16)),
            ("row bytes", |p| p.set(sys::kOfxImagePropRowBytes, 0)),
            ("data", |p| p.set(sys::kOfxImagePropData, std::ptr::null_mut::<c_void>())),
            ("bounds", |p| p.set_all(sys::kOfxImagePropBounds, [i32::MIN, 0, i32::MAX, 9])),
        ];
        for (what, spoil) in cases {
            let (host, props) = fake::host_and_properties();
            good(&props, &mut data);
            spoil(&props);
            let image = Image::new(host, props.handle()).expect("a handle");
            assert_eq!(image.describe().expect_err("spoilt").what, what);
        }
    }

    #[test]
    fn an_image_without_pixels_is_no_fault() {
        let mut data = [0.0; 32];
        let (host, props) = fake::host_and_properties();
        good(&props, &mut data);
        props.set_all(sys::kOfxImagePropBounds, [5, 5, 5, 9]);
        let image = Image::new(host, props.handle()).expect("a handle");
        assert!(image.describe().expect("no fault").is_none());
    }
}
