//! `unet-attention`: `unet` with attention gates, which let through of the way down only what the
//! levels below ask for.

use super::{Domain, Skip, network, usual};
use crate::model::ModelInfo;

pub(in crate::model) const MODEL: ModelInfo = ModelInfo {
    id: "unet-attention",
    label: "U-Net, attention",
    description: "U-Net with attention gates that gives ACEScct directly.",
    reference: "Oktay et al. 2018, Attention U-Net: Learning Where to Look for the Pancreas",
    config: usual,
    build: |config| network(config, Skip::Gated, Domain::AcesCct),
};
