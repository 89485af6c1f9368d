//! Where the files of a run lie.

use super::Settings;
use crate::Error;
use jiff::Zoned;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A run's folder: `<run_root>/<time>[_tag]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

/// Where a run's checkpoints lie.
#[must_use]
pub fn checkpoints_of(run: &Path) -> PathBuf {
    run.join("checkpoints")
}

impl RunFolder {
    /// Makes a folder that was not there, named by the local time and the tag; where two runs start
    /// in one second the later gets `-2`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(settings: &Settings) -> Result<Self, Error> {
        settings.check()?;
        Self::named(settings, &Zoned::now().strftime("%Y%m%d-%H%M%S").to_string())
    }

    fn named(settings: &Settings, time: &str) -> Result<Self, Error> {
        let root = &settings.run_root;
        std::fs::create_dir_all(root).map_err(|error| Error::file(root, error))?;
        for number in 1_u32.. {
            let again = if number == 1 { String::new() } else { format!("-{number}") };
            let tag =
                if settings.tag.is_empty() { String::new() } else { format!("_{}", settings.tag) };
            let path = root.join(format!("{time}{again}{tag}"));
            // Made by one call, so that of two processes only one succeeds.
            match std::fs::create_dir(&path) {
                Ok(()) => return Self { path }.furnished(),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::file(&path, error)),
            }
        }
        Err(Error::file(root, "no name is left"))
    }

    /// A folder made before.
    ///
    /// # Errors
    /// When it is not one, or cannot be written.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::find(path)?.furnished()
    }

    /// A folder made before, to be read only.
    pub(crate) fn find(path: &Path) -> Result<Self, Error> {
        if !path.join("logs").is_dir() {
            return Err(Error::missing(format!(
                "{}: found no folder 'logs', expected a run folder",
                path.display()
            )));
        }
        Ok(Self { path: path.to_owned() })
    }

    /// How long ago its log was last written.
    pub(crate) fn age(&self) -> Option<Duration> {
        let written = self.log("train_log.jsonl").metadata().and_then(|file| file.modified());
        written.ok().map(|time| time.elapsed().unwrap_or_default())
    }

    fn furnished(self) -> Result<Self, Error> {
        for folder in ["checkpoints", "logs", "viz", "snapshot", "eval"] {
            let folder = self.path.join(folder);
            std::fs::create_dir_all(&folder).map_err(|error| Error::file(&folder, error))?;
        }
        Ok(self)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        let path = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// Where checkpoints lie.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        checkpoints_of(&self.path)
    }

    /// A file of `logs/`.
    #[must_use]
    pub fn log(&self, name: &str) -> PathBuf {
        self.path.join("logs").join(name)
    }

    /// A sample's picture: `viz/epoch0012_sample00.png`.
    #[must_use]
    pub fn sample(&self, epoch: usize, index: usize) -> PathBuf {
        self.path.join("viz").join(format!("epoch{epoch:04}_sample{index:02}.png"))
    }

    /// All samples' pictures: file, epoch, sample.
    fn samples(&self) -> Result<Vec<(PathBuf, usize, usize)>, Error> {
        let viz = self.path.join("viz");
        let entries = std::fs::read_dir(&viz).map_err(|error| Error::file(&viz, error))?;
        let sample = |path: PathBuf| {
            let name = path.file_name()?.to_str()?.strip_prefix("epoch")?.strip_suffix(".png")?;
            let (epoch, index) = name.split_once("_sample")?;
            let (epoch, index) = (epoch.parse().ok()?, index.parse().ok()?);
            Some((path, epoch, index))
        };
        Ok(entries.filter_map(|entry| sample(entry.ok()?.path())).collect())
    }

    /// The newest picture of each sample, in the samples' order.
    pub(super) fn newest_samples(&self) -> Result<Vec<(PathBuf, usize, usize)>, Error> {
        let mut samples = self.samples()?;
        samples.sort_by_key(|(_, epoch, index)| (*index, std::cmp::Reverse(*epoch)));
        samples.dedup_by_key(|(_, _, index)| *index);
        Ok(samples)
    }

    /// Deletes pictures of epochs after one.
    pub(super) fn cut_samples(&self, last: usize) -> Result<(), Error> {
        for (path, ..) in self.samples()?.into_iter().filter(|(_, epoch, _)| *epoch > last) {
            std::fs::remove_file(&path).map_err(|error| Error::file(&path, error))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_never_collide_and_hold_the_tag() {
        let root = tempfile::tempdir().unwrap();
        let settings = Settings {
            run_root: root.path().join("deep/runs"),
            tag: "night".to_owned(),
            ..Default::default()
        };
        let names: Vec<_> = (0..3)
            .map(|_| RunFolder::named(&settings, "20261128-114328").unwrap().name())
            .collect();
        let expected =
            ["20261128-114328_night", "20261128-114328-2_night", "20261128-114328-3_night"];
        assert_eq!(names, expected);
    }

    #[test]
    fn a_folder_that_is_no_run_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let error = RunFolder::open(root.path()).unwrap_err();
        assert_eq!(error.code(), 3);
        assert!(error.to_string().contains("expected a run folder"));
    }

    #[test]
    fn a_root_that_cannot_be_made_is_named() {
        let root = tempfile::NamedTempFile::new().unwrap();
        let settings = Settings { run_root: root.path().join("runs"), ..Default::default() };
        let error = RunFolder::create(&settings).unwrap_err().to_string();
        assert!(error.starts_with(&settings.run_root.display().to_string()), "{error}");
    }
}
