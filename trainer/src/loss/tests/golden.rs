//! Values and gradients beside PyTorch's, of trainer/tests/golden/loss.py.

use super::super::edit::Edit;
use super::super::{Term, head};
use super::{Pictures, assert_close, objective};
use headroom::metrics::Motion;
use headroom::model::Domain;
use headroom_kernel::Pool;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    size: [usize; 2],
    frames: Vec<Pictures>,
    frame: Vec<Case>,
    clip: Vec<ClipCase>,
    edited: Vec<EditCase>,
    tone: Slope,
    head: Head,
}

#[derive(Deserialize)]
struct Case {
    term: Term,
    value: f64,
    gradient: Vec<f32>,
}

#[derive(Deserialize)]
struct ClipCase {
    term: Term,
    #[serde(default)]
    motion: Option<[[f64; 3]; 3]>,
    value: f64,
    gradients: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
struct EditCase {
    edit: EditValues,
    edited: Vec<f32>,
    value: f64,
    gradients: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
struct EditValues {
    kind: String,
    values: Vec<f64>,
}

#[derive(Deserialize)]
struct Slope {
    value: f64,
    gradient: Vec<f32>,
}

#[derive(Deserialize)]
struct Head {
    code: Vec<f32>,
    light: Vec<f32>,
    along: Vec<f32>,
    gradient: Vec<f32>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../../tests/golden/loss.json")).unwrap()
}

#[track_caller]
fn assert_value(what: &str, found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 2e-6 * expected,
        "{what}: found {found}, expected {expected}"
    );
}

#[test]
fn losses_of_frames_are_those_of_pytorch() {
    let golden = golden();
    let frame = golden.frames[0].frame(golden.size);
    for case in &golden.frame {
        let what = format!("{:?}", case.term);
        let mut gradient = vec![0.0; frame.clip.len()];
        let objective = objective(vec![case.term.clone()]);
        let values = objective.frame(&frame, 1.0, &mut gradient, None, &Pool::new(1));
        assert_value(&what, values[0], case.value);
        // An f32 of PU21 is within 1e-4 PU units, which shows where two are nearly the same.
        let tolerance =
            if ["clip_pu21", "clip_psnr"].contains(&&*case.term.name) { 5e-4 } else { 3e-5 };
        assert_close(&what, &gradient, &case.gradient, tolerance);
    }
}

#[test]
fn the_loss_of_a_tone_curve_is_that_of_pytorch() {
    let golden = golden();
    let frame = golden.frames[0].frame(golden.size);
    let (mut gradient, mut tone) = (vec![0.0; frame.clip.len()], vec![0.0; frame.clip.len()]);
    let objective = objective(vec![Term::new("tone", 1.0)]);
    let values = objective.frame(&frame, 1.0, &mut gradient, Some(&mut tone), &Pool::new(1));
    assert_value("tone", values[0], golden.tone.value);
    assert_close("tone", &tone, &golden.tone.gradient, 1e-4);
    assert!(gradient.iter().all(|g| *g == 0.0));
}

#[test]
fn losses_of_clips_are_those_of_pytorch() {
    let golden = golden();
    for case in &golden.clip {
        let what = &case.term.name;
        let mut frames: Vec<_> =
            golden.frames.iter().map(|frame| frame.frame(golden.size)).collect();
        frames[1..].iter_mut().for_each(|frame| frame.before = case.motion.map(Motion::new));
        let mut gradients = vec![vec![0.0; frames[0].clip.len()]; frames.len()];
        let values = objective(vec![case.term.clone()]).clip(&frames, 1.0, &mut gradients);
        assert_value(what, values[0], case.value);
        for (found, expected) in gradients.iter().zip(&case.gradients) {
            assert_close(what, found, expected, 3e-5);
        }
    }
}

#[test]
fn edits_and_their_loss_are_those_of_pytorch() {
    let golden = golden();
    let [a, b] = [&golden.frames[0], &golden.frames[1]].map(|frame| frame.frame(golden.size));
    let objective = objective(vec![Term::new("edit", 1.0)]);
    for case in &golden.edited {
        let v = &case.edit.values;
        let edit = match case.edit.kind.as_str() {
            "exposure" => Edit::Exposure { stops: v[0] },
            "white_balance" => Edit::WhiteBalance { stops: [v[0], v[1], v[2]] },
            "contrast" => Edit::Contrast { power: v[0] },
            "saturation" => Edit::Saturation { amount: v[0] },
            _ => Edit::Composite { colour: [v[0], v[1], v[2]], matte: [v[3], v[4]] },
        };
        let what = &case.edit.kind;
        assert_eq!(edit.info().id, what);
        assert_close(what, &edit.apply(golden.size, a.prediction), &case.edited, 3e-5);
        let (mut to_a, mut to_b) = (vec![0.0; a.clip.len()], vec![0.0; a.clip.len()]);
        let values = objective.edited(&edit, &a, &b, 1.0, [&mut to_a, &mut to_b]);
        assert_value(what, values[0], case.value);
        assert_close(what, &to_a, &case.gradients[0], 3e-5);
        assert_close(what, &to_b, &case.gradients[1], 3e-5);
    }
}

#[test]
fn acescct_outputs_become_light_as_in_pytorch() {
    let head = golden().head;
    let mut light = vec![0.0; head.code.len()];
    head::forward(Domain::AcesCct, &light.clone(), &head.code, &mut light);
    assert_close("light", &light, &head.light, 2e-5);
    let mut gradient = head.along;
    head::backward(Domain::AcesCct, &light, &head.code, &light, &mut gradient);
    assert_close("gradient", &gradient, &head.gradient, 2e-5);
}
