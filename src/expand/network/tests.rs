//! What is fused against the graphs that define it.

use super::grid::GridWeights;
use super::tone::Tone;
use crate::execute::{FrameInputs, FrameTensors, Program, Runner, TileWorkspace, Workspace};
use crate::graph::Place as GraphPlace;
use crate::model::{Dtype, Header, Model, Weights, find, grid, inputs, pattern};
use headroom_kernel::Pool;
use headroom_kernel::nn::{Isa, Machine, PlaceRow, Precision};
use serde_json::json;

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
    let histogram = shares("histogram", 3 * inputs::HISTOGRAM_BINS);
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
