//! Pictures encoded for a standard-range display, and textures.

use super::{Kind, Space};
use crate::curve::Curve;
use crate::primaries::{ADOBE_RGB, AP1, P3_D65, REC709};
use crate::transfer::ADOBE_RGB_GAMMA;
use crate::transfer::Negatives::Extend;

pub(super) const SPACES: &[Space] = &[
    Space {
        aliases: &[
            "srgb_encoded_rec709_srgb",
            "srgb_texture",
            "srgb_rec709_scene",
            "Utility - sRGB - Texture",
            "Input - Generic - sRGB - Texture",
            "sRGB - Texture",
            "srgb_tx",
        ],
        reference: "IEC 61966-2-1:1999, 5.2",
        ofx_name: Some("srgb_tx"),
        input: true,
        ..Space::plain(
            "sRGB Encoded Rec.709 (sRGB)",
            "srgb",
            Kind::Display,
            REC709,
            Curve::Srgb(Extend),
        )
    },
    Space {
        aliases: &[
            "camera_rec709",
            "rec709_camera",
            "Utility - Rec.709 - Camera",
            "ocio:itu709_rec709_scene",
        ],
        reference: "ITU-R BT.709-6, 1.2",
        ofx_name: Some("camera_rec709"),
        input: true,
        ..Space::plain("Camera Rec.709", "camera_rec709", Kind::Display, REC709, Curve::Bt709)
    },
    Space {
        aliases: &[
            "g18_encoded_rec709",
            "g18_rec709",
            "Utility - Gamma 1.8 - Rec.709 - Texture",
            "Gamma 1.8 Rec.709 - Texture",
            "g18_rec709_tx",
            "g18_rec709_scene",
        ],
        reference: "ITU-R BT.709-6, 1.3; exponent 1.8 of early Macintosh screens",
        ofx_name: Some("g18_rec709_tx"),
        input: true,
        ..Space::plain(
            "Gamma 1.8 Encoded Rec.709",
            "g18_rec709",
            Kind::Display,
            REC709,
            Curve::Gamma(1.8, Extend),
        )
    },
    Space {
        aliases: &[
            "g22_encoded_rec709",
            "g22_rec709",
            "Utility - Gamma 2.2 - Rec.709 - Texture",
            "Gamma 2.2 Rec.709 - Texture",
            "g22_rec709_tx",
            "g22_rec709_scene",
        ],
        reference: "ITU-R BT.709-6, 1.3; exponent 2.2",
        ofx_name: Some("g22_rec709_tx"),
        input: true,
        ..Space::plain(
            "Gamma 2.2 Encoded Rec.709",
            "g22_rec709",
            Kind::Display,
            REC709,
            Curve::Gamma(2.2, Extend),
        )
    },
    Space {
        aliases: &[
            "g24_encoded_rec709",
            "g24_rec709",
            "rec709_display",
            "Utility - Rec.709 - Display",
            "Gamma 2.4 Rec.709 - Texture",
            "g24_rec709_tx",
            "ocio:g24_rec709_scene",
            "g24_rec709_scene",
            "bt1886",
            "rec1886",
        ],
        reference: "ITU-R BT.709-6, 1.3; ITU-R BT.1886, annex 1, black at 0",
        ofx_name: Some("g24_rec709_tx"),
        input: true,
        ..Space::plain(
            "Gamma 2.4 Encoded Rec.709",
            "g24_rec709",
            Kind::Display,
            REC709,
            Curve::Gamma(2.4, Extend),
        )
    },
    Space {
        aliases: &[
            "srgb_encoded_p3d65",
            "srgb_p3d65",
            "srgb_displayp3",
            "srgb_p3d65_scene",
            "sRGB Encoded P3-D65 - Texture",
            "srgb_encoded_p3d65_tx",
            "Display P3",
        ],
        reference: "SMPTE EG 432-1; IEC 61966-2-1:1999, 5.2",
        ofx_name: Some("srgb_encoded_p3d65_tx"),
        input: true,
        ..Space::plain(
            "sRGB Encoded P3-D65",
            "srgb_p3d65",
            Kind::Display,
            P3_D65,
            Curve::Srgb(Extend),
        )
    },
    Space {
        aliases: &["g22_encoded_adobergb", "adobergb", "g22_adobergb_scene"],
        reference: "Adobe RGB (1998), version 2005-05, 4.3",
        input: true,
        ..Space::plain(
            "Gamma 2.2 Encoded AdobeRGB",
            "g22_adobergb",
            Kind::Display,
            ADOBE_RGB,
            Curve::Gamma(ADOBE_RGB_GAMMA, Extend),
        )
    },
    Space {
        aliases: &[
            "srgb_encoded_ap1",
            "srgb_ap1",
            "srgb_ap1_scene",
            "sRGB Encoded AP1 - Texture",
            "srgb_encoded_ap1_tx",
        ],
        reference: "AMPAS S-2014-004, 4.1; IEC 61966-2-1:1999, 5.2",
        ofx_name: Some("srgb_encoded_ap1_tx"),
        input: true,
        ..Space::plain("sRGB Encoded AP1", "srgb_ap1", Kind::Display, AP1, Curve::Srgb(Extend))
    },
    Space {
        aliases: &["g22_encoded_ap1", "g22_ap1_scene", "Gamma 2.2 AP1 - Texture"],
        reference: "AMPAS S-2014-004, 4.1; exponent 2.2",
        ofx_name: Some("g22_ap1_tx"),
        ..Space::plain(
            "Gamma 2.2 Encoded AP1",
            "g22_ap1",
            Kind::Display,
            AP1,
            Curve::Gamma(2.2, Extend),
        )
    },
];
