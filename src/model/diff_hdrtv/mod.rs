//! `diff-hdrtv`: a reference, a diffusion prior that imagines what clipped at low resolution, and a
//! refiner at full resolution. Slow; for stills and final frames.
//!
//! 1. `reference`, once per frame: the frame at 128 x 256 through an HDRNet-like network.
//! 2. `prior`, once per frame, over and over: denoising from the reference plus noise.
//! 3. `refine`, per tile: the same network as the first at full size, with weights of its own (training
//!    starts them from the first's, whose nodes have the same names), a learned split into two
//!    channels of chroma and one of luma, one branch each, the prior read where the pixel lies.
//!
//! What the parts pass on and work in is a [`Mode`]: three numbers per pixel, about 0 to 1.

mod mode;
mod prior;
mod reference;
mod refine;

use super::config::{bounded, read, write};
use super::{ConfigError, Domain, Encoding, ModelInfo, Network, Prediction, Run, Sampler, Stage};
use mode::Mode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) const MODEL: ModelInfo = ModelInfo {
    id: "diff-hdrtv",
    label: "Diffusion",
    description: "A diffusion prior imagines what clipped, a refiner brings it to full size. Slow: for \
                  stills and final frames.",
    reference: "After Diff-HDRTV; Song et al. 2021, Denoising Diffusion Implicit Models; Gharbi et al. \
                2017, Deep Bilateral Learning for Real-Time Image Enhancement",
    config: || write(&Config::default()),
    build,
};

/// What the refiner reads as its prior.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Prior {
    /// What the diffusion makes of the reference.
    Full,
    /// The reference itself; the stage `prior` is left out.
    Bypass,
}

/// What the diffusion's network predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Predicts {
    Epsilon,
    Velocity,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    /// What the parts work in.
    mode: Mode,
    /// What the refiner reads as its prior.
    prior: Prior,
    /// Channels of the reference network after its first convolution.
    reference_enter: usize,
    /// Channels of the reference network's residual blocks.
    reference_width: usize,
    /// Residual blocks of the reference network.
    reference_blocks: usize,
    /// Channels of the prior's network at its largest size; a multiple of 8.
    prior_base: usize,
    /// Channels of each of the refiner's branches.
    branch_width: usize,
    /// Residual blocks of each of the refiner's branches.
    branch_blocks: usize,
    /// What the prior's network predicts.
    prediction: Predicts,
    /// Steps of the schedule with which the prior's network is trained.
    train_steps: usize,
    /// Steps of sampling over the whole schedule.
    steps: usize,
    /// Share of the schedule that is walked: how far from the reference the prior may go.
    strength: f64,
    /// Noise added on the way: 0 none, 1 as much as the original process.
    eta: f64,
    /// Seed of the noise.
    seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mode: Mode::AcesCct,
            prior: Prior::Full,
            reference_enter: 128,
            reference_width: 64,
            reference_blocks: 3,
            prior_base: 32,
            branch_width: 16,
            branch_blocks: 2,
            prediction: Predicts::Epsilon,
            train_steps: 1000,
            steps: 50,
            strength: 0.5,
            eta: 0.0,
            seed: 0,
        }
    }
}

/// Rows and columns at which the reference and the prior see the frame.
const SIDES: [usize; 2] = [128, 256];
/// First and last beta of the schedule (scaled linear), those of latent diffusion.
const BETAS: [f64; 2] = [0.00085, 0.012];

/// What the reference and the prior should find for a pixel of sRGB `code` whose light, linear
/// Rec.709, is `truth`: the three numbers of the mode. For training.
///
/// # Errors
/// When the configuration makes no network.
pub fn wanted(
    config: &Value,
) -> Result<impl Fn([f32; 3], [f32; 3]) -> [f32; 3] + use<>, ConfigError> {
    let mode = Config::checked(config)?.mode;
    Ok(move |code, truth| mode.wanted(code, truth))
}

impl Config {
    fn checked(config: &Value) -> Result<Self, ConfigError> {
        let config: Self = read(config)?;
        bounded("reference_enter", config.reference_enter, &(1..=512))?;
        bounded("reference_width", config.reference_width, &(1..=512))?;
        bounded("reference_blocks", config.reference_blocks, &(1..=16))?;
        bounded("prior_base", config.prior_base, &(prior::GROUPS..=256))?;
        if !config.prior_base.is_multiple_of(prior::GROUPS) {
            let (found, groups) = (config.prior_base, prior::GROUPS);
            return Err(ConfigError::Field(format!(
                "prior_base: found {found}, expected a multiple of {groups}"
            )));
        }
        bounded("branch_width", config.branch_width, &(1..=256))?;
        bounded("branch_blocks", config.branch_blocks, &(1..=16))?;
        bounded("train_steps", config.train_steps, &(1..=10_000))?;
        bounded("steps", config.steps, &(1..=config.train_steps.min(1000)))?;
        bounded("strength", config.strength, &(0.0..=1.0))?;
        bounded("eta", config.eta, &(0.0..=1.0))?;
        Ok(config)
    }

    fn sampler(&self) -> Sampler {
        Sampler {
            start: reference::NAME.to_owned(),
            train_steps: self.train_steps,
            beta_start: BETAS[0],
            beta_end: BETAS[1],
            steps: self.steps,
            strength: self.strength,
            eta: self.eta,
            prediction: match self.prediction {
                Predicts::Epsilon => Prediction::Epsilon,
                Predicts::Velocity => Prediction::Velocity,
            },
            seed: self.seed,
        }
    }
}

fn build(config: &Value) -> Result<Network, ConfigError> {
    let config = Config::checked(config)?;
    let stage = |name: &str, graph, run| Stage { name: name.to_owned(), graph, run };
    let mut stages = vec![stage(reference::NAME, reference::graph(&config)?, Run::Frame)];
    if config.prior == Prior::Full {
        let run = Run::Sampler(config.sampler());
        stages.push(stage(prior::NAME, prior::graph(&config)?, run));
    }
    stages.push(stage("refine", refine::graph(&config)?, Run::Tile));
    let domain = match config.mode {
        Mode::AcesCct => Domain::AcesCct,
        Mode::Xyy => Domain::Linear,
    };
    Ok(Network { encoding: Encoding::Srgb, domain, stages })
}
