//! From a batch of shots to the tensors that a network is given.

use crate::Error;
use crate::shot::Shot;
use candle_core::{DType, Device, Tensor};
use headroom::graph::{Extent, Place};
use headroom::model::inputs::{BLENDS, CLIP, CLIPPED, FRAME, HISTOGRAM, LOOK, PICTURE};
use headroom::model::{Encoding, Network, Run, Sampler};
use headroom_colour::transfer::eotf_srgb;
use std::collections::{BTreeMap, HashMap};

/// What a network wants to be given.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    encoding: Encoding,
    /// Fixed height, width and channels by name; none for what is as large as the picture.
    inputs: BTreeMap<String, Option<[usize; 3]>>,
}

impl Wanted {
    pub(super) fn new(network: &Network) -> Self {
        let mut inputs = BTreeMap::new();
        let mut made: Vec<&str> = vec![Sampler::SAMPLE, Sampler::TIME];
        for stage in &network.stages {
            for input in stage.graph.inputs() {
                let shape = stage.graph.node(input.node).shape;
                let size = match shape.extent {
                    Extent::Fixed([height, width]) => Some([height, width, shape.channels]),
                    Extent::Of { .. } => None,
                };
                if !made.contains(&input.name.as_str()) {
                    inputs.entry(input.name.clone()).or_insert(size);
                }
            }
            made.extend(stage.graph.outputs().iter().map(|output| output.name.as_str()));
            if matches!(stage.run, Run::Sampler(_)) {
                made.push(&stage.name);
            }
        }
        Self { encoding: network.encoding, inputs }
    }

    /// The tensors, a sample per shot, and where each lies in its frame.
    pub(super) fn tensors(
        &self,
        shots: &[&Shot],
        device: &Device,
        dtype: DType,
    ) -> Result<(HashMap<String, Tensor>, Vec<Place>), Error> {
        let mut given = HashMap::new();
        for (name, size) in &self.inputs {
            let mut values = Vec::new();
            let [mut height, mut width] = shots.first().map_or([0, 0], |shot| shot.size);
            let mut channels = 3;
            if let Some(fixed) = *size {
                [height, width, channels] = fixed;
            }
            for shot in shots {
                self.add(name, shot, &mut values)?;
            }
            if values.len() != shots.len() * height * width * channels {
                let found = values.len();
                let text = format!(
                    "input {name}: found {found} numbers, expected {} x {height} x {width} x \
                     {channels}",
                    shots.len()
                );
                return Err(Error::failed(text));
            }
            let shape = (shots.len(), height, width, channels);
            let tensor = Tensor::from_vec(values, shape, &Device::Cpu)?;
            given.insert(name.clone(), tensor.to_device(device)?.to_dtype(dtype)?);
        }
        let places = shots.iter().map(|shot| Place {
            y: shot.at[0] as i64,
            x: shot.at[1] as i64,
            frame: shot.frame,
        });
        Ok((given, places.collect()))
    }

    fn add(&self, name: &str, shot: &Shot, to: &mut Vec<f32>) -> Result<(), Error> {
        match name {
            PICTURE if self.encoding == Encoding::Srgb => to.extend_from_slice(&shot.picture),
            PICTURE => to.extend(shot.picture.iter().map(|&v| eotf_srgb(f64::from(v)) as f32)),
            CLIP => to.extend_from_slice(&shot.clip),
            LOOK | HISTOGRAM | BLENDS | CLIPPED | FRAME => {
                if let Some(values) = shot.seen.tensor(name) {
                    to.extend_from_slice(values);
                }
            }
            other => {
                return Err(Error::failed(format!(
                    "input {other}: found no such thing in a shot, expected one of {PICTURE}, \
                     {CLIP}, {LOOK}, {HISTOGRAM}, {BLENDS}, {CLIPPED}, {FRAME}"
                )));
            }
        }
        Ok(())
    }
}
