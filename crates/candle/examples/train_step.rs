//! Training steps of `residual` for `benches/peers/train_step.py`, which runs PyTorch beside it:
//! one step for every line that comes in, its loss and CPU milliseconds on a line that goes out.
//!
//!     cargo run --release -p headroom-candle --example train_step -- [fast|stock] [THREADS]

use candle_core::{DType, Device, Result, Tensor};
use headroom::model::{Weights, find, inputs, pattern};
use headroom_candle::{Executor, Ops, Variables};
use headroom_kernel::Pool;
use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::sync::Arc;

const BATCH: usize = 8;
const SIDE: usize = 128;
const RATE: f64 = 1.0e-3;

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    headroom_kernel::keep_freed_memory();
    let mut arguments = std::env::args().skip(1);
    let ops = match arguments.next().as_deref() {
        None | Some("fast") => Ops::Fast,
        Some("stock") => Ops::Stock,
        Some(other) => return Err(format!("{other}: expected fast or stock").into()),
    };
    let threads = arguments.next().map_or(Ok(2), |text| text.parse())?;
    let model = find("residual").ok_or("no network residual")?;
    let network = (model.build)(&(model.config)())?;
    let device = Device::Cpu;
    let weights = Weights::patterned(&network);
    let variables = Variables::new(&network, &weights, &device, DType::F32)?;
    let executor = Executor::new(ops, Arc::new(Pool::new(threads)));
    let tensor = |name: &str, [side, channels]: [usize; 2]| {
        let shape = (BATCH, side, side, channels);
        let values = pattern(name, BATCH * side * side * channels);
        // 0 to 1, as light is.
        Tensor::from_vec(values, shape, &device)?.affine(0.5, 0.5)
    };
    let truth = tensor("truth", [SIDE, 3])?;
    let given = HashMap::from([
        (inputs::PICTURE.to_owned(), tensor("picture", [SIDE, 3])?),
        (inputs::LOOK.to_owned(), tensor("look", [inputs::LOOK_SIDE, inputs::LOOK_CHANNELS])?),
    ]);
    for line in std::io::stdin().lock().lines() {
        line?;
        let start = cpu_nanoseconds()?;
        let mut made = executor.run_network(&network, &variables, &given, &[])?;
        let result = made.remove(inputs::RESULT).ok_or("no result")?;
        let loss = step(&variables, &result, &truth)?;
        drop(made);
        let milliseconds = (cpu_nanoseconds()? - start) as f64 * 1.0e-6;
        println!("{loss:.9} {milliseconds:.3}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// The loss, and plain gradient descent.
fn step(variables: &Variables, result: &Tensor, truth: &Tensor) -> Result<f32> {
    let loss = (result - truth)?.sqr()?.mean_all()?;
    let gradients = loss.backward()?;
    for (_, var) in variables.iter() {
        if let Some(gradient) = gradients.get(var) {
            var.set(&(var.as_detached_tensor() - gradient.affine(RATE, 0.0)?)?)?;
        }
    }
    loss.to_scalar()
}

/// Time on a processor of all threads of this process, as Linux counts it.
fn cpu_nanoseconds() -> std::result::Result<u64, Box<dyn std::error::Error>> {
    let mut sum = 0;
    for task in std::fs::read_dir("/proc/self/task")? {
        let text = std::fs::read_to_string(task?.path().join("schedstat"))?;
        sum += text.split_whitespace().next().ok_or("no time")?.parse::<u64>()?;
    }
    Ok(sum)
}
