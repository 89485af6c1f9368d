//! Networks as methods. What they compute is declared in [`crate::model`]; here stands what menus and the
//! clip mask need to know.

use super::{MethodInfo, Predict, Prediction, Scope};
use crate::expand::strip::Strip;

pub(super) const GRID: MethodInfo = network(
    "grid",
    "Grid (real time)",
    "A network looks at the whole frame at a small size, decides per channel how far above white each \
     clipped area goes, and places it at full size. Made for real time.",
    Scope::Clipped,
);

pub(super) const RESIDUAL: MethodInfo = network(
    "residual",
    "Residual network",
    "A residual encoder-decoder with dilated blocks works on the picture at full size, in linear light.",
    Scope::WholePicture,
);

pub(super) const UNET: MethodInfo = network(
    "unet",
    "U-Net to ACEScct",
    "A U-Net works on the picture at full size and gives ACEScct.",
    Scope::WholePicture,
);

pub(super) const UNET_LINEAR: MethodInfo = network(
    "unet-linear",
    "U-Net to linear light",
    "A U-Net works on the picture at full size and gives linear light.",
    Scope::WholePicture,
);

pub(super) const UNET_ATTENTION: MethodInfo = network(
    "unet-attention",
    "U-Net with attention",
    "A U-Net whose skip connections are gated by attention works on the picture at full size.",
    Scope::WholePicture,
);

pub(super) const DIFF_HDRTV: MethodInfo = network(
    "diff-hdrtv",
    "Diff-HDRTV",
    "A diffusion prior over the whole frame at a small size steers a refiner at full size. Slow.",
    Scope::WholePicture,
);

const fn network(
    id: &'static str,
    label: &'static str,
    description: &'static str,
    scope: Scope,
) -> MethodInfo {
    MethodInfo {
        id,
        label,
        description,
        reference: "the model's card (`headroom models list`)",
        scope,
        network: true,
        needs_analysis: true,
        needs_range: false,
        // Without weights nothing is expanded.
        prepare: |_, _| Box::new(Weightless),
    }
}

struct Weightless;

impl Predict for Weightless {
    fn predict(&self, strip: &mut Strip) -> Prediction {
        strip.gain.fill(0.0);
        Prediction::Gain
    }
}
