//! Displays. OpenColorIO's counterparts are its displays under the view "Un-tone-mapped", so a
//! linear value is light from the screen in units of diffuse white.

use super::{Kind, Space};
use crate::curve::Curve;
use crate::primaries::{P3_D65, REC709, REC2020};
use crate::transfer::Negatives::Mirror;

pub(super) const SPACES: &[Space] = &[
    Space {
        aliases: &["Rec.2100-PQ", "pq_rec2020_display", "pq"],
        reference: "ITU-R BT.2100-2, table 4; SMPTE ST 2084:2014",
        ofx_name: Some("rec2100_pq_display"),
        output: true,
        ..Space::plain("Rec.2100-PQ - Display", "rec2100_pq", Kind::DisplayHdr, REC2020, Curve::Pq)
    },
    Space {
        aliases: &["Rec.2100-HLG", "hlg_rec2020_display", "hlg"],
        reference: "ITU-R BT.2100-2, table 5",
        ofx_name: Some("rec2100_hlg_display"),
        output: true,
        ..Space::plain(
            "Rec.2100-HLG - Display",
            "rec2100_hlg",
            Kind::DisplayHdr,
            REC2020,
            Curve::Hlg,
        )
    },
    Space {
        aliases: &["srgb_rec709_display"],
        reference: "IEC 61966-2-1:1999, 5.2",
        ofx_name: Some("srgb_display"),
        ..Space::plain("sRGB - Display", "srgb_display", Kind::Display, REC709, Curve::Srgb(Mirror))
    },
    Space {
        aliases: &["g24_rec709_display"],
        reference: "ITU-R BT.1886, annex 1; ITU-R BT.709-6, 1.3",
        ofx_name: Some("rec1886_rec709_display"),
        ..Space::plain(
            "Rec.1886 Rec.709 - Display",
            "rec1886_rec709_display",
            Kind::Display,
            REC709,
            Curve::Gamma(2.4, Mirror),
        )
    },
    Space {
        aliases: &["srgb_p3d65_display"],
        reference: "SMPTE EG 432-1; IEC 61966-2-1:1999, 5.2",
        ofx_name: Some("displayp3_display"),
        ..Space::plain(
            "Display P3 - Display",
            "displayp3_display",
            Kind::Display,
            P3_D65,
            Curve::Srgb(Mirror),
        )
    },
    Space {
        reference: "ITU-R BT.1886, annex 1; ITU-R BT.2020-2, table 3",
        ofx_name: Some("rec1886_rec2020_display"),
        ..Space::plain(
            "Rec.1886 Rec.2020 - Display",
            "rec1886_rec2020_display",
            Kind::Display,
            REC2020,
            Curve::Gamma(2.4, Mirror),
        )
    },
    Space {
        aliases: &["P3-D65 - Display"],
        reference: "SMPTE ST 428-1 exponent; SMPTE EG 432-1",
        ofx_name: Some("p3d65_display"),
        ..Space::plain(
            "Gamma 2.6 P3-D65 - Display",
            "g26_p3d65_display",
            Kind::Display,
            P3_D65,
            Curve::Gamma(2.6, Mirror),
        )
    },
    Space {
        aliases: &["pq_p3d65_display"],
        reference: "SMPTE ST 2084:2014; SMPTE EG 432-1",
        ofx_name: Some("st2084_p3d65_display"),
        ..Space::plain(
            "ST2084-P3-D65 - Display",
            "st2084_p3d65_display",
            Kind::DisplayHdr,
            P3_D65,
            Curve::Pq,
        )
    },
];
