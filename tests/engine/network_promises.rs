//! What the networks promise whatever their weights, and before they are trained.

use crate::interpreter::{self, Named, Tensor};
use headroom::graph::{Place, Reach};
use headroom::model::{MODELS, Network, Run, Weights, find, grid, inputs, pattern};
use headroom_colour::transfer::{eotf_srgb, log_encoding_acescct};
use serde_json::{Value, json};
use std::collections::HashMap;

fn network(id: &str, config: &Value) -> Network {
    (find(id).expect("registered").build)(config).expect("sound")
}

/// Numbers in [0, 1), the same for the same name.
fn noise(name: &str, shape: [usize; 3]) -> Tensor {
    let values = pattern(name, shape.iter().product());
    Tensor { shape, values: values.into_iter().map(|p| f64::from(p) * 0.5 + 0.5).collect() }
}

/// All that the engine gives, for a picture of that size.
fn given([height, width]: [usize; 2]) -> HashMap<String, Tensor> {
    let side = inputs::LOOK_SIDE;
    [
        (inputs::PICTURE, [height, width, 3]),
        (inputs::CLIP, [height, width, 3]),
        (inputs::FRAME, [128, 256, 3]),
        (inputs::LOOK, [side, side, inputs::LOOK_CHANNELS]),
        (inputs::HISTOGRAM, [1, 1, 3 * inputs::HISTOGRAM_BINS]),
        (inputs::BLENDS, [1, 1, 3 * inputs::BLEND_LEVELS]),
        (inputs::CLIPPED, [1, 1, 1]),
    ]
    .into_iter()
    .map(|(name, shape)| (name.to_owned(), noise(name, shape)))
    .collect()
}

/// Small configurations, so that the interpreter is done soon.
fn small() -> Vec<(&'static str, Value)> {
    vec![
        ("grid", json!({"widths": [4, 4, 4, 4]})),
        ("residual", json!({"width": 3, "dilations": [1, 2]})),
        ("unet", json!({"base": 3, "levels": 3})),
        ("unet-linear", json!({"base": 3, "levels": 2})),
        ("unet-attention", json!({"base": 3, "levels": 3})),
        (
            "diff-hdrtv",
            json!({"prior": "bypass", "reference_enter": 4, "reference_width": 4,
                              "reference_blocks": 1, "branch_width": 3, "branch_blocks": 1}),
        ),
    ]
}

fn close(what: &str, found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, expected {expected}");
}

#[test]
fn before_training_a_grey_stays_the_light_it_is() {
    // On knots of the curves, so that what lies between them does not matter.
    let codes: Vec<f64> = (0..65).map(|i| f64::from(i) / 64.0).collect();
    let shape = [8, 8, 3];
    let grey: Vec<f64> = codes[1..].iter().flat_map(|&code| [code; 3]).collect();
    for (id, config) in small() {
        let network = network(id, &config);
        let weights = Weights::seeded(&network, 1);
        let mut inputs = given([8, 8]);
        inputs.insert(inputs::PICTURE.to_owned(), Tensor { shape, values: grey.clone() });
        let made = interpreter::run_network(&network, &weights, &inputs, Place::whole([8, 8]));
        for (found, &code) in made["result"].values.iter().zip(&grey) {
            match id {
                // Stops, a fraction of one before training.
                "grid" => assert!((0.0..2.0).contains(found), "{found}"),
                "residual" if code > 0.3 => close(id, *found, code, 1.0e-5),
                "residual" => assert!((0.0..0.05).contains(&(found - code)), "{found}, {code}"),
                "unet-linear" if code > 0.6 => close(id, *found, eotf_srgb(code), 1.0e-5),
                "unet-linear" => assert!((0.0..0.05).contains(&(found - eotf_srgb(code)))),
                _ => close(id, *found, log_encoding_acescct(eotf_srgb(code)), 1.0e-6),
            }
        }
    }
}

#[test]
fn xyy_comes_back_as_the_light_that_went_in() {
    let config = json!({"mode": "xyy", "prior": "bypass", "reference_enter": 4,
                        "reference_width": 4, "branch_width": 3});
    let network = network("diff-hdrtv", &config);
    let weights = Weights::seeded(&network, 1);
    let mut inputs = given([4, 6]);
    let picture = inputs.get_mut(inputs::PICTURE).expect("given");
    for value in &mut picture.values {
        *value = (*value * 64.0).round() / 64.0;
    }
    // No light at all has no chromaticity.
    picture.values[..3].fill(0.0);
    let codes = picture.values.clone();
    let made = interpreter::run_network(&network, &weights, &inputs, Place::whole([4, 6]));
    for (found, code) in made["result"].values.iter().zip(codes) {
        close("light", *found, eotf_srgb(code), 1.0e-6);
    }
}

#[test]
fn the_untrained_curve_of_grid_is_that_of_srgb() {
    let network = network("grid", &json!({}));
    let weights = Weights::seeded(&network, 3);
    let made = interpreter::run_network(&network, &weights, &given([1, 1]), Place::whole([1, 1]));
    let knots = &made["curve"].values;
    assert_eq!(knots.len(), 24);
    close("black", knots[0], -10.0, 1.0e-6);
    for (i, knot) in knots.iter().enumerate().skip(1) {
        close("knot", *knot, eotf_srgb(i as f64 / 23.0).log2(), 1.0e-5);
    }
    assert!(made["crosstalk"].values[0] < 0.01, "{:?}", made["crosstalk"]);
}

#[test]
fn whatever_the_weights_grids_curve_rises_and_what_is_not_clipped_stays() {
    let network = network("grid", &json!({"widths": [4, 4, 4, 4]}));
    let mut weights = Weights::patterned(&network);
    let head = weights.get("look.curve.weight").expect("a weight").clone();
    let wild: Vec<f32> = head.values.iter().map(|w| w * 50.0).collect();
    weights.insert("look.curve.weight", head.shape, wild);
    let mut inputs = given([6, 8]);
    let clip = inputs.get_mut(inputs::CLIP).expect("given");
    clip.values.iter_mut().step_by(2).for_each(|share| *share = 0.0);
    let made = interpreter::run_network(&network, &weights, &inputs, Place::whole([6, 8]));
    let knots = &made["curve"].values;
    assert!(knots.windows(2).all(|pair| pair[1] >= pair[0]), "{knots:?}");
    let share = made["crosstalk"].values[0];
    assert!((0.0..=0.5).contains(&share), "{share}");
    let stops = &made["result"].values;
    assert!(stops.iter().step_by(2).all(|&stops| stops == 0.0));
    assert!(stops.iter().all(|&stops| stops >= 0.0));
    assert!(stops.iter().any(|&stops| stops > 0.1), "{stops:?}");
}

#[test]
fn grids_tone_undoes_the_cross_talk_of_a_camera() {
    let graph = grid::tone_graph().expect("sound");
    let share = 0.2;
    let scene = [0.9, 0.3, 0.1];
    let mean = scene.iter().sum::<f64>() / 3.0;
    // A curve of 8 stops, straight in log2.
    let knots: Vec<f64> = (0..24).map(|i| -8.0 + 8.0 * f64::from(i) / 23.0).collect();
    let codes = scene.map(|light| 1.0 + ((1.0 - share) * light + share * mean).log2() / 8.0);
    let inputs = HashMap::from([
        ("picture".to_owned(), Tensor { shape: [1, 1, 3], values: codes.to_vec() }),
        ("curve".to_owned(), Tensor { shape: [1, 1, 24], values: knots }),
        ("crosstalk".to_owned(), Tensor { shape: [1, 1, 1], values: vec![share] }),
    ]);
    let weights = Weights::new();
    let none = Named { weights: &weights, prefix: String::new() };
    let made = interpreter::run(&graph, &none, &inputs, Place::whole([1, 1]));
    for (found, light) in made["result"].values.iter().zip(scene) {
        close("light", *found, light, 1.0e-7);
    }
}

#[test]
fn a_tile_that_overlaps_by_the_reach_gives_what_the_whole_picture_gives() {
    for (id, config) in small() {
        let network = network(id, &config);
        let weights = Weights::patterned(&network);
        let graph = &network.stages.last().expect("a stage").graph;
        let Reach::Pixels(reach) = graph.reach() else { panic!("{id} sees everything") };
        let step = graph.alignment();
        let (height, width) = (2 * step, (2 * reach + 16).next_multiple_of(step));
        let mut whole = given([height, width]);
        let made =
            interpreter::run_network(&network, &weights, &whole, Place::whole([height, width]));

        // The part right of a cut; what lies within the reach of the cut may differ.
        let cut = (reach / 2).next_multiple_of(step);
        for name in [inputs::PICTURE, inputs::CLIP] {
            let tensor = whole.get_mut(name).expect("given");
            let rows = tensor.values.chunks_exact(width * 3);
            tensor.values = rows.flat_map(|row| row[cut * 3..].to_vec()).collect();
            tensor.shape[1] = width - cut;
        }
        let place = Place { y: 0, x: cut as i64, frame: [height, width] };
        let part = interpreter::run_network(&network, &weights, &whole, place);
        for y in 0..height {
            for x in cut + reach..width {
                for c in 0..3 {
                    let all = made["result"].values[(y * width + x) * 3 + c];
                    let tile = part["result"].values[(y * (width - cut) + x - cut) * 3 + c];
                    close(&format!("{id} {y} {x}"), tile, all, 1.0e-9);
                }
            }
        }
    }
}

#[test]
fn the_small_configurations_are_of_every_network() {
    assert_eq!(
        small().iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        MODELS.iter().map(|model| model.id).collect::<Vec<_>>()
    );
    for (id, config) in small() {
        assert!(network(id, &config).stages.iter().any(|stage| stage.run == Run::Tile));
    }
}
