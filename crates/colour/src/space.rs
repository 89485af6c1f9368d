//! THE registry of colour spaces.
//!
//! A space is one entry of one list in this folder; menus, command line, metadata and tests read
//! [`spaces`]. Hosts store the index of a choice, so [`spaces`], [`input_spaces`] and
//! [`output_spaces`] only ever grow at their ends: a new space goes to the end of `APPENDED`.

mod display;
mod linear;
mod log;
mod texture;

use crate::curve::{Curve, FastCurve};
use crate::matrix::Adaptation;
use crate::primaries::Chromaticities;
use crate::{Matrix3, vector};

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
    /// Nits that linear 1.0 stands for in PQ and HLG; more than 0.
    pub diffuse_white: f64,
}

impl Default for Viewing {
    /// 100 nits, as OpenColorIO's displays have it.
    fn default() -> Self {
        Self { diffuse_white: 100.0 }
    }
}

/// A colour space.
#[derive(Clone, Copy, Debug)]
pub struct Space {
    /// The name of OpenColorIO's studio config (v5.0.0, ACES 2.1).
    pub name: &'static str,
    /// Short name that never changes, for files and programs: lower case, digits and underscores.
    pub id: &'static str,
    /// Other accepted names: OpenColorIO's aliases first.
    pub aliases: &'static [&'static str],
    /// Primaries and white point.
    pub primaries: Chromaticities,
    /// How the white point is moved on the way to ACES2065-1, as the space's maker and OpenColorIO
    /// have it.
    pub adaptation: Adaptation,
    /// Transfer function.
    pub curve: Curve,
    /// What its values stand for.
    pub kind: Kind,
    /// Document that defines it, with the section.
    pub reference: &'static str,
    /// Name in OpenFX 1.5's native colour management (`ofx-native-v1.5_aces-v1.3_ocio-v2.3`).
    pub ofx_name: Option<&'static str>,
    /// Offered as the space of a picture that comes in.
    pub input: bool,
    /// Offered as the space of the result.
    pub output: bool,
    /// Signal range outside which the referee (OpenColorIO) clamps when it encodes, and this does
    /// too: Canon's curves are tables there. Everything else is unlimited.
    pub encoded_range: Option<[f64; 2]>,
    /// Conversions into and out of the space limit ACES2065-1 values to 0 and above, as ACEScc's
    /// document (S-2014-003, 4.4) and OpenColorIO do; see [`crate::Conversion`].
    pub non_negative: bool,
}

impl Space {
    /// An entry with the common defaults, to be amended with struct update syntax.
    const fn plain(
        name: &'static str,
        id: &'static str,
        kind: Kind,
        primaries: Chromaticities,
        curve: Curve,
    ) -> Self {
        Self {
            name,
            id,
            aliases: &[],
            primaries,
            adaptation: Adaptation::Bradford,
            curve,
            kind,
            reference: "",
            ofx_name: None,
            input: false,
            output: false,
            encoded_range: None,
            non_negative: false,
        }
    }

    /// Encoded values to linear light in the space's own primaries; exact.
    #[must_use]
    pub fn decode(&self, viewing: &Viewing, rgb: [f64; 3]) -> [f64; 3] {
        self.curve.decode(viewing, rgb)
    }

    /// Inverse of [`Self::decode`], limited to [`Self::encoded_range`].
    #[must_use]
    pub fn encode(&self, viewing: &Viewing, rgb: [f64; 3]) -> [f64; 3] {
        let code = self.curve.encode(viewing, rgb);
        match self.encoded_range {
            // Not `clamp`: NaN stays NaN either way, and nothing can panic.
            Some([low, high]) => code.map(|v| {
                if v < low {
                    low
                } else if v > high {
                    high
                } else {
                    v
                }
            }),
            None => code,
        }
    }

    /// [`Self::decode`] on planes of one length, fast, in f32.
    pub fn decode_planar(&self, viewing: &Viewing, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        self.curve.prepare(viewing).decode(r, g, b);
    }

    /// [`Self::encode`] on planes of one length, fast, in f32.
    pub fn encode_planar(&self, viewing: &Viewing, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        self.encode_planar_with(&self.curve.prepare(viewing), r, g, b);
    }

    pub(crate) fn encode_planar_with(
        &self,
        curve: &FastCurve,
        r: &mut [f32],
        g: &mut [f32],
        b: &mut [f32],
    ) {
        curve.encode(r, g, b);
        if let Some([low, high]) = self.encoded_range {
            for plane in [r, g, b] {
                vector::clamp(plane, low as f32, high as f32);
            }
        }
    }

    /// Weights with which linear red, green and blue of this space add up to luminance; white is 1.
    #[must_use]
    pub fn luminance_weights(&self) -> [f64; 3] {
        Matrix3::rgb_to_xyz(&self.primaries).0[1]
    }

    /// Whether `name` is the space's name, id, OpenFX name or an alias; case does not matter.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        [self.name, self.id]
            .iter()
            .chain(self.aliases)
            .chain(&self.ofx_name)
            .any(|own| own.eq_ignore_ascii_case(name))
    }

    /// The space that OpenFX 1.5 calls `name` (`kOfxImageClipPropColourspace`). Case matters, as
    /// the strings are constants of a header. The generic names `ofx_scene_linear`,
    /// `ofx_scene_log`, `ofx_display_sdr` and `ofx_display_hdr` stand for no space in particular.
    #[must_use]
    pub fn by_ofx_name(name: &str) -> Option<&'static Self> {
        spaces().iter().find(|space| space.ofx_name == Some(name))
    }
}

/// Same space: names are unique.
impl PartialEq for Space {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// In menu order. Only `APPENDED` may grow, and only at its end.
const LISTS: [&[Space]; 5] =
    [texture::SPACES, linear::SPACES, log::SPACES, display::SPACES, APPENDED];

/// Spaces added after the first release, oldest first.
const APPENDED: &[Space] = &[];

const COUNT: usize = {
    let (mut list, mut count) = (0, 0);
    while list < LISTS.len() {
        count += LISTS[list].len();
        list += 1;
    }
    count
};

static SPACES: [Space; COUNT] = GATHERED;

const GATHERED: [Space; COUNT] = {
    let mut all = [LISTS[0][0]; COUNT];
    let (mut list, mut at) = (0, 0);
    while list < LISTS.len() {
        let mut i = 0;
        while i < LISTS[list].len() {
            all[at] = LISTS[list][i];
            at += 1;
            i += 1;
        }
        list += 1;
    }
    all
};

/// Every space there is, in menu order. It only ever grows at the end: hosts store indices.
#[must_use]
pub fn spaces() -> &'static [Space] {
    &SPACES
}

/// The spaces offered for a picture that comes in, in menu order; grows only at the end.
pub fn input_spaces() -> impl Iterator<Item = &'static Space> {
    SPACES.iter().filter(|space| space.input)
}

/// The spaces offered for the result, in menu order; grows only at the end.
pub fn output_spaces() -> impl Iterator<Item = &'static Space> {
    SPACES.iter().filter(|space| space.output)
}

/// The space of that name, id, OpenFX name or alias; case does not matter.
#[must_use]
pub fn find(name: &str) -> Option<&'static Space> {
    SPACES.iter().find(|space| space.is_called(name))
}

/// Coordinates that differ less are the same: EXR stores them as f32 and people round them.
const NEAR: f64 = 6e-4;

/// The scene-linear space with these primaries and white point; none where they are those of no space
/// known here.
#[must_use]
pub fn linear_with(declared: &Chromaticities) -> Option<&'static Space> {
    let numbers = |c: &Chromaticities| [c.red, c.green, c.blue, c.white];
    let near = |c: &Chromaticities| {
        let (a, b) = (numbers(c), numbers(declared));
        a.as_flattened().iter().zip(b.as_flattened()).all(|(a, b)| (a - b).abs() < NEAR)
    };
    spaces().iter().find(|s| s.kind == Kind::SceneLinear && near(&s.primaries))
}

/// Place of the space with that id; the compiler refuses an id that does not exist.
const fn place(id: &str) -> usize {
    let mut i = 0;
    while i < COUNT {
        if same(GATHERED[i].id.as_bytes(), id.as_bytes()) {
            return i;
        }
        i += 1;
    }
    panic!("no space has this id")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

macro_rules! named {
    ($($function:ident: $id:literal, $name:literal;)*) => {$(
        #[doc = concat!("The space \"", $name, "\".")]
        #[must_use]
        pub fn $function() -> &'static Space {
            const PLACE: usize = place($id);
            &SPACES[PLACE]
        }
    )*};
}

named! {
    srgb: "srgb", "sRGB Encoded Rec.709 (sRGB)";
    linear_rec709: "lin_rec709", "Linear Rec.709 (sRGB)";
    linear_rec2020: "lin_rec2020", "Linear Rec.2020";
    linear_p3_d65: "lin_p3d65", "Linear P3-D65";
    aces2065_1: "aces2065_1", "ACES2065-1";
    acescg: "acescg", "ACEScg";
    acescc: "acescc", "ACEScc";
    acescct: "acescct", "ACEScct";
    rec2100_pq: "rec2100_pq", "Rec.2100-PQ - Display";
    rec2100_hlg: "rec2100_hlg", "Rec.2100-HLG - Display";
}
