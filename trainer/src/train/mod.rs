//! Training: the loop, its checkpoints, what stops it, and what keeps others out.
//!
//! | file | subject |
//! |---|---|
//! | `settings` | the table `[train]` |
//! | `stage` | which parts of a network move, and what they are held against |
//! | `given` | shots to tensors |
//! | `dropout` | what a step leaves out of what resting parts find |
//! | `learner` | one step's gradient |
//! | `flat` | all weights in one line |
//! | `state` | all that a run remembers between steps |
//! | `checkpoint` | that, on disk |
//! | `begin` | from an order to a run that is ready |
//! | `recoded` | which networks and losses pictures may be recoded for |
//! | `course` | a stage made ready |
//! | `run` | the loop |
//! | `suspect` | the pictures of a step that went wrong |
//! | `validation` | whole frames through the engine |
//! | `control`, `lock` | what ends a run, and what keeps others out |

mod begin;
mod checkpoint;
mod control;
mod course;
mod dropout;
mod flat;
mod frame;
mod given;
mod judged;
mod learner;
mod lock;
mod recoded;
mod run;
mod settings;
mod stage;
mod state;
mod suspect;
mod validation;

pub use begin::find;
pub use checkpoint::{BEST, Checkpoint, LATEST, Position, Resume, model_file, state_file};
pub use control::{Ending, STOP_FILE, asked, watch_signals};
pub use flat::{Entry, Layout};
pub use learner::{Learner, Tensors};
pub use lock::{LOCK_FILE, Lock};
pub use run::{Done, Order, train};
pub use settings::Settings;
pub use stage::Stage;
