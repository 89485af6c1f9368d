//! Every gradient beside central differences of the value, at values of every kind.

use super::super::edit::{EDITS, Edit};
use super::super::{LOSSES, Need, Term, head};
use super::{Pictures, objective};
use headroom::metrics::Motion;
use headroom::model::Domain;
use headroom_kernel::Pool;

const SIZE: [usize; 2] = [6, 7];

/// Clipped, half clipped and free values; zero, negative and very bright predictions.
fn pictures(seed: usize) -> Pictures {
    let count = SIZE[0] * SIZE[1] * 3;
    let wave = |i: usize, k: f64| libm::sin((i + 7 * seed) as f64 * k) as f32;
    let of = |f: &dyn Fn(usize) -> f32| (0..count).map(f).collect::<Vec<_>>();
    let clip = of(&|i| match i / 3 % SIZE[1] {
        1 | 2 => 1.0,
        3 => 0.5 + 0.4 * wave(i, 0.3),
        6 => 0.75,
        _ => 0.0,
    });
    let base = of(&|i| 0.5 + 0.45 * wave(i, 1.7));
    let mut prediction = of(&|i| base[i] * (1.0 + 6.0 * clip[i] * (1.0 + wave(i, 2.3))) + 0.05);
    let truth = of(&|i| base[i] * (1.0 + 8.0 * clip[i] * (1.0 + wave(i, 0.9))));
    for (i, value) in [(3, 0.0), (4, -0.5), (5, 150.0), (10, -0.02), (24, -0.25), (40, 0.0)] {
        prediction[i] = value;
    }
    let tone = of(&|i| base[i] * (1.3 + 0.5 * wave(i, 1.1)));
    Pictures { base, clip, truth, prediction, tone }
}

/// Differences by every number of `at`, to the one and to the other side.
fn differences(at: &[f32], value: impl Fn(&[f32]) -> f64) -> Vec<[f32; 2]> {
    let mut moved = at.to_vec();
    let here = value(at);
    (0..at.len())
        .map(|i| {
            let step = 2e-3 * at[i].abs().max(0.05);
            let sides = [step, -step].map(|step| {
                moved[i] = at[i] + step;
                let apart = f64::from(moved[i]) - f64::from(at[i]);
                ((value(&moved) - here) / apart) as f32
            });
            moved[i] = at[i];
            sides
        })
        .collect()
}

/// That slopes lie between the differences to both sides, which are alike but at the few numbers where
/// the loss bends.
#[track_caller]
fn assert_slopes(what: &str, gradient: &[f32], differences: &[[f32; 2]]) {
    let largest = differences.iter().flatten().fold(0.0_f32, |a, b| a.max(b.abs()));
    assert!(largest > 0.0, "{what}: no slope at all");
    let mut bends = 0;
    for (i, (found, [a, b])) in gradient.iter().zip(differences).enumerate() {
        let within = 5e-3 * a.abs().max(b.abs()) + 2e-4 * largest;
        let sides = a.min(*b) - within..=a.max(*b) + within;
        assert!(sides.contains(found), "{what}, number {i}: found {found}, expected {a} to {b}");
        bends += usize::from((a - b).abs() > 0.05 * a.abs().max(b.abs()) + 1e-3 * largest);
    }
    assert!(bends <= gradient.len() / 8, "{what}: {bends} bends");
}

#[test]
fn every_loss_of_a_frame_has_the_slope_of_its_value() {
    let pictures = pictures(0);
    let pool = Pool::new(1);
    for info in LOSSES.iter().filter(|info| info.need == Need::Frame) {
        let mut term = Term::new(info.id, 0.7);
        if info.knobs.iter().any(|knob| knob.id == "radius") {
            term.options.insert("radius".to_owned(), 0.25);
        }
        let objective = objective(vec![term]);
        let frame = pictures.frame(SIZE);
        let value = |prediction: &[f32]| {
            let frame = super::Frame { prediction, ..frame };
            let mut gradient = vec![0.0; prediction.len()];
            let values = objective.frame(&frame, 0.5, &mut gradient, None, &pool);
            objective.total(&values)
        };
        let mut gradient = vec![0.0; frame.clip.len()];
        objective.frame(&frame, 0.5, &mut gradient, None, &pool);
        assert_slopes(info.id, &gradient, &differences(frame.prediction, value));
    }
}

#[test]
fn the_tone_loss_has_the_slope_of_its_value() {
    let pictures = pictures(0);
    let frame = pictures.frame(SIZE);
    let objective = objective(vec![Term::new("tone", 2.0)]);
    let pool = Pool::new(1);
    let mut unused = vec![0.0; frame.clip.len()];
    let mut gradient = unused.clone();
    objective.frame(&frame, 1.0, &mut unused, Some(&mut gradient), &pool);
    let value = |tone: &[f32]| {
        let frame = super::Frame { tone: Some(tone), ..frame };
        let mut unused = vec![0.0; tone.len()];
        objective.total(&objective.frame(&frame, 1.0, &mut unused, None, &pool))
    };
    assert_slopes("tone", &gradient, &differences(&pictures.tone, value));
}

#[test]
fn losses_of_clips_have_the_slope_of_their_value_in_every_frame() {
    let all: Vec<_> = (0..3).map(pictures).collect();
    let mut frames: Vec<_> = all.iter().map(|pictures| pictures.frame(SIZE)).collect();
    let motion = Motion::new([[0.9, 0.1, 0.7], [-0.1, 1.0, 0.4], [0.0, 0.01, 1.0]]);
    frames[1..].iter_mut().for_each(|frame| frame.before = Some(motion));
    let zeros = vec![vec![0.0; frames[0].clip.len()]; 3];
    for info in LOSSES.iter().filter(|info| info.need == Need::Clip) {
        let objective = objective(vec![Term::new(info.id, 1.5)]);
        let mut gradients = zeros.clone();
        objective.clip(&frames, 1.0, &mut gradients);
        for (t, gradient) in gradients.iter().enumerate() {
            let value = |prediction: &[f32]| {
                let mut frames = frames.clone();
                frames[t].prediction = prediction;
                objective.total(&objective.clip(&frames, 1.0, &mut zeros.clone()))
            };
            assert!(gradient.iter().any(|g| *g != 0.0), "{}, frame {t}", info.id);
            assert_slopes(info.id, gradient, &differences(frames[t].prediction, value));
        }
    }
}

#[test]
fn the_edit_loss_has_the_slope_of_its_value_for_every_edit() {
    let [a, b] = [pictures(0), pictures(1)];
    let frames = [a.frame(SIZE), b.frame(SIZE)];
    let objective = objective(vec![Term::new("edit", 1.0)]);
    let run = |edit: &Edit, frames: &[super::Frame<'_>; 2]| {
        let (mut first, mut second) = (vec![0.0; a.clip.len()], vec![0.0; a.clip.len()]);
        let gradients = [first.as_mut_slice(), second.as_mut_slice()];
        let values = objective.edited(edit, &frames[0], &frames[1], 1.0, gradients);
        (objective.total(&values), [first, second])
    };
    for (seed, info) in (0..).zip(&EDITS) {
        let edit = info.draw(seed);
        let (_, gradients) = run(&edit, &frames);
        for (side, gradient) in gradients.iter().enumerate() {
            let value = |prediction: &[f32]| {
                let mut frames = frames;
                frames[side].prediction = prediction;
                run(&edit, &frames).0
            };
            assert_slopes(info.id, gradient, &differences(frames[side].prediction, value));
        }
    }
}

#[test]
fn every_output_domain_has_the_slope_of_its_light() {
    let base = [0.0, 0.25, 1.0, 0.9, 0.1, 0.5];
    let output = [-0.25, 0.5, 1.4, 0.1, 0.75, 0.0];
    let along = [0.5, -1.0, 2.0, 0.3, 1.5, -0.7_f32];
    for domain in [Domain::Stops, Domain::Linear, Domain::AcesCct] {
        let light = |output: &[f32]| {
            let mut light = vec![0.0; output.len()];
            head::forward(domain, &base, output, &mut light);
            light
        };
        let value = |output: &[f32]| -> f64 {
            light(output).iter().zip(along).map(|(a, b)| f64::from(*a) * f64::from(b)).sum()
        };
        let mut gradient = along.to_vec();
        head::backward(domain, &base, &output, &light(&output), &mut gradient);
        assert_slopes(&format!("{domain:?}"), &gradient, &differences(&output, value));
    }
}
