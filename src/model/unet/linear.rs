//! `unet-linear`: sRGB codes to linear light, through a Softplus that keeps it from being negative.
//!
//! The network ends in linear light of Rec.709 primaries. Whoever wants ACEScct, a loss or an output,
//! converts to AP1 and applies the curve of S-2016-001 outside it, exactly.

use super::{Domain, Skip, network, usual};
use crate::model::ModelInfo;

pub(in crate::model) const MODEL: ModelInfo = ModelInfo {
    id: "unet-linear",
    label: "U-Net, linear",
    description: "U-Net that gives linear light; never negative, never limited above.",
    reference: "Ronneberger et al. 2015, U-Net: Convolutional Networks for Biomedical Image \
                Segmentation",
    config: usual,
    build: |config| network(config, Skip::Plain, Domain::Linear),
};
