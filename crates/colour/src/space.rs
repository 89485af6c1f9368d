//! THE registry of colour spaces.

use crate::primaries::{AP0, AP1, Chromaticities, REC709};
use crate::transfer;

/// What the values of a space stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Proportional to light in the scene.
    SceneLinear,
    /// Logarithm of light in the scene.
    Log,
    /// Signal of a standard-range display (or a picture meant for one).
    Display,
    /// Signal of a high-range display: PQ, HLG.
    DisplayHdr,
}

/// What a space's definition leaves open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewing {
    /// Nits that linear 1.0 stands for in PQ and HLG.
    pub diffuse_white: f64,
}

impl Default for Viewing {
    fn default() -> Self {
        Self { diffuse_white: 100.0 }
    }
}

/// A colour space.
#[derive(Debug)]
pub struct Space {
    /// The name of OpenColorIO's studio config.
    pub name: &'static str,
    /// Other accepted names.
    pub aliases: &'static [&'static str],
    /// Primaries and white point.
    pub primaries: Chromaticities,
    /// What its values stand for.
    pub kind: Kind,
    /// Document that defines it.
    pub reference: &'static str,
    decode: fn(f64) -> f64,
    encode: fn(f64) -> f64,
}

impl Space {
    /// Encoded values to linear light in the space's own primaries; exact.
    #[must_use]
    pub fn decode(&self, _viewing: &Viewing, rgb: [f64; 3]) -> [f64; 3] {
        rgb.map(self.decode)
    }

    /// Inverse of [`Self::decode`].
    #[must_use]
    pub fn encode(&self, _viewing: &Viewing, rgb: [f64; 3]) -> [f64; 3] {
        rgb.map(self.encode)
    }

    /// [`Self::decode`] on planes of one length, fast, in f32.
    pub fn decode_planar(&self, _viewing: &Viewing, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        for plane in [r, g, b] {
            plane.iter_mut().for_each(|v| *v = (self.decode)(f64::from(*v)) as f32);
        }
    }

    /// [`Self::encode`] on planes of one length, fast, in f32.
    pub fn encode_planar(&self, _viewing: &Viewing, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        for plane in [r, g, b] {
            plane.iter_mut().for_each(|v| *v = (self.encode)(f64::from(*v)) as f32);
        }
    }
}

fn same(v: f64) -> f64 {
    v
}

static SPACES: &[Space] = &[
    Space {
        name: "ACES2065-1",
        aliases: &["aces2065_1", "lin_ap0"],
        primaries: AP0,
        kind: Kind::SceneLinear,
        reference: "SMPTE ST 2065-1",
        decode: same,
        encode: same,
    },
    Space {
        name: "ACEScg",
        aliases: &["lin_ap1", "acescg"],
        primaries: AP1,
        kind: Kind::SceneLinear,
        reference: "AMPAS S-2014-004",
        decode: same,
        encode: same,
    },
    Space {
        name: "ACEScct",
        aliases: &["acescct", "acescct_ap1"],
        primaries: AP1,
        kind: Kind::Log,
        reference: "AMPAS S-2016-001",
        decode: transfer::log_decoding_acescct,
        encode: transfer::log_encoding_acescct,
    },
    Space {
        name: "Linear Rec.709 (sRGB)",
        aliases: &["lin_rec709_srgb", "lin_rec709", "lin_srgb"],
        primaries: REC709,
        kind: Kind::SceneLinear,
        reference: "ITU-R BT.709-6",
        decode: same,
        encode: same,
    },
    Space {
        name: "sRGB Encoded Rec.709 (sRGB)",
        aliases: &["srgb_tx", "srgb_texture", "srgb"],
        primaries: REC709,
        kind: Kind::Display,
        reference: "IEC 61966-2-1",
        decode: transfer::eotf_srgb,
        encode: transfer::inverse_eotf_srgb,
    },
];

/// Every space there is, in menu order. Append only: hosts store the index.
#[must_use]
pub fn spaces() -> &'static [Space] {
    SPACES
}

/// The space of that name or alias; case does not matter.
#[must_use]
pub fn find(name: &str) -> Option<&'static Space> {
    SPACES.iter().find(|space| {
        std::iter::once(&space.name).chain(space.aliases).any(|n| n.eq_ignore_ascii_case(name))
    })
}
