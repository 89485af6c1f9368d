//! Files that only grow by whole lines.

use crate::Error;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A file that grows record by record. What could not be written whole is taken back.
#[derive(Debug)]
pub(super) struct Growing {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Growing {
    /// Opens a file to go on behind what it holds.
    pub(super) fn open(path: PathBuf) -> Result<Self, Error> {
        let open = || {
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
            let length = file.seek(SeekFrom::End(0))?;
            Ok((file, length))
        };
        let (file, length) = open().map_err(|error: std::io::Error| Error::file(&path, error))?;
        Ok(Self { path, file, length })
    }

    /// Adds a record.
    pub(super) fn add(&mut self, record: &[u8]) -> Result<(), Error> {
        match self.file.write_all(record).and_then(|()| self.file.flush()) {
            Ok(()) => {
                self.length += record.len() as u64;
                Ok(())
            }
            Err(error) => {
                // On a full disk a part may be there; the next record must not follow it.
                let _ = self.file.set_len(self.length);
                let _ = self.file.seek(SeekFrom::Start(self.length));
                Err(Error::file(&self.path, error))
            }
        }
    }
}

/// A file's bytes; none where there is no file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Ok(_) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::file(path, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_frame::write_whole;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        write_whole(&path, &[b"old"]).unwrap();
        // A folder cannot be replaced by a file.
        let taken = folder.path().join("taken");
        std::fs::create_dir_all(taken.join("x")).unwrap();
        let error = write_whole(&taken, &[b"new"]).unwrap_err().to_string();
        assert!(error.starts_with(&taken.display().to_string()), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_reported_with_the_file() {
        let mut full = Growing::open("/dev/full".into()).unwrap();
        let error = full.add(b"line\n").unwrap_err().to_string();
        assert!(error.starts_with("/dev/full: No space left"), "{error}");
        assert_eq!(full.length, 0);
    }
}
