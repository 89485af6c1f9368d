//! Networks in Candle: for training, and as the reference that other executors are held against.
//!
//! An [`Executor`] runs the graphs of [`headroom::graph`] on Candle tensors, so that Candle's automatic
//! differentiation gives the gradients of the [`Variables`]. Tensors are batches with channels last,
//! [N, H, W, C]; a vector is [N, 1, 1, C].
//!
//! There are two sets of operations ([`Ops`]). The stock ones are put together from those of Candle's
//! whose gradients are right, and run on every device and in every float type. The fast ones run in
//! f32 on the CPU, on the kernels of [`headroom_kernel::nn`]; where they do not apply the stock ones
//! stand in.
//!
//! A step of training, plain gradient descent for an optimiser:
//!
//! ```
//! use candle_core::{DType, Device, Tensor};
//! use headroom::model::{Weights, find, inputs};
//! use headroom_candle::{Executor, Ops, Variables};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let model = find("unet").ok_or("no unet")?;
//! let network = (model.build)(&serde_json::json!({ "base": 4, "levels": 2 }))?;
//! let device = Device::Cpu;
//! let weights = Weights::seeded(&network, 1);
//! let variables = Variables::new(&network, &weights, &device, DType::F32)?;
//! let executor = Executor::new(Ops::Fast, headroom_kernel::Pool::new(2).into());
//!
//! let picture = Tensor::rand(0.0f32, 1.0, (2, 8, 12, 3), &device)?;
//! let truth = picture.sqr()?;
//! let given = [(inputs::PICTURE.to_owned(), picture)].into();
//! let made = executor.run_network(&network, &variables, &given, &[])?;
//! let loss = (&made[inputs::RESULT] - truth)?.sqr()?.mean_all()?;
//! let gradients = loss.backward()?;
//! for (_, variable) in variables.iter() {
//!     if let Some(gradient) = gradients.get(variable) {
//!         variable.set(&(variable.as_detached_tensor() - gradient.affine(1.0e-3, 0.0)?)?)?;
//!     }
//! }
//! let trained: Weights = variables.weights()?;
//! # trained.check(&network)?;
//! # Ok(())
//! # }
//! ```
//!
//! On the CPU the same numbers give the same bits whatever the threads, of the pool and of Candle. A
//! step takes least time where the process keeps its memory ([`headroom_kernel::keep_freed_memory`])
//! and Candle's own threads stay out of the way (`RAYON_NUM_THREADS=1` in the environment).
//!
//! Candle keeps statics and threads of its own, so nothing that a host loads may depend on this crate.

mod error;
mod executor;
mod fast;
mod given;
mod line;
mod network;
mod stock;
mod variables;

pub use error::Error;
pub use executor::{Executor, Ops};
pub use variables::Variables;
