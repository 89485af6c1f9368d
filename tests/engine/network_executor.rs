//! Every network, run by the CPU executor with every set of instructions this machine has, gives what
//! an implementation of its own in PyTorch gives (`tests/golden/networks`).

use crate::golden_case::Case;
use headroom::execute::{FrameInputs, Runner, TileWorkspace};
use headroom::model::Weights;
use headroom_kernel::Pool;
use headroom_kernel::nn::{Isa, Machine, Precision};

/// Of a tensor's largest number: f32 sums in another order.
const TOLERANCE: f64 = 1.0e-5;

fn agrees_with_pytorch(id: &str) {
    let pool = Pool::new(2);
    let machines: Vec<Machine> =
        Isa::ALL.iter().filter_map(|&isa| Machine::forced(isa, Precision::Full)).collect();
    assert!(!machines.is_empty());
    for case in Case::read(id) {
        let network = (case.model().build)(&case.config).expect("a sound configuration");
        let weights = Weights::patterned(&network);
        let given = case.given();
        for &machine in &machines {
            let runner = Runner::new(&network, &weights, machine).expect("packed");
            let inputs =
                given.iter().fold(FrameInputs::new(), |inputs, (name, (shape, values))| {
                    inputs.with(name, *shape, values)
                });
            let frame = runner.frame(&inputs, &pool, &|| false).expect("a frame");
            let ([height, width, _], _) = given["picture"];
            let mut tile = TileWorkspace::new(&runner, [height, width], 2).expect("memory");
            for (name, (_, values)) in &given {
                if let Some(input) = tile.input_mut(name) {
                    input.copy_from_slice(values);
                }
            }
            runner.tile(&mut tile, &frame, case.place(), &pool, &|| false).expect("a tile");
            for name in case.outputs.keys() {
                let (shape, values) = match tile.output(name).zip(tile.output_size(name)) {
                    Some((values, shape)) => (shape, values),
                    None => {
                        let tensor = frame.get(name).expect("handed on");
                        (tensor.size(), tensor.values.as_slice())
                    }
                };
                let values: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
                case.check(name, shape, &values, TOLERANCE);
            }
        }
    }
}

#[test]
fn grid_run_by_the_executor_agrees_with_pytorch() {
    agrees_with_pytorch("grid");
}

#[test]
fn residual_run_by_the_executor_agrees_with_pytorch() {
    agrees_with_pytorch("residual");
}

#[test]
fn unet_run_by_the_executor_agrees_with_pytorch() {
    agrees_with_pytorch("unet");
}

#[test]
fn unet_linear_run_by_the_executor_agrees_with_pytorch() {
    agrees_with_pytorch("unet-linear");
}

#[test]
fn unet_attention_run_by_the_executor_agrees_with_pytorch() {
    agrees_with_pytorch("unet-attention");
}

#[test]
fn diff_hdrtv_run_by_the_executor_agrees_with_pytorch() {
    agrees_with_pytorch("diff-hdrtv");
}
