//! The sources of the kernels.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// How tensors are stored on the device; arithmetic is in f32 either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Precision {
    /// As f32.
    #[default]
    Float,
    /// As f16.
    Half,
}

impl Precision {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Float, Self::Half];

    /// Bytes of a number.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Float => 4,
            Self::Half => 2,
        }
    }
}

/// Every file in the order in which they are joined: what is used first comes first.
const FILES: &[(&str, &str)] = &[
    ("dialect.h", include_str!("../kernels/dialect.h")),
    ("tensor.h", include_str!("../kernels/tensor.h")),
    ("maths.h", include_str!("../kernels/maths.h")),
    ("activation.h", include_str!("../kernels/activation.h")),
    ("pointwise.cl", include_str!("../kernels/pointwise.cl")),
    ("resample.cl", include_str!("../kernels/resample.cl")),
    ("reduce.cl", include_str!("../kernels/reduce.cl")),
    ("frame.cl", include_str!("../kernels/frame.cl")),
    ("conv.cl", include_str!("../kernels/conv.cl")),
    ("tensor_cores.h", include_str!("../kernels/tensor_cores.h")),
    ("curve.h", include_str!("../kernels/curve.h")),
    ("picture.h", include_str!("../kernels/picture.h")),
    ("ingest.h", include_str!("../kernels/ingest.h")),
    ("told.h", include_str!("../kernels/told.h")),
    ("clip.h", include_str!("../kernels/clip.h")),
    ("dequantise.h", include_str!("../kernels/dequantise.h")),
    ("edge.h", include_str!("../kernels/edge.h")),
    ("field.h", include_str!("../kernels/field.h")),
    ("place.h", include_str!("../kernels/place.h")),
    ("method.h", include_str!("../kernels/method.h")),
    ("compose.h", include_str!("../kernels/compose.h")),
    ("emit.h", include_str!("../kernels/emit.h")),
    ("view.h", include_str!("../kernels/view.h")),
    ("render.cl", include_str!("../kernels/render.cl")),
    ("analyse.cl", include_str!("../kernels/analyse.cl")),
    ("follow.cl", include_str!("../kernels/follow.cl")),
];

/// All kernels as one source, for tensors that are stored so. Compilers name the file of a line.
#[must_use]
pub fn source(precision: Precision) -> String {
    let half = u8::from(precision == Precision::Half);
    let mut source = format!("#define HALF {half}\n");
    for (name, text) in FILES {
        let _ = writeln!(source, "#line 1 \"{name}\"\n{text}");
    }
    source
}

/// A hash of [`source`], in hexadecimal digits.
#[must_use]
pub fn hash(precision: Precision) -> String {
    hexadecimal(&Sha256::digest(source(precision)))
}

/// The kernels built for CUDA, for tensors that are stored so: machine code for every generation since
/// Turing, and PTX for what comes. `cargo xtask kernels` makes it.
#[must_use]
pub fn fatbin(precision: Precision) -> &'static [u8] {
    match precision {
        Precision::Float => include_bytes!("../built/float.fatbin"),
        Precision::Half => include_bytes!("../built/half.fatbin"),
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_joined_and_precisions_differ() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/kernels");
        let mut found: Vec<String> = std::fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        let mut joined: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        found.sort();
        joined.sort_unstable();
        assert_eq!(found, joined);
        assert_ne!(hash(Precision::Float), hash(Precision::Half));
        assert_eq!(hash(Precision::Float).len(), 64);
    }

    #[test]
    fn what_was_built_for_cuda_is_of_these_sources() {
        let built = include_str!("../built/sources.sha256");
        let expected: String = Precision::ALL.map(|p| format!("{}\n", hash(p))).concat();
        assert_eq!(built, expected, "run `cargo xtask kernels`");
        for precision in Precision::ALL {
            // The magic number of fat binaries.
            assert_eq!(fatbin(precision)[..4], 0xba55_ed50_u32.to_le_bytes());
        }
    }
}
