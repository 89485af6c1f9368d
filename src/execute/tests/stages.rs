//! Whole networks: stages that hand tensors on.

use super::*;
use crate::graph::{Builder, ConvSpec, Init};
use crate::model::{Domain, Encoding, Network, Prediction, Run, Sampler, Stage, inputs as names};

fn stage(name: &str, graph: Graph, run: Run) -> Stage {
    Stage { name: name.to_owned(), graph, run }
}

fn network(stages: Vec<Stage>) -> Network {
    Network { encoding: Encoding::Srgb, domain: Domain::Linear, stages }
}

fn sampler() -> Sampler {
    Sampler {
        start: "reference".to_owned(),
        train_steps: 50,
        beta_start: 0.001,
        beta_end: 0.02,
        steps: 4,
        strength: 0.5,
        eta: 0.0,
        prediction: Prediction::Epsilon,
        seed: 3,
    }
}

/// A look gives a reference, that is sampled, and the tile takes the sample and a histogram.
fn sampled() -> Network {
    let mut b = Builder::new();
    let look = b.fixed(names::LOOK, [4, 6], 2);
    let reference = b.conv("a", look, ConvSpec::new(3, 3));
    let frame = b.finish(&[("reference", reference)]).expect("sound");

    let mut b = Builder::new();
    let sample = b.fixed(Sampler::SAMPLE, [4, 6], 3);
    let time = b.fixed(Sampler::TIME, [1, 1], 1);
    let reference = b.fixed("reference", [4, 6], 3);
    let embedding = b.time_embedding(time, 4);
    let shift = b.linear("shift", embedding, 3, Init::He);
    let both = b.concat(&[sample, reference]);
    let noise = b.conv("noise", both, ConvSpec::new(3, 3));
    let noise = b.add(noise, shift);
    let prior = b.finish(&[(Sampler::PREDICTION, noise)]).expect("sound");

    let mut b = Builder::new();
    let x = b.picture(names::PICTURE, 3);
    let prior_in = b.fixed("prior", [4, 6], 3);
    let histogram = b.fixed(names::HISTOGRAM, [1, 1], 8);
    let gain = b.linear("gain", histogram, 3, Init::He);
    let map = b.from_frame(prior_in, x);
    let y = b.multiply(x, gain);
    let y = b.add(y, map);
    let tile = b.finish(&[(names::RESULT, y)]).expect("sound");
    network(vec![
        stage("look", frame, Run::Frame),
        stage("prior", prior, Run::Sampler(sampler())),
        stage("tile", tile, Run::Tile),
    ])
}

#[test]
fn tensors_are_handed_on_and_the_sampler_walks() {
    let network = sampled();
    let weights = Weights::seeded(&network, 1);
    let machine = Machine::best(Precision::Full);
    let runner = Runner::new(&network, &weights, machine).expect("sound");
    let wanted: Vec<(&str, [usize; 3])> =
        runner.frame_inputs().iter().map(|w| (w.name.as_str(), w.size)).collect();
    assert_eq!(wanted, [(names::LOOK, [4, 6, 2]), (names::HISTOGRAM, [1, 1, 8])]);
    let mut random = Random(8);
    let mut numbers = |n: usize| (0..n).map(|_| random.between(0.0, 1.0)).collect::<Vec<f32>>();
    let (look, histogram, picture) = (numbers(48), numbers(8), numbers(18));
    let inputs = FrameInputs::new().with(names::LOOK, [4, 6, 2], &look).with(
        names::HISTOGRAM,
        [1, 1, 8],
        &histogram,
    );
    let pool = Pool::new(2);
    let tensors = runner.frame(&inputs, &pool, &|| false).expect("runs");
    let names_made: Vec<&str> = tensors.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names_made, ["reference", "prior", names::HISTOGRAM]);
    assert!(tensors.bytes() >= 4 * (72 + 72 + 8));
    assert_eq!(runner.frame(&inputs, &pool, &|| false).as_ref(), Ok(&tensors), "with used memory");

    // The same by definitions, stage by stage.
    let naive = |stage: usize, inputs: Vec<Vec<f32>>, picture: [usize; 2]| {
        let stage = &network.stages[stage];
        let mut own = Weights::new();
        for (name, weight) in weights.iter() {
            if let Some(name) = name.strip_prefix(&format!("{}.", stage.name)) {
                own.insert(name, weight.shape.clone(), weight.values.clone());
            }
        }
        let place = Place::whole(picture);
        let case = Case { graph: &stage.graph, weights: &own, inputs: &inputs, picture, place };
        let narrow = |values: Vec<f64>| values.into_iter().map(|v| v as f32).collect::<Vec<f32>>();
        narrow(case.naive().remove(0))
    };
    let reference = naive(0, vec![look.clone()], [0, 0]);
    let mut sample = sampler().start(&reference);
    let times = sampler().timesteps();
    assert!(!times.is_empty());
    for (index, &time) in times.iter().enumerate() {
        let inputs = vec![sample.clone(), vec![time as f32], reference.clone()];
        sampler().step(index, &mut sample, &naive(1, inputs, [0, 0]));
    }
    let wide = |values: &[f32]| values.iter().map(|&v| f64::from(v)).collect::<Vec<f64>>();
    let found = &tensors.get("prior").expect("a sample").values;
    assert_close(found, &wide(&sample), 1e-5, "the sample");
    let expected = naive(2, vec![picture.clone(), sample, histogram.clone()], [2, 3]);
    let mut workspace = TileWorkspace::new(&runner, [2, 3], 2).expect("small");
    assert_eq!(workspace.bytes(), runner.tile_bytes([2, 3], 2).expect("fits"));
    workspace.input_mut(names::PICTURE).expect("a picture").copy_from_slice(&picture);
    assert!(workspace.input_mut("prior").is_none(), "the frame's to give");
    let place = Place::whole([2, 3]);
    runner.tile(&mut workspace, &tensors, place, &pool, &|| false).expect("runs");
    let found = workspace.output(names::RESULT).expect("a result");
    assert_close(found, &wide(&expected), 1e-5, "the tile");
    assert_eq!(workspace.output_size(names::RESULT), Some([2, 3, 3]));
}

#[test]
fn what_is_missing_is_named_and_interruptions_are_told() {
    let network = sampled();
    let weights = Weights::seeded(&network, 1);
    let runner = Runner::new(&network, &weights, Machine::best(Precision::Full)).expect("sound");
    let pool = Pool::new(1);
    let (look, histogram) = ([0.5; 48], [0.1; 8]);
    let frame = |inputs: &FrameInputs<'_>| runner.frame(inputs, &pool, &|| false);
    let missing = |inputs: &FrameInputs<'_>| frame(inputs).expect_err("missing").to_string();
    assert_eq!(missing(&FrameInputs::new()), "look: found nothing, expected 4 x 6 x 2");
    let inputs = FrameInputs::new().with(names::LOOK, [4, 6, 2], &look);
    assert_eq!(missing(&inputs), "histogram: found nothing, expected 1 x 1 x 8");
    let short = FrameInputs::new().with(names::LOOK, [4, 6, 2], &look[1..]);
    assert!(frame(&short).is_err());
    let inputs = inputs.with(names::HISTOGRAM, [1, 1, 8], &histogram);
    assert!(frame(&inputs).is_ok());
    assert_eq!(runner.frame(&inputs, &pool, &|| true), Err(FrameError::Interrupted));
    assert!(frame(&inputs).is_ok(), "memory is sound after an interruption");
}

#[test]
fn stages_that_do_not_go_together_are_refused() {
    let one = |name: &str, sides: [usize; 2], channels: usize, out: &str| {
        let mut b = Builder::new();
        let x = b.fixed(name, sides, channels);
        let y = b.affine(x, 1.0, 0.0);
        b.finish(&[(out, y)]).expect("sound")
    };
    let told = |stages: Vec<Stage>| {
        let machine = Machine::best(Precision::Full);
        let made = Runner::new(&network(stages), &Weights::new(), machine);
        made.expect_err("refused").to_string()
    };
    let error = told(vec![
        stage("a", one("look", [4, 4], 2, "x"), Run::Frame),
        stage("b", one("x", [4, 4], 3, "y"), Run::Frame),
    ]);
    assert_eq!(error, "b: input x: found 4 x 4 x 2, expected 4 x 4 x 3");
    let error = told(vec![
        stage("a", one("look", [4, 4], 2, "x"), Run::Tile),
        stage("b", one("x", [4, 4], 2, "y"), Run::Frame),
    ]);
    assert_eq!(error, "b: runs once per frame after one that runs per tile");
    let mut b = Builder::new();
    let x = b.picture("picture", 3);
    let graph = b.finish(&[("x", x)]).expect("sound");
    let error = told(vec![stage("a", graph, Run::Frame)]);
    assert_eq!(error, "a: input picture: found size of input 0 x 3, expected a fixed size");
    let graph = one(Sampler::SAMPLE, [4, 4], 2, "other");
    let error = told(vec![stage("s", graph, Run::Sampler(sampler()))]);
    assert_eq!(error, "s: output prediction: found nothing, expected 4 x 4 x 2");
}

/// What the machine has and what it is capped to agree, for every network there is.
#[test]
fn every_network_runs_the_same_on_every_machine() {
    let pool = Pool::new(2);
    for model in crate::model::MODELS {
        let network = (model.build)(&(model.config)()).expect("the usual configuration");
        if network.stages.iter().any(|stage| matches!(stage.run, Run::Sampler(_))) {
            // Minutes without optimisation; the sampler is tested above.
            continue;
        }
        let weights = Weights::seeded(&network, 1);
        let mut expected: Option<Vec<f64>> = None;
        for machine in machines().filter(|m| m.isa != Isa::Portable) {
            let runner = Runner::new(&network, &weights, machine).expect("sound");
            let mut random = Random(6);
            let given: Vec<Vec<f32>> = runner
                .frame_inputs()
                .iter()
                .map(|w| {
                    let count = w.size.iter().product();
                    (0..count).map(|_| random.between(0.0, 1.0)).collect()
                })
                .collect();
            let mut inputs = FrameInputs::new();
            for (wanted, values) in runner.frame_inputs().iter().zip(&given) {
                inputs = inputs.with(&wanted.name, wanted.size, values);
            }
            let tensors = runner.frame(&inputs, &pool, &|| false).expect("runs");
            let picture = [runner.tile_alignment(); 2];
            let mut workspace = TileWorkspace::new(&runner, picture, 2).expect("small");
            for name in [names::PICTURE, names::CLIP] {
                if let Some(input) = workspace.input_mut(name) {
                    input.iter_mut().for_each(|v| *v = random.between(0.0, 1.0));
                }
            }
            let place = Place::whole(picture);
            runner.tile(&mut workspace, &tensors, place, &pool, &|| false).expect("runs");
            let found = workspace.output(names::RESULT).expect("a result");
            assert!(found.iter().all(|v| v.is_finite()), "{}", model.id);
            let wide = found.iter().map(|&v| f64::from(v)).collect();
            let expected = &*expected.get_or_insert(wide);
            assert_close(found, expected, 1e-4, &format!("{} by {machine:?}", model.id));
        }
    }
}
