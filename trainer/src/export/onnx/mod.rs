//! A whole network as one ONNX file, for use elsewhere.
//!
//! One run is one whole frame (or a batch of frames of one size): every stage runs once, a sampler's
//! stage as a `Loop`. Pictures are N x 3 x height x width, both free, multiples of the network's
//! alignment; inputs are called and hold what [`headroom::model::inputs`] says, channels first. What no
//! later stage reads is given back, `result` among it. Weights are f32. The metadata property
//! `headroom` holds the header of the model file, so nothing that is known of the weights is lost.
//!
//! Operators follow <https://onnx.ai/onnx/operators/>, version 18; nothing beyond the standard set.

mod nodes;
mod proto;
mod sampler;
mod writer;

use crate::Error;
use headroom::graph::{Extent, Graph, Op, Shape};
use headroom::model::{Model, Run, Sampler, Weights};
use nodes::Given;
use proto::Side;
use std::collections::{BTreeMap, BTreeSet};
use writer::Writer;

/// Key of the metadata property that holds the header of the model file.
pub const PROPERTY: &str = "headroom";

/// The bytes of an ONNX file.
///
/// # Errors
/// When the network's stages do not fit together: two ask for one input in two sizes, or a weight is
/// missing.
pub fn to_bytes(model: &Model) -> Result<Vec<u8>, Error> {
    let stages = &model.network.stages;
    let given = inputs(model)?;
    let mut w = Writer::default();
    let mut values = BTreeMap::new();
    let mut inputs = Vec::new();
    for (name, shape) in &given {
        let value = w.name(name);
        inputs.push(proto::float_value(&value, &sides(*shape)));
        values.insert(name.clone(), value);
    }
    let batch = match values.values().next() {
        Some(first) => {
            let ends =
                [("start", proto::Attribute::Integer(0)), ("end", proto::Attribute::Integer(1))];
            w.op("batch", "Shape", &[first], &ends)
        }
        None => return Err(Error::failed("network: found no input, expected one")),
    };
    let read: BTreeSet<&str> =
        stages.iter().flat_map(|stage| stage.graph.inputs()).map(|i| i.name.as_str()).collect();
    let mut outputs = Vec::new();
    for stage in stages {
        let around = Around { stage: &stage.name, weights: &model.weights, batch: &batch };
        let made = match &stage.run {
            Run::Frame | Run::Tile => run(&mut w, &around, &stage.graph, &values)?,
            Run::Sampler(by) => {
                let sample = sampler::write(&mut w, &around, &stage.graph, by, &values)?;
                let shape = sampler::shape(&stage.graph)?;
                vec![(stage.name.clone(), shape, sample)]
            }
        };
        for (name, shape, value) in made {
            if !read.contains(name.as_str()) {
                let output = w.name(&name);
                w.nodes.push(proto::node("Identity", &[&value], &output, &[]));
                outputs.push(proto::float_value(&output, &sides(shape)));
            }
            values.insert(name, value);
        }
    }
    let graph =
        proto::graph(&model.header.architecture, &w.nodes, &w.initialisers, &inputs, &outputs);
    let header = model.header.to_json().to_string();
    let alignment = model.network.alignment().to_string();
    let doc = format!("{}\nHeight and width are multiples of {alignment}.", model.info.description);
    Ok(proto::model(&graph, &doc, &[(PROPERTY, &header), ("headroom.alignment", &alignment)]))
}

/// What the nodes of a stage have in common.
struct Around<'a> {
    stage: &'a str,
    weights: &'a Weights,
    batch: &'a str,
}

/// What the caller gives: every input of a stage that no earlier stage makes.
fn inputs(model: &Model) -> Result<BTreeMap<String, Shape>, Error> {
    let mut given: BTreeMap<String, Shape> = BTreeMap::new();
    let mut made = BTreeSet::new();
    for stage in &model.network.stages {
        let sampled = matches!(stage.run, Run::Sampler(_));
        for input in stage.graph.inputs() {
            let own = sampled && [Sampler::SAMPLE, Sampler::TIME].contains(&input.name.as_str());
            if own || made.contains(input.name.as_str()) {
                continue;
            }
            let shape = stage.graph.node(input.node).shape;
            let other = *given.entry(input.name.clone()).or_insert(shape);
            if sides(other) != sides(shape) {
                return Err(Error::failed(format!(
                    "stage {}: found input {} of {shape}, expected {other} as in the stages before",
                    stage.name, input.name
                )));
            }
        }
        made.extend(stage.graph.outputs().iter().map(|output| output.name.as_str()));
        if sampled {
            made.insert(&stage.name);
        }
    }
    Ok(given)
}

fn sides(shape: Shape) -> [Side; 4] {
    let [height, width] = match shape.extent {
        Extent::Fixed([height, width]) => [Side::Known(height), Side::Known(width)],
        // A scaled extent has no name of its own; runtimes find its size.
        Extent::Of { scale, .. } if scale.up == scale.down => {
            [Side::Named("height"), Side::Named("width")]
        }
        Extent::Of { .. } => [Side::Named("scaled_height"), Side::Named("scaled_width")],
    };
    [Side::Named("batch"), Side::Known(shape.channels), height, width]
}

/// Writes the nodes of a graph; gives the name, shape and value of each output.
fn run(
    w: &mut Writer,
    around: &Around<'_>,
    graph: &Graph,
    given: &BTreeMap<String, String>,
) -> Result<Vec<(String, Shape, String)>, Error> {
    let mut values: Vec<Option<String>> = vec![None; graph.nodes().len()];
    let wanted = wanted(graph);
    for (index, node) in graph.nodes().iter().enumerate() {
        if !wanted[index] {
            continue;
        }
        if node.op == Op::Input {
            let input = graph.inputs().iter().find(|input| input.node.index() == index);
            values[index] = input.and_then(|input| given.get(&input.name)).cloned();
            continue;
        }
        let operands: Option<Vec<&str>> =
            node.operands.iter().map(|id| values[id.index()].as_deref()).collect();
        let Some(operands) = operands else {
            return Err(Error::failed(format!(
                "stage {}, node {}: found an operand without a value, expected a value",
                around.stage, node.name
            )));
        };
        let channels = node.operands.first().map_or(0, |&id| graph.node(id).shape.channels);
        let Around { stage, weights, batch } = *around;
        let picture = graph.inputs().iter().find(|input| {
            let extent = graph.node(input.node).shape.extent;
            matches!(extent, Extent::Of { .. }) && extent == node.shape.extent
        });
        let picture = picture.and_then(|input| given.get(&input.name)).map(String::as_str);
        let given = Given { stage, node, operands, channels, weights, picture, batch };
        values[index] = Some(nodes::write(w, &given)?);
    }
    let outputs = graph.outputs().iter().filter_map(|output| {
        let value = values[output.node.index()].clone()?;
        Some((output.name.clone(), graph.node(output.node).shape, value))
    });
    Ok(outputs.collect())
}

/// Nodes that lead to an output.
fn wanted(graph: &Graph) -> Vec<bool> {
    let mut wanted = vec![false; graph.nodes().len()];
    for output in graph.outputs() {
        wanted[output.node.index()] = true;
    }
    for (index, node) in graph.nodes().iter().enumerate().rev() {
        if wanted[index] {
            for id in &node.operands {
                wanted[id.index()] = true;
            }
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Settings;
    use headroom::model::MODELS;

    fn model(architecture: &str) -> Model {
        let built = Settings { architecture: architecture.to_owned(), ..Settings::default() }
            .build()
            .expect("a network");
        built.model("x", &Weights::seeded(&built.network, 1)).expect("sound")
    }

    #[test]
    fn every_network_has_a_file_that_is_the_same_each_time_and_names_its_header() {
        for info in MODELS {
            let model = model(info.id);
            let bytes = to_bytes(&model).expect(info.id);
            assert_eq!(bytes, to_bytes(&model).expect(info.id), "{}", info.id);
            let header = model.header.to_json().to_string();
            let found = bytes.windows(header.len()).any(|part| part == header.as_bytes());
            assert!(found, "{}", info.id);
        }
    }

    #[test]
    fn the_caller_gives_only_what_no_stage_makes() {
        let names = |id| inputs(&model(id)).expect("sound").into_keys().collect::<Vec<_>>();
        assert_eq!(names("grid"), ["clip", "histogram", "look", "picture"]);
        assert_eq!(names("residual"), ["look", "picture"]);
        assert_eq!(names("diff-hdrtv"), ["frame", "picture"]);
    }

    #[test]
    fn a_weight_that_is_missing_is_named() {
        let mut model = model("residual");
        model.weights = Weights::new();
        let error = to_bytes(&model).expect_err("refused").to_string();
        assert!(error.ends_with(": found nothing, expected a weight"), "{error}");
    }
}
