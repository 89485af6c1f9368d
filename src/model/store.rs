//! Models that are loaded, kept for the whole process.
//!
//! A node asks for its model in every frame, so a file is recognised by its path, length and time of
//! change without being read; two files of the same contents are one model, by their hash. Refusals are
//! kept too: a broken file is not read again in every frame. What the system refuses (no such file, no
//! permission) is asked anew each time.
//!
//! The store holds at most [`MOST_ENTRIES`] files and [`MOST_BYTES`] bytes of weights beyond the newest,
//! the longest unused going first, and can be emptied at any time (docs/decisions/0005). Whoever holds a
//! model keeps it.

use super::embedded::EMBEDDED;
use super::error::{ModelError, ModelErrorKind};
use super::file::{Hash, LARGEST_FILE, Model};
use super::{MODELS, ModelInfo};
use headroom_kernel::FileBytes;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Files that are kept at most.
pub const MOST_ENTRIES: usize = 16;

/// Bytes of weights that are kept at most, besides the model that was used last.
pub const MOST_BYTES: usize = 1 << 30;

/// What a model file is recognised by without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    Embedded(&'static str),
    File { path: PathBuf, length: u64, changed: Option<SystemTime> },
}

type Loaded = Result<Arc<Model>, ModelError>;

/// A file and what came of it. Its own lock makes others who want the same file wait, and nobody
/// else.
#[derive(Clone)]
struct Entry {
    key: Key,
    slot: Arc<Mutex<Option<Loaded>>>,
}

/// Entries, the one used last at the end.
struct Store {
    architectures: &'static [ModelInfo],
    entries: Mutex<Vec<Entry>>,
}

static STORE: Store = Store { architectures: MODELS, entries: Mutex::new(Vec::new()) };

/// The model in a file.
///
/// # Errors
/// As [`Model::from_bytes`], and when the file cannot be read or is no file.
pub fn load(path: &Path) -> Result<Arc<Model>, ModelError> {
    STORE.load(path)
}

/// Names of the models that are part of the program, sorted.
pub fn embedded_names() -> impl Iterator<Item = &'static str> {
    EMBEDDED.iter().map(|(name, _)| *name)
}

/// A model that is part of the program; none where there is none of that name.
#[must_use]
pub fn embedded(name: &str) -> Option<Result<Arc<Model>, ModelError>> {
    let &(name, bytes) = EMBEDDED.iter().find(|(own, _)| *own == name)?;
    Some(STORE.fetch(Key::Embedded(name), &format!("embedded {name}"), || Ok(bytes)))
}

/// Forgets everything. Models that are in use live on with whoever uses them.
pub fn clear() {
    lock(&STORE.entries).clear();
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is under these locks is replaced whole, so a panic elsewhere does not spoil it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    fn load(&self, path: &Path) -> Loaded {
        let name = path.display().to_string();
        let system = |error: io::Error| system_error(&error).in_file(&name);
        let metadata = std::fs::metadata(path).map_err(system)?;
        let changed = metadata.modified().ok();
        let key = Key::File { path: path.to_owned(), length: metadata.len(), changed };
        self.fetch(key, &name, || FileBytes::open(path, LARGEST_FILE).map_err(system))
    }

    /// What is kept under that key, or else what can be made of the bytes.
    fn fetch<B: std::ops::Deref<Target = [u8]>>(
        &self,
        key: Key,
        name: &str,
        open: impl FnOnce() -> Result<B, ModelError>,
    ) -> Loaded {
        let entry = self.entry(key);
        let mut slot = lock(&entry.slot);
        if let Some(loaded) = &*slot {
            return loaded.clone();
        }
        let bytes = match open() {
            Ok(bytes) => bytes,
            Err(error) => {
                lock(&self.entries).retain(|other| !Arc::ptr_eq(&other.slot, &entry.slot));
                return Err(error);
            }
        };
        let hash = Hash::of(&bytes);
        let loaded = match self.find(hash, &entry) {
            Some(model) => Ok(model),
            None => Model::read(self.architectures, &bytes, hash)
                .map(Arc::new)
                .map_err(|error| error.in_file(name)),
        };
        drop(bytes);
        *slot = Some(loaded.clone());
        drop(slot);
        self.shrink();
        loaded
    }

    /// The entry of that key, made where there is none, and from now on the one used last.
    fn entry(&self, key: Key) -> Entry {
        let mut entries = lock(&self.entries);
        let known = entries.iter().position(|entry| entry.key == key);
        let entry = match known {
            Some(index) => entries.remove(index),
            None => Entry { key, slot: Arc::default() },
        };
        if let Key::File { path, .. } = &entry.key {
            // An older state of the same file is not asked for again.
            let path = path.clone();
            entries.retain(|e| !matches!(&e.key, Key::File { path: other, .. } if *other == path));
        }
        entries.push(entry.clone());
        entry
    }

    /// The model of that hash, wherever it came from. Entries that are being loaded are passed over.
    fn find(&self, hash: Hash, own: &Entry) -> Option<Arc<Model>> {
        let entries = lock(&self.entries);
        entries.iter().filter(|entry| !Arc::ptr_eq(&entry.slot, &own.slot)).find_map(|entry| {
            let slot = entry.slot.try_lock().ok()?;
            let model = slot.as_ref()?.as_ref().ok()?;
            (model.hash == hash).then(|| model.clone())
        })
    }

    /// Lets the longest unused go until the rest is within bounds.
    fn shrink(&self) {
        let mut entries = lock(&self.entries);
        let mut bytes = 0usize;
        let mut kept = 0;
        let first = entries.iter().rposition(|entry| {
            let size = entry
                .slot
                .try_lock()
                .ok()
                .and_then(|slot| Some(slot.as_ref()?.as_ref().ok()?.weights_size()));
            if kept > 0 {
                bytes = bytes.saturating_add(size.unwrap_or(0));
            }
            kept += 1;
            kept > MOST_ENTRIES || bytes > MOST_BYTES
        });
        if let Some(last_out) = first {
            entries.drain(..=last_out);
        }
    }
}

fn system_error(error: &io::Error) -> ModelError {
    let told =
        |kind, found: String, expected: String| ModelError::new(kind, "file", found, expected);
    match error.kind() {
        io::ErrorKind::NotFound => {
            told(ModelErrorKind::Absent, "no such file".into(), "a model file".into())
        }
        io::ErrorKind::InvalidInput => {
            told(ModelErrorKind::Refused, error.to_string(), "a regular file".into())
        }
        io::ErrorKind::FileTooLarge => {
            let expected = format!("at most {LARGEST_FILE} bytes");
            told(ModelErrorKind::Refused, error.to_string(), expected)
        }
        _ => told(ModelErrorKind::Unreadable, error.to_string(), "a file that can be read".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::file_tests::sample::{ARCHITECTURES, sample};
    use super::super::{Dtype, Weights};
    use super::*;
    use std::time::Duration;

    fn store() -> Store {
        Store { architectures: ARCHITECTURES, entries: Mutex::default() }
    }

    fn bytes(seed: u64) -> Vec<u8> {
        let (header, network, _) = sample();
        let weights = Weights::seeded(&network, seed);
        Model::to_bytes(&header, &network, &weights, Dtype::F32).expect("fits")
    }

    fn write(path: &Path, bytes: &[u8], seconds: u64) {
        std::fs::write(path, bytes).expect("written");
        let file = std::fs::File::options().write(true).open(path).expect("opens");
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).expect("set");
    }

    #[test]
    fn a_file_is_read_once_until_it_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.safetensors");
        let store = store();
        write(&path, &bytes(1), 1);
        let first = store.load(&path).expect("sound");
        // Same length and time: recognised, not read.
        write(&path, &bytes(2), 1);
        assert!(Arc::ptr_eq(&first, &store.load(&path).expect("sound")));
        write(&path, &bytes(2), 2);
        let second = store.load(&path).expect("sound");
        assert_ne!(first.hash, second.hash);
        assert_eq!(lock(&store.entries).len(), 1, "the old state is forgotten");
    }

    #[test]
    fn files_of_the_same_contents_are_one_model() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store();
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        write(&a, &bytes(1), 1);
        write(&b, &bytes(1), 2);
        let model = store.load(&a).expect("sound");
        assert!(Arc::ptr_eq(&model, &store.load(&b).expect("sound")));
        lock(&store.entries).clear();
        assert!(!Arc::ptr_eq(&model, &store.load(&a).expect("sound")), "nothing pins");
        drop(model);
    }

    #[test]
    fn refusals_are_kept_and_absence_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.safetensors");
        let store = store();
        assert_eq!(store.load(&path).expect_err("absent").kind(), ModelErrorKind::Absent);
        write(&path, &vec![0; bytes(1).len()], 1);
        let error = store.load(&path).expect_err("refused");
        assert!(error.file().ends_with("a.safetensors"));
        write(&path, &bytes(1), 1);
        assert_eq!(store.load(&path).expect_err("recognised, not read"), error);
        write(&path, &bytes(1), 2);
        assert!(store.load(&path).is_ok());
        assert_eq!(store.load(folder.path()).expect_err("a folder").found(), "a folder");
        assert_eq!(lock(&store.entries).len(), 1, "what the system refuses is not kept");
    }

    #[test]
    fn the_longest_unused_goes_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store();
        let path = |i: usize| folder.path().join(i.to_string());
        for i in 0..=MOST_ENTRIES {
            write(&path(i), &bytes(i as u64), 1);
        }
        let first = store.load(&path(0)).expect("sound");
        (1..MOST_ENTRIES).for_each(|i| drop(store.load(&path(i)).expect("sound")));
        assert!(Arc::ptr_eq(&first, &store.load(&path(0)).expect("kept")));
        store.load(&path(MOST_ENTRIES)).expect("sound");
        assert_eq!(lock(&store.entries).len(), MOST_ENTRIES);
        assert!(Arc::ptr_eq(&first, &store.load(&path(0)).expect("used later than 1")));
        assert!(
            lock(&store.entries)
                .iter()
                .all(|e| !matches!(&e.key, Key::File { path: p, .. } if *p == path(1)))
        );
    }

    #[test]
    fn many_who_want_one_file_load_it_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        write(&path, &bytes(1), 1);
        let store = store();
        let models: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| store.load(&path))).collect();
            threads.into_iter().map(|t| t.join().expect("no panic").expect("sound")).collect()
        });
        assert!(models.iter().all(|model| Arc::ptr_eq(model, &models[0])));
    }

    #[test]
    fn what_is_embedded_is_sound_and_sorted() {
        let names: Vec<_> = embedded_names().collect();
        assert!(names.is_sorted());
        for name in names {
            let model = embedded(name).expect("there").unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(model.header.name, name);
        }
        assert!(embedded("none of that name").is_none());
    }
}
