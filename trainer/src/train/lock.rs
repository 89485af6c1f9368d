//! One trainer per run folder.

use crate::Error;
use crate::record::host;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Name of the lock file.
pub const LOCK_FILE: &str = "run.lock";

/// Who holds a run folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Holder {
    process: u32,
    host: String,
    since: String,
}

/// A run folder that is ours. The operating system gives the lock back however the process ends, so
/// a file left by a crash holds nobody up.
#[derive(Debug)]
pub struct Lock {
    // Held for the lock on it.
    _file: File,
    path: PathBuf,
    /// What was found of a holder that ended without cleaning up.
    pub stale: Option<String>,
}

impl Lock {
    /// Takes a run folder.
    ///
    /// # Errors
    /// When another process holds it; the text names it. When the folder cannot be written.
    pub fn take(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(LOCK_FILE);
        let open =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(|error| Error::file(&path, error))?;
        let locked = file.try_lock();
        let mut text = String::new();
        // What cannot be read names nobody.
        let _ = file.read_to_string(&mut text);
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = serde_json::from_str::<Holder>(&text).map_or_else(
                    |_| "another process".to_owned(),
                    |h| format!("process {} on {} since {}", h.process, h.host, h.since),
                );
                return Err(Error::file(
                    &path,
                    format!("found this run held by {holder}, expected it to be free"),
                ));
            }
            Err(TryLockError::Error(error)) => return Err(Error::file(&path, error)),
        }
        let stale = serde_json::from_str::<Holder>(&text)
            .ok()
            .map(|h| format!("process {} on {} ended without a word", h.process, h.host));
        let holder = Holder {
            process: std::process::id(),
            host: host(),
            since: jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S").to_string(),
        };
        let write = |file: &mut File| -> std::io::Result<()> {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(serde_json::to_string(&holder)?.as_bytes())?;
            file.flush()
        };
        write(&mut file).map_err(|error| Error::file(&path, error))?;
        Ok(Self { _file: file, path, stale })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Left behind, it would only be taken for one that a crash left.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_held_by_one_and_free_again_when_it_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let lock = Lock::take(folder.path()).expect("free");
        let error = Lock::take(folder.path()).expect_err("held").to_string();
        let own = std::process::id().to_string();
        assert!(error.contains(LOCK_FILE) && error.contains(&own), "{error}");
        drop(lock);
        assert_eq!(Lock::take(folder.path()).expect("free again").stale, None);
    }

    #[test]
    fn a_lock_that_a_crash_left_is_taken_over_and_told_of() {
        let folder = tempfile::tempdir().expect("a folder");
        let left = r#"{"process":4000000,"host":"render07","since":"2026-11-28 10:00:00"}"#;
        std::fs::write(folder.path().join(LOCK_FILE), left).expect("writes");
        let lock = Lock::take(folder.path()).expect("nobody holds it");
        let stale = lock.stale.as_deref().expect("told");
        assert!(stale.contains("4000000") && stale.contains("render07"), "{stale}");
    }
}
