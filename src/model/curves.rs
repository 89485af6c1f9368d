//! Fixed curves that networks start from or end with.

use crate::graph::{Activation, Builder, NodeId};
use headroom_colour::transfer::{eotf_srgb, log_encoding_acescct};

/// Knots over code [0, 1]; between them a curve is off by less than 0.0002 (linear light) or 0.008
/// (ACEScct, near black), which a network that adds to it makes good.
const KNOTS: usize = 65;

/// sRGB code (IEC 61966-2-1) to linear light.
pub(super) fn light_of_code(b: &mut Builder, code: NodeId) -> NodeId {
    apply(b, "light of code", code, eotf_srgb)
}

/// sRGB code to the ACEScct code (S-2016-001) of the same number of linear light. Primaries are left
/// alone, so it is right for greys and near for colours.
pub(super) fn acescct_of_code(b: &mut Builder, code: NodeId) -> NodeId {
    apply(b, "acescct of code", code, |v| log_encoding_acescct(eotf_srgb(v)))
}

/// How sharply [`soft_floor`] turns at 0: what PyTorch calls Softplus's beta.
const SHARPNESS: f32 = 32.0;

/// softplus(32 x) / 32: never negative, 0.022 at 0, x to five digits from 0.3 on.
pub(super) fn soft_floor(b: &mut Builder, x: NodeId) -> NodeId {
    let x = b.affine(x, SHARPNESS, 0.0);
    let x = b.activation(x, Activation::Softplus);
    b.affine(x, 1.0 / SHARPNESS, 0.0)
}

fn apply(b: &mut Builder, name: &str, x: NodeId, curve: impl Fn(f64) -> f64) -> NodeId {
    let last = (KNOTS - 1) as f64;
    let knots: Vec<f32> = (0..KNOTS).map(|i| curve(i as f64 / last) as f32).collect();
    let knots = b.constant(name, [1, 1], &knots);
    b.curve(knots, x)
}
