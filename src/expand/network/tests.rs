//! What is fused against the graphs that define it.

use super::grid::GridWeights;
use super::kept::{self, KeptTiles, TileKey};
use super::picture::Picture;
use super::seen::{Seen, see};
use super::tone::Tone;
use crate::execute::{Area, FrameInputs, FrameTensors, Program, Runner, TileWorkspace, Workspace};
use crate::expand::mask::ClipMask;
use crate::expand::network::tensors;
use crate::expand::{Plan, Surroundings, analyse};
use crate::graph::Place as GraphPlace;
use crate::model::search::SearchPath;
use crate::model::{Dtype, Header, Model, Weights, find, grid, inputs, pattern};
use crate::settings::Values;
use headroom_kernel::nn::{Isa, Machine, PlaceRow, Precision};
use headroom_kernel::{Components, ImageRef, Pool, Rect};
use serde_json::json;
use std::sync::Arc;

fn model(bilateral: bool) -> Model {
    let info = find("grid").expect("a network");
    let config = json!({"widths": [4, 6, 8, 8], "bilateral": bilateral});
    let network = (info.build)(&config).expect("sound");
    let weights = Weights::patterned(&network);
    let header = Header::new(info, config, &network, "test");
    let bytes = Model::to_bytes(&header, &network, &weights, Dtype::F32).expect("fits");
    Model::from_bytes("test", &bytes).expect("sound")
}

fn shares(name: &str, count: usize) -> Vec<f32> {
    pattern(name, count).iter().map(|v| (0.5 + 0.5 * v).clamp(0.0, 1.0)).collect()
}

fn frame(runner: &Runner, pool: &Pool) -> FrameTensors {
    let side = inputs::LOOK_SIDE;
    let look = shares("look", side * side * inputs::LOOK_CHANNELS);
    let mut histogram = shares("histogram", 3 * inputs::HISTOGRAM_BINS);
    // About 1 in all for each channel.
    histogram.iter_mut().for_each(|share| *share *= 2.0 / inputs::HISTOGRAM_BINS as f32);
    let given = FrameInputs::new()
        .with(inputs::LOOK, [side, side, inputs::LOOK_CHANNELS], &look)
        .with(inputs::HISTOGRAM, [1, 1, 3 * inputs::HISTOGRAM_BINS], &histogram);
    runner.frame(&given, pool, &|| false).expect("runs")
}

#[test]
fn the_fused_grid_is_its_graph() {
    let pool = Pool::new(2);
    let machine = Machine { isa: Isa::Portable, precision: Precision::Full };
    for bilateral in [false, true] {
        let model = model(bilateral);
        let runner = Runner::new(&model.network, &model.weights, machine).expect("sound");
        let tensors = frame(&runner, &pool);
        let weights = GridWeights::new(&model).expect("a grid");
        for size in [[1, 1], [3, 17], [61, 301]] {
            let [height, width] = size;
            let n = height * width;
            let picture = shares("picture", n * 3);
            let clip = shares("clip", n * 3);
            let mut workspace = TileWorkspace::new(&runner, size, 2).expect("memory");
            workspace.input_mut(inputs::PICTURE).expect("taken").copy_from_slice(&picture);
            workspace.input_mut(inputs::CLIP).expect("taken").copy_from_slice(&clip);
            let whole = GraphPlace::whole(size);
            runner.tile(&mut workspace, &tensors, whole, &pool, &|| false).expect("runs");
            let expected = workspace.output(inputs::RESULT).expect("a result");
            for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
                let place = weights.place(&tensors, size, isa).expect("fits");
                let mut row = PlaceRow::default();
                for y in 0..height {
                    let planes = |of: &[f32]| {
                        [0, 1, 2].map(|c| -> Vec<f32> {
                            (0..width).map(|x| of[(y * width + x) * 3 + c]).collect()
                        })
                    };
                    let (code, clip) = (planes(&picture), planes(&clip));
                    let mut out = [(); 3].map(|()| vec![0.0; width]);
                    place.run(
                        &mut row,
                        [y as i64, 0],
                        code.each_ref().map(Vec::as_slice),
                        clip.each_ref().map(Vec::as_slice),
                        out.each_mut().map(Vec::as_mut_slice),
                    );
                    for (c, plane) in out.iter().enumerate() {
                        for (x, found) in plane.iter().enumerate() {
                            let expected = expected[(y * width + x) * 3 + c];
                            let off = (found - expected).abs();
                            assert!(
                                off <= 1e-5 * expected.max(1.0),
                                "{isa:?} {size:?} {y} {x}: {found} instead of {expected}"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn the_fused_curve_is_its_graph() {
    let pool = Pool::new(1);
    let machine = Machine { isa: Isa::Portable, precision: Precision::Full };
    let model = model(true);
    let runner = Runner::new(&model.network, &model.weights, machine).expect("sound");
    let tensors = frame(&runner, &pool);
    let graph = grid::tone_graph().expect("sound");
    let program = Program::new(&graph, &Weights::new(), "", machine).expect("sound");
    let mut workspace = Workspace::new(&program, [1, 500], 1).expect("memory");
    // Below 0, above 1 and everything between.
    let picture: Vec<f32> = pattern("codes", 1500).iter().map(|v| 0.5 + 0.7 * v).collect();
    workspace.input_mut(inputs::PICTURE).expect("taken").copy_from_slice(&picture);
    for name in ["curve", "crosstalk"] {
        let values = &tensors.get(name).expect("made").values;
        workspace.input_mut(name).expect("taken").copy_from_slice(values);
    }
    program.run(&mut workspace, GraphPlace::whole([1, 500]), &pool, &|| false).expect("runs");
    let expected = workspace.output(inputs::RESULT).expect("a result");
    let tone = Tone::new(&tensors).expect("a curve");
    let mut planes =
        [0, 1, 2].map(|c| -> Vec<f32> { picture.iter().skip(c).step_by(3).copied().collect() });
    let [r, g, b] = &mut planes;
    tone.decode([r, g, b]);
    for (c, plane) in planes.iter().enumerate() {
        for (i, found) in plane.iter().enumerate() {
            let expected = expected[i * 3 + c];
            assert!(
                (found - expected).abs() <= 2e-6 * expected.abs().max(0.1),
                "{found} {expected}"
            );
        }
    }
}

#[test]
fn the_look_has_the_top_of_the_picture_on_top_and_shares_of_cells() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("grid.safetensors");
    let made = model(true);
    let bytes = Model::to_bytes(&made.header, &made.network, &made.weights, Dtype::F32);
    std::fs::write(&path, bytes.expect("fits")).expect("written");
    let mut values = Values::default();
    values.set_text("method", "grid").expect("a method");
    values.set_text("weights", path.to_str().expect("plain text")).expect("a path");
    let mut plan = Plan::new(&values, &Surroundings::default());
    plan.load(&SearchPath::new(None)).expect("sound");
    // Of 300 rows the upper 100 are clipped: 85 rows of cells and a third of the next.
    let rect = Rect::new(-5, 7, 507, 307);
    let pixel = |row: usize| if row < 100 { [1.0, 1.0, 1.0, 1.0] } else { [0.2, 0.2, 0.2, 1.0] };
    let source: Vec<f32> =
        (0..300).flat_map(|row| std::iter::repeat_n(pixel(row), 512).flatten()).collect();
    let image = ImageRef::from_floats(&source, rect, Components::Rgba).expect("fits");
    let analysis = analyse(&plan, &image, rect, &Pool::new(2), &|| false).expect("runs");
    let clip = ClipMask::new(&plan, analysis.statistics());
    let (look, histogram) = tensors::look(analysis.look(), &clip, None, &Pool::new(2));
    let expected = |row: usize| {
        let share = (100.0 / 300.0 * 256.0 - row as f32).clamp(0.0, 1.0);
        let code = share + 0.2 * (1.0 - share);
        let distance = if share >= 0.5 { (85 - row) as f32 } else { 0.0 };
        (code, share, distance / (distance + 16.0), 1.0 - row as f32 / 255.0)
    };
    for row in 0..256 {
        for column in [0, 77, 255] {
            let at = (row * 256 + column) * inputs::LOOK_CHANNELS;
            let (code, share, near, height) = expected(row);
            let wanted = [code, code, code, share, share, share, near, height];
            for (found, wanted) in look[at..at + 8].iter().zip(wanted) {
                assert!(
                    (found - wanted).abs() < 1e-4,
                    "row {row}: {:?}, {wanted}",
                    &look[at..at + 8]
                );
            }
        }
    }
    let seen = Seen::new(analysis.look(), &clip, None, &Pool::new(2));
    assert_eq!(seen.tensor(inputs::CLIPPED), Some(&[1.0f32 / 3.0][..]));
    // 32 (1 - sqrt(0.8)) is 3.4.
    assert!((histogram[3] - 170.0 / 256.0).abs() < 1e-6, "{histogram:?}");
    assert!((histogram[31] - 85.0 / 256.0).abs() < 1e-6, "{histogram:?}");
    assert!((histogram.iter().sum::<f32>() - 3.0).abs() < 1e-5);
}

#[test]
fn a_kept_tile_is_found_by_what_went_into_it_and_the_oldest_go_first() {
    let pool = Pool::new(1);
    let machine = Machine { isa: Isa::Portable, precision: Precision::Full };
    let model = model(false);
    let runner = Runner::new(&model.network, &model.weights, machine).expect("sound");
    let tensors = Arc::new(frame(&runner, &pool));
    let area = Area { y: 0, x: 0, height: 2, width: 3 };
    let mut workspace = TileWorkspace::new(&runner, [2, 3], 1).expect("memory");
    let mut key = |first: f32, area: Area, tensors: &Arc<FrameTensors>| {
        workspace.input_mut(inputs::PICTURE).expect("taken")[0] = first;
        TileKey::new(&mut workspace, area, tensors)
    };
    let kept = KeptTiles::default();
    kept.put(key(0.25, area, &tensors), &[1.0, 2.0]);
    assert_eq!(kept.get(&key(0.25, area, &tensors)).as_deref(), Some(&[1.0, 2.0][..]));
    let other = Arc::new(frame(&runner, &pool));
    assert!(kept.get(&key(0.5, area, &tensors)).is_none(), "another picture");
    assert!(kept.get(&key(0.25, Area { x: 1, ..area }, &tensors)).is_none(), "another place");
    assert!(kept.get(&key(0.25, area, &other)).is_none(), "another frame's tensors");
    // Two halves of the bound and one number more.
    let half = vec![0.0f32; kept::MOST_BYTES / 8];
    kept.put(key(0.5, area, &tensors), &half);
    kept.put(key(0.75, area, &tensors), &half);
    assert!(kept.get(&key(0.25, area, &tensors)).is_none(), "the oldest went");
    assert!(kept.get(&key(0.5, area, &tensors)).is_some());
}

/// A curve twice as steep as that of sRGB, in stops.
fn steep() -> Tone {
    let stops = |knot: usize| {
        2.0 * (headroom_colour::transfer::eotf_srgb(knot as f64 / 23.0).max(1.0e-4)).log2() as f32
    };
    Tone::of(std::array::from_fn(stops), 0.0)
}

/// Light between knots is straight in stops.
const STRAIGHT: f32 = 3.0e-3;

#[test]
fn under_a_curve_that_was_found_the_look_is_that_of_what_an_srgb_camera_records() {
    let mut plan = Plan::new(&Values::default(), &Surroundings::default());
    plan.load(&SearchPath::new(None)).expect("ships");
    let rect = Rect::new(0, 0, 512, 512);
    // Cells of one code, and in the lower half of two: white and what was there above.
    let code = |x: usize| 0.55 + 0.45 * x as f32 / 255.0;
    let pixel = |i: usize| {
        let (x, y) = (i % 512 / 2, i / 512);
        if y >= 256 && y.is_multiple_of(2) { 1.0 } else { code(x) }
    };
    let source: Vec<f32> =
        (0..512 * 512).flat_map(|i| [pixel(i), pixel(i), pixel(i), 1.0]).collect();
    let image = ImageRef::from_floats(&source, rect, Components::Rgba).expect("fits");
    let analysis = analyse(&plan, &image, rect, &Pool::new(2), &|| false).expect("runs");
    let clip = ClipMask::new(&plan, analysis.statistics());
    let (tone, pool) = (steep(), Pool::new(2));
    let seen = Seen::new(analysis.look(), &clip, Some(&tone), &pool);
    let look = seen.tensor(inputs::LOOK).expect("seen");
    let recorded = |code: f32| {
        let mut all = [[code]; 3];
        tone.recode(all.each_mut().map(|one| &mut one[..]));
        all[1][0]
    };
    // A code of 0.8 stands for the square of its light.
    let light = headroom_colour::transfer::eotf_srgb(0.8).powi(2);
    assert!(
        (f64::from(recorded(0.8)) - headroom_colour::transfer::inverse_eotf_srgb(light)).abs()
            < 3e-3
    );
    for x in 0..256 {
        let at = |y: usize| look[(y * 256 + x) * inputs::LOOK_CHANNELS];
        assert!((at(40) - recorded(code(x))).abs() < STRAIGHT, "{x}: {}", at(40));
        // What lies below the first knot is taken at its mean.
        let most = if code(x) < 0.75 { 0.05 } else { STRAIGHT };
        assert!((at(200) - 0.5 * (1.0 + recorded(code(x)))).abs() < most, "{x}: {}", at(200));
    }
    // And it is half as many codes from white on that clip.
    let width = |mask: &ClipMask| {
        1.0 - (0..=1000).map(|i| i as f32 / 1000.0).find(|&c| mask.ramp(c) > 0.5).expect("a ramp")
    };
    let halves = width(&clip) / width(&clip.under(&tone, 0.0));
    assert!((halves - 2.0).abs() < 0.1, "{halves}");
    // Training, which knows the curve, is shown the same.
    let shown = see(&plan, Some(&Arc::new(tone.clone())), &image, rect, &pool, &|| false);
    let shown = shown.expect("sees");
    for name in [inputs::LOOK, inputs::HISTOGRAM, inputs::CLIPPED] {
        assert_eq!(shown.tensor(name), seen.tensor(name), "{name}");
    }
    assert_eq!(tone.picture(&[0.8, 0.8, 0.8]), [recorded(0.8); 3]);
    let code = 1.0 - 1.1 * width(&clip);
    assert_eq!(shown.clip([code, 1.0, 1.0]), [0.0, 1.0, 1.0], "{code}");
    assert!(clip.of_channel(code) > 0.3, "{}", clip.of_channel(code));
    let as_it_is = see(&plan, None, &image, rect, &pool, &|| false).expect("sees");
    assert_eq!(as_it_is.clip([code, 1.0, 1.0])[0], clip.of_channel(code));
}

#[test]
fn only_networks_that_say_stops_are_given_the_picture_under_the_curve() {
    let mut plan = Plan::new(&Values::default(), &Surroundings::default());
    plan.load(&SearchPath::new(None)).expect("ships");
    let tone = Arc::new(steep());
    let plan = plan.toned(Some(Arc::clone(&tone)));
    let given = |recoded| {
        let mut strip = crate::expand::strip::Strip::new();
        strip.n = 3;
        for plane in &mut strip.code {
            plane[..3].copy_from_slice(&[0.0, 0.5, 1.0]);
        }
        let mut to = strip.linear;
        Picture::new(&plan, crate::model::Encoding::Srgb, recoded)
            .of_code(&plan, &mut strip, &mut to);
        [to[0][0], to[0][1], to[0][2]]
    };
    assert_eq!(given(false), [0.0, 0.5, 1.0]);
    let [black, middle, white] = given(true);
    assert!(black < 1.0e-3 && (white - 1.0).abs() < 1.0e-5, "{black} {white}");
    assert!((middle - tone.recoded(0.5)).abs() < 1.0e-5 && middle < 0.3, "{middle}");
}
