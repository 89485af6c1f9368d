//! Logarithmic spaces of the ACES system and of cameras.

use super::{Kind, Space};
use crate::curve::Curve;
use crate::matrix::Adaptation;
use crate::primaries::{
    AP1, ARRI_WIDE_GAMUT_3, ARRI_WIDE_GAMUT_4, BLACKMAGIC_WIDE_GAMUT_5, CINEMA_GAMUT, D_GAMUT,
    DAVINCI_WIDE_GAMUT, REC2020, RED_WIDE_GAMUT_RGB, S_GAMUT3, S_GAMUT3_CINE, V_GAMUT,
};

pub(super) const SPACES: &[Space] = &[
    Space {
        aliases: &["ACES - ACEScct", "acescct_ap1", "ocio:acescct_ap1_scene"],
        reference: "AMPAS S-2016-001, 4.4",
        ofx_name: Some("ACEScct"),
        input: true,
        output: true,
        ..Space::plain("ACEScct", "acescct", Kind::Log, AP1, Curve::AcesCct)
    },
    Space {
        aliases: &["ACES - ACEScc", "acescc_ap1", "ocio:acescc_ap1_scene"],
        reference: "AMPAS S-2014-003, 4.4",
        ofx_name: Some("ACEScc"),
        output: true,
        non_negative: true,
        ..Space::plain("ACEScc", "acescc", Kind::Log, AP1, Curve::AcesCc)
    },
    Space {
        aliases: &[
            "arri_logc3_ei800",
            "logc3ei800_alexawide",
            "Input - ARRI - V3 LogC (EI800) - Wide Gamut",
            "ocio:arrilogc3_awg3_scene",
        ],
        reference: "ARRI, ALEXA Log C Curve - Usage in VFX (2017), SUP 3.x",
        adaptation: Adaptation::Cat02,
        ofx_name: Some("arri_logc3_ei800"),
        output: true,
        ..Space::plain(
            "ARRI LogC3 (EI800)",
            "arri_logc3_ei800",
            Kind::Log,
            ARRI_WIDE_GAMUT_3,
            Curve::LogC3(800),
        )
    },
    Space {
        aliases: &["arri_logc4", "ocio:arrilogc4_awg4_scene"],
        reference: "ARRI LogC4 Logarithmic Color Space - Specification (2022), 2",
        adaptation: Adaptation::Cat02,
        ofx_name: Some("arri_logc4"),
        output: true,
        ..Space::plain("ARRI LogC4", "arri_logc4", Kind::Log, ARRI_WIDE_GAMUT_4, Curve::LogC4)
    },
    Space {
        aliases: &["davinci_intermediate_widegamut", "ocio:davinci_dwg_scene"],
        reference: "Blackmagic Design, DaVinci Resolve 17 Wide Gamut Intermediate (2021)",
        adaptation: Adaptation::Cat02,
        ofx_name: Some("davinci_intermediate_widegamut"),
        output: true,
        ..Space::plain(
            "DaVinci Intermediate WideGamut",
            "davinci_intermediate",
            Kind::Log,
            DAVINCI_WIDE_GAMUT,
            Curve::DavinciIntermediate,
        )
    },
    Space {
        aliases: &["bmdfilm_widegamut_gen5", "ocio:bmdfilm5_wg5_scene"],
        reference: "Blackmagic Design, Blackmagic Generation 5 Color Science (2021)",
        adaptation: Adaptation::Cat02,
        ofx_name: Some("bmdfilm_widegamut_gen5"),
        ..Space::plain(
            "BMDFilm WideGamut Gen5",
            "bmdfilm_gen5",
            Kind::Log,
            BLACKMAGIC_WIDE_GAMUT_5,
            Curve::BmdFilmGen5,
        )
    },
    Space {
        aliases: &["apple_log", "ocio:applelog_rec2020_scene"],
        reference: "Apple, Apple Log Profile (2023)",
        output: true,
        ..Space::plain("Apple Log", "apple_log", Kind::Log, REC2020, Curve::AppleLog)
    },
    Space {
        aliases: &[
            "slog3_sgamut3cine",
            "slog3_sgamutcine",
            "Input - Sony - S-Log3 - S-Gamut3.Cine",
            "ocio:slog3_sgamut3cine_scene",
        ],
        reference: "Sony, Technical Summary for S-Gamut3.Cine/S-Log3 and S-Gamut3/S-Log3",
        adaptation: Adaptation::Cat02,
        ofx_name: Some("slog3_sgamut3cine"),
        output: true,
        ..Space::plain(
            "S-Log3 S-Gamut3.Cine",
            "slog3_sgamut3cine",
            Kind::Log,
            S_GAMUT3_CINE,
            Curve::SLog3,
        )
    },
    Space {
        aliases: &["slog3_sgamut3", "Input - Sony - S-Log3 - S-Gamut3", "ocio:slog3_sgamut3_scene"],
        reference: "Sony, Technical Summary for S-Gamut3.Cine/S-Log3 and S-Gamut3/S-Log3",
        adaptation: Adaptation::Cat02,
        ofx_name: Some("slog3_sgamut3"),
        ..Space::plain("S-Log3 S-Gamut3", "slog3_sgamut3", Kind::Log, S_GAMUT3, Curve::SLog3)
    },
    Space {
        aliases: &["vlog_vgamut", "Input - Panasonic - V-Log - V-Gamut", "ocio:vlog_vgamut_scene"],
        reference: "Panasonic, V-Log/V-Gamut Reference Manual (2014), 2",
        ofx_name: Some("vlog_vgamut"),
        output: true,
        ..Space::plain("V-Log V-Gamut", "vlog", Kind::Log, V_GAMUT, Curve::VLog)
    },
    Space {
        aliases: &[
            "log3g10_redwidegamutrgb",
            "rl3g10_rwg",
            "Input - RED - REDLog3G10 - REDWideGamutRGB",
            "ocio:redlog3g10_rwg_scene",
        ],
        reference: "RED, REDWideGamutRGB and Log3G10, 915-0187 rev. C",
        ofx_name: Some("log3g10_redwidegamutrgb"),
        output: true,
        ..Space::plain(
            "Log3G10 REDWideGamutRGB",
            "log3g10",
            Kind::Log,
            RED_WIDE_GAMUT_RGB,
            Curve::Log3G10,
        )
    },
    Space {
        aliases: &[
            "canonlog2_cinemagamut_d55",
            "canonlog2_cgamutday",
            "Input - Canon - Canon-Log2 - Cinema Gamut Daylight",
            "ocio:canonlog2_cgamutd55_scene",
        ],
        reference: "Canon, Canon Log Gamma Curves (2018), Canon Log 2",
        adaptation: Adaptation::Cat02,
        ofx_name: Some("canonlog2_cinemagamut_d55"),
        output: true,
        encoded_range: Some([0.0, 1.0]),
        ..Space::plain(
            "CanonLog2 CinemaGamut D55",
            "canonlog2",
            Kind::Log,
            CINEMA_GAMUT,
            Curve::CanonLog2,
        )
    },
    Space {
        aliases: &[
            "canonlog3_cinemagamut_d55",
            "canonlog3_cgamutday",
            "Input - Canon - Canon-Log3 - Cinema Gamut Daylight",
            "ocio:canonlog3_cgamutd55_scene",
        ],
        reference: "Canon, Canon Log Gamma Curves (2018), Canon Log 3",
        adaptation: Adaptation::Cat02,
        ofx_name: Some("canonlog3_cinemagamut_d55"),
        output: true,
        encoded_range: Some([0.0, 1.0]),
        ..Space::plain(
            "CanonLog3 CinemaGamut D55",
            "canonlog3",
            Kind::Log,
            CINEMA_GAMUT,
            Curve::CanonLog3,
        )
    },
    Space {
        aliases: &["dlog_dgamut", "ocio:djilog_dgamut_scene"],
        reference: "DJI, White Paper on D-Log and D-Gamut of DJI Cinema Color System (2017)",
        adaptation: Adaptation::Cat02,
        output: true,
        ..Space::plain("D-Log D-Gamut", "dlog", Kind::Log, D_GAMUT, Curve::DLog)
    },
    Space {
        aliases: &["logc3ei160_alexawide"],
        reference: "ARRI, ALEXA Log C Curve - Usage in VFX (2017), SUP 3.x",
        adaptation: Adaptation::Cat02,
        output: true,
        ..Space::plain(
            "ARRI LogC3 (EI160)",
            "arri_logc3_ei160",
            Kind::Log,
            ARRI_WIDE_GAMUT_3,
            Curve::LogC3(160),
        )
    },
    Space {
        aliases: &["logc3ei200_alexawide"],
        reference: "ARRI, ALEXA Log C Curve - Usage in VFX (2017), SUP 3.x",
        adaptation: Adaptation::Cat02,
        output: true,
        ..Space::plain(
            "ARRI LogC3 (EI200)",
            "arri_logc3_ei200",
            Kind::Log,
            ARRI_WIDE_GAMUT_3,
            Curve::LogC3(200),
        )
    },
    Space {
        aliases: &["logc3ei250_alexawide"],
        reference: "ARRI, ALEXA Log C Curve - Usage in VFX (2017), SUP 3.x",
        adaptation: Adaptation::Cat02,
        output: true,
        ..Space::plain(
            "ARRI LogC3 (EI250)",
            "arri_logc3_ei250",
            Kind::Log,
            ARRI_WIDE_GAMUT_3,
            Curve::LogC3(250),
        )
    },
    Space {
        aliases: &["logc3ei320_alexawide"],
        reference: "ARRI, ALEXA Log C Curve - Usage in VFX (2017), SUP 3.x",
        adaptation: Adaptation::Cat02,
        output: true,
        ..Space::plain(
            "ARRI LogC3 (EI320)",
            "arri_logc3_ei320",
            Kind::Log,
            ARRI_WIDE_GAMUT_3,
            Curve::LogC3(320),
        )
    },
    Space {
        aliases: &["logc3ei400_alexawide"],
        reference: "ARRI, ALEXA Log C Curve - Usage in VFX (2017), SUP 3.x",
        adaptation: Adaptation::Cat02,
        output: true,
        ..Space::plain(
            "ARRI LogC3 (EI400)",
            "arri_logc3_ei400",
            Kind::Log,
            ARRI_WIDE_GAMUT_3,
            Curve::LogC3(400),
        )
    },
    Space {
        aliases: &["logc3ei500_alexawide"],
        reference: "ARRI, ALEXA Log C Curve - Usage in VFX (2017), SUP 3.x",
        adaptation: Adaptation::Cat02,
        output: true,
        ..Space::plain(
            "ARRI LogC3 (EI500)",
            "arri_logc3_ei500",
            Kind::Log,
            ARRI_WIDE_GAMUT_3,
            Curve::LogC3(500),
        )
    },
    Space {
        aliases: &["logc3ei640_alexawide"],
        reference: "ARRI, ALEXA Log C Curve - Usage in VFX (2017), SUP 3.x",
        adaptation: Adaptation::Cat02,
        output: true,
        ..Space::plain(
            "ARRI LogC3 (EI640)",
            "arri_logc3_ei640",
            Kind::Log,
            ARRI_WIDE_GAMUT_3,
            Curve::LogC3(640),
        )
    },
    Space {
        aliases: &["logc3ei1000_alexawide"],
        reference: "ARRI, ALEXA Log C Curve - Usage in VFX (2017), SUP 3.x",
        adaptation: Adaptation::Cat02,
        output: true,
        ..Space::plain(
            "ARRI LogC3 (EI1000)",
            "arri_logc3_ei1000",
            Kind::Log,
            ARRI_WIDE_GAMUT_3,
            Curve::LogC3(1000),
        )
    },
    Space {
        aliases: &["logc3ei1280_alexawide"],
        reference: "ARRI, ALEXA Log C Curve - Usage in VFX (2017), SUP 3.x",
        adaptation: Adaptation::Cat02,
        output: true,
        ..Space::plain(
            "ARRI LogC3 (EI1280)",
            "arri_logc3_ei1280",
            Kind::Log,
            ARRI_WIDE_GAMUT_3,
            Curve::LogC3(1280),
        )
    },
    Space {
        aliases: &["logc3ei1600_alexawide"],
        reference: "ARRI, ALEXA Log C Curve - Usage in VFX (2017), SUP 3.x",
        adaptation: Adaptation::Cat02,
        output: true,
        ..Space::plain(
            "ARRI LogC3 (EI1600)",
            "arri_logc3_ei1600",
            Kind::Log,
            ARRI_WIDE_GAMUT_3,
            Curve::LogC3(1600),
        )
    },
];
