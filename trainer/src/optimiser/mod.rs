//! From gradients to weights.
//!
//! | module | what it is for |
//! |---|---|
//! | [`Settings`] | the table `[optimiser]` |
//! | [`AdamW`] | a step, and the weights' moving average |
//! | [`Schedule`] | the rate of each step |
//! | [`clip_norm`], [`LossScaler`] | what is done to gradients before a step |
//! | [`NanGuard`] | what becomes of steps that are not finite |

mod adamw;
mod gradient;
mod guard;
mod schedule;
mod settings;
#[cfg(test)]
mod tests;

pub use adamw::{AdamW, Counters};
pub use gradient::{LossScaler, ScalerState, clip_norm, norm};
pub use guard::{GuardState, NanGuard, Verdict};
pub use schedule::Schedule;
pub use settings::{Amp, Settings, Shape};
