//! Whole frames through the engine, as the node would show them.

use crate::Error;
use crate::data::DataSet;
use crate::eval::{Expander, Settings, Summary, validate};
use crate::loss::{Frame, Objective};
use crate::model::Built;
use crate::shot::Shot;
use headroom::model::Weights;
use headroom_kernel::Pool;
use std::sync::Arc;

/// What a validation found.
pub(super) struct Validation {
    pub(super) summary: Summary,
    /// Mean of each term of the loss.
    pub(super) terms: Vec<f64>,
    /// Whether pictures clip, and yet the network leaves all of them as they came.
    pub(super) adds_nothing: bool,
}

/// Expands the data set's validation frames and measures them. `show` is handed the first ones.
pub(super) fn run(
    built: &Built,
    weights: &Weights,
    data: &Arc<DataSet>,
    settings: &Settings,
    objective: &Objective,
    pool: &Pool,
    show: &mut dyn FnMut(usize, &Shot, &[f32]),
) -> Result<Validation, Error> {
    let model = Arc::new(built.model("in training", weights)?);
    let expander = Expander::model(model, false)?;
    let mut shots = (0..data.validation()).map(|index| data.validation_shot(index));
    let mut terms = vec![0.0; objective.terms().len()];
    let mut count = 0usize;
    let (mut clips, mut adds) = (false, false);
    let mut each = |index: usize, shot: &Shot, prediction: &[f32]| {
        let frame = Frame {
            size: shot.size,
            prediction,
            truth: &shot.truth,
            base: &shot.base,
            balance: shot.balance,
            clip: &shot.clip,
            tone: None,
            before: None,
        };
        let mut unused = vec![0.0; prediction.len()];
        let values = objective.frame(&frame, 1.0, &mut unused, None, pool);
        terms.iter_mut().zip(values).for_each(|(to, value)| *to += value);
        count += 1;
        clips |= shot.clip.iter().any(|&share| share >= 1.0);
        adds |= changed(&shot.base, prediction);
        show(index, shot, prediction);
    };
    let summary = validate(&expander, &mut shots, settings, pool, &mut each)?;
    terms.iter_mut().for_each(|term| *term /= count.max(1) as f64);
    Ok(Validation { summary, terms, adds_nothing: clips && !adds })
}

/// Whether any light is another than it was, by more than rounding.
fn changed(base: &[f32], prediction: &[f32]) -> bool {
    base.iter().zip(prediction).any(|(&base, &light)| (light - base).abs() > 1e-4 * base.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_no_change_and_a_thousandth_is() {
        assert!(!changed(&[0.0, 0.5, 1.0], &[0.0, 0.500_01, 0.999_95]));
        assert!(changed(&[0.0, 0.5, 1.0], &[0.0, 0.5, 1.001]));
        assert!(changed(&[0.0], &[0.01]));
    }
}
