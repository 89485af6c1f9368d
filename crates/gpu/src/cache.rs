//! Built kernels on disk, behind a hash of themselves: drivers crash on damaged ones (PoCL 3.1 does on
//! one that is cut short), so they are never shown any.

use crate::source::hexadecimal;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of the hash.
const HASH: usize = 32;

/// The file of what was built from that key. Keys hold everything that what is built depends on.
pub(crate) fn path(folder: &Path, key: &[&str]) -> PathBuf {
    let mut hash = Sha256::new();
    for part in key {
        // So that no two lists of parts read alike.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    folder.join(format!("{}.kernels", &hexadecimal(&hash.finalize())[..32]))
}

/// What was kept; nothing where there is none, or it cannot be read or is damaged.
pub(crate) fn read(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = std::fs::read(path).ok()?;
    let hash = Sha256::digest(bytes.get(HASH..)?);
    if bytes[..HASH] != hash[..] {
        log::warn!("{}: kept kernels are damaged", path.display());
        return None;
    }
    bytes.drain(..HASH);
    Some(bytes)
}

/// Keeps it where that is possible: without it kernels are built again, which only takes longer.
pub(crate) fn write(path: &Path, bytes: &[u8]) {
    if let Err(error) = keep(path, &[&Sha256::digest(bytes)[..], bytes].concat()) {
        log::info!("{}: kernels are not kept: {error}", path.display());
    }
}

/// Puts a file in place, and the folders it lies in. Written beside and renamed, so that nobody reads half of it.
///
/// # Errors
/// When the system refuses; nothing is left beside then.
pub fn keep(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // Threads that keep the same at once write files of their own.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.{number}", std::process::id()));
    let beside = Path::new(&beside);
    let moved = std::fs::write(beside, bytes).and_then(|()| std::fs::rename(beside, path));
    moved.inspect_err(|_| drop(std::fs::remove_file(beside)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_and_what_cannot_be_kept_does_no_harm() {
        let folder = tempfile::tempdir().expect("a folder");
        let one = path(&folder.path().join("new"), &["device", "driver"]);
        assert_ne!(one, path(&folder.path().join("new"), &["devicedriver", ""]));
        assert_eq!(read(&one), None);
        write(&one, b"built");
        assert_eq!(read(&one).as_deref(), Some(&b"built"[..]));
        let mut bytes = std::fs::read(&one).expect("a file");
        bytes.pop();
        std::fs::write(&one, bytes).expect("writes");
        assert_eq!(read(&one), None, "cut short");
        // A file where the folder should be.
        let blocked = folder.path().join("blocked");
        std::fs::write(&blocked, b"").expect("a file");
        let two = path(&blocked, &["device"]);
        write(&two, b"built");
        assert_eq!(read(&two), None);
        assert_eq!(read(&blocked), None, "an empty file is nothing");
    }
}
