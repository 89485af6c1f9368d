//! Which colour space a picture file is in when nobody says.

use crate::error::{Error, Outcome};
use headroom_colour::{Space, find, linear_with, spaces};
use headroom_frame::{Attribute, AttributeValue, Frame, SourceKind};

/// The space of a name that somebody typed.
pub(crate) fn named(name: &str) -> Outcome<&'static Space> {
    find(name).ok_or_else(|| {
        Error::usage(format!(
            "colour space: found \"{name}\", expected a name that `headroom spaces` lists"
        ))
    })
}

/// A space of this program's own code, which must be in the registry.
pub(crate) fn known(name: &str) -> &'static Space {
    find(name).unwrap_or(&spaces()[0])
}

/// The space of a file: whole numbers are sRGB; floats are linear in the primaries that the file
/// declares, or in Rec.709 where it declares none that are known.
pub(crate) fn of_file(frame: &Frame) -> &'static Space {
    if let SourceKind::Integer { .. } = frame.source {
        return known("srgb_tx");
    }
    let aces = frame.metadata.attribute("acesImageContainerFlag").map(Attribute::value);
    if aces == Some(AttributeValue::Int(1)) {
        return known("ACES2065-1");
    }
    let linear = known("lin_rec709_srgb");
    match &frame.metadata.chromaticities {
        None => linear,
        Some(declared) => linear_with(declared).unwrap_or_else(|| {
            log::warn!(
                "the file's chromaticities are those of no space known here; \
                 read as {} (--space-in tells better)",
                linear.name
            );
            linear
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_colour::{AP1, Chromaticities, REC709};
    use headroom_frame::AlphaKind;

    fn frame() -> Frame {
        Frame::new(1, 1, vec![0.0; 4], AlphaKind::Opaque)
    }

    #[test]
    fn whole_numbers_are_srgb_and_floats_linear_in_the_declared_primaries() {
        let mut frame = frame();
        frame.source = SourceKind::Integer { bits: 8 };
        assert_eq!(of_file(&frame).name, "sRGB Encoded Rec.709 (sRGB)");
        frame.source = SourceKind::Half;
        assert_eq!(of_file(&frame).name, "Linear Rec.709 (sRGB)");
        frame.metadata.chromaticities = Some(AP1);
        assert_eq!(of_file(&frame).name, "ACEScg");
        frame.metadata.chromaticities = Some(Chromaticities { red: [0.5, 0.3], ..REC709 });
        assert_eq!(of_file(&frame).name, "Linear Rec.709 (sRGB)");
    }

    #[test]
    fn an_aces_container_is_ap0() {
        let mut frame = frame();
        frame.metadata.attributes.push(Attribute::int("acesImageContainerFlag", 1));
        assert_eq!(of_file(&frame).name, "ACES2065-1");
    }
}
