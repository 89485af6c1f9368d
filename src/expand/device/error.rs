//! Why a device rendered nothing.

use super::DeviceImageError;
use crate::execute::DeviceError;
use crate::expand::Interrupted;
use headroom_gpu::GpuError;
use std::fmt;

/// Why a device rendered nothing. The CPU can do it instead, but for the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceFailure {
    /// The caller asked to stop.
    Interrupted,
    /// The device refuses.
    Gpu(GpuError),
    /// A picture does not lie in its memory as told.
    Image(DeviceImageError),
    /// A network cannot be run there.
    Network(String),
}

impl DeviceFailure {
    /// True where less memory might do.
    #[must_use]
    pub fn is_memory(&self) -> bool {
        matches!(self, Self::Gpu(GpuError::Memory { .. }))
    }
}

impl fmt::Display for DeviceFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted => f.write_str("interrupted"),
            Self::Gpu(error) => write!(f, "{error}"),
            Self::Image(error) => write!(f, "{error}"),
            Self::Network(error) => f.write_str(error),
        }
    }
}

impl std::error::Error for DeviceFailure {}

impl From<Interrupted> for DeviceFailure {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

impl From<GpuError> for DeviceFailure {
    fn from(error: GpuError) -> Self {
        Self::Gpu(error)
    }
}

impl From<DeviceImageError> for DeviceFailure {
    fn from(error: DeviceImageError) -> Self {
        Self::Image(error)
    }
}

impl From<DeviceError> for DeviceFailure {
    fn from(error: DeviceError) -> Self {
        match error {
            DeviceError::Gpu(error) => Self::Gpu(error),
            other => Self::Network(other.to_string()),
        }
    }
}
