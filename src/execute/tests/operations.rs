//! Every operation against its definition, alone and between others.

use super::*;
use crate::graph::{Activation, Builder, ConvSpec, Init, NodeId, Resample};

const ACTIVATIONS: [Activation; 7] = [
    Activation::Relu,
    Activation::LeakyRelu(0.2),
    Activation::Silu,
    Activation::Sigmoid,
    Activation::Softplus,
    Activation::Tanh,
    Activation::Relu6,
];

/// Builds a graph with `make`, which is given a picture of `channels` channels, and compares it for
/// several sizes of picture, machines, numbers of threads and savings.
fn check(what: &str, channels: usize, make: &dyn Fn(&mut Builder, NodeId) -> Vec<NodeId>) {
    let mut b = Builder::new();
    let x = b.picture("picture", channels);
    let made = make(&mut b, x);
    let names: Vec<String> = (0..made.len()).map(|i| format!("out {i}")).collect();
    let outputs: Vec<(&str, NodeId)> = names.iter().map(String::as_str).zip(made).collect();
    let graph = b.finish(&outputs).expect("a sound graph");
    let weights = weights(&graph, 3);
    let pools = [Pool::new(1), Pool::new(2), Pool::new(3)];
    for blocks in [[0, 0], [0, 3], [1, 1], [1, 2], [5, 3], [23, 40]] {
        let picture = blocks.map(|side| side * graph.alignment());
        let inputs = inputs(&graph, picture, 4);
        let [y, x] = [7, 3];
        let frame = [picture[0] + 20, picture[1] + 9];
        let place = Place { y, x, frame };
        let case = Case { graph: &graph, weights: &weights, inputs: &inputs, picture, place };
        let expected = case.naive();
        if let Some(gpu) = device::gpu() {
            let found = case.on_device(gpu, headroom_gpu::source::Precision::Float);
            for (found, expected) in found.iter().zip(&expected) {
                assert_close(found, expected, 1e-5, &format!("{what} at {picture:?} by a device"));
            }
        }
        for machine in machines() {
            let found = case.run(machine, ALL, &pools[0]);
            for (found, expected) in found.iter().zip(&expected) {
                let what = format!("{what} at {picture:?} by {machine:?}");
                assert_close(found, expected, 2e-6, &what);
            }
            for pool in &pools[1..] {
                let threads = pool.threads();
                let same = bits(&case.run(machine, ALL, pool)) == bits(&found);
                assert!(same, "{what} at {picture:?} by {threads} threads");
            }
        }
    }
}

#[test]
fn convolutions_with_what_follows_them() {
    for (index, by) in ACTIVATIONS.into_iter().enumerate() {
        check("conv and activation", 3, &|b, x| {
            let y = b.conv("a", x, ConvSpec::new(8 + index, 3).dilation(1 + index % 3));
            let z = b.activation(y, by);
            vec![z]
        });
    }
    check("residual, then activation", 4, &|b, x| {
        let a = b.conv("a", x, ConvSpec::new(4, 3));
        let a = b.activation(a, Activation::Relu);
        let c = b.conv("c", a, ConvSpec::new(4, 3).no_bias());
        let sum = b.add(c, x);
        vec![b.activation(sum, Activation::Relu)]
    });
    check("activation, then residual, then activation", 4, &|b, x| {
        let a = b.conv("a", x, ConvSpec::new(4, 1));
        let a = b.activation(a, Activation::Tanh);
        let sum = b.add(x, a);
        vec![b.activation(sum, Activation::Sigmoid)]
    });
    check("two convolutions added", 5, &|b, x| {
        let a = b.conv("a", x, ConvSpec::new(6, 3).stride(2));
        let c = b.conv("c", x, ConvSpec::new(6, 2).stride(2));
        let sum = b.add(a, c);
        vec![b.activation(sum, Activation::Silu)]
    });
    check("groups and both ends handed back", 6, &|b, x| {
        let a = b.conv("a", x, ConvSpec::new(4, 3).groups(2));
        let r = b.activation(a, Activation::Relu);
        vec![a, r]
    });
    check("a convolution added to itself", 3, &|b, x| {
        let a = b.conv("a", x, ConvSpec::new(3, 3));
        vec![b.add(a, a)]
    });
}

#[test]
fn pointwise_operations() {
    for by in ACTIVATIONS {
        check("activation", 3, &|b, x| vec![b.activation(x, by)]);
    }
    check("affine, clamp, exp2 in a chain", 5, &|b, x| {
        let y = b.affine(x, 3.0, -1.0);
        let y = b.clamp(y, -1.5, 2.0);
        vec![Builder::exp2(b, y)]
    });
    check("sums and products of one shape", 3, &|b, x| {
        let y = b.affine(x, 0.5, 1.0);
        let sum = b.add(x, y);
        let product = b.multiply(sum, x);
        let square = b.multiply(product, product);
        vec![sum, square]
    });
    check("one channel for all", 5, &|b, x| {
        let gate = b.conv("gate", x, ConvSpec::new(1, 1));
        let gate = b.activation(gate, Activation::Sigmoid);
        let y = b.multiply(x, gate);
        vec![b.add(y, gate)]
    });
    check("a vector and a number for all pixels", 5, &|b, x| {
        let mean = b.global_mean(x);
        let y = b.multiply(x, mean);
        let one = b.linear("one", mean, 1, Init::He);
        vec![b.add(y, one)]
    });
    check("quotients", 3, &|b, x| {
        let y = b.affine(x, 2.0, 0.3);
        vec![b.divide(x, y, 0.1)]
    });
    check("running sums", 9, &|b, x| vec![b.cumulative_sum(x)]);
}

#[test]
fn sizes_that_change() {
    for factor in [1, 2, 3, 4] {
        check("nearest", 3, &|b, x| vec![b.upsample(x, factor, Resample::Nearest)]);
        check("bilinear", 17, &|b, x| vec![b.upsample(x, factor, Resample::Bilinear)]);
        check("average pool", 3, &|b, x| vec![b.average_pool(x, factor)]);
        check("shuffle", 2 * factor * factor, &|b, x| vec![b.pixel_shuffle(x, factor)]);
        check("unshuffle", 3, &|b, x| vec![b.pixel_unshuffle(x, factor)]);
    }
}

#[test]
fn channels_together_and_apart() {
    check("parts that are made in their place", 3, &|b, x| {
        let a = b.conv("a", x, ConvSpec::new(5, 3));
        let a = b.activation(a, Activation::Relu);
        let c = b.conv("c", a, ConvSpec::new(4, 3));
        let both = b.concat(&[a, c, x]);
        vec![b.conv("d", both, ConvSpec::new(3, 1))]
    });
    check("a part twice, and a part of a part", 4, &|b, x| {
        let a = b.conv("a", x, ConvSpec::new(4, 1));
        let some = b.channels_of(a, 1, 2);
        let twice = b.concat(&[a, a, some]);
        let outer = b.concat(&[twice, x]);
        vec![b.activation(outer, Activation::Tanh)]
    });
    check("a concatenation in place of which something is written", 4, &|b, x| {
        let a = b.affine(x, 2.0, 0.0);
        let c = b.affine(x, 3.0, 0.0);
        let both = b.concat(&[a, c]);
        let changed = b.activation(both, Activation::Sigmoid);
        // Reads `a` after the concatenation was to be written over.
        let late = b.concat(&[changed, a]);
        vec![b.affine(late, 1.5, 0.0)]
    });
    check("outputs that are parts", 5, &|b, x| {
        let a = b.conv("a", x, ConvSpec::new(5, 1));
        let part = b.channels_of(a, 2, 2);
        let both = b.concat(&[part, x]);
        vec![part, both, x]
    });
    check("channels of channels", 6, &|b, x| {
        let y = b.channels_of(x, 1, 4);
        let z = b.channels_of(y, 2, 2);
        let w = b.activation(z, Activation::Relu);
        let up = b.upsample(z, 2, Resample::Bilinear);
        let down = b.average_pool(up, 2);
        vec![b.add(w, down)]
    });
    check("a chain in which every layer sees all before", 4, &|b, x| {
        let a = b.conv("a", x, ConvSpec::new(4, 3));
        let ab = b.concat(&[x, a]);
        let c = b.conv("c", ab, ConvSpec::new(4, 3));
        let abc = b.concat(&[ab, c]);
        let d = b.conv("d", abc, ConvSpec::new(4, 3));
        vec![b.concat(&[abc, d])]
    });
}

#[test]
fn means_norms_and_vectors() {
    check("group norm", 12, &|b, x| {
        let y = b.affine(x, 4.0, 7.0);
        let y = b.group_norm("norm", y, 4);
        let z = b.group_norm("of the picture", x, 1);
        vec![b.add(y, z)]
    });
    check("a wide mean and layers after it", 70, &|b, x| {
        let mean = b.global_mean(x);
        let y = b.linear("a", mean, 33, Init::He);
        let y = b.activation(y, Activation::Silu);
        vec![b.linear("b", y, 7, Init::He)]
    });
    check("time", 1, &|b, x| {
        let mean = b.global_mean(x);
        let t = b.affine(mean, 100.0, 400.0);
        let t = b.clamp(t, 999.0, 999.0);
        vec![b.time_embedding(t, 32)]
    });
    check("constants", 3, &|b, x| {
        let gain = b.constant("gain", [1, 1], &[1.0, 2.0, 3.0]);
        let y = b.multiply(x, gain);
        let map = b.constant("map", [2, 2], &[0.0, 1.0, 2.0, 3.0]);
        let spread = b.from_frame(map, x);
        vec![b.add(y, spread), gain]
    });
}

#[test]
fn maps_of_the_frame() {
    check("maps and grids", 4, &|b, x| {
        let look = b.fixed("look", [5, 7], 3);
        let map = b.conv("map", look, ConvSpec::new(6, 3));
        let there = b.from_frame(map, x);
        let half = b.average_pool(x, 2);
        let at_half = b.from_frame(map, half);
        let other = b.fixed("other", [3, 9], 1);
        let at_other = b.from_frame(map, other);
        vec![there, at_half, at_other]
    });
    check("slices", 3, &|b, x| {
        let grid = b.fixed("grid", [3, 4], 4 * 5);
        let guide = b.conv("guide", x, ConvSpec::new(1, 1));
        let five = b.bilateral_slice(grid, guide, 4);
        let grid = b.fixed("one bin", [2, 2], 12);
        let twelve = b.bilateral_slice(grid, guide, 1);
        let applied = b.apply_matrix(twelve, x);
        vec![five, applied]
    });
    check("slices that are applied where they are read", 3, &|b, x| {
        let grid = b.fixed("grid", [5, 3], 12 * 8);
        let guide = b.conv("guide", x, ConvSpec::new(1, 1));
        let guide = b.activation(guide, Activation::Sigmoid);
        let m = b.bilateral_slice(grid, guide, 8);
        vec![b.apply_matrix(m, x)]
    });
    check("a matrix that is not square", 2, &|b, x| {
        let m = b.conv("m", x, ConvSpec::new(5 * 3, 1));
        vec![b.apply_matrix(m, x)]
    });
    check("curves", 3, &|b, x| {
        let knots = b.fixed("steps", [1, 1], 9);
        let knots = b.cumulative_sum(knots);
        let y = b.curve(knots, x);
        let z = b.affine(x, 1.0, 0.1);
        vec![y, b.curve(knots, z)]
    });
}

#[test]
fn a_part_of_the_frame_reads_maps_as_the_whole_does() {
    let mut b = Builder::new();
    let x = b.picture("picture", 1);
    let look = b.fixed("look", [3, 5], 4);
    let map = b.from_frame(look, x);
    let slice = b.bilateral_slice(look, x, 2);
    let out = b.concat(&[map, slice]);
    let graph = b.finish(&[("result", out)]).expect("sound");
    let weights = Weights::new();
    let frame = [31, 47];
    let whole_inputs = inputs(&graph, frame, 9);
    let pool = Pool::new(2);
    let machine = Machine::best(Precision::Full);
    let case = |inputs: &[Vec<f32>], picture, place| {
        let graph = &graph;
        Case { graph, weights: &weights, inputs, picture, place }.run(machine, ALL, &pool).remove(0)
    };
    let whole = case(&whole_inputs, frame, Place::whole(frame));
    for [y, x, height, width] in [[0, 0, 31, 1], [5, 7, 9, 40], [30, 46, 1, 1]] {
        let rows = (y..y + height).flat_map(|y| (x..x + width).map(move |x| y * 47 + x));
        let part: Vec<f32> = rows.clone().map(|i| whole_inputs[0][i]).collect();
        let given = [part, whole_inputs[1].clone()];
        let found = case(&given, [height, width], Place { y: y as i64, x: x as i64, frame });
        let expected: Vec<f32> =
            rows.flat_map(|i| whole[i * 6..i * 6 + 6].iter().copied()).collect();
        assert_eq!(bits(&[found]), bits(&[expected]));
    }
}

#[test]
fn interrupted_between_operations() {
    let mut b = Builder::new();
    let x = b.picture("picture", 1);
    let y = b.affine(x, 2.0, 0.0);
    let y = b.upsample(y, 2, Resample::Nearest);
    let graph = b.finish(&[("result", y)]).expect("sound");
    let machine = Machine::best(Precision::Full);
    let program = Program::new(&graph, &Weights::new(), "", machine).expect("sound");
    let mut workspace = Workspace::new(&program, [2, 2], 1).expect("small");
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let abort = || asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 1;
    let place = Place::whole([2, 2]);
    let result = program.run(&mut workspace, place, &Pool::new(1), &abort);
    assert_eq!(result, Err(crate::expand::Interrupted));
    assert!(workspace.input_mut("other").is_none() && workspace.output("picture").is_none());
    assert_eq!(workspace.output_size("result"), Some([4, 4, 1]));
}

#[test]
fn weights_that_do_not_fit_are_named() {
    let mut b = Builder::new();
    let x = b.picture("picture", 1);
    let y = b.conv("a", x, ConvSpec::new(2, 3));
    let graph = b.finish(&[("result", y)]).expect("sound");
    let machine = Machine::best(Precision::Full);
    let told = |change: &dyn Fn(&mut Weights)| {
        let mut weights = Weights::new();
        weights.insert("s.a.weight", vec![2, 1, 3, 3], vec![0.5; 18]);
        weights.insert("s.a.bias", vec![2], vec![0.5; 2]);
        change(&mut weights);
        Program::new(&graph, &weights, "s.", machine).map(|_| ()).map_err(|e| e.to_string())
    };
    assert_eq!(told(&|_| ()), Ok(()));
    let error = told(&|w| w.insert("s.a.bias", vec![3], vec![0.5; 3]));
    assert_eq!(error, Err("s.a.bias: found shape [3] of 3 numbers, expected shape [2]".to_owned()));
    let error = told(&|w| w.insert("s.a.bias", vec![2], vec![f32::INFINITY; 2]));
    assert_eq!(error, Err("s.a.bias: found inf at index 0, expected finite numbers".to_owned()));
    let error = Program::new(&graph, &Weights::new(), "s.", machine).map(|_| ());
    let error = error.expect_err("no weights").to_string();
    assert_eq!(error, "s.a.weight: found nothing, expected shape [2, 1, 3, 3]");
}

/// The savings themselves, by what is left to run and by where it lies.
#[test]
fn residual_blocks_are_two_steps_and_skips_are_made_in_their_place() {
    let machine = Machine::best(Precision::Full);
    let program =
        |graph: &Graph| Program::new(graph, &weights(graph, 1), "", machine).expect("sound");
    let mut b = Builder::new();
    let x = b.picture("picture", 4);
    let a = b.conv("a", x, ConvSpec::new(4, 3));
    let a = b.activation(a, Activation::Relu);
    let c = b.conv("c", a, ConvSpec::new(4, 3));
    let sum = b.add(x, c);
    let out = b.activation(sum, Activation::Relu);
    let block = program(&b.finish(&[("result", out)]).expect("sound"));
    assert_eq!(block.steps.len(), 2);
    assert_eq!(block.steps[1].inputs, [a.index(), x.index()]);

    let mut b = Builder::new();
    let x = b.picture("picture", 3);
    let skip = b.conv("skip", x, ConvSpec::new(8, 3));
    let down = b.average_pool(skip, 2);
    let deep = b.conv("deep", down, ConvSpec::new(8, 3));
    let up = b.upsample(deep, 2, Resample::Bilinear);
    let both = b.concat(&[skip, up]);
    let out = b.activation(both, Activation::Relu);
    let skips = program(&b.finish(&[("result", out)]).expect("sound"));
    let wide = skips.homes.of(both.index());
    assert_eq!(wide, (both.index(), 0));
    assert_eq!(skips.homes.of(skip.index()), wide);
    assert_eq!(skips.homes.of(up.index()), (both.index(), 8));
    assert_eq!(skips.homes.of(out.index()), wide, "in place");
    // 3 channels in, 16 wide, and at half size 8 and 8: what lives at one time, without scratch.
    let plan = skips.plan([64, 64], 1).expect("fits");
    let scratch: usize = plan.steps.iter().map(|step| step.scratch.len()).max().unwrap_or(0);
    let tensors = 64 * 64 * (3 + 16) + 32 * 32 * (8 + 8);
    assert!(plan.bytes() <= 4 * (tensors + scratch + 64), "{} for {tensors}", plan.bytes());
}
