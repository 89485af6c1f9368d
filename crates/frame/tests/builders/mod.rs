//! Picture files made byte by byte, right but for one thing.

pub(crate) mod exr;
pub(crate) mod hdr;
pub(crate) mod jpeg;
pub(crate) mod png;
pub(crate) mod tiff;

/// A file to be refused, and a part of the name of the field to blame.
pub(crate) struct Broken {
    pub(crate) name: &'static str,
    pub(crate) field: &'static str,
    pub(crate) bytes: Vec<u8>,
}

impl Broken {
    pub(crate) fn new(name: &'static str, field: &'static str, bytes: Vec<u8>) -> Self {
        Self { name, field, bytes }
    }
}

/// A file of `tests/golden`.
pub(crate) fn golden(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    std::fs::read(folder.join(name)).unwrap()
}

/// The file with the first occurrence of `old` replaced by as many bytes.
pub(crate) fn patched(mut bytes: Vec<u8>, old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let at = bytes.windows(old.len()).position(|window| window == old).unwrap();
    bytes[at..at + old.len()].copy_from_slice(new);
    bytes
}
