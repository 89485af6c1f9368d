//! `unet`: sRGB codes to ACEScct, directly. The result is the ACEScct code of the picture plus what
//! the network finds, so negative light and light above 222 survive.

use super::{Domain, Skip, network, usual};
use crate::model::ModelInfo;

pub(in crate::model) const MODEL: ModelInfo = ModelInfo {
    id: "unet",
    label: "U-Net",
    description: "U-Net that gives ACEScct directly. Works at full size, in logarithmic light.",
    reference: "Ronneberger et al. 2015, U-Net: Convolutional Networks for Biomedical Image \
                Segmentation; Academy S-2016-001 (ACEScct)",
    config: usual,
    build: |config| network(config, Skip::Plain, Domain::AcesCct),
};
