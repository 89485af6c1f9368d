//! What the node can put out besides the result. A view is one file here and one line in
//! [`VIEWS`].
//!
//! Views that show numbers ([`ViewInfo::raw`]) write them as they are, never encoded by the output
//! space, never multiplied with alpha, so that a comp can use them as data.

mod clip_mask;
mod confidence;
mod difference;
mod expansion_only;
mod exposure_preview;
mod false_colour;
mod result;

pub use false_colour::{Legend, STOPS as FALSE_COLOUR_STOPS};

use super::strip::Strip;
use headroom_colour::Conversion;

/// A view as menus and documents show it.
#[derive(Debug)]
pub struct ViewInfo {
    /// Stable identifier.
    pub id: &'static str,
    /// Text on screen.
    pub label: &'static str,
    /// What its values mean, with unit and range.
    pub description: &'static str,
    /// True when the values are data: not encoded by the output space.
    pub raw: bool,
    /// True when it shows the clip mask even where nothing is expanded.
    pub(super) needs_mask: bool,
    /// Draws it.
    pub(super) shade: fn(&ViewContext, &mut Strip),
}

/// What a view may ask beside the strip, where `linear` (pure) and `expanded` are linear light in
/// the input's primaries and `clip` is the mask. It overwrites `expanded` with linear light, or
/// with its data when it is raw.
pub(super) struct ViewContext {
    /// Luminance weights of the input's primaries.
    pub(super) luminance: [f32; 3],
    /// From the input space to the output space.
    pub(super) conversion: Conversion,
    /// Linear factor of the preview.
    pub(super) preview: f32,
}

/// Every view, in menu order; append-only.
pub static VIEWS: &[ViewInfo] = &[
    result::VIEW,
    clip_mask::VIEW,
    confidence::VIEW,
    difference::VIEW,
    false_colour::VIEW,
    exposure_preview::VIEW,
    expansion_only::VIEW,
];

/// Writes one value per pixel to the three planes.
fn grey(strip: &mut Strip, value: impl Fn(&Strip, usize) -> f32) {
    for i in 0..strip.n {
        let v = value(strip, i);
        strip.expanded.iter_mut().for_each(|plane| plane[i] = v);
    }
}

/// Luminance of pixel `i`.
#[inline(always)]
fn luminance(planes: &[super::strip::Plane; 3], weights: [f32; 3], i: usize) -> f32 {
    weights[0] * planes[0][i] + weights[1] * planes[1][i] + weights[2] * planes[2][i]
}
