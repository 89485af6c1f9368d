//! A stage that is run over and over, as a `Loop` of ONNX.
//!
//! A step of [`Sampler`] is linear in the sample and in what is predicted, with noise added: what it does
//! to ones and zeros says all of it, so no formula stands here a second time.

use super::proto::{self, Attribute};
use super::writer::Writer;
use super::{Around, nodes, run, sides};
use crate::Error;
use headroom::graph::{Extent, Graph, Shape};
use headroom::model::Sampler;
use std::collections::BTreeMap;

/// Shape of the sample.
pub(super) fn shape(graph: &Graph) -> Result<Shape, Error> {
    let input = graph.inputs().iter().find(|input| input.name == Sampler::SAMPLE);
    let shape = input.map(|input| graph.node(input.node).shape);
    shape.ok_or_else(|| Error::failed("sampler: found no input sample, expected one"))
}

/// Writes the start and the loop; gives the value of the sample in the end.
pub(super) fn write(
    w: &mut Writer,
    around: &Around<'_>,
    graph: &Graph,
    sampler: &Sampler,
    values: &BTreeMap<String, String>,
) -> Result<String, Error> {
    let Some(reference) = values.get(&sampler.start) else {
        return Err(Error::failed(format!(
            "stage {}: found no {}, expected a tensor to start from",
            around.stage, sampler.start
        )));
    };
    let times = sampler.timesteps();
    if times.is_empty() {
        return Ok(reference.clone());
    }
    let shape = shape(graph)?;
    let Extent::Fixed([height, width]) = shape.extent else {
        return Err(Error::failed(format!(
            "stage {}: found a sample of free size, expected a fixed one",
            around.stage
        )));
    };
    let numbers = height * width * shape.channels;
    let stage = around.stage;
    let table = Table::new(sampler, times.len(), numbers);

    let noise = sampler.start(&vec![0.0; numbers]);
    let signal = sampler.start(&[1.0])[0] - noise[0];
    let signal = w.number(signal);
    let noise = nodes::planes(&noise, shape.channels);
    let sides_of_one = [1, shape.channels, height, width];
    let noise = w.tensor(&format!("{stage}.noise"), &sides_of_one, &noise);
    let kept = w.op(&format!("{stage}.kept"), "Mul", &[reference, &signal], &[]);
    let start = w.op(&format!("{stage}.start"), "Add", &[&kept, &noise], &[]);

    let steps = times.len();
    let mut list = |what: &str, values: &[f32]| {
        w.tensor(&format!("{stage}.{what}"), &[steps, 1, 1, 1, 1], values)
    };
    let times: Vec<f32> = times.iter().map(|&time| time as f32).collect();
    let times = list("times", &times);
    let of_sample = list("of_sample", &table.of_sample);
    let of_prediction = list("of_prediction", &table.of_prediction);
    let fresh = (!table.fresh.is_empty()).then(|| {
        let planes: Vec<f32> = table
            .fresh
            .chunks(numbers)
            .flat_map(|one| nodes::planes(one, shape.channels))
            .collect();
        let sides = [steps, 1, shape.channels, height, width];
        w.tensor(&format!("{stage}.fresh"), &sides, &planes)
    });
    let count = w.integer(steps as i64);
    let (yes, ones) = (w.yes(), w.integers(&[1, 1, 1]));

    // The body's nodes are its own; fixed tensors are those of the graph around it.
    let outside = std::mem::take(&mut w.nodes);
    let [index, go_on, sample] =
        ["index", "go_on", "sample"].map(|what| w.name(&format!("{stage}.body.{what}")));
    let at = |w: &mut Writer, what: &str, table: &str| {
        let wanted = format!("{stage}.body.{what}");
        w.op(&wanted, "Gather", &[table, &index], &[("axis", Attribute::Integer(0))])
    };
    let time = at(w, "time", &times);
    let axis = [("axis", Attribute::Integer(0))];
    let batched = w.op(&format!("{stage}.body.batched"), "Concat", &[around.batch, &ones], &axis);
    let time = w.op(&format!("{stage}.body.times"), "Expand", &[&time, &batched], &[]);
    let mut given = values.clone();
    given.insert(Sampler::SAMPLE.to_owned(), sample.clone());
    given.insert(Sampler::TIME.to_owned(), time);
    let made = run(w, around, graph, &given)?;
    let Some((_, _, prediction)) = made.iter().find(|(name, ..)| name == Sampler::PREDICTION)
    else {
        return Err(Error::failed(format!(
            "stage {stage}: found no output {}, expected one",
            Sampler::PREDICTION
        )));
    };
    let factor = at(w, "of_sample", &of_sample);
    let kept = w.op(&format!("{stage}.body.kept"), "Mul", &[&sample, &factor], &[]);
    let factor = at(w, "of_prediction", &of_prediction);
    let moved = w.op(&format!("{stage}.body.moved"), "Mul", &[prediction, &factor], &[]);
    let mut next = w.op(&format!("{stage}.body.walked"), "Add", &[&kept, &moved], &[]);
    if let Some(fresh) = fresh {
        let fresh = at(w, "fresh", &fresh);
        next = w.op(&format!("{stage}.body.noisy"), "Add", &[&next, &fresh], &[]);
    }
    let still = w.op(&format!("{stage}.body.still"), "Identity", &[&go_on], &[]);
    let nodes = std::mem::replace(&mut w.nodes, outside);

    let tensor = |name: &str| proto::float_value(name, &sides(shape));
    let body = proto::graph(
        &format!("{stage} step"),
        &nodes,
        &[],
        &[proto::integer_value(&index), proto::bool_value(&go_on), tensor(&sample)],
        &[proto::bool_value(&still), tensor(&next)],
    );
    let attributes = [("body", Attribute::Graph(body))];
    Ok(w.op(stage, "Loop", &[&count, &yes, &start], &attributes))
}

/// What every step does to a sample.
struct Table {
    of_sample: Vec<f32>,
    of_prediction: Vec<f32>,
    /// Noise that each step adds, channels last; empty where none is.
    fresh: Vec<f32>,
}

impl Table {
    fn new(sampler: &Sampler, steps: usize, numbers: usize) -> Self {
        let mut table = Self { of_sample: vec![], of_prediction: vec![], fresh: vec![] };
        for index in 0..steps {
            let step = |mut sample: Vec<f32>, prediction: f32| {
                let predictions = vec![prediction; sample.len()];
                sampler.step(index, &mut sample, &predictions);
                sample
            };
            let noise = if sampler.eta > 0.0 { step(vec![0.0; numbers], 0.0) } else { vec![] };
            let first = noise.first().copied().unwrap_or(0.0);
            table.of_sample.push(step(vec![1.0], 0.0)[0] - first);
            table.of_prediction.push(step(vec![0.0], 1.0)[0] - first);
            table.fresh.extend(noise);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom::model::Prediction;

    #[test]
    fn a_step_by_its_table_is_the_sampler_s() {
        for (prediction, eta) in [(Prediction::Epsilon, 0.0), (Prediction::Velocity, 0.7)] {
            let sampler = Sampler {
                start: "reference".to_owned(),
                train_steps: 1000,
                beta_start: 0.00085,
                beta_end: 0.012,
                steps: 10,
                strength: 0.8,
                eta,
                prediction,
                seed: 3,
            };
            let table = Table::new(&sampler, 8, 6);
            let sample = [0.3f32, -1.2, 0.0, 2.5, 0.7, -0.1];
            let predicted = [1.0f32, 0.2, -0.4, 0.0, -2.0, 0.6];
            for index in 0..8 {
                let mut expected = sample;
                sampler.step(index, &mut expected, &predicted);
                for at in 0..6 {
                    let noise = table.fresh.get(index * 6 + at).copied().unwrap_or(0.0);
                    let found = table.of_sample[index] * sample[at]
                        + table.of_prediction[index] * predicted[at]
                        + noise;
                    assert!((found - expected[at]).abs() < 1.0e-5, "{found} {}", expected[at]);
                }
            }
        }
    }
}
