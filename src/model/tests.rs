use super::*;
use crate::graph::{Extent, Reach};
use serde_json::json;
use std::collections::HashMap;

fn usual(model: &ModelInfo) -> Network {
    (model.build)(&(model.config)()).unwrap_or_else(|error| panic!("{}: {error}", model.id))
}

/// Extent and channels of what the engine gives to stages of fixed size.
fn engine_gives() -> HashMap<String, (Option<[usize; 2]>, usize)> {
    let side = inputs::LOOK_SIDE;
    HashMap::from([
        (inputs::LOOK.to_owned(), (Some([side, side]), inputs::LOOK_CHANNELS)),
        (inputs::HISTOGRAM.to_owned(), (Some([1, 1]), 3 * inputs::HISTOGRAM_BINS)),
        (inputs::BLENDS.to_owned(), (Some([1, 1]), 3 * inputs::BLEND_LEVELS)),
        (inputs::CLIPPED.to_owned(), (Some([1, 1]), 1)),
        (inputs::PICTURE.to_owned(), (None, 3)),
        (inputs::CLIP.to_owned(), (None, 3)),
    ])
}

#[test]
fn every_stage_is_given_what_it_asks_for() {
    for model in MODELS {
        let network = usual(model);
        let mut given = engine_gives();
        for stage in &network.stages {
            let place = format!("{}, {}", model.id, stage.name);
            for input in stage.graph.inputs() {
                let shape = stage.graph.node(input.node).shape;
                let fixed = match shape.extent {
                    Extent::Fixed(sides) => Some(sides),
                    Extent::Of { .. } => None,
                };
                let fed_by_sampler = matches!(&stage.run, Run::Sampler(_))
                    && [Sampler::SAMPLE, Sampler::TIME].contains(&input.name.as_str());
                if fed_by_sampler {
                    continue;
                }
                if input.name == inputs::FRAME {
                    assert!(fixed.is_some() && shape.channels == 3, "{place}: frame {shape}");
                    continue;
                }
                assert_eq!(
                    given.get(&input.name),
                    Some(&(fixed, shape.channels)),
                    "{place}: {}",
                    input.name
                );
                assert_eq!(
                    fixed.is_none(),
                    stage.run == Run::Tile && given[&input.name].0.is_none()
                );
            }
            let shape = |node| stage.graph.node(node).shape;
            if let Run::Sampler(sampler) = &stage.run {
                let start = given[&sampler.start];
                let outputs = stage.graph.outputs();
                assert_eq!(outputs[0].name, Sampler::PREDICTION, "{place}");
                let made = shape(outputs[0].node);
                assert_eq!(
                    (made.extent, made.channels),
                    (Extent::Fixed(start.0.expect("fixed")), start.1)
                );
                given.insert(stage.name.clone(), start);
                continue;
            }
            for output in stage.graph.outputs() {
                let made = shape(output.node);
                let fixed = match made.extent {
                    Extent::Fixed(sides) => Some(sides),
                    Extent::Of { .. } => None,
                };
                given.insert(output.name.clone(), (fixed, made.channels));
            }
        }
        assert_eq!(given.get(inputs::RESULT), Some(&(None, 3)), "{}", model.id);
    }
}

#[test]
fn every_network_can_run_in_tiles() {
    for model in MODELS {
        for stage in usual(model).stages.iter().filter(|stage| stage.run == Run::Tile) {
            assert_ne!(stage.graph.reach(), Reach::Everything, "{}", model.id);
        }
    }
    let grid = usual(&MODELS[0]);
    assert_eq!(grid.stages[1].graph.reach(), Reach::Pixels(0));
}

#[test]
fn identifiers_and_names_of_parameters_are_unique_and_weights_fit() {
    let mut ids: Vec<_> = MODELS.iter().map(|model| model.id).collect();
    assert_eq!(ids, ["grid", "residual", "unet", "unet-linear", "unet-attention", "diff-hdrtv"]);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), MODELS.len());
    for model in MODELS {
        let network = usual(model);
        // A name that stood twice would leave fewer weights than parameters.
        let weights = Weights::seeded(&network, 1);
        assert_eq!(weights.iter().count(), network.parameters().count(), "{}", model.id);
        weights.check(&network).unwrap_or_else(|error| panic!("{}: {error}", model.id));
    }
}

#[test]
fn configurations_that_ask_for_too_much_are_refused_by_field() {
    let told = |id: &str, config: Value| {
        let model = find(id).expect("registered");
        (model.build)(&config).expect_err("refused").to_string()
    };
    assert_eq!(told("residual", json!({"width": 0})), "config: width: found 0, expected 1 to 512");
    assert_eq!(
        told("residual", json!({"dilations": [1, 99]})),
        "config: dilations[1]: found 99, expected 1 to 32"
    );
    assert_eq!(
        told("residual", json!({"dilations": []})),
        "config: dilations: found 0 entries, expected 1 to 32"
    );
    assert_eq!(told("unet", json!({"levels": 7})), "config: levels: found 7, expected 2 to 6");
    assert_eq!(told("unet", json!([])), "config: found [], expected an object");
    assert!(told("unet-linear", json!({"breadth": 3})).contains("unknown field `breadth`"));
    assert!(told("grid", json!({"widths": [16]})).contains("found 1 entries, expected 4 to 6"));
    assert!(told("grid", json!({"bilateral": 1})).contains("expected a boolean"));
    assert_eq!(
        told("diff-hdrtv", json!({"prior_base": 12})),
        "config: prior_base: found 12, expected a multiple of 8"
    );
    assert!(told("diff-hdrtv", json!({"mode": "rgb"})).contains("unknown variant `rgb`"));
    assert_eq!(
        told("diff-hdrtv", json!({"steps": 2000})),
        "config: steps: found 2000, expected 1 to 1000"
    );
}

#[test]
fn what_a_configuration_leaves_out_is_as_usual() {
    for model in MODELS {
        let empty = (model.build)(&json!({})).expect("usual");
        assert_eq!(empty, usual(model), "{}", model.id);
    }
}
