//! The diffusion sampler: what a stage that is run over and over needs to know.
//!
//! Denoising diffusion implicit models (Song et al. 2021, <https://arxiv.org/abs/2010.02502>),
//! started from a reference plus noise instead of from noise alone.

/// What the stage's graph predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prediction {
    /// The noise (Ho et al. 2020).
    Epsilon,
    /// sqrt(alpha) * noise - sqrt(1 - alpha) * sample (Salimans and Ho 2022).
    Velocity,
}

/// How a stage is run over and over. Its graph takes [`Self::SAMPLE`], [`Self::TIME`] and whatever earlier
/// stages hand on, and gives [`Self::PREDICTION`]; what is handed on, under the stage's name, is the sample
/// in the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampler {
    /// Tensor of an earlier stage that sampling starts from, of the sample's shape.
    pub start: String,
    /// Steps of the schedule with which the network was trained.
    pub train_steps: usize,
    /// First beta of the scaled-linear schedule (square roots are evenly spaced).
    pub beta_start: f64,
    /// Last beta.
    pub beta_end: f64,
    /// Steps of sampling.
    pub steps: usize,
    /// Share of the schedule that is walked: 1 starts from noise alone, 0 keeps the reference.
    pub strength: f64,
    /// 0 adds no noise on the way; 1 is the noise of the original process.
    pub eta: f64,
    /// What the graph predicts.
    pub prediction: Prediction,
    /// Seed of the noise; the same for every frame, so that nothing flickers.
    pub seed: u64,
}

impl Sampler {
    /// Input of the graph: the sample so far.
    pub const SAMPLE: &'static str = "sample";
    /// Input of the graph: the step of the training schedule, a vector of one channel.
    pub const TIME: &'static str = "time";
    /// Output of the graph.
    pub const PREDICTION: &'static str = "prediction";
}
