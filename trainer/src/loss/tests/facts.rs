//! What must hold of losses, terms and edits whatever the formula.

use super::super::edit::{EDITS, Edit};
use super::super::{Frame, LOSSES, Need, Needs, Objective, Settings, Term, head};
use super::{Pictures, objective};
use headroom::model::Domain;
use headroom_kernel::Pool;

/// A picture large enough for several bands.
fn picture() -> ([usize; 2], Pictures) {
    let size = [97, 130];
    let of = |k: u64, low: f32, high: f32| -> Vec<f32> {
        let draw = |i: u64| xxhash_rust::xxh3::xxh3_64_with_seed(&i.to_le_bytes(), k) >> 40;
        (0..size[0] * size[1] * 3)
            .map(|i| low + (high - low) * draw(i as u64) as f32 / (1 << 24) as f32)
            .collect()
    };
    let clip = of(1, -1.5, 1.0).iter().map(|clip| clip.max(0.0)).collect();
    let (base, truth) = (of(2, 0.0, 1.0), of(3, -0.1, 8.0));
    (size, Pictures { clip, base, truth, prediction: of(4, -0.1, 8.0), tone: of(5, 0.0, 1.0) })
}

fn all_terms(need: Need) -> Vec<Term> {
    LOSSES.iter().filter(|info| info.need == need).map(|info| Term::new(info.id, 1.0)).collect()
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let (size, pictures) = picture();
    let objective = objective(all_terms(Need::Frame));
    let run = |threads| {
        let mut gradient = vec![0.0; pictures.clip.len()];
        let pool = Pool::new(threads);
        let values = objective.frame(&pictures.frame(size), 0.125, &mut gradient, None, &pool);
        (
            values.iter().map(|v| v.to_bits()).collect::<Vec<_>>(),
            gradient.iter().map(|g| g.to_bits()).collect::<Vec<_>>(),
        )
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn a_perfect_prediction_costs_nothing_and_has_no_slope() {
    let (size, pictures) = picture();
    let pictures =
        Pictures { prediction: pictures.truth.clone(), tone: pictures.base.clone(), ..pictures };
    let frame = pictures.frame(size);
    let mut gradients = vec![vec![0.0; frame.clip.len()]; 2];
    let mut terms = all_terms(Need::Frame);
    terms.extend(all_terms(Need::Tone));
    let (first, second) = gradients.split_at_mut(1);
    let values =
        objective(terms).frame(&frame, 1.0, &mut first[0], Some(&mut second[0]), &Pool::new(1));
    assert!(values.iter().all(|value| *value == 0.0), "{values:?}");
    let values = objective(all_terms(Need::Clip)).clip(&[frame, frame], 1.0, &mut gradients);
    assert!(values.iter().all(|value| *value == 0.0), "{values:?}");
    assert!(gradients.iter().flatten().all(|g| *g == 0.0));
}

#[test]
fn weights_and_scale_go_into_gradients_and_the_total_and_gradients_add_up() {
    let (size, pictures) = picture();
    let frame = pictures.frame(size);
    let terms = vec![Term::new("l1", 2.0), Term::new("log_l1", 0.0), Term::new("temporal", 9.0)];
    let objective = objective(terms);
    let mut gradient = vec![1.0; frame.clip.len()];
    let values = objective.frame(&frame, 0.25, &mut gradient, None, &Pool::new(1));
    let expected = 2.0 * 0.25 / frame.clip.len() as f32;
    assert!(gradient.iter().all(|g| (g - 1.0).abs() < 1.01 * expected));
    assert!(values[1] > 0.0 && values[2] == 0.0);
    assert!((objective.total(&values) - 2.0 * values[0]).abs() < 1e-12);
    assert_eq!(objective.needs(), Needs { clips: true, edits: false, tone: false });
}

#[test]
fn what_is_not_clipped_has_no_slope_where_only_clip_counts() {
    let (size, pictures) = picture();
    let objective = Objective::new(&Settings::default(), Domain::Stops).unwrap();
    assert_eq!(objective.terms()[0].name, "clip_pu21");
    let mut gradient = vec![0.0; pictures.clip.len()];
    objective.frame(&pictures.frame(size), 1.0, &mut gradient, None, &Pool::new(1));
    let mut pixels = gradient.chunks_exact(3).zip(pictures.clip.chunks_exact(3));
    assert!(pixels.all(|(g, clip)| clip.iter().any(|c| *c > 0.0) || g == [0.0; 3]));
}

#[test]
fn a_picture_without_clip_and_one_of_a_single_pixel_are_no_trouble() {
    for (size, clip) in [([1, 1], 1.0), ([1, 1], 0.0), ([3, 2], 0.0), ([1, 9], 1.0)] {
        let many = |value| vec![value; size[0] * size[1] * 3];
        let (prediction, truth, clip) = (many(-2.0), many(300.0), many(clip));
        let frame = Frame {
            size,
            prediction: &prediction,
            truth: &truth,
            base: &truth,
            balance: [1.0; 3],
            clip: &clip,
            tone: Some(&truth),
            before: None,
        };
        let mut gradient = many(0.0);
        let values = objective(all_terms(Need::Frame)).frame(
            &frame,
            1.0,
            &mut gradient,
            None,
            &Pool::new(1),
        );
        assert!(values.iter().all(|value| value.is_finite()), "{size:?} {values:?}");
        assert!(gradient.iter().all(|value| value.is_finite()), "{size:?}");
    }
}

/// What a wrong white balance did to the channels no curve can tell, so none is asked to; and a channel that undone
/// cross-talk takes a little below 0 is a little off, not ten stops.
#[test]
fn a_tone_curve_is_held_to_the_light_that_the_camera_saw() {
    let base = [0.8, 0.2, 0.05, 0.4, 0.1, 0.0];
    let balance = [1.5, 1.0, 0.7];
    let seen: Vec<f32> = base.iter().zip(balance.iter().cycle()).map(|(b, f)| b * f).collect();
    let objective = objective(vec![Term::new("tone", 1.0)]);
    let value = |tone: &[f32]| {
        let pictures = [0.0; 6];
        let frame = Frame {
            size: [1, 2],
            prediction: &pictures,
            truth: &pictures,
            base: &base,
            balance,
            clip: &pictures,
            tone: Some(tone),
            before: None,
        };
        objective.frame(&frame, 1.0, &mut [0.0; 6], Some(&mut [0.0; 6]), &Pool::new(1))[0]
    };
    assert_eq!(value(&seen), 0.0);
    assert!(value(&base) > 0.1);
    let mut below = seen.clone();
    below[5] = -0.001;
    assert!((0.0..0.05).contains(&value(&below)), "{}", value(&below));
}

#[test]
fn a_region_that_is_black_is_asked_for_light() {
    let many = |value| vec![value; 48];
    let (prediction, truth, clip) = (many(-1.0), many(4.0), many(1.0));
    let frame = Frame {
        size: [4, 4],
        prediction: &prediction,
        truth: &truth,
        base: &truth,
        balance: [1.0; 3],
        clip: &clip,
        tone: None,
        before: None,
    };
    for name in ["energy", "peak", "clip_stops", "l1", "acescct_l1"] {
        let mut gradient = many(0.0);
        let objective = objective(vec![Term::new(name, 1.0)]);
        objective.frame(&frame, 1.0, &mut gradient, None, &Pool::new(1));
        assert!(gradient.iter().all(|g| *g < 0.0), "{name}");
    }
}

#[test]
fn terms_that_cannot_be_are_refused_by_field() {
    let parse = |text: &str| {
        let settings: Settings = toml::from_str(text).unwrap();
        Objective::new(&settings, Domain::Linear).map_err(|error| error.to_string())
    };
    let whole = "terms = [{ name = 'hybrid', weight = 2, where = 'clipped', alpha = 1 }]";
    let terms = parse(whole).unwrap().terms().to_vec();
    assert_eq!((terms[0].weight, terms[0].options["alpha"]), (2.0, 1.0));
    for (text, field) in [
        ("terms = [{ name = 'l3' }]", "loss.terms[0].name: found l3, expected l1, log_l1"),
        ("terms = [{ name = 'l1', weight = -1 }]", "loss.terms[0].weight: found -1"),
        ("terms = [{ name = 'l1', weight = nan }]", "loss.terms[0].weight: found NaN"),
        ("terms = [{ name = 'l1' }, { name = 'l1', alpha = 0 }]", "loss.terms[1].alpha: found 0"),
        ("terms = [{ name = 'hybrid', alpha = 1.5 }]", "found 1.5, expected 0 to 1"),
        ("terms = [{ name = 'energy', where = 'all' }]", "loss.terms[0].where: found all"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.contains(field), "{error}");
    }
}

#[test]
fn settings_come_back_from_toml_as_they_were_written() {
    for domain in [Domain::Stops, Domain::Linear, Domain::AcesCct] {
        let mut settings = Settings::usual(domain);
        settings.terms[0].options.insert("limit".to_owned(), 50.0);
        let text = toml::to_string(&settings).unwrap();
        assert_eq!(toml::from_str::<Settings>(&text).unwrap(), settings);
        Objective::new(&settings, domain).unwrap();
    }
}

#[test]
fn losses_and_edits_are_told_apart_by_name_and_the_document_lists_them() {
    let document = include_str!("../../../../docs/training/loss.md");
    for (i, info) in LOSSES.iter().enumerate() {
        assert!(LOSSES[..i].iter().all(|other| other.id != info.id));
        assert!(document.contains(&format!("| `{}` |", info.id)), "{}", info.id);
        for knob in info.knobs {
            assert!(document.contains(&format!("`{}`", knob.id)), "{}", knob.id);
            assert!((knob.range[0]..=knob.range[1]).contains(&knob.usual), "{}", knob.id);
        }
    }
    for info in &EDITS {
        assert!(document.contains(&format!("| `{}` |", info.id)), "{}", info.id);
    }
}

#[test]
fn edits_follow_their_seed() {
    let drawn: Vec<_> = (0..200).map(Edit::draw).collect();
    assert_eq!(drawn, (0..200).map(Edit::draw).collect::<Vec<_>>());
    for info in &EDITS {
        assert!(drawn.iter().filter(|edit| edit.info().id == info.id).count() > 20, "{}", info.id);
    }
}

#[test]
fn the_camera_of_a_brighter_scene_keeps_what_was_clipped_and_gives_codes_of_8_bits() {
    let base: Vec<f32> = (0..=30).map(|i| i as f32 / 30.0).collect();
    let clip: Vec<f32> = (0..=30).map(|i| if i >= 28 { 1.0 } else { 0.0 }).collect();
    let input = Edit::Exposure { stops: 0.25 }.input(&base, &clip).unwrap();
    assert!(input.code[28..].iter().all(|code| *code == 1.0));
    for (code, base) in input.code.iter().zip(&input.base) {
        let level = code * 255.0;
        assert!((level - level.round()).abs() < 1e-4);
        let light = headroom_colour::transfer::eotf_srgb(f64::from(*code));
        assert!((light - f64::from(*base)).abs() < 1e-6);
    }
    // Within half a code of the brighter light.
    assert!((f64::from(input.base[10]) - 1.189_207 / 3.0).abs() < 0.004);
    assert_eq!(Edit::Exposure { stops: -0.25 }.input(&base, &clip), None);
    assert_eq!(Edit::Saturation { amount: 1.0 }.input(&base, &clip), None);
    for seed in 0..50 {
        assert!(Edit::draw_for_camera(seed).input(&base, &clip).is_some());
    }
}

#[test]
fn stops_of_any_size_give_light_that_is_finite() {
    let output = [-1e9, 1e9, f32::MAX, 0.0, 24.0, -24.0];
    for domain in [Domain::Stops, Domain::AcesCct] {
        let mut light = [0.0; 6];
        head::forward(domain, &[1.0; 6], &output, &mut light);
        assert!(light.iter().all(|v| v.is_finite()), "{domain:?} {light:?}");
        let mut gradient = [1.0; 6];
        head::backward(domain, &[1.0; 6], &output, &light, &mut gradient);
        assert!(gradient.iter().all(|v| v.is_finite()), "{domain:?} {gradient:?}");
    }
}
