//! The table `[data.split]`: which pictures are trained on, measured on the way, and kept for the end.
//!
//! Pictures are put into an order by a hash of seed and name, and each in turn goes to the part that is
//! furthest below its share. What was decided is kept in a file: those pictures never move, new ones
//! are added.

use super::random::{Draw, of_text};
use crate::Error;
use headroom_frame::write_whole;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The table `[data.split]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Share of the pictures to measure on, 0 to 0.9.
    pub val: f64,
    /// Share of the pictures that training never touches, 0 to 0.9.
    pub test: f64,
    /// Where the split is kept (JSON). Nothing: it is not kept, and moves when pictures are added.
    pub file: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { val: 0.1, test: 0.0, file: None }
    }
}

/// A part of the pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Trained on.
    Train,
    /// Measured on the way.
    Val,
    /// Kept for the end.
    Test,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    seed: u64,
    pictures: BTreeMap<String, Part>,
}

impl Settings {
    /// Whether it can be followed.
    ///
    /// # Errors
    /// With the first setting that cannot.
    pub fn check(&self) -> Result<(), Error> {
        for (name, share) in [("val", self.val), ("test", self.test)] {
            if !(0.0..=0.9).contains(&share) {
                return Err(Error::setting(&format!("data.split.{name}"), share, "0 to 0.9"));
            }
        }
        if self.val + self.test > 0.95 {
            let sum = self.val + self.test;
            return Err(Error::setting("data.split", sum, "val and test at most 0.95 together"));
        }
        Ok(())
    }

    /// The part of each name; reads and writes the file.
    ///
    /// # Errors
    /// When the file is there but is no split, or cannot be written.
    pub fn parts(&self, seed: u64, names: &[String]) -> Result<BTreeMap<String, Part>, Error> {
        let kept = match &self.file {
            Some(path) if path.exists() => read(path)?,
            _ => Kept { version: 1, seed, pictures: BTreeMap::new() },
        };
        let parts = self.divide(kept.seed, names, &kept.pictures);
        let mut all = kept.pictures.clone();
        all.extend(parts.iter().map(|(name, part)| (name.clone(), *part)));
        if let Some(path) = &self.file
            && all != kept.pictures
        {
            let kept = Kept { version: 1, seed: kept.seed, pictures: all };
            let text =
                serde_json::to_string_pretty(&kept).map_err(|error| Error::file(path, error))?;
            write_whole(path, &[text.into_bytes(), b"\n".to_vec()])?;
        }
        Ok(parts)
    }

    fn divide(
        &self,
        seed: u64,
        names: &[String],
        kept: &BTreeMap<String, Part>,
    ) -> BTreeMap<String, Part> {
        let mut order: Vec<(u64, &String)> = names
            .iter()
            .map(|name| (Draw::new(&[seed, of_text("split"), of_text(name)]).bits(), name))
            .collect();
        order.sort_unstable();
        let shares = [
            (Part::Val, self.val),
            (Part::Test, self.test),
            (Part::Train, 1.0 - self.val - self.test),
        ];
        let mut counts = BTreeMap::new();
        let mut parts = BTreeMap::new();
        for (_, name) in &order {
            if let Some(part) = kept.get(*name) {
                *counts.entry(*part).or_insert(0) += 1;
                parts.insert((*name).clone(), *part);
            }
        }
        for (_, name) in order {
            if parts.contains_key(name) {
                continue;
            }
            let total = (parts.len() + 1) as f64;
            let mut best = (Part::Train, f64::NEG_INFINITY);
            for (part, share) in shares {
                let lacking = share * total - f64::from(*counts.get(&part).unwrap_or(&0));
                if share > 0.0 && lacking > best.1 {
                    best = (part, lacking);
                }
            }
            *counts.entry(best.0).or_insert(0) += 1;
            parts.insert(name.clone(), best.0);
        }
        parts
    }
}

fn read(path: &Path) -> Result<Kept, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::file(path, error))?;
    let kept: Kept = serde_json::from_str(&text)
        .map_err(|error| Error::file(path, format!("is no split: {error}")))?;
    if kept.version != 1 {
        return Err(Error::file(path, format!("version: found {}, expected 1", kept.version)));
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|i| format!("picture {i}")).collect()
    }

    #[test]
    fn shares_are_kept_and_pictures_that_were_divided_never_move() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = Some(folder.path().join("split.json"));
        let settings = Settings { val: 0.2, test: 0.1, file };
        let first = settings.parts(1, &names(50)).expect("a split");
        let count = |part| first.values().filter(|&&found| found == part).count();
        assert_eq!([Part::Train, Part::Val, Part::Test].map(count), [35, 10, 5]);
        // More pictures and another seed: those from before stay.
        let more = settings.parts(2, &names(80)).expect("a split");
        assert!(first.iter().all(|(name, part)| more[name] == *part));
        assert_eq!(more.values().filter(|&&part| part == Part::Val).count(), 16);
        // A picture that was away for a while comes back to where it was.
        settings.parts(1, &names(10)).expect("a split");
        assert_eq!(settings.parts(1, &names(80)).expect("a split"), more);
    }

    #[test]
    fn a_file_that_is_no_split_is_named_and_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("split.json");
        std::fs::write(&path, "{").expect("written");
        let settings = Settings { file: Some(path.clone()), ..Settings::default() };
        let error = settings.parts(1, &names(3)).expect_err("an error").to_string();
        assert!(error.contains("split.json"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "{");
    }
}
