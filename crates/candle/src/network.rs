//! Runs a whole network, stage by stage.

use crate::{Error, Executor, Variables};
use candle_core::{DType, Device, Tensor};
use headroom::graph::{Graph, Place};
use headroom::model::{Network, Run, Sampler};
use std::collections::HashMap;

impl Executor {
    /// Runs every stage of a network in order, and hands each what the engine gives (`inputs`, by the
    /// names of [`headroom::model::inputs`]) and what the stages before it made; all of that is
    /// handed back. `places` as for [`Self::run`].
    ///
    /// A sampler's stage is walked without a gradient: it is trained by its graph alone, with
    /// [`Self::run`].
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_network(
        &self,
        network: &Network,
        variables: &Variables,
        inputs: &HashMap<String, Tensor>,
        places: &[Place],
    ) -> Result<HashMap<String, Tensor>, Error> {
        let mut all = inputs.clone();
        for stage in &network.stages {
            match &stage.run {
                Run::Frame | Run::Tile => {
                    let made = self.run(&stage.graph, &stage.name, variables, &all, places)?;
                    all.extend(made);
                }
                Run::Sampler(sampler) => {
                    let frozen = variables.frozen();
                    let sample =
                        self.sample(&stage.graph, &stage.name, sampler, &frozen, &all, places)?;
                    all.insert(stage.name.clone(), sample);
                }
            }
        }
        Ok(all)
    }

    /// Walks a sampler's steps. Every sample of the batch is given the same noise.
    fn sample(
        &self,
        graph: &Graph,
        prefix: &str,
        sampler: &Sampler,
        variables: &Variables,
        inputs: &HashMap<String, Tensor>,
        places: &[Place],
    ) -> Result<Tensor, Error> {
        let Some(reference) = inputs.get(&sampler.start) else {
            return Err(Error::input(&sampler.start, "nothing", "what sampling starts from"));
        };
        let (dtype, device) = (variables.dtype(), variables.device());
        let shape = reference.shape();
        let batch = reference.dim(0)?;
        let one = shape.elem_count() / batch.max(1);
        let as_tensor = |numbers: &[f32]| -> Result<Tensor, Error> {
            Ok(Tensor::from_slice(numbers, shape, device)?.to_dtype(dtype)?)
        };
        let mut given: HashMap<String, Tensor> =
            inputs.iter().map(|(name, tensor)| (name.clone(), tensor.detach())).collect();
        let mut sample: Vec<f32> =
            numbers(reference)?.chunks(one.max(1)).flat_map(|x| sampler.start(x)).collect();
        for (index, time) in sampler.timesteps().into_iter().enumerate() {
            let time = Tensor::full(time as f32, (batch, 1, 1, 1), device)?.to_dtype(dtype)?;
            given.insert(Sampler::TIME.to_owned(), time);
            given.insert(Sampler::SAMPLE.to_owned(), as_tensor(&sample)?);
            let mut made = self.run(graph, prefix, variables, &given, places)?;
            let Some(prediction) = made.remove(Sampler::PREDICTION) else {
                return Err(Error::input(Sampler::PREDICTION, "nothing", "an output of that name"));
            };
            let prediction = numbers(&prediction)?;
            for (sample, prediction) in
                sample.chunks_mut(one.max(1)).zip(prediction.chunks(one.max(1)))
            {
                sampler.step(index, sample, prediction);
            }
        }
        as_tensor(&sample)
    }
}

fn numbers(tensor: &Tensor) -> Result<Vec<f32>, Error> {
    let flat = tensor.to_device(&Device::Cpu)?.to_dtype(DType::F32)?.flatten_all()?;
    Ok(flat.to_vec1()?)
}
