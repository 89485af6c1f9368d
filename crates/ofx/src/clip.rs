//! Clips of an instance.

use crate::{Components, Host, Image, Premultiplication, PropertySet, RectD, Status};
use headroom_ofx_sys as sys;

/// A clip; valid as long as its instance.
#[derive(Clone, Copy, Debug)]
pub struct Clip {
    host: &'static Host,
    handle: sys::OfxImageClipHandle,
    properties: Option<PropertySet>,
}

// SAFETY: the handle is only ever passed to the host, which lets render threads use it.
unsafe impl Send for Clip {}
// SAFETY: as above.
unsafe impl Sync for Clip {}

impl Clip {
    pub(crate) fn new(
        host: &'static Host,
        handle: sys::OfxImageClipHandle,
        properties: sys::OfxPropertySetHandle,
    ) -> Self {
        let mut properties = PropertySet::from_handle(host, properties);
        if let (None, Some(function)) = (properties, host.effect.clipGetPropertySet) {
            let mut found = std::ptr::null_mut();
            // SAFETY: handle and suite are the host's; `found` outlives the call.
            if unsafe { function(handle, &raw mut found) } == sys::kOfxStatOK {
                properties = PropertySet::from_handle(host, found);
            }
        }
        Self { host, handle, properties }
    }

    /// What the host says of the clip.
    #[must_use]
    pub fn properties(&self) -> Option<PropertySet> {
        self.properties
    }

    /// False when the host says that nothing is connected.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.properties.and_then(|p| p.get::<i32>(sys::kOfxImageClipPropConnected)) != Some(0)
    }

    /// The image at a time; none when there is none there (OpenFX: read black and transparent).
    ///
    /// `region` asks for a part in canonical coordinates; without it the host gives what the region
    /// of interest was.
    ///
    /// # Errors
    /// [`Status::MEMORY`] when the host ran out of it.
    pub fn image(&self, time: f64, region: Option<RectD>) -> crate::Result<Option<Image>> {
        let function = self.host.effect.clipGetImage.ok_or(Status::MISSING_HOST_FEATURE)?;
        let region = region.map(|r| sys::OfxRectD { x1: r.x1, y1: r.y1, x2: r.x2, y2: r.y2 });
        let region = region.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let mut image = std::ptr::null_mut();
        // SAFETY: handle and suite are the host's; region and image outlive the call.
        match Status(unsafe { function(self.handle, time, region, &raw mut image) }) {
            Status::OK => Ok(Image::new(self.host, image)),
            Status::MEMORY => Err(Status::MEMORY),
            status => {
                log::debug!("clipGetImage at {time}: {status}");
                Ok(None)
            }
        }
    }

    /// The region of definition in canonical coordinates, where the host has a usable one.
    #[must_use]
    pub fn region_of_definition(&self, time: f64) -> Option<RectD> {
        let function = self.host.effect.clipGetRegionOfDefinition?;
        let mut rect = sys::OfxRectD { x1: 0.0, y1: 0.0, x2: 0.0, y2: 0.0 };
        // SAFETY: handle and suite are the host's; `rect` outlives the call.
        let status = unsafe { function(self.handle, time, &raw mut rect) };
        let rect = RectD { x1: rect.x1, y1: rect.y1, x2: rect.x2, y2: rect.y2 };
        (status == sys::kOfxStatOK && rect.is_sane()).then_some(rect)
    }

    /// First and last frame, where the host tells them.
    #[must_use]
    pub fn frame_range(&self) -> Option<[f64; 2]> {
        self.properties?
            .get_array::<f64, 2>(sys::kOfxImageEffectPropFrameRange)
            .filter(|[first, last]| first <= last)
    }

    /// How colour relates to alpha, where the host tells it.
    #[must_use]
    pub fn premultiplication(&self) -> Option<Premultiplication> {
        let name: String = self.properties?.get(sys::kOfxImageEffectPropPreMultiplication)?;
        Premultiplication::from_name(&name)
    }

    /// Components of the clip's pixels, where the host tells them.
    #[must_use]
    pub fn components(&self) -> Option<Components> {
        let name: String = self.properties?.get(sys::kOfxImageEffectPropComponents)?;
        Components::from_name(&name)
    }

    /// The colour space of the clip (OpenFX 1.5), where the host tells one.
    #[must_use]
    pub fn colourspace(&self) -> Option<String> {
        let name: String = self.properties?.get(sys::kOfxImageClipPropColourspace)?;
        (!name.is_empty()).then_some(name)
    }

    /// Width of a pixel by its height; 1 where the host does not tell.
    #[must_use]
    pub fn pixel_aspect(&self) -> f64 {
        self.properties
            .and_then(|p| p.get::<f64>(sys::kOfxImagePropPixelAspectRatio))
            .filter(|aspect| aspect.is_finite() && *aspect > 0.0)
            .unwrap_or(1.0)
    }
}
