//! AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019) with a moving
//! average of the weights, in one pass over one flat list of weights.

use super::Settings;
use crate::Error;
use headroom_kernel::Pool;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Weights that one task works on; five lists of them fit a core's cache.
const CHUNK: usize = 8 * 1024;

/// Moments, average and counter.
#[derive(Clone, Debug)]
pub struct AdamW {
    weight_decay: f64,
    betas: [f64; 2],
    epsilon: f64,
    ema: f64,
    /// Ranges of weights that do not decay, in order.
    spared: Vec<Range<usize>>,
    steps: u64,
    first: Vec<f32>,
    second: Vec<f32>,
    average: Vec<f32>,
}

/// What a checkpoint keeps besides the lists of [`AdamW::state`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counters {
    /// Steps done.
    pub steps: u64,
}

/// The factors of one step.
#[derive(Clone, Copy)]
struct Step {
    beta2: f32,
    /// 1 less the betas.
    rest1: f32,
    rest2: f32,
    /// Rate over the first moment's correction.
    rate: f32,
    /// 1 over the root of the second moment's correction.
    root: f32,
    epsilon: f32,
    /// What decay leaves of a weight.
    keep: f32,
    /// Share of the weights that goes into the average.
    fresh: f32,
}

impl AdamW {
    /// Before the first step. `spared` are the ranges of biases and norms, in order, which do not decay.
    #[must_use]
    pub fn new(settings: &Settings, weights: &[f32], spared: Vec<Range<usize>>) -> Self {
        let count = weights.len();
        let kept = if settings.ema > 0.0 { weights } else { &[] };
        Self {
            weight_decay: settings.weight_decay,
            betas: settings.betas,
            epsilon: settings.epsilon,
            ema: settings.ema,
            spared,
            steps: 0,
            first: vec![0.0; count],
            second: vec![0.0; count],
            average: kept.to_vec(),
        }
    }

    /// Steps done.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// The weights' moving average; nothing where none is kept. The decay of step t is the lesser of
    /// the setting and `(1 + t) / (10 + t)`, so early averages follow the weights.
    #[must_use]
    pub fn average(&self) -> Option<&[f32]> {
        (self.ema > 0.0).then_some(&self.average)
    }

    /// From now on these ranges, in order, do not decay.
    pub fn spare(&mut self, ranges: Vec<Range<usize>>) {
        self.spared = ranges;
    }

    /// One step. The same bits for any number of threads.
    ///
    /// # Panics
    /// When there are not as many gradients and weights as at first.
    pub fn step(&mut self, weights: &mut [f32], gradients: &[f32], rate: f64, pool: &Pool) {
        assert_eq!(
            [weights.len(), gradients.len()],
            [self.first.len(); 2],
            "weights and gradients"
        );
        self.steps += 1;
        let t = self.steps as f64;
        let [beta1, beta2] = self.betas;
        let decay = self.ema.min((1.0 + t) / (10.0 + t));
        let step = Step {
            beta2: beta2 as f32,
            rest1: (1.0 - beta1) as f32,
            rest2: (1.0 - beta2) as f32,
            rate: (rate / (1.0 - libm::pow(beta1, t))) as f32,
            root: (1.0 / libm::sqrt(1.0 - libm::pow(beta2, t))) as f32,
            epsilon: self.epsilon as f32,
            keep: (1.0 - rate * self.weight_decay) as f32,
            fresh: (1.0 - decay) as f32,
        };
        let count = weights.len();
        let spared = &self.spared;
        // Where no average is kept it has no chunk.
        let averages = self.average.chunks_mut(CHUNK).map(Some);
        let items: Vec<_> = weights
            .chunks_mut(CHUNK)
            .zip(gradients.chunks(CHUNK))
            .zip(self.first.chunks_mut(CHUNK).zip(self.second.chunks_mut(CHUNK)))
            .zip(averages.chain(std::iter::repeat_with(|| None)))
            .enumerate()
            .collect();
        pool.for_each(items, |(chunk, (((weights, gradients), (first, second)), average))| {
            let start = chunk * CHUNK;
            for (stretch, spared) in stretches(spared, start..count.min(start + CHUNK)) {
                let r = || stretch.start - start..stretch.end - start;
                let step = if spared { Step { keep: 1.0, ..step } } else { step };
                step.run(&mut weights[r()], &gradients[r()], &mut first[r()], &mut second[r()]);
            }
            // While the chunk is still in the cache.
            if let Some(average) = average {
                for (average, weight) in average.iter_mut().zip(&*weights) {
                    *average += step.fresh * (*weight - *average);
                }
            }
        });
    }

    /// What a checkpoint keeps, by name.
    #[must_use]
    pub fn state(&self) -> (Vec<(String, Vec<f32>)>, Counters) {
        let mut lists = vec![
            ("first".to_owned(), self.first.clone()),
            ("second".to_owned(), self.second.clone()),
        ];
        if self.ema > 0.0 {
            lists.push(("average".to_owned(), self.average.clone()));
        }
        (lists, Counters { steps: self.steps })
    }

    /// Goes on from a checkpoint.
    ///
    /// # Errors
    /// When a list is missing or of another length; then nothing has changed.
    pub fn restore(
        &mut self,
        lists: &[(String, Vec<f32>)],
        counters: Counters,
    ) -> Result<(), Error> {
        let count = self.first.len();
        let find = |name: &str| {
            let list = lists.iter().find(|(of, _)| of == name).map(|(_, list)| list);
            match list {
                Some(list) if list.len() == count => Ok(list.clone()),
                other => Err(Error::failed(format!(
                    "optimiser.{name}: found {} numbers, expected {count}",
                    other.map_or(0, Vec::len)
                ))),
            }
        };
        let (first, second) = (find("first")?, find("second")?);
        if self.ema > 0.0 {
            self.average = find("average")?;
        }
        (self.first, self.second, self.steps) = (first, second, counters.steps);
        Ok(())
    }
}

impl Step {
    /// Products and sums of f32 as PyTorch orders them.
    fn run(self, weights: &mut [f32], gradients: &[f32], first: &mut [f32], second: &mut [f32]) {
        let moments = first.iter_mut().zip(second);
        for ((weight, gradient), (first, second)) in weights.iter_mut().zip(gradients).zip(moments)
        {
            *first += self.rest1 * (*gradient - *first);
            *second = self.beta2 * *second + self.rest2 * *gradient * *gradient;
            let below = second.sqrt() * self.root + self.epsilon;
            *weight = *weight * self.keep - self.rate * *first / below;
        }
    }
}

/// Cuts a range of weights where decay begins and ends; true where it is spared.
fn stretches(
    spared: &[Range<usize>],
    within: Range<usize>,
) -> impl Iterator<Item = (Range<usize>, bool)> {
    let cut = |at: usize| at.clamp(within.start, within.end);
    let mut cuts = Vec::new();
    let mut at = within.start;
    for range in spared {
        cuts.push((at..cut(range.start).max(at), false));
        let end = cut(range.end).max(at);
        cuts.push((cut(range.start).max(at)..end, true));
        at = end;
    }
    cuts.push((at..within.end, false));
    cuts.into_iter().filter(|(range, _)| !range.is_empty())
}
