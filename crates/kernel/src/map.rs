//! The bytes of a file, read or mapped.
//!
//! A mapped file is not copied, which is what a file of hundreds of megabytes wants; but the kernel
//! may end the process (SIGBUS; on Windows an exception) when somebody cuts the file short while it
//! is looked at, and the process is somebody's session in Nuke. Nothing here can catch that without
//! taking a signal from the host. So:
//!
//! * Files up to [`LARGEST_READ`] are read, which takes milliseconds and cannot end so. Networks that
//!   run in real time are all that small.
//! * Larger ones are mapped, and the caller keeps the mapping only while it copies what it wants.
//!   Files that replace others by renaming, as ours do, never change under a mapping; Windows refuses to
//!   cut a file that is mapped.
//! * Whatever decides about sizes is copied out of the mapping before it is checked, so that a file
//!   that is written to meanwhile gives wrong numbers at worst.

use memmap2::Mmap;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Deref;
use std::path::Path;

/// Bytes of the largest file that is read instead of mapped.
pub const LARGEST_READ: u64 = 64 << 20;

/// The bytes of a file; see the module's text.
#[derive(Debug)]
pub struct FileBytes(Held);

#[derive(Debug)]
enum Held {
    Read(Vec<u8>),
    Mapped(Mmap),
}

impl FileBytes {
    /// The bytes of a regular file of at most `most` bytes.
    ///
    /// # Errors
    /// What the system says; `InvalidInput` where the path is no regular file (a folder, a pipe, a
    /// device), `FileTooLarge` where it is larger than `most`, `UnexpectedEof` where it shrinks while it
    /// is read.
    pub fn open(path: &Path, most: u64) -> io::Result<Self> {
        Self::open_above(path, most, LARGEST_READ)
    }

    fn open_above(path: &Path, most: u64, largest_read: u64) -> io::Result<Self> {
        // Before opening: opening a pipe waits for whoever writes into it.
        regular(&std::fs::metadata(path)?)?;
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        regular(&metadata)?;
        let length = metadata.len();
        if length > most {
            let text = format!("{length} bytes");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        if length <= largest_read {
            let mut bytes = Vec::new();
            bytes.try_reserve_exact(length as usize)?;
            let count = file.by_ref().take(length).read_to_end(&mut bytes)?;
            if (count as u64) < length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            return Ok(Self(Held::Read(bytes)));
        }
        // SAFETY: the mapping is read-only and private to this process, and lives as long as the bytes
        // are borrowed. That nobody else writes to the file meanwhile cannot be had from any system;
        // the module's text says what is done about it. Bytes have no invalid values.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self(Held::Mapped(map)))
    }

    /// Whether the file is mapped rather than read.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        matches!(self.0, Held::Mapped(_))
    }
}

fn regular(metadata: &std::fs::Metadata) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let what = if metadata.is_dir() { "a folder" } else { "a pipe or a device" };
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

impl Deref for FileBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Held::Read(bytes) => bytes,
            Held::Mapped(map) => map,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_mapped_files_hold_the_same_bytes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bytes");
        let bytes: Vec<u8> = (0..10_000u32).map(|i| (i * 7 % 251) as u8).collect();
        std::fs::write(&path, &bytes).expect("written");
        let read = FileBytes::open(&path, 10_000).expect("opens");
        let mapped = FileBytes::open_above(&path, 10_000, 9_999).expect("opens");
        assert!(!read.is_mapped() && mapped.is_mapped());
        assert_eq!(&read[..], &bytes[..]);
        assert_eq!(&mapped[..], &bytes[..]);
    }

    #[test]
    fn what_is_no_file_or_too_large_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let kind = |path: &Path| FileBytes::open(path, 4).expect_err("refused").kind();
        assert_eq!(kind(folder.path()), io::ErrorKind::InvalidInput);
        let path = folder.path().join("five");
        assert_eq!(kind(&path), io::ErrorKind::NotFound);
        std::fs::write(&path, b"12345").expect("written");
        assert_eq!(kind(&path), io::ErrorKind::FileTooLarge);
        std::fs::write(&path, b"").expect("written");
        assert!(FileBytes::open(&path, 4).expect("an empty file opens").is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_refused() {
        let error = FileBytes::open(Path::new("/dev/zero"), 4).expect_err("refused");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
