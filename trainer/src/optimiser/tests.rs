//! The optimiser beside PyTorch (trainer/tests/golden/optimiser.py), and what must hold of it anyway.

use super::{
    AdamW, Amp, LossScaler, NanGuard, Schedule, Settings, Shape, Verdict, clip_norm, norm,
};
use headroom_kernel::Pool;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    settings: Settings,
    adamw: Steps,
    schedules: Vec<Course>,
    limits: Vec<Limit>,
    scaler: Scaler,
}

#[derive(Deserialize)]
struct Steps {
    decayed: usize,
    start: Vec<f32>,
    gradients: Vec<Vec<f32>>,
    end: Vec<f64>,
    average: Vec<f64>,
}

#[derive(Deserialize)]
struct Course {
    settings: Settings,
    rates: Vec<f64>,
}

#[derive(Deserialize)]
struct Limit {
    limit: f64,
    start: Vec<f32>,
    norm: f64,
    end: Vec<f32>,
}

#[derive(Deserialize)]
struct Scaler {
    initial: f64,
    interval: u32,
    overflows: Vec<u8>,
    scales: Vec<f64>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../tests/golden/optimiser.json")).unwrap()
}

fn assert_close(found: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        let apart = (f64::from(*a) - b).abs();
        assert!(apart <= tolerance * b.abs().max(0.1), "number {i}: found {a}, expected {b}");
    }
}

#[test]
fn fifty_steps_of_adamw_and_the_average_are_those_of_pytorch() {
    let Golden { settings, adamw: golden, .. } = golden();
    let mut weights = golden.start.clone();
    let mut adamw =
        AdamW::new(&settings, &weights, std::iter::once(golden.decayed..weights.len()).collect());
    let total = golden.gradients.len() as u64;
    for (t, gradients) in (0..).zip(&golden.gradients) {
        adamw.step(&mut weights, gradients, settings.schedule().rate(t, total), &Pool::new(1));
    }
    assert_eq!(adamw.steps(), total);
    assert_close(&weights, &golden.end, 1e-6);
    assert_close(adamw.average().unwrap(), &golden.average, 1e-6);
}

#[test]
fn schedules_are_those_of_pytorch() {
    for course in golden().schedules {
        let schedule: Schedule = course.settings.schedule();
        for (step, expected) in (0..).zip(&course.rates) {
            let found = schedule.rate(step, course.rates.len() as u64);
            assert!((found - expected).abs() < 1e-9, "{schedule:?} {step}: {found} {expected}");
        }
    }
}

#[test]
fn a_schedule_past_its_end_stays_there_and_one_of_no_step_is_finite() {
    let settings = Settings { final_fraction: 0.25, rate: 1.0, ..Settings::default() };
    assert!((settings.schedule().rate(900, 10) - 0.25).abs() < 1e-12);
    assert!(settings.schedule().rate(0, 0).is_finite());
    let warm = Settings { warmup: 20, ..settings };
    assert!((warm.schedule().rate(4, 10) - 0.25).abs() < 1e-12);
}

#[test]
fn norms_and_their_limit_are_those_of_pytorch() {
    for case in golden().limits {
        let mut gradients = case.start.clone();
        let found = clip_norm(&mut gradients, case.limit);
        assert!((found - case.norm).abs() <= 1e-6 * case.norm);
        let expected: Vec<_> = case.end.iter().map(|g| f64::from(*g)).collect();
        assert_close(&gradients, &expected, 1e-6);
        assert!(norm(&gradients) <= case.limit.max(found.min(case.limit)) * (1.0 + 1e-6));
        let mut free = case.start.clone();
        clip_norm(&mut free, 0.0);
        assert_eq!(free, case.start);
    }
    assert!(clip_norm(&mut [1.0, f32::NAN], 1.0).is_nan());
    assert_eq!(clip_norm(&mut [], 1.0), 0.0);
}

#[test]
fn the_loss_scale_follows_pytorchs_rules_and_never_falls_below_one() {
    let golden = golden().scaler;
    let settings = Settings {
        amp: Amp::F16,
        loss_scale: golden.initial,
        loss_scale_interval: golden.interval,
        ..Settings::default()
    };
    let mut scaler = LossScaler::new(&settings);
    for (bad, scale) in golden.overflows.iter().zip(&golden.scales) {
        assert_eq!(scaler.scale(), *scale);
        let mut gradients = [3.0 * *scale as f32, if *bad > 0 { f32::INFINITY } else { 0.0 }];
        let finite = scaler.unscale(&mut gradients);
        assert_eq!((finite, gradients[0]), (*bad == 0, 3.0));
        scaler.update(finite);
    }
    for _ in 0..60 {
        scaler.update(false);
    }
    assert!(scaler.scale() == 1.0 && !scaler.explains());
    let mut off = LossScaler::new(&Settings { amp: Amp::Bf16, ..settings });
    off.update(false);
    assert!(off.scale() == 1.0 && !off.explains());
}

/// Weights enough for several chunks, with ranges that cross their borders.
fn large() -> (Settings, Vec<f32>, Vec<std::ops::Range<usize>>) {
    let count = 30_011;
    let weights = (0..count).map(|i| libm::sin(f64::from(i)) as f32).collect();
    let settings = Settings { weight_decay: 0.1, ..Settings::default() };
    (settings, weights, vec![0..5, 8000..8300, 8300..17_000, 30_000..30_011])
}

fn gradients(count: usize, step: u32) -> Vec<f32> {
    (0..count).map(|i| libm::cos(i as f64 * f64::from(step + 1)) as f32).collect()
}

#[test]
fn any_number_of_threads_steps_to_the_same_bits() {
    let run = |threads| {
        let (settings, mut weights, spared) = large();
        let mut adamw = AdamW::new(&settings, &weights, spared);
        for step in 0..5 {
            let gradients = gradients(weights.len(), step);
            adamw.step(&mut weights, &gradients, 0.01, &Pool::new(threads));
        }
        (weights, adamw.state())
    };
    let ((one, (lists, _)), (three, (others, _))) = (run(1), run(3));
    let bits = |of: &[f32]| of.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&one), bits(&three));
    for (a, b) in lists.iter().zip(&others) {
        assert_eq!((&a.0, bits(&a.1)), (&b.0, bits(&b.1)));
    }
}

#[test]
fn what_is_spared_does_not_decay() {
    let (settings, start, spared) = large();
    let mut weights = start.clone();
    let mut adamw = AdamW::new(&settings, &weights, spared.clone());
    adamw.step(&mut weights, &vec![0.0; start.len()], 0.01, &Pool::new(1));
    for (i, (now, before)) in weights.iter().zip(&start).enumerate() {
        let keep = if spared.iter().any(|range| range.contains(&i)) { 1.0 } else { 0.999 };
        assert!((now - before * keep).abs() < 1e-6, "{i}");
    }
}

#[test]
fn going_on_from_a_saved_state_is_bit_for_bit_as_if_never_interrupted() {
    let (settings, mut weights, spared) = large();
    let pool = Pool::new(1);
    let mut adamw = AdamW::new(&settings, &weights, spared.clone());
    let count = weights.len();
    for step in 0..3 {
        adamw.step(&mut weights, &gradients(count, step), 0.01, &pool);
    }
    let (lists, counters) = adamw.state();
    let counters = serde_json::from_str(&serde_json::to_string(&counters).unwrap()).unwrap();
    let mut resumed_weights = weights.clone();
    let mut resumed = AdamW::new(&settings, &vec![0.0; count], spared);
    resumed.restore(&lists, counters).unwrap();
    for step in 3..6 {
        adamw.step(&mut weights, &gradients(count, step), 0.01, &pool);
        resumed.step(&mut resumed_weights, &gradients(count, step), 0.01, &pool);
    }
    assert_eq!(weights, resumed_weights);
    assert_eq!(adamw.state(), resumed.state());
}

#[test]
fn a_state_that_does_not_fit_is_refused_and_changes_nothing() {
    let settings = Settings::default();
    let mut adamw = AdamW::new(&settings, &[1.0; 4], Vec::new());
    let before = adamw.state();
    let (mut lists, counters) = AdamW::new(&settings, &[1.0; 5], Vec::new()).state();
    let error = adamw.restore(&lists, counters).unwrap_err().to_string();
    assert_eq!(error, "optimiser.first: found 5 numbers, expected 4");
    lists.iter_mut().take(2).for_each(|(_, list)| list.truncate(4));
    lists.truncate(2);
    let error = adamw.restore(&lists, counters).unwrap_err().to_string();
    assert_eq!(error, "optimiser.average: found 0 numbers, expected 4");
    assert_eq!(adamw.state(), before);
}

#[test]
fn no_average_is_kept_where_none_is_asked_for() {
    let settings = Settings { ema: 0.0, ..Settings::default() };
    let mut adamw = AdamW::new(&settings, &[1.0; 4], Vec::new());
    adamw.step(&mut [1.0; 4], &[1.0; 4], 0.1, &Pool::new(1));
    assert_eq!(adamw.average(), None);
    assert_eq!(adamw.state().0.len(), 2);
}

#[test]
fn an_early_average_has_forgotten_the_first_weights() {
    let mut weights = [1000.0];
    let mut adamw = AdamW::new(&Settings::default(), &weights, Vec::new());
    for _ in 0..30 {
        weights = [1.0];
        adamw.step(&mut weights, &[0.0], 0.0, &Pool::new(1));
    }
    assert!((adamw.average().unwrap()[0] - 1.0).abs() < 1e-2);
}

#[test]
fn steps_that_are_no_numbers_are_left_out_then_slowed_then_end_the_run() {
    let settings = Settings {
        nan_skips_before_backoff: 2,
        nan_limit: 5,
        nan_backoff: 0.5,
        ..Settings::default()
    };
    let mut guard = NanGuard::new(&settings);
    assert_eq!(guard.judge(true, true), Verdict::Go);
    assert_eq!(guard.judge(false, true), Verdict::Skip);
    assert_eq!(guard.judge(true, false), Verdict::BackOff(0.5));
    assert_eq!(guard.judge(true, true), Verdict::Go);
    assert_eq!((guard.state().in_a_row, guard.state().skipped), (0, 2));
    let state = serde_json::to_string(&guard.state()).unwrap();
    let mut guard = NanGuard::new(&settings);
    guard.restore(serde_json::from_str(&state).unwrap());
    let verdicts: Vec<_> = (0..5).map(|_| guard.judge(false, false)).collect();
    let expected = [
        Verdict::Skip,
        Verdict::BackOff(0.25),
        Verdict::Skip,
        Verdict::BackOff(0.125),
        Verdict::Stop,
    ];
    assert_eq!(verdicts, expected);
    assert_eq!(guard.factor(), 0.125);
}

#[test]
fn settings_out_of_range_are_refused_by_field() {
    let usual = Settings::default();
    usual.check().unwrap();
    let text = toml::to_string(&usual).unwrap();
    assert_eq!(toml::from_str::<Settings>(&text).unwrap(), usual);
    for (text, field) in [
        ("rate = 0", "optimiser.rate: found 0, expected above 0"),
        ("rate = nan", "optimiser.rate"),
        ("weight_decay = inf", "optimiser.weight_decay"),
        ("betas = [0.9, 1.0]", "optimiser.betas: found 1"),
        ("ema = 1.0", "optimiser.ema"),
        ("clip = -1", "optimiser.clip"),
        ("accumulate = 0", "optimiser.accumulate"),
        ("step_size = 0", "optimiser.step_size"),
        ("nan_limit = 0", "optimiser.nan_limit"),
        ("loss_scale = 0.5", "optimiser.loss_scale"),
    ] {
        let settings: Settings = toml::from_str(text).unwrap();
        let error = settings.check().unwrap_err().to_string();
        assert!(error.starts_with(field), "{error}");
    }
    assert!(toml::from_str::<Settings>("schedule = 'linear'").is_err());
    let amp: Settings = toml::from_str("amp = 'bf16'\nschedule = 'step'").unwrap();
    assert_eq!((amp.amp, amp.schedule), (Amp::Bf16, Shape::Step));
}

#[test]
fn the_document_lists_every_setting() {
    let document = include_str!("../../../docs/training/optimiser.md");
    let settings = serde_json::to_value(Settings::default()).unwrap();
    for field in settings.as_object().unwrap().keys() {
        assert!(document.contains(&format!("| `{field}` |")), "{field}");
    }
}
