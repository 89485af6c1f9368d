//! What can go wrong on a GPU.

use std::fmt;

/// Why a GPU did not do what it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpuError {
    /// There is no such runtime or device.
    Missing(String),
    /// The device refuses the memory.
    Memory {
        /// Bytes that were asked for.
        bytes: usize,
    },
    /// The kernels cannot be built.
    Build {
        /// Device.
        device: String,
        /// What its compiler says.
        log: String,
    },
    /// A call to the driver failed; the device may be lost.
    Call {
        /// The function.
        name: &'static str,
        /// What it returned.
        status: String,
    },
}

impl GpuError {
    /// True where less memory might do.
    #[must_use]
    pub fn is_memory(&self) -> bool {
        matches!(self, Self::Memory { .. })
    }
}

impl fmt::Display for GpuError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(what) => write!(f, "{what}"),
            Self::Memory { bytes } => {
                write!(f, "GPU memory: found less than {:.1} MB free", *bytes as f64 * 1.0e-6)
            }
            Self::Build { device, log } => write!(f, "{device}: kernels do not compile: {log}"),
            Self::Call { name, status } => write!(f, "{name}: {status}"),
        }
    }
}

impl std::error::Error for GpuError {}
