//! The executor takes its memory once: a run allocates next to nothing.

use headroom::execute::{FrameInputs, Runner, TileWorkspace};
use headroom::graph::{Activation, Builder, ConvSpec, Init, Place, Resample};
use headroom::model::{Domain, Encoding, Network, Run, Stage, Weights};
use headroom_kernel::Pool;
use headroom_kernel::nn::{Isa, Machine, Precision};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Most of the operations, in tiles.
fn network() -> Network {
    let mut b = Builder::new();
    let x = b.picture("picture", 3);
    let look = b.fixed("look", [8, 8], 4);
    let map = b.from_frame(look, x);
    let a = b.conv("a", x, ConvSpec::new(16, 3));
    let a = b.activation(a, Activation::Relu);
    let half = b.conv("half", a, ConvSpec::new(16, 3).stride(2));
    let half = b.group_norm("norm", half, 4);
    let half = b.activation(half, Activation::Silu);
    let deep = b.conv("deep", half, ConvSpec::new(16, 3).dilation(2));
    let deep = b.add(deep, half);
    let mean = b.global_mean(deep);
    let gate = b.linear("gate", mean, 16, Init::He);
    let deep = b.multiply(deep, gate);
    let up = b.upsample(deep, 2, Resample::Bilinear);
    let all = b.concat(&[up, a, map, x]);
    let guide = b.conv("guide", all, ConvSpec::new(1, 1));
    let grid = b.fixed("grid", [4, 4], 12 * 8);
    let slice = b.bilateral_slice(grid, guide, 8);
    let y = b.apply_matrix(slice, x);
    let graph = b.finish(&[("result", y)]).expect("sound");
    let stages = vec![Stage { name: "main".to_owned(), graph, run: Run::Tile }];
    Network { encoding: Encoding::Srgb, domain: Domain::Linear, stages }
}

#[test]
fn a_run_after_the_first_allocates_next_to_nothing() {
    let network = network();
    let weights = Weights::seeded(&network, 1);
    let (look, grid) = (vec![0.5; 256], vec![0.5; 16 * 96]);
    let inputs = FrameInputs::new().with("look", [8, 8, 4], &look).with("grid", [4, 4, 96], &grid);
    for isa in Isa::ALL {
        let Some(machine) = Machine::forced(isa, Precision::Fast) else { continue };
        let runner = Runner::new(&network, &weights, machine).expect("sound");
        for threads in [1, 3] {
            let pool = Pool::new(threads);
            let frame = runner.frame(&inputs, &pool, &|| false).expect("no stage");
            let sizes = [[96, 128], [64, 128]];
            let mut workspace = TileWorkspace::new(&runner, sizes[0], threads).expect("small");
            let mut run = |size| {
                let region = Region::new(ALLOCATOR);
                workspace.resize(&runner, size).expect("small");
                workspace.input_mut("picture").expect("a picture").fill(0.25);
                let place = Place::whole(size);
                runner.tile(&mut workspace, &frame, place, &pool, &|| false).expect("runs");
                region.change()
            };
            // Once each, to plan both sizes.
            for size in sizes {
                run(size);
            }
            for size in sizes {
                let change = run(size);
                // With several threads every operation queues a job of some hundred bytes; a thread
                // may still hold the last one.
                let bound = if threads == 1 { 512 } else { 20 * 512 };
                assert!(change.bytes_allocated <= bound, "{isa:?}, {threads}: {change:?}");
                let kept = change.bytes_allocated as i64 - change.bytes_deallocated as i64;
                assert!(kept <= 512, "{isa:?}, {threads}: {change:?}");
            }
        }
    }
}
