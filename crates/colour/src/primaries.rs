//! Chromaticities of primaries and white points, as their standards and makers print them.

/// CIE 1931 xy of the primaries and the white point of an RGB space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chromaticities {
    /// Red.
    pub red: [f64; 2],
    /// Green.
    pub green: [f64; 2],
    /// Blue.
    pub blue: [f64; 2],
    /// White.
    pub white: [f64; 2],
}

/// CIE standard illuminant D65 as video standards round it (ITU-R BT.709-6, item 1.4).
pub const D65: [f64; 2] = [0.3127, 0.3290];
/// CIE standard illuminant D50 as ICC and ISO 3664 round it.
pub const D50: [f64; 2] = [0.3457, 0.3585];
/// The ACES white point, near D60 (SMPTE ST 2065-1, 4.1.2).
pub const ACES_WHITE: [f64; 2] = [0.32168, 0.33767];

const fn gamut(red: [f64; 2], green: [f64; 2], blue: [f64; 2], white: [f64; 2]) -> Chromaticities {
    Chromaticities { red, green, blue, white }
}

/// ACES primaries 0 (SMPTE ST 2065-1, 4.1).
pub const AP0: Chromaticities = gamut([0.7347, 0.2653], [0.0, 1.0], [0.0001, -0.077], ACES_WHITE);
/// ACES primaries 1 (AMPAS S-2014-004, 4.1).
pub const AP1: Chromaticities = gamut([0.713, 0.293], [0.165, 0.830], [0.128, 0.044], ACES_WHITE);
/// ITU-R BT.709-6, items 1.3 and 1.4; IEC 61966-2-1 has the same.
pub const REC709: Chromaticities = gamut([0.64, 0.33], [0.30, 0.60], [0.15, 0.06], D65);
/// ITU-R BT.2020-2, table 3; BT.2100 has the same.
pub const REC2020: Chromaticities = gamut([0.708, 0.292], [0.170, 0.797], [0.131, 0.046], D65);
/// SMPTE EG 432-1 with D65 (Display P3).
pub const P3_D65: Chromaticities = gamut([0.680, 0.320], [0.265, 0.690], [0.150, 0.060], D65);
/// Adobe RGB (1998), version 2005-05, 4.3.1.
pub const ADOBE_RGB: Chromaticities = gamut([0.64, 0.33], [0.21, 0.71], [0.15, 0.06], D65);
/// ARRI Wide Gamut 3 ("ALEXA Log C Curve - Usage in VFX", ARRI 2017).
pub const ARRI_WIDE_GAMUT_3: Chromaticities =
    gamut([0.684, 0.313], [0.221, 0.848], [0.0861, -0.102], D65);
/// ARRI Wide Gamut 4 ("ARRI LogC4 Logarithmic Color Space - Specification", 2022).
pub const ARRI_WIDE_GAMUT_4: Chromaticities =
    gamut([0.7347, 0.2653], [0.1424, 0.8576], [0.0991, -0.0308], D65);
/// DaVinci Wide Gamut ("DaVinci Resolve 17 Wide Gamut Intermediate", Blackmagic Design 2021).
pub const DAVINCI_WIDE_GAMUT: Chromaticities =
    gamut([0.8000, 0.3130], [0.1682, 0.9877], [0.0790, -0.1155], D65);
/// Blackmagic Wide Gamut, generation 5 ("Blackmagic Generation 5 Color Science", 2021). Its white
/// is printed with more digits than D65 has in video standards.
pub const BLACKMAGIC_WIDE_GAMUT_5: Chromaticities = gamut(
    [0.717_721_5, 0.317_118_1],
    [0.228_041_0, 0.861_569_0],
    [0.100_584_1, -0.082_045_2],
    [0.312_717_0, 0.329_031_2],
);
/// Sony S-Gamut3 ("Technical Summary for S-Gamut3.Cine/S-Log3 and S-Gamut3/S-Log3").
pub const S_GAMUT3: Chromaticities = gamut([0.730, 0.280], [0.140, 0.855], [0.100, -0.050], D65);
/// Sony S-Gamut3.Cine (same document).
pub const S_GAMUT3_CINE: Chromaticities =
    gamut([0.766, 0.275], [0.225, 0.800], [0.089, -0.087], D65);
/// Panasonic V-Gamut ("V-Log/V-Gamut Reference Manual", 2014, 2.1).
pub const V_GAMUT: Chromaticities = gamut([0.730, 0.280], [0.165, 0.840], [0.100, -0.030], D65);
/// REDWideGamutRGB ("REDWideGamutRGB and Log3G10", RED 915-0187 rev. C).
pub const RED_WIDE_GAMUT_RGB: Chromaticities =
    gamut([0.780_308, 0.304_253], [0.121_595, 1.493_994], [0.095_612, -0.084_589], D65);
/// Canon Cinema Gamut ("Canon Log Gamma Curves", 2018). The daylight variant is balanced to D65
/// values; "D55" in the space's name is the light that the camera's matrix was made for.
pub const CINEMA_GAMUT: Chromaticities = gamut([0.74, 0.27], [0.17, 1.14], [0.08, -0.10], D65);
/// DJI D-Gamut ("White Paper on D-Log and D-Gamut of DJI Cinema Color System", 2017).
pub const D_GAMUT: Chromaticities = gamut([0.71, 0.31], [0.21, 0.88], [0.09, -0.08], D65);
