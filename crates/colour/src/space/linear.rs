//! Scene-linear spaces.

use super::{Kind, Space};
use crate::curve::Curve;
use crate::matrix::Adaptation;
use crate::primaries::{
    ADOBE_RGB, AP0, AP1, ARRI_WIDE_GAMUT_3, ARRI_WIDE_GAMUT_4, DAVINCI_WIDE_GAMUT, P3_D65, REC709,
    REC2020,
};

pub(super) const SPACES: &[Space] = &[
    Space {
        aliases: &["ACES - ACEScg", "lin_ap1", "lin_ap1_scene"],
        reference: "AMPAS S-2014-004, 4",
        ofx_name: Some("ACEScg"),
        input: true,
        output: true,
        ..Space::plain("ACEScg", "acescg", Kind::SceneLinear, AP1, Curve::Linear)
    },
    Space {
        aliases: &["aces2065_1", "aces", "ACES - ACES2065-1", "lin_ap0", "lin_ap0_scene"],
        reference: "SMPTE ST 2065-1, 4",
        ofx_name: Some("ACES2065-1"),
        input: true,
        output: true,
        ..Space::plain("ACES2065-1", "aces2065_1", Kind::SceneLinear, AP0, Curve::Linear)
    },
    Space {
        aliases: &[
            "lin_rec709_srgb",
            "lin_rec709",
            "lin_rec709_scene",
            "lin_srgb",
            "Utility - Linear - sRGB",
            "Utility - Linear - Rec.709",
        ],
        reference: "ITU-R BT.709-6, 1.3",
        ofx_name: Some("lin_rec709_srgb"),
        input: true,
        output: true,
        ..Space::plain(
            "Linear Rec.709 (sRGB)",
            "lin_rec709",
            Kind::SceneLinear,
            REC709,
            Curve::Linear,
        )
    },
    Space {
        aliases: &["lin_rec2020", "lin_rec2020_scene", "Utility - Linear - Rec.2020"],
        reference: "ITU-R BT.2020-2, table 3",
        ofx_name: Some("lin_rec2020"),
        input: true,
        output: true,
        ..Space::plain("Linear Rec.2020", "lin_rec2020", Kind::SceneLinear, REC2020, Curve::Linear)
    },
    Space {
        aliases: &[
            "lin_p3d65",
            "lin_displayp3",
            "lin_p3d65_scene",
            "Utility - Linear - P3-D65",
            "Linear Display P3",
        ],
        reference: "SMPTE EG 432-1",
        ofx_name: Some("lin_p3d65"),
        input: true,
        output: true,
        ..Space::plain("Linear P3-D65", "lin_p3d65", Kind::SceneLinear, P3_D65, Curve::Linear)
    },
    Space {
        aliases: &["lin_adobergb", "lin_adobergb_scene", "Utility - Linear - Adobe RGB"],
        reference: "Adobe RGB (1998), version 2005-05, 4.3.1",
        ..Space::plain(
            "Linear AdobeRGB",
            "lin_adobergb",
            Kind::SceneLinear,
            ADOBE_RGB,
            Curve::Linear,
        )
    },
    Space {
        aliases: &[
            "lin_arri_wide_gamut_3",
            "lin_alexawide",
            "Input - ARRI - Linear - ALEXA Wide Gamut",
            "ocio:lin_awg3_scene",
        ],
        reference: "ARRI, ALEXA Log C Curve - Usage in VFX (2017)",
        adaptation: Adaptation::Cat02,
        ofx_name: Some("lin_arri_wide_gamut_3"),
        output: true,
        ..Space::plain(
            "Linear ARRI Wide Gamut 3",
            "lin_awg3",
            Kind::SceneLinear,
            ARRI_WIDE_GAMUT_3,
            Curve::Linear,
        )
    },
    Space {
        aliases: &["lin_arri_wide_gamut_4", "lin_awg4", "ocio:lin_awg4_scene"],
        reference: "ARRI LogC4 Logarithmic Color Space - Specification (2022)",
        adaptation: Adaptation::Cat02,
        ofx_name: Some("lin_arri_wide_gamut_4"),
        output: true,
        ..Space::plain(
            "Linear ARRI Wide Gamut 4",
            "lin_awg4",
            Kind::SceneLinear,
            ARRI_WIDE_GAMUT_4,
            Curve::Linear,
        )
    },
    Space {
        aliases: &["lin_davinci_widegamut", "ocio:lin_dwg_scene"],
        reference: "Blackmagic Design, DaVinci Resolve 17 Wide Gamut Intermediate (2021)",
        adaptation: Adaptation::Cat02,
        ofx_name: Some("lin_davinci_widegamut"),
        output: true,
        ..Space::plain(
            "Linear DaVinci WideGamut",
            "lin_davinci_wg",
            Kind::SceneLinear,
            DAVINCI_WIDE_GAMUT,
            Curve::Linear,
        )
    },
];
