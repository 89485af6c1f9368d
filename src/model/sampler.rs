//! The diffusion sampler: what a stage that is run over and over needs to know, and its arithmetic.
//!
//! Denoising diffusion implicit models (Song et al. 2021, <https://arxiv.org/abs/2010.02502>),
//! started from a reference plus noise instead of from noise alone (Meng et al. 2022, SDEdit). With
//! a the running product of 1 - beta up to a step and a' that of the next step walked to:
//!
//! ```text
//! epsilon:  clean = (x - sqrt(1 - a) p) / sqrt(a),        noise = p
//! velocity: clean = sqrt(a) x - sqrt(1 - a) p,            noise = sqrt(a) p + sqrt(1 - a) x
//! sigma = eta sqrt((1 - a') / (1 - a)) sqrt(1 - a / a')
//! x' = sqrt(a') clean + sqrt(1 - a' - sigma^2) noise + sigma z,   z fresh and standard normal
//! ```
//!
//! All of it is computed in f64 with the noise of one seed, so every machine gets the same bits from
//! the same predictions.

use super::normal::Normal;

/// What the stage's graph predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prediction {
    /// The noise (Ho et al. 2020).
    Epsilon,
    /// sqrt(a) * noise - sqrt(1 - a) * clean sample (Salimans and Ho 2022).
    Velocity,
}

/// How a stage is run over and over. Its graph takes [`Self::SAMPLE`], [`Self::TIME`] and whatever earlier
/// stages hand on, and gives [`Self::PREDICTION`]; what is handed on, under the stage's name, is the sample
/// in the end:
///
/// ```text
/// sample = start(reference)
/// for (index, time) in timesteps().enumerate() { step(index, sample, graph(sample, time)) }
/// ```
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
    /// Steps of sampling over the whole schedule.
    pub steps: usize,
    /// Share of the schedule that is walked: 1 starts where hardly anything of the reference is left,
    /// 0 keeps the reference.
    pub strength: f64,
    /// 0 adds no noise on the way; 1 is the noise of the original process.
    pub eta: f64,
    /// What the graph predicts.
    pub prediction: Prediction,
    /// Seed of the noise; the same for every frame, so that nothing flickers.
    pub seed: u64,
}

/// What the graph of a sampler is trained on.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// Step of the training schedule, given as [`Sampler::TIME`].
    pub time: usize,
    /// The noisy sample, given as [`Sampler::SAMPLE`].
    pub sample: Vec<f32>,
    /// What [`Sampler::PREDICTION`] should be.
    pub prediction: Vec<f32>,
}

impl Sampler {
    /// Input of the graph: the sample so far.
    pub const SAMPLE: &'static str = "sample";
    /// Input of the graph: the step of the training schedule, a vector of one channel.
    pub const TIME: &'static str = "time";
    /// Output of the graph.
    pub const PREDICTION: &'static str = "prediction";

    /// Steps of the training schedule that are walked, from noisy to clean: every
    /// (`train_steps` / `steps`)-th from 0 on, the noisiest left out as [`Self::strength`] says. None
    /// where nothing is walked.
    #[must_use]
    pub fn timesteps(&self) -> Vec<usize> {
        let stride = self.stride();
        let steps = self.steps.min(self.train_steps);
        let walked = libm::round(steps as f64 * self.strength.clamp(0.0, 1.0)) as usize;
        (0..walked).rev().map(|step| step * stride).collect()
    }

    /// The sample that is walked from: the reference with the noise of the first of
    /// [`Self::timesteps`]; the reference itself where there is none.
    #[must_use]
    pub fn start(&self, reference: &[f32]) -> Vec<f32> {
        let Some(&first) = self.timesteps().first() else {
            return reference.to_vec();
        };
        let kept = self.kept(first);
        let (signal, noise) = (libm::sqrt(kept), libm::sqrt(1.0 - kept));
        let mut normal = self.noise(0);
        reference.iter().map(|&x| (signal * f64::from(x) + noise * normal.next()) as f32).collect()
    }

    /// Walks `sample` one step, the one at `index` of [`Self::timesteps`], by what the graph predicted
    /// for it there. An index beyond the last does nothing.
    pub fn step(&self, index: usize, sample: &mut [f32], prediction: &[f32]) {
        let Some(&time) = self.timesteps().get(index) else {
            return;
        };
        let here = self.kept(time);
        let next = time.checked_sub(self.stride()).map_or(1.0, |time| self.kept(time));
        let (signal, noise) = (libm::sqrt(here), libm::sqrt(1.0 - here));
        // Without fresh noise nothing is asked of a schedule whose first step adds none.
        let sigma = if self.eta > 0.0 {
            self.eta * libm::sqrt((1.0 - next) / (1.0 - here)) * libm::sqrt(1.0 - here / next)
        } else {
            0.0
        };
        let next_signal = libm::sqrt(next);
        // Rounding may carry it below 0 where eta is 1.
        let next_noise = libm::sqrt((1.0 - next - sigma * sigma).max(0.0));
        let mut fresh = (sigma > 0.0).then(|| self.noise(index as u64 + 1));
        for (x, &p) in sample.iter_mut().zip(prediction) {
            let (from, p) = (f64::from(*x), f64::from(p));
            let (clean, direction) = match self.prediction {
                Prediction::Epsilon => ((from - noise * p) / signal, p),
                Prediction::Velocity => (signal * from - noise * p, signal * p + noise * from),
            };
            let mut to = next_signal * clean + next_noise * direction;
            if let Some(fresh) = &mut fresh {
                to += sigma * fresh.next();
            }
            *x = to as f32;
        }
    }

    /// An example to train the graph on: `clean` with the noise of a step that is drawn evenly from
    /// the schedule. The same `draw` gives the same example.
    #[must_use]
    pub fn lesson(&self, draw: u64, clean: &[f32]) -> Lesson {
        let mut normal = Normal::new(draw);
        let time = (normal.uniform() * self.train_steps as f64) as usize;
        let time = time.min(self.train_steps.saturating_sub(1));
        let kept = self.kept(time);
        let (signal, noise) = (libm::sqrt(kept), libm::sqrt(1.0 - kept));
        let (mut sample, mut prediction) = (Vec::new(), Vec::new());
        for &x in clean {
            let (x, z) = (f64::from(x), normal.next());
            sample.push((signal * x + noise * z) as f32);
            prediction.push(match self.prediction {
                Prediction::Epsilon => z as f32,
                Prediction::Velocity => (signal * z - noise * x) as f32,
            });
        }
        Lesson { time, sample, prediction }
    }

    /// Steps of the training schedule between two that are walked.
    fn stride(&self) -> usize {
        (self.train_steps / self.steps.max(1)).max(1)
    }

    /// Share of the clean sample's variance that is left at a step: the product of 1 - beta up to it.
    fn kept(&self, time: usize) -> f64 {
        let (first, last) = (libm::sqrt(self.beta_start), libm::sqrt(self.beta_end));
        let intervals = self.train_steps.saturating_sub(1).max(1) as f64;
        (0..=time).fold(1.0, |kept, step| {
            let root = first + (last - first) * step as f64 / intervals;
            kept * (1.0 - root * root)
        })
    }

    /// The noise of one draw: 0 for the start, 1 + index for a step.
    fn noise(&self, draw: u64) -> Normal {
        // An odd factor keeps the draws of one seed apart from those of its neighbours.
        Normal::new(self.seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(draw << 40))
    }
}
