//! Validation on whole frames, for the training loop.

use super::{Expander, Judged, Settings, Summary, score};
use crate::Error;
use crate::shot::Shot;
use headroom_kernel::Pool;

/// Expands and measures the first frames (as many as `settings` says), one after another, and shows
/// each to `each` with its number from 0 and its prediction.
///
/// # Errors
/// When a frame cannot be had, expanded or measured, or the settings name what there is not.
pub fn validate(
    expander: &Expander,
    shots: &mut dyn Iterator<Item = Result<Shot, Error>>,
    settings: &Settings,
    pool: &Pool,
    each: &mut dyn FnMut(usize, &Shot, &[f32]),
) -> Result<Summary, Error> {
    let measures = settings.measures()?;
    let mut summary = Summary::new(measures.clone());
    let most = if settings.metrics_batches == 0 { usize::MAX } else { settings.metrics_batches };
    for (index, shot) in shots.take(most).enumerate() {
        let shot = shot?;
        let prediction = expander.predict(&shot.name, shot.size, &shot.code, pool)?;
        let judged = Judged {
            size: shot.size,
            prediction: &prediction,
            truth: &shot.truth,
            code: &shot.code,
        };
        let scores = score(&measures, &judged, pool)?;
        summary.add(shot.name.clone(), scores.into_iter().map(|(_, value)| value).collect());
        each(index, &shot, &prediction);
    }
    Ok(summary)
}
