//! Frames of a sequence as they are needed, neighbours included.

use crate::error::Outcome;
use headroom_frame::sequence::Pattern;
use headroom_frame::{Frame, ReadOptions, read};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Frames kept for neighbours that ask again. More would make memory depend on the settings.
const KEPT: usize = 3;

/// A sequence that is read frame by frame.
pub(crate) struct Source {
    pattern: Pattern,
    options: ReadOptions,
    recent: Mutex<VecDeque<(i64, Arc<Frame>)>>,
    keeps: usize,
}

impl Source {
    /// `neighbours` says whether frames will be asked for around the current one.
    pub(crate) fn new(pattern: Pattern, options: ReadOptions, neighbours: bool) -> Self {
        let keeps = if neighbours { KEPT } else { 0 };
        Self { pattern, options, recent: Mutex::default(), keeps }
    }

    /// The sequence.
    pub(crate) fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// A name that no other frame of any sequence has.
    pub(crate) fn name(&self, number: i64) -> String {
        format!("{} {number}", self.pattern)
    }

    /// A frame of the sequence.
    ///
    /// # Errors
    /// When it is missing or cannot be read.
    pub(crate) fn frame(&self, number: i64) -> Outcome<Arc<Frame>> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        // What was used last is at the front and goes last.
        if let Some(known) = recent.iter().position(|(n, _)| *n == number)
            && let Some(kept) = recent.remove(known)
        {
            let frame = Arc::clone(&kept.1);
            recent.push_front(kept);
            return Ok(frame);
        }
        drop(recent);
        let frame = Arc::new(read(&self.pattern.path(number), &self.options)?);
        if self.keeps > 0 {
            recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            recent.truncate(self.keeps - 1);
            recent.push_front((number, Arc::clone(&frame)));
        }
        Ok(frame)
    }

    /// A neighbour of the current frame: none before the first and after the last frame of the
    /// sequence, and none around a single picture.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub(crate) fn neighbour(&self, number: i64) -> Outcome<Option<Arc<Frame>>> {
        if !self.pattern.is_sequence() || !self.pattern.path(number).is_file() {
            return Ok(None);
        }
        self.frame(number).map(Some)
    }
}
