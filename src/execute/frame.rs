//! The stages of a frame, one after another, on the CPU or on a device.

use super::error::FrameError;
use super::runner::FrameInput;
use super::tensors::{FrameInputs, FrameTensors};
use crate::expand::Abort;
use crate::graph::Graph;
use crate::model::{Run, Sampler};

/// A stage and the memory it runs in.
pub(super) trait StageRun {
    fn graph(&self) -> &Graph;

    /// Height, width and channels of an input, by its position.
    fn input_size(&self, index: usize) -> [usize; 3];

    /// Fills an input.
    fn put(&mut self, index: usize, values: &[f32]) -> Result<(), FrameError>;

    fn run(&mut self, abort: Abort<'_>) -> Result<(), FrameError>;

    /// Height, width and channels of an output, by its position, and its values.
    fn output(&self, index: usize) -> Result<([usize; 3], Vec<f32>), FrameError>;
}

/// A stage of a frame.
pub(super) struct FrameStage<'a, S> {
    pub(super) name: &'a str,
    pub(super) run: &'a Run,
    pub(super) stage: S,
}

/// Runs the stages; what tiles take of `inputs` besides is in the answer.
pub(super) fn run<S: StageRun>(
    stages: Vec<FrameStage<'_, S>>,
    inputs: &FrameInputs<'_>,
    wanted_by_tiles: &[FrameInput],
    abort: Abort<'_>,
) -> Result<FrameTensors, FrameError> {
    let mut made = FrameTensors::default();
    for FrameStage { name, run, mut stage } in stages {
        let sampler = match run {
            Run::Sampler(sampler) => Some(sampler),
            Run::Frame | Run::Tile => None,
        };
        let names: Vec<_> = stage.graph().inputs().iter().map(|input| input.name.clone()).collect();
        for (index, input) in names.iter().enumerate() {
            if sampler.is_none() || !is_of_sampler(input) {
                let size = stage.input_size(index);
                stage.put(index, find(&made, inputs, input, size)?)?;
            }
        }
        if let Some(sampler) = sampler {
            let at = |name: &str| names.iter().position(|input| input == name);
            let sample_at = at(Sampler::SAMPLE);
            let size = sample_at.map_or([0; 3], |index| stage.input_size(index));
            let reference = find(&made, inputs, &sampler.start, size)?;
            let places = (sample_at, at(Sampler::TIME));
            let sample = sample(sampler, &mut stage, places, reference, abort)?;
            made.push(name, size, sample);
            continue;
        }
        stage.run(abort)?;
        let outputs: Vec<_> = stage.graph().outputs().iter().map(|o| o.name.clone()).collect();
        for (index, name) in outputs.iter().enumerate() {
            let (size, values) = stage.output(index)?;
            made.push(name, size, values);
        }
    }
    for FrameInput { name, size } in wanted_by_tiles {
        let values = given(inputs, name, *size)?;
        made.push(name, *size, values.to_vec());
    }
    if abort() {
        return Err(FrameError::Interrupted);
    }
    Ok(made)
}

/// Walks the schedule from `reference` and gives the sample in the end. The other inputs of the
/// stage are filled already; `places` are those of the sample and the time among the inputs.
fn sample(
    sampler: &Sampler,
    stage: &mut impl StageRun,
    places: (Option<usize>, Option<usize>),
    reference: &[f32],
    abort: Abort<'_>,
) -> Result<Vec<f32>, FrameError> {
    let graph = stage.graph();
    let prediction = graph.outputs().iter().position(|o| o.name == Sampler::PREDICTION);
    let mut sample = sampler.start(reference);
    for (index, time) in sampler.timesteps().into_iter().enumerate() {
        if let Some(input) = places.0 {
            stage.put(input, &sample)?;
        }
        if let Some(input) = places.1 {
            let numbers = stage.input_size(input).iter().product();
            stage.put(input, &vec![time as f32; numbers])?;
        }
        stage.run(abort)?;
        if let Some(output) = prediction {
            sampler.step(index, &mut sample, &stage.output(output)?.1);
        }
    }
    Ok(sample)
}

/// True for inputs of a sampler's graph that the sampler fills.
pub(super) fn is_of_sampler(name: &str) -> bool {
    name == Sampler::SAMPLE || name == Sampler::TIME
}

/// A tensor that an earlier stage made, or else one that the engine gave.
fn find<'a>(
    made: &'a FrameTensors,
    inputs: &FrameInputs<'a>,
    name: &str,
    size: [usize; 3],
) -> Result<&'a [f32], FrameError> {
    made.values(name, size).map_or_else(|| given(inputs, name, size), Ok)
}

fn given<'a>(
    inputs: &FrameInputs<'a>,
    name: &str,
    size: [usize; 3],
) -> Result<&'a [f32], FrameError> {
    let missing = || FrameError::Missing { name: name.to_owned(), size };
    inputs.values(name, size).ok_or_else(missing)
}
