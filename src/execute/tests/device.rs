//! The executor on a device, beside the CPU's. Without a device the tests say so and pass.

use super::*;
use crate::execute::device::{DeviceProgram, DeviceWorkspace};
use crate::model::{self, MODELS};
use headroom_gpu::source::Precision as Stored;
use headroom_gpu::{Gpu, devices};
use serde_json::json;
use std::sync::{Arc, OnceLock};

/// The first device there is; all tests share it, so kernels are built once.
pub(super) fn gpu() -> Option<&'static Arc<Gpu>> {
    static GPU: OnceLock<Option<Arc<Gpu>>> = OnceLock::new();
    let open = || {
        let (devices, problems) = devices();
        let Some(device) = devices.first() else {
            eprintln!("skipped: {}", problems.join(", "));
            return None;
        };
        Some(Arc::new(Gpu::new(device, None).expect("a device that was found opens")))
    };
    GPU.get_or_init(open).as_ref()
}

impl Case<'_> {
    /// All outputs, by a device; run twice, so that writing over inputs shows.
    pub(super) fn on_device(&self, gpu: &Arc<Gpu>, stored: Stored) -> Vec<Vec<f32>> {
        let program = DeviceProgram::new(gpu, self.graph, self.weights, "", stored).expect("sound");
        let workspace = DeviceWorkspace::new(gpu, &program, self.picture).expect("small");
        // Not numbers, in either float type.
        let arena = workspace.arena();
        gpu.write(arena, 0, &vec![0xff; arena.bytes()]).expect("writes");
        for (input, values) in self.graph.inputs().iter().zip(self.inputs) {
            workspace.write(gpu, &input.name, values).expect("writes");
        }
        let run = || {
            program.run(gpu, &workspace, self.place).expect("runs");
            let outputs = self.graph.outputs().iter();
            outputs
                .map(|output| workspace.read(gpu, &output.name).expect("reads").expect("an output"))
                .collect::<Vec<_>>()
        };
        let first = run();
        assert_eq!(bits(&first), bits(&run()), "a second run differs");
        first
    }
}

/// Root mean square of the errors over that of the numbers.
fn relative(found: &[Vec<f32>], expected: &[Vec<f32>]) -> f64 {
    let pairs = found.iter().flatten().zip(expected.iter().flatten());
    let (mut errors, mut all) = (0.0, 0.0);
    for (&found, &expected) in pairs {
        errors += (f64::from(found) - f64::from(expected)).powi(2);
        all += f64::from(expected).powi(2);
    }
    (errors / f64::max(all, 1e-30)).sqrt()
}

#[test]
fn every_stage_of_every_network_is_what_the_cpu_makes() {
    let Some(gpu) = gpu() else { return };
    let configs = [
        ("grid", json!({})),
        ("grid", json!({"widths": [4, 6, 8, 10, 12], "bilateral": false})),
        ("residual", json!({"width": 12, "dilations": [1, 2]})),
        ("unet", json!({"base": 6, "levels": 3})),
        ("unet", json!({"base": 6, "levels": 3, "gains": true})),
        ("unet-linear", json!({"base": 5, "levels": 2})),
        ("unet-attention", json!({"base": 6, "levels": 3})),
        (
            "diff-hdrtv",
            json!({"reference_enter": 12, "reference_width": 8, "prior_base": 8, "branch_width": 4}),
        ),
    ];
    for info in MODELS {
        assert!(configs.iter().any(|(id, _)| *id == info.id), "{}: not among the cases", info.id);
    }
    let machine = Machine::best(Precision::Full);
    for (id, config) in configs {
        let info = model::find(id).expect("registered");
        let network = (info.build)(&config).expect("a configuration");
        for (index, stage) in network.stages.iter().enumerate() {
            let graph = &stage.graph;
            let picture = [3, 5].map(|side| side * graph.alignment().max(8));
            let weights = weights(graph, 7);
            let mut inputs = inputs(graph, picture, index as u64);
            for (input, values) in graph.inputs().iter().zip(&mut inputs) {
                // Gains are divided by it, and next to nothing is more than a half can hold.
                if input.name == "coverage" {
                    values.iter_mut().for_each(|v| *v = v.abs() + 0.1);
                }
            }
            let place = Place { y: 8, x: 16, frame: [picture[0] + 30, picture[1] + 50] };
            let case = Case { graph, weights: &weights, inputs: &inputs, picture, place };
            let expected = case.run(machine, ALL, &Pool::new(2));
            let what = format!("{id} {config}, {}", stage.name);
            let exact: Vec<Vec<f64>> =
                expected.iter().map(|v| v.iter().copied().map(f64::from).collect()).collect();
            for (found, expected) in case.on_device(gpu, Stored::Float).iter().zip(&exact) {
                assert_close(found, expected, 2e-5, &what);
            }
            let error = relative(&case.on_device(gpu, Stored::Half), &expected);
            // Halves have 11 bits; what comes of it after all layers of a stage.
            assert!(error < 4e-3, "{what} in halves: {error}");
        }
    }
}

#[test]
fn what_does_not_suit_is_refused() {
    let Some(gpu) = gpu() else { return };
    let network = (model::find("residual").expect("there").build)(&json!({"width": 4}));
    let network = network.expect("a network");
    let graph = &network.stages[1].graph;
    let weights = weights(graph, 1);
    let make = |weights| DeviceProgram::new(gpu, graph, weights, "", Stored::Float);
    let program = make(&weights).expect("sound");
    let told =
        |picture| DeviceWorkspace::new(gpu, &program, picture).expect_err("refused").to_string();
    assert!(told([7, 8]).contains("multiples of 2"), "{}", told([7, 8]));
    assert!(told([1 << 20, 1 << 20]).contains("numbers"), "{}", told([1 << 20, 1 << 20]));
    let error = make(&Weights::new()).expect_err("no weights").to_string();
    assert!(error.contains("found nothing"), "{error}");
    // And then one that suits.
    assert!(DeviceWorkspace::new(gpu, &program, [16, 16]).is_ok());
}

/// By CUDA on the driver for tests, whose convolutions are those of tensor cores; the device above may be another.
#[test]
fn every_stage_by_cuda() {
    assert!(headroom_fake_cuda::again("every_stage_of_every_network", &[], &[]));
}
