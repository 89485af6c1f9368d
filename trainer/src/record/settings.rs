//! The table `[record]`.

use super::Style;
use crate::Error;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The table `[record]`: what is written down, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Folder in which each run gets a folder of its own.
    pub run_root: PathBuf,
    /// Goes into the folder's name after the time: letters, digits, `.`, `-` and `_`, 64 at most.
    /// Empty: none.
    pub tag: String,
    /// Remarks for whoever reads the record.
    pub notes: String,
    /// Whether events for TensorBoard are written.
    pub tb: bool,
    /// Every how many steps a line is logged, 1 or more.
    pub log_every: u64,
    /// Every how many epochs sample pictures are written; 0: never.
    pub sample_epochs: usize,
    /// How many samples; they are the same ones in every epoch. 0 to 64.
    pub samples: usize,
    /// Which metric is the column `psnr` of `metrics.csv`.
    pub psnr: String,
    /// Which metric is the column `ssim` of `metrics.csv`.
    pub ssim: String,
    /// Environment variable that holds the URL that is told of a run's end; its value is never
    /// written down.
    pub notify_variable: String,
    /// How progress is shown.
    pub progress: Style,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            run_root: "runs".into(),
            tag: String::new(),
            notes: String::new(),
            tb: true,
            log_every: 1,
            sample_epochs: 1,
            samples: 4,
            psnr: "psnr_norm".to_owned(),
            ssim: "ssim_norm".to_owned(),
            notify_variable: "HEADROOM_NOTIFY_URL".to_owned(),
            progress: Style::Auto,
        }
    }
}

impl Settings {
    /// Whether these settings can be followed.
    ///
    /// # Errors
    /// When one is out of its range; the text names it.
    pub fn check(&self) -> Result<(), Error> {
        let sound = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if self.tag.len() > 64 || !self.tag.chars().all(sound) {
            let expected = "at most 64 letters, digits, '.', '-' or '_'";
            return Err(Error::setting("record.tag", format!("{:?}", self.tag), expected));
        }
        if self.log_every == 0 {
            return Err(Error::setting("record.log_every", 0, "1 or more"));
        }
        if self.samples > 64 {
            return Err(Error::setting("record.samples", self.samples, "0 to 64"));
        }
        if self.run_root.as_os_str().is_empty() {
            return Err(Error::setting("record.run_root", "nothing", "a folder"));
        }
        Ok(())
    }

    /// Whether samples are due at the end of that epoch, counted from 1.
    #[must_use]
    pub fn samples_due(&self, epoch: usize) -> bool {
        self.samples > 0 && self.sample_epochs > 0 && epoch.is_multiple_of(self.sample_epochs)
    }

    /// The URL that is told of a run's end.
    #[must_use]
    pub fn notify_url(&self) -> Option<String> {
        if self.notify_variable.is_empty() || self.notify_variable.contains(['=', '\0']) {
            return None;
        }
        std::env::var(&self.notify_variable).ok().filter(|url| !url.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_that_is_no_file_name_is_refused_and_named() {
        for tag in ["a/b", "..\\x", "shot 12", "ä"] {
            let error = Settings { tag: tag.to_owned(), ..Default::default() }.check();
            assert!(error.unwrap_err().to_string().starts_with("record.tag: found "), "{tag}");
        }
        assert!(Settings { tag: "v2.1_night-a".to_owned(), ..Default::default() }.check().is_ok());
    }

    #[test]
    fn samples_are_due_every_so_many_epochs() {
        let every = |sample_epochs| Settings { sample_epochs, ..Default::default() };
        let due = |s: &Settings| (1..=6).filter(|&e| s.samples_due(e)).collect::<Vec<_>>();
        assert_eq!(due(&every(2)), [2, 4, 6]);
        assert_eq!(due(&every(0)), [0usize; 0]);
    }
}
