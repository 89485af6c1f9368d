//! The table `[data.cache]`: decoded pictures, in memory up to a bound.

use super::view::Picture;
use crate::Error;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// The table `[data.cache]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Decoded pictures kept in memory, megabytes, 0 to 1048576.
    pub memory_mb: usize,
    /// Folder for decoded pictures, which several processes may share; nothing: none.
    pub folder: Option<PathBuf>,
    /// Largest size of the folder, megabytes, 1 to 16777216; what was used least recently goes first.
    pub disk_mb: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { memory_mb: 2048, folder: None, disk_mb: 20_000 }
    }
}

impl Settings {
    /// Whether it can be followed.
    ///
    /// # Errors
    /// With the first setting that cannot.
    pub fn check(&self) -> Result<(), Error> {
        if self.memory_mb > 1 << 20 {
            return Err(Error::setting("data.cache.memory_mb", self.memory_mb, "0 to 1048576"));
        }
        if !(1..=1 << 24).contains(&self.disk_mb) {
            return Err(Error::setting("data.cache.disk_mb", self.disk_mb, "1 to 16777216"));
        }
        Ok(())
    }
}

/// Decoded pictures in memory; what was used least recently goes first.
#[derive(Debug)]
pub struct Store {
    limit: usize,
    kept: Mutex<Vec<(usize, Arc<Picture>)>>,
}

impl Store {
    /// An empty store.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self { limit: settings.memory_mb << 20, kept: Mutex::default() }
    }

    /// The picture of that number, decoded by `decode` where it is not kept.
    ///
    /// # Errors
    /// That of `decode`.
    pub fn get(
        &self,
        number: usize,
        decode: impl FnOnce() -> Result<Picture, Error>,
    ) -> Result<Arc<Picture>, Error> {
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        {
            let mut kept = lock();
            if let Some(at) = kept.iter().position(|(kept, _)| *kept == number) {
                let entry = kept.remove(at);
                let picture = Arc::clone(&entry.1);
                kept.push(entry);
                return Ok(picture);
            }
        }
        // Not under the lock: another worker may decode the same one, which costs time and nothing
        // else.
        let picture = Arc::new(decode()?);
        let mut kept = lock();
        if !kept.iter().any(|(kept, _)| *kept == number) {
            kept.push((number, Arc::clone(&picture)));
        }
        let mut bytes: usize = kept.iter().map(|(_, picture)| picture.bytes()).sum();
        while bytes > self.limit && !kept.is_empty() {
            bytes -= kept.remove(0).1.bytes();
        }
        Ok(picture)
    }
}
