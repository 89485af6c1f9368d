//! A stage that is run over and over.

use super::program::Program;
use super::workspace::Workspace;
use crate::expand::{Abort, Interrupted};
use crate::graph::Place;
use crate::model::Sampler;
use headroom_kernel::Pool;

/// Walks the schedule from `reference` and gives the sample in the end. The other inputs of the
/// stage are already in the workspace. `abort` is asked between operations.
pub(super) fn sample(
    sampler: &Sampler,
    (program, workspace): (&Program, &mut Workspace),
    reference: &[f32],
    place: Place,
    pool: &Pool,
    abort: Abort<'_>,
) -> Result<Vec<f32>, Interrupted> {
    let mut sample = sampler.start(reference);
    for (index, time) in sampler.timesteps().into_iter().enumerate() {
        if let Some(input) = workspace.input_mut(Sampler::SAMPLE) {
            input.copy_from_slice(&sample);
        }
        if let Some(input) = workspace.input_mut(Sampler::TIME) {
            input.fill(time as f32);
        }
        program.run(workspace, place, pool, abort)?;
        let prediction = workspace.output(Sampler::PREDICTION).unwrap_or_default();
        sampler.step(index, &mut sample, prediction);
    }
    Ok(sample)
}
