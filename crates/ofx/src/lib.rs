//! A thin safe face over the OpenFX C interface, for plug-ins.
//!
//! It knows handles, properties, images, parameters, messages and how hosts get them wrong; it
//! knows nothing of pixels' meaning, of settings or of Headroom. What every part relies on:
//!
//! * [`Host`] holds the suites of one host. It lives forever (one small record per distinct host),
//!   so handles are plain copies that borrow nothing.
//! * A handle is made from what the host passed to the action in hand ([`Effect::from_raw`] is the
//!   only `unsafe` door) and asks the host for everything else.
//! * No function panics, and every string given away outlives the call ([`text`]).
#![allow(unsafe_code)]

mod action;
mod clip;
mod effect;
mod entry;
#[cfg(test)]
mod fake;
mod host;
mod image;
mod log_file;
mod param;
mod property;
mod rect;
mod status;
pub mod text;

pub use action::Action;
pub use clip::Clip;
pub use effect::Effect;
pub use entry::{catch_panics, guard, restore_panics};
pub use headroom_ofx_sys as sys;
pub use host::Host;
pub use image::{Components, Depth, Description, Fault, Field, Image, Premultiplication};
pub use log_file::{close_log, log_path, open_log};
pub use param::{Param, ParamSet};
pub use property::{FromProperty, IntoProperty, PropertySet};
pub use rect::{RectD, RectI};
pub use status::{Result, Status};
