//! `grid`, the default: a look at the whole frame decides how far above white each clipped region
//! goes; full resolution only has to place its edges. Made for 1080p in a few milliseconds.
//!
//! **Once per frame** ([`look`]): a small U-Net over the 256 x 256 look, working at 128 x 128 and
//! below, behind a low-pass filter ([`ConvSpec::low_pass`](crate::graph::ConvSpec::low_pass)), so that what it finds
//! does not hang on where cells lie on the picture. It hands on
//!
//! | tensor | shape | what |
//! |---|---|---|
//! | `gains` | 128 x 128 x 3 | stops above white times the share of the cell that is clipped, low-passed |
//! | `coverage` | 128 x 128 x 3 | share of the cell that is clipped, per channel, low-passed |
//! | `grid` | 16 x 16 x 96 | local gains: channel k * 8 + z is coefficient k of a 3 x 4 matrix in bin z |
//! | `curve` | 1 x 1 x 24 | log2 of light at 24 even knots of code, rising |
//! | `crosstalk` | 1 x 1 x 1 | share of cross-talk, 0 to 0.5 |
//!
//! **Per tile** ([`place`]), for a pixel of codes c = (r, g, b) with clip mask m, both per channel:
//!
//! ```text
//! base  = gains(x, y) / max(coverage(x, y), 1e-5)          bilinear in the frame
//! guide = sigmoid(w2 . relu(W1 c + b1) + b2)               W1 8 x 3, w2 1 x 8
//! local = A(x, y, guide) (r, g, b, 1)                      trilinear in the grid; A is 3 x 4
//! stops = m * max(base + local, 0)
//! ```
//!
//! Dividing interpolated gains by interpolated coverage weighs each cell by what is clipped in it:
//! the gain of a lamp is not watered down by the dark cells around it. Everything is a function of
//! the pixel, its mask and the frame's tensors, so a kernel can do it strip by strip, and the clip
//! mask, a ramp, is the only switch: no seam runs between clipped and unclipped. Without `bilateral`
//! in the configuration, `local` is 0 and neither grid nor guide exists. With `bold` gains are said
//! twice from the same features, and mixed as [`mix`] says. With `calibrated` they are corrected as [`calibrate`] says.
//!
//! **Only where the input space is to be estimated** ([`tone_graph`]): light = 2^curve(c) per channel,
//! then the camera's cross-talk undone.

mod calibrate;
mod look;
mod mix;
mod place;
mod tone;

pub(super) use place::said;
pub use tone::tone_graph;

use super::backbone;
use super::config::{bounded_list, read, write};
use crate::graph::GraphError;

use super::{ConfigError, Domain, Encoding, ModelInfo, Network, Run, Stage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) const MODEL: ModelInfo = ModelInfo {
    id: "grid",
    label: "Grid",
    description: "Looks at the whole frame at a small size and places what it finds at full size. \
                  Made for real time; with the input space to be estimated it finds the camera's \
                  curve as well.",
    reference: "Ronneberger et al. 2015, U-Net: Convolutional Networks for Biomedical Image \
                Segmentation; Gharbi et al. 2017, Deep Bilateral Learning for Real-Time Image \
                Enhancement",
    config: || write(&Config::default()),
    build,
};

/// Also of networks that start from what this one says ([`said`]).
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Config {
    /// Channels of the U-Net at 128 x 128, 64 x 64 and so on.
    pub(super) widths: Vec<usize>,
    /// Whether a bilateral grid of local gains is added to those of the look.
    pub(super) bilateral: bool,
    /// Whether gains are said twice and mixed by how much of the frame is clipped.
    pub(super) bold: bool,
    /// Whether the look is told what a classifier's layers find.
    pub(super) backbone: bool,
    /// Whether stops are corrected by how much of the frame is clipped.
    pub(super) calibrated: bool,
    /// Whether the curve is also found by how colours blend at edges.
    pub(super) blends: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            widths: vec![16, 32, 48, 64, 96],
            bilateral: true,
            bold: false,
            backbone: false,
            calibrated: false,
            blends: false,
        }
    }
}

/// Knots of the tone curve, evenly over code [0, 1].
const KNOTS: usize = 24;
/// Most cross-talk that is found and undone, as the share of the channels' mean in what a channel records. A camera
/// whose channels each receive a seventh of each other one has 3 / 7.
pub const MOST_CROSSTALK: f32 = 0.5;
/// Rows and columns of the bilateral grid.
const GRID_SIDE: usize = 16;
/// Bins of the guide.
const BINS: usize = 8;
/// Coefficients of a cell: 3 rows of (r, g, b, 1).
const COEFFICIENTS: usize = 12;

/// Names of what the look hands on.
mod name {
    pub(super) const GAINS: &str = "gains";
    pub(super) const COVERAGE: &str = "coverage";
    pub(super) const GRID: &str = "grid";
    pub(super) const CURVE: &str = "curve";
    pub(super) const CROSSTALK: &str = "crosstalk";
}

impl Config {
    /// Refuses what no look can have; `widths` is what these are called to the user.
    pub(super) fn check(&self, widths: &str) -> Result<(), ConfigError> {
        // Four levels are the least that have one of the grid's own size.
        bounded_list(widths, &self.widths, &(4..=6), &(1..=512))
    }

    /// The stages that see the whole frame. Their weights have the same names in every network that has them.
    pub(super) fn look(&self) -> Result<Vec<Stage>, GraphError> {
        let mut stages = Vec::new();
        if self.backbone {
            stages.push(backbone::stage(self.widths.len() - 1)?);
        }
        stages.push(Stage { name: "look".to_owned(), graph: look::graph(self)?, run: Run::Frame });
        Ok(stages)
    }
}

/// Channels of the look as they usually are.
pub(super) fn usual_widths() -> Vec<usize> {
    Config::default().widths
}

fn build(config: &Value) -> Result<Network, ConfigError> {
    let config: Config = read(config)?;
    config.check("widths")?;
    let mut stages = config.look()?;
    let graph = place::graph(&config)?;
    stages.push(Stage { name: "place".to_owned(), graph, run: Run::Tile });
    Ok(Network { encoding: Encoding::Srgb, domain: Domain::Stops, stages })
}
