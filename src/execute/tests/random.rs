//! Graphs drawn at random: what is saved must not change what comes out.

use super::*;
use crate::graph::{Activation, Builder, ConvSpec, Init, NodeId, Resample};

/// A graph of some twenty nodes, and sound by construction. All pictures have the size of the
/// input or half of it.
fn graph(seed: u64) -> Graph {
    let mut random = Random(seed);
    let mut b = Builder::new();
    let x = b.picture("picture", 1 + random.below(5));
    let second = b.beside("second", x, 1 + random.below(3));
    // Without a pixel at half size somewhere the alignment would be 1.
    let half = b.average_pool(x, 2);
    let mut nodes = vec![x, second, half];
    for index in 0..20 {
        let node = add_node(&mut b, &mut random, &nodes, index);
        nodes.push(node);
    }
    // The last few, and one from anywhere, which may be an input or a part.
    let mut outputs = vec![nodes[random.below(nodes.len())]];
    outputs.extend(nodes.iter().rev().take(1 + random.below(3)));
    let names: Vec<String> = (0..outputs.len()).map(|i| format!("out {i}")).collect();
    let outputs: Vec<(&str, NodeId)> = names.iter().map(String::as_str).zip(outputs).collect();
    b.finish(&outputs).expect("sound by construction")
}

fn add_node(b: &mut Builder, random: &mut Random, nodes: &[NodeId], index: usize) -> NodeId {
    // Mostly what came last, so that chains come about.
    let any = |random: &mut Random| match random.below(2) {
        0 => nodes[nodes.len() - 1],
        _ => nodes[random.below(nodes.len())],
    };
    let x = any(random);
    let alike = |b: &Builder, random: &mut Random, channels: bool| {
        let fits = |&&node: &&NodeId| {
            let (a, other) = (b.shape(x), b.shape(node));
            a.extent == other.extent && (a.channels == other.channels || !channels)
        };
        let list: Vec<NodeId> = nodes.iter().filter(fits).copied().collect();
        list[random.below(list.len())]
    };
    match random.below(14) {
        0..3 => {
            let side = [1, 3, 3, 5][random.below(4)];
            let out = if random.below(2) == 0 { b.channels(x) } else { 1 + random.below(9) };
            let spec = ConvSpec::new(out, side).dilation(1 + random.below(3));
            b.conv(&format!("conv {index}"), x, spec)
        }
        3..5 => {
            let by = [Activation::Relu, Activation::Silu, Activation::Tanh][random.below(3)];
            b.activation(x, by)
        }
        5..7 => {
            let other = alike(b, random, true);
            b.add(x, other)
        }
        7 => {
            let other = alike(b, random, true);
            let other = b.activation(other, Activation::Sigmoid);
            b.multiply(x, other)
        }
        8..11 => {
            let parts: Vec<NodeId> =
                (0..1 + random.below(3)).map(|_| alike(b, random, false)).collect();
            let mut parts: Vec<NodeId> =
                parts.into_iter().filter(|&part| b.channels(part) < 24).collect();
            parts.push(x);
            if b.channels(x) > 40 { b.channels_of(x, 3, 5) } else { b.concat(&parts) }
        }
        11 => {
            let first = random.below(b.channels(x));
            let count = 1 + random.below(b.channels(x) - first);
            b.channels_of(x, first, count)
        }
        12 => {
            let mean = b.global_mean(x);
            let gate = b.linear(&format!("gate {index}"), mean, b.channels(x), Init::He);
            b.multiply(x, gate)
        }
        _ => {
            let down = b.average_pool(x, 2);
            b.upsample(down, 2, Resample::Bilinear)
        }
    }
}

#[test]
fn nothing_that_is_saved_changes_the_result() {
    let pools = [Pool::new(1), Pool::new(3)];
    for seed in 0..120 {
        let graph = graph(seed);
        let picture = [3, 5].map(|side| side * graph.alignment());
        let (weights, inputs) = (weights(&graph, seed), inputs(&graph, picture, seed));
        let place = Place::whole(picture);
        let case = Case { graph: &graph, weights: &weights, inputs: &inputs, picture, place };
        let expected = case.naive();
        let largest = expected.iter().flatten().fold(0.0f64, |all, v| all.max(v.abs()));
        assert!(largest < 1e30, "seed {seed} grows beyond comparison: {largest}");
        if let Some(gpu) = device::gpu() {
            let found = case.on_device(gpu, headroom_gpu::source::Precision::Float);
            for (found, expected) in found.iter().zip(&expected) {
                assert_close(found, expected, 2e-5, &format!("seed {seed} by a device"));
            }
        }
        for machine in machines() {
            let with = |fuse, share, pool| case.run(machine, Savings { fuse, share }, pool);
            let plain = with(false, false, &pools[0]);
            let what = format!("seed {seed} by {machine:?}");
            for (found, expected) in plain.iter().zip(&expected) {
                assert_close(found, expected, 2e-5, &what);
            }
            // Where memory is shared the same operations run.
            assert_eq!(bits(&with(false, true, &pools[1])), bits(&plain), "{what}, shared");
            let fused = with(true, false, &pools[0]);
            for (found, expected) in fused.iter().zip(&expected) {
                assert_close(found, expected, 2e-5, &what);
            }
            assert_eq!(bits(&with(true, true, &pools[1])), bits(&fused), "{what}, fused, shared");
        }
    }
}

/// Tells apart what graphs of this kind save, so that the test above is known to test something.
#[test]
fn savings_happen() {
    let machine = Machine::best(Precision::Full);
    let mut sums = [0usize; 4];
    for seed in 0..120 {
        let graph = graph(seed);
        let weights = weights(&graph, seed);
        let picture = [16, 16].map(|side| side * graph.alignment());
        let settings = [(false, false), (false, true), (true, false), (true, true)];
        for (sum, (fuse, share)) in sums.iter_mut().zip(settings) {
            let savings = Savings { fuse, share };
            let program = Program::with(&graph, &weights, "", machine, savings).expect("sound");
            *sum += program.plan(picture, 1).expect("fits").bytes();
        }
    }
    let [nothing, shared, fused, both] = sums;
    assert!(shared < nothing && fused < nothing && both < fused && both < shared, "{sums:?}");
}

/// Two tensors that hold something at the same time never overlap: found by looking at a plan alone,
/// for graphs without shared memory, where a tensor lives from its step to its last reader.
#[test]
fn tensors_that_live_together_lie_apart() {
    let machine = Machine::best(Precision::Full);
    for seed in 0..60 {
        let graph = graph(seed);
        let weights = weights(&graph, seed);
        let savings = Savings { fuse: true, share: false };
        let program = Program::with(&graph, &weights, "", machine, savings).expect("sound");
        let plan = program.plan([4, 6].map(|s| s * graph.alignment()), 2).expect("fits");
        let end = plan.steps.len();
        let mut lives: Vec<(std::ops::Range<usize>, usize, usize)> = Vec::new();
        lives.extend(plan.inputs.iter().map(|view| (view.range(), 0, end)));
        for (index, step) in plan.steps.iter().enumerate() {
            let range = step.output.range();
            let reads = |range: &std::ops::Range<usize>| {
                let (mut last, mut open) = (index, true);
                for (later, places) in plan.steps.iter().enumerate().skip(index + 1) {
                    let meets = |view: &super::super::plan::View| {
                        view.start < range.end && range.start < view.range().end
                    };
                    if open && places.inputs.iter().any(meets) {
                        last = later;
                    }
                    // Someone else's from here on.
                    open &= !meets(&places.output);
                }
                let kept = plan.outputs.iter().any(|view| view.start == range.start);
                if open && kept { end } else { last }
            };
            let last = reads(&range);
            lives.push((range, index, last));
            lives.push((step.scratch.clone(), index, index));
        }
        for (i, (a, from, to)) in lives.iter().enumerate() {
            assert!(a.end * 4 <= plan.bytes(), "seed {seed}");
            for (b, start, stop) in &lives[..i] {
                let together = start <= to && from <= stop;
                let meet = a.start < b.end && b.start < a.end;
                assert!(!(together && meet), "seed {seed}: {a:?} and {b:?}");
            }
        }
    }
}

/// Products of bfloat16 keep 8 bits; what comes of it after some layers stays small.
#[test]
fn fast_precision_stays_close() {
    let pool = Pool::new(1);
    let fast = Isa::ALL.into_iter().filter_map(|isa| Machine::forced(isa, Precision::Fast));
    let machines: Vec<Machine> = fast.collect();
    for seed in 0..40 {
        let graph = graph(seed);
        let picture = [7, 9].map(|side| side * graph.alignment());
        let (weights, inputs) = (weights(&graph, seed), inputs(&graph, picture, seed));
        let place = Place::whole(picture);
        let case = Case { graph: &graph, weights: &weights, inputs: &inputs, picture, place };
        let expected = case.naive();
        for &machine in &machines {
            for (found, expected) in case.run(machine, ALL, &pool).iter().zip(&expected) {
                let errors = found.iter().zip(expected).map(|(&a, b)| f64::from(a) - b);
                let error: f64 = errors.map(|e| e * e).sum();
                let size: f64 = expected.iter().map(|v| v * v).sum();
                let relative = (error / size.max(1e-30)).sqrt();
                assert!(relative < 2e-2, "seed {seed} by {machine:?}: {relative}");
            }
        }
    }
}
