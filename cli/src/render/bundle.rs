//! Rendering by the OpenFX plug-in, driven as a host drives it.

use super::{Rendered, Task};
use crate::error::{Error, Outcome};
use std::path::Path;

/// The plug-in, loaded.
pub(crate) struct Bundle;

impl Bundle {
    pub(crate) fn open(_path: &Path, _threads: usize) -> Outcome<Self> {
        Err(Error::failed("wip"))
    }

    pub(super) fn render(&mut self, _task: &Task<'_>, _buffer: Vec<f32>) -> Outcome<Rendered> {
        Err(Error::failed("wip"))
    }
}
