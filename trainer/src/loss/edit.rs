//! Random edits of a picture, as compositors make them: for the edit loss and for the metric ERM.
//!
//! An edit is a function on linear light that is differentiated by hand, and, where the camera could
//! have made it, a change of the SDR picture. All of them keep values out of range and negative ones.

use crate::shot::luminance_weights;
use headroom_colour::transfer::{eotf_srgb, inverse_eotf_srgb};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// One edit, with what was drawn for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Edit {
    /// Factor on light, in stops.
    Exposure {
        /// Positive is brighter.
        stops: f64,
    },
    /// A factor on each channel, in stops.
    WhiteBalance {
        /// Positive is brighter.
        stops: [f64; 3],
    },
    /// A power of light about mid-grey: `0.18 (x / 0.18)^power`; a straight line through black below
    /// 1/256 of mid-grey.
    Contrast {
        /// 1 changes nothing, more is steeper.
        power: f64,
    },
    /// Distance from the luminance, `Y + amount (x - Y)`.
    Saturation {
        /// 1 changes nothing, 0 is grey.
        amount: f64,
    },
    /// The picture through a matte over a constant colour: `matte x + (1 - matte) colour`.
    Composite {
        /// Linear light of what lies below.
        colour: [f64; 3],
        /// The matte at the left and at the right end, 0 to 1, even between them.
        matte: [f64; 2],
    },
}

/// What is said of an edit, and how it is drawn.
#[derive(Debug)]
pub struct EditInfo {
    /// Name in experiments, tables and logs.
    pub id: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// One sentence.
    pub hint: &'static str,
    /// Whether the camera could have made it, so that the SDR picture can be edited too.
    pub camera: bool,
    draw: fn(&Draw) -> Edit,
    draw_brighter: Option<fn(&Draw) -> Edit>,
}

/// Every edit there is.
pub static EDITS: [EditInfo; 5] = [
    EditInfo {
        id: "exposure",
        label: "Exposure",
        hint: "All light times a factor, up to 2 stops either way.",
        camera: true,
        draw: |d| Edit::Exposure { stops: d.between(0, -2.0, 2.0) },
        draw_brighter: Some(|d| Edit::Exposure { stops: d.between(0, 0.0, 2.0) }),
    },
    EditInfo {
        id: "white_balance",
        label: "White balance",
        hint: "A factor of up to half a stop on each channel.",
        camera: true,
        draw: |d| Edit::WhiteBalance { stops: [0, 1, 2].map(|i| d.between(i, -0.5, 0.5)) },
        draw_brighter: Some(|d| Edit::WhiteBalance {
            stops: [0, 1, 2].map(|i| d.between(i, 0.0, 1.0)),
        }),
    },
    EditInfo {
        id: "contrast",
        label: "Contrast",
        hint: "A power from 0.7 to 1.4 about mid-grey.",
        camera: false,
        draw: |d| Edit::Contrast { power: 0.7 * libm::exp2(d.between(0, 0.0, 1.0)) },
        draw_brighter: None,
    },
    EditInfo {
        id: "saturation",
        label: "Saturation",
        hint: "Colours from half to one and a half times as far from grey.",
        camera: false,
        draw: |d| Edit::Saturation { amount: d.between(0, 0.5, 1.5) },
        draw_brighter: None,
    },
    EditInfo {
        id: "composite",
        label: "Composite",
        hint: "The picture through an even or sloping matte over a colour.",
        camera: false,
        draw: |d| {
            let (left, right) = (d.between(0, 0.0, 1.0), d.between(1, 0.0, 1.0));
            let even = d.between(2, 0.0, 1.0) < 0.5;
            Edit::Composite {
                colour: [3, 4, 5].map(|i| d.between(i, 0.0, 2.0)),
                matte: [left, if even { left } else { right }],
            }
        },
        draw_brighter: None,
    },
];

/// Numbers that depend on the seed and their place only.
struct Draw(u64);

impl Draw {
    fn between(&self, place: u64, low: f64, high: f64) -> f64 {
        let bits = xxh3_64_with_seed(&place.to_le_bytes(), self.0) >> 11;
        low + (high - low) * (bits as f64 / (1_u64 << 53) as f64)
    }

    fn one_of<'a>(&self, among: &[&'a EditInfo]) -> &'a EditInfo {
        let place = self.between(u64::MAX, 0.0, among.len() as f64) as usize;
        among[place.min(among.len() - 1)]
    }
}

/// Mid-grey, about which contrast turns.
const GREY: f64 = 0.18;
/// Light below which contrast is a straight line through black.
const TOE: f64 = GREY / 256.0;

impl EditInfo {
    /// This edit, drawn from a seed.
    #[must_use]
    pub fn draw(&self, seed: u64) -> Edit {
        (self.draw)(&Draw(seed))
    }
}

/// An SDR picture after an edit.
#[derive(Clone, Debug, PartialEq)]
pub struct EditedInput {
    /// sRGB codes as the camera would have given them, of 8 bits, 1 being full scale.
    pub code: Vec<f32>,
    /// Light of these codes, 1 being full scale.
    pub base: Vec<f32>,
}

impl Edit {
    /// Any edit.
    #[must_use]
    pub fn draw(seed: u64) -> Self {
        let all: Vec<_> = EDITS.iter().collect();
        Draw(seed).one_of(&all).draw(seed)
    }

    /// An edit for which [`Self::input`] gives the SDR picture.
    #[must_use]
    pub fn draw_for_camera(seed: u64) -> Self {
        let draw = Draw(seed);
        let among: Vec<_> = EDITS.iter().filter(|edit| edit.draw_brighter.is_some()).collect();
        let edit = draw.one_of(&among);
        edit.draw_brighter.map_or_else(|| (edit.draw)(&draw), |brighter| brighter(&draw))
    }

    /// What is said of it.
    #[must_use]
    pub const fn info(&self) -> &'static EditInfo {
        &EDITS[match self {
            Self::Exposure { .. } => 0,
            Self::WhiteBalance { .. } => 1,
            Self::Contrast { .. } => 2,
            Self::Saturation { .. } => 3,
            Self::Composite { .. } => 4,
        }]
    }

    /// The edit of a picture of `[height, width]` in linear Rec.709 light.
    #[must_use]
    pub fn apply(&self, [_, width]: [usize; 2], light: &[f32]) -> Vec<f32> {
        let (mut to, factors) = (light.to_vec(), self.factors());
        for (i, pixel) in to.chunks_exact_mut(3).enumerate() {
            let rgb = [pixel[0], pixel[1], pixel[2]].map(f64::from);
            let edited = self.pixel(rgb, factors, across(i, width));
            pixel.copy_from_slice(&edited.map(|v| v as f32));
        }
        to
    }

    /// The chain rule backwards: from a loss's gradient with respect to the edited picture to that
    /// with respect to `light`, the picture that was edited.
    #[must_use]
    pub fn pull_back(&self, [_, width]: [usize; 2], light: &[f32], gradient: &[f32]) -> Vec<f32> {
        let (mut to, factors) = (gradient.to_vec(), self.factors());
        for (i, (pixel, light)) in to.chunks_exact_mut(3).zip(light.chunks_exact(3)).enumerate() {
            let rgb = [light[0], light[1], light[2]].map(f64::from);
            let g = [pixel[0], pixel[1], pixel[2]].map(f64::from);
            let back = self.pixel_back(rgb, g, factors, across(i, width));
            pixel.copy_from_slice(&back.map(|v| v as f32));
        }
        to
    }

    /// What the camera would have given of a brighter or otherwise balanced scene: `base` is the light
    /// of the codes it gave, 1 being full scale, and `clip` its clip mask. What was clipped stays so.
    /// Nothing where that cannot be known: where a factor is less than 1, clipped light would come
    /// into range.
    #[must_use]
    pub fn input(&self, base: &[f32], clip: &[f32]) -> Option<EditedInput> {
        let factor = self.factors();
        if !self.info().camera || factor.iter().any(|f| *f < 1.0) {
            return None;
        }
        // 8-bit codes: their light is looked up.
        let light: Vec<f32> =
            (0..=255_u32).map(|code| eotf_srgb(f64::from(code) / 255.0) as f32).collect();
        let (mut code, mut edited) = (vec![0.0; base.len()], vec![0.0; base.len()]);
        for i in 0..base.len().min(clip.len()) {
            let brighter = factor[i % 3] * f64::from(base[i]);
            let lit = brighter + f64::from(clip[i]).clamp(0.0, 1.0) * (1.0 - brighter).max(0.0);
            let level = (inverse_eotf_srgb(lit).clamp(0.0, 1.0) * 255.0 + 0.5) as usize;
            code[i] = (level as f64 / 255.0) as f32;
            edited[i] = light[level.min(255)];
        }
        Some(EditedInput { code, base: edited })
    }

    /// Of the channels; 1 where the edit is not one of factors.
    fn factors(&self) -> [f64; 3] {
        match self {
            Self::Exposure { stops } => [libm::exp2(*stops); 3],
            Self::WhiteBalance { stops } => stops.map(libm::exp2),
            _ => [1.0; 3],
        }
    }

    fn pixel(&self, rgb: [f64; 3], factors: [f64; 3], x: f64) -> [f64; 3] {
        match self {
            Self::Exposure { .. } | Self::WhiteBalance { .. } => {
                [0, 1, 2].map(|c| factors[c] * rgb[c])
            }
            Self::Contrast { power } => rgb.map(|v| {
                if v > TOE { GREY * libm::pow(v / GREY, *power) } else { v * toe_slope(*power) }
            }),
            Self::Saturation { amount } => {
                let w = luminance_weights();
                let y = w[0] * rgb[0] + w[1] * rgb[1] + w[2] * rgb[2];
                rgb.map(|v| y + amount * (v - y))
            }
            Self::Composite { colour, matte } => {
                let m = matte[0] + (matte[1] - matte[0]) * x;
                [0, 1, 2].map(|c| m * rgb[c] + (1.0 - m) * colour[c])
            }
        }
    }

    fn pixel_back(&self, rgb: [f64; 3], g: [f64; 3], factors: [f64; 3], x: f64) -> [f64; 3] {
        match self {
            Self::Exposure { .. } | Self::WhiteBalance { .. } => self.pixel(g, factors, x),
            Self::Contrast { power } => [0, 1, 2].map(|c| {
                let steep = rgb[c] > TOE;
                let slope = if steep {
                    power * libm::pow(rgb[c] / GREY, power - 1.0)
                } else {
                    toe_slope(*power)
                };
                g[c] * slope
            }),
            Self::Saturation { amount } => {
                let (w, sum) = (luminance_weights(), g[0] + g[1] + g[2]);
                [0, 1, 2].map(|c| amount * g[c] + (1.0 - amount) * w[c] * sum)
            }
            Self::Composite { matte, .. } => g.map(|v| v * (matte[0] + (matte[1] - matte[0]) * x)),
        }
    }
}

/// Slope of contrast's line, which meets the power in value.
fn toe_slope(power: f64) -> f64 {
    libm::pow(TOE / GREY, power - 1.0)
}

/// Where a pixel lies between the left end, 0, and the right end, 1.
fn across(i: usize, width: usize) -> f64 {
    if width > 1 { (i % width) as f64 / (width - 1) as f64 } else { 0.0 }
}
