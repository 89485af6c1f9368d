//! Events for TensorBoard, in one file that is only ever added to.
//!
//! A file of TFRecords (length, checksum, bytes, checksum), each an `Event` message of
//! tensorflow/core/util/event.proto. What is measured per step is tagged `step/...` and counted in
//! steps; everything else is counted in epochs.

mod crc;

use super::file::{Growing, read};
use super::{Position, RunFolder, environment};
use crate::Error;
use crate::protobuf::Message;
use headroom_frame::write_whole;
use jiff::Timestamp;
use std::path::PathBuf;

/// Prefix of the tags that are counted in steps.
const BY_STEP: &str = "step/";

/// A file of events.
#[derive(Debug)]
pub(super) struct Events {
    file: Growing,
}

impl Events {
    /// Goes on with the folder's events, cut at a position, or starts them.
    pub(super) fn open(folder: &RunFolder, cut: Option<Position>) -> Result<Self, Error> {
        let tb = folder.path().join("tb");
        std::fs::create_dir_all(&tb).map_err(|error| Error::file(&tb, error))?;
        if let Some(path) = existing(&tb)? {
            let bytes = read(&path)?;
            let kept = keep(&bytes, cut);
            if kept != bytes {
                write_whole(&path, &[kept])?;
            }
            return Ok(Self { file: Growing::open(path)? });
        }
        let name = format!(
            "events.out.tfevents.{:010}.{}",
            Timestamp::now().as_second(),
            environment::host()
        );
        let mut events = Self { file: Growing::open(tb.join(name))? };
        let mut version = Message::new();
        version.double(1, wall_time()).string(3, "brain.Event:2");
        events.add(&version)?;
        Ok(events)
    }

    /// A number; one that is none is left out, for TensorBoard draws nothing of it.
    pub(super) fn scalar(&mut self, tag: &str, at: u64, value: f64) -> Result<(), Error> {
        if !value.is_finite() {
            return Ok(());
        }
        let mut item = Message::new();
        item.string(1, tag).float(2, value as f32);
        self.summary(at, &item)
    }

    /// A picture in PNG.
    pub(super) fn image(
        &mut self,
        tag: &str,
        at: u64,
        [height, width]: [usize; 2],
        png: &[u8],
    ) -> Result<(), Error> {
        let mut image = Message::new();
        image.integer(1, height as i64).integer(2, width as i64).integer(3, 3).data(4, png);
        let mut item = Message::new();
        item.string(1, tag).message(4, &image);
        self.summary(at, &item)
    }

    /// A text in Markdown.
    pub(super) fn text(&mut self, tag: &str, at: u64, text: &str) -> Result<(), Error> {
        const STRING: u64 = 7;
        let mut plugin = Message::new();
        plugin.string(1, "text");
        let mut metadata = Message::new();
        metadata.message(1, &plugin);
        let mut tensor = Message::new();
        tensor.unsigned(1, STRING).message(2, &Message::new()).string(8, text);
        let mut item = Message::new();
        item.string(1, tag).message(9, &metadata).message(8, &tensor);
        self.summary(at, &item)
    }

    fn summary(&mut self, at: u64, item: &Message) -> Result<(), Error> {
        let mut summary = Message::new();
        summary.message(1, item);
        let mut event = Message::new();
        event.double(1, wall_time()).unsigned(2, at).message(5, &summary);
        self.add(&event)
    }

    fn add(&mut self, event: &Message) -> Result<(), Error> {
        self.file.add(&record(event.bytes()))
    }
}

fn wall_time() -> f64 {
    Timestamp::now().as_microsecond() as f64 * 1e-6
}

fn existing(folder: &std::path::Path) -> Result<Option<PathBuf>, Error> {
    let entries = std::fs::read_dir(folder).map_err(|error| Error::file(folder, error))?;
    let named = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with("events.out.tfevents.")
    };
    Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).filter(named).min())
}

fn record(bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(bytes.len() + 16);
    record.extend(length);
    record.extend(crc::masked(&length).to_le_bytes());
    record.extend(bytes);
    record.extend(crc::masked(bytes).to_le_bytes());
    record
}

/// The whole records that belong to what was done up to a position. What follows a damaged record
/// cannot be read by anyone and is left out.
fn keep(bytes: &[u8], cut: Option<Position>) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut rest = bytes;
    while let Some(event) = first(rest) {
        let length = event.len() + 16;
        let stays = cut.is_none_or(|position| match place(event) {
            Some((at, tag)) if tag.starts_with(BY_STEP.as_bytes()) => at <= position.step,
            Some((at, _)) => at <= position.epoch as u64,
            None => true,
        });
        if stays {
            kept.extend(&rest[..length]);
        }
        rest = &rest[length..];
    }
    kept
}

/// The first record of a file, where it is whole and sound.
fn first(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    if crc::masked(length) != u32::from_le_bytes(*sum) {
        return None;
    }
    let (event, rest) =
        rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let (sum, _) = rest.split_first_chunk::<4>()?;
    (crc::masked(event) == u32::from_le_bytes(*sum)).then_some(event)
}

/// Step and tag of an event as [`Events::summary`] writes it; nothing for the version.
fn place(event: &[u8]) -> Option<(u64, &[u8])> {
    let rest = event.get(9..)?.strip_prefix(&[0x10])?;
    let (at, rest) = varint(rest)?;
    let (_, rest) = varint(rest.strip_prefix(&[0x2a])?)?;
    let (_, rest) = varint(rest.strip_prefix(&[0x0a])?)?;
    let (length, rest) = varint(rest.strip_prefix(&[0x0a])?)?;
    Some((at, rest.get(..usize::try_from(length).ok()?)?))
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(tag: &str, at: u64) -> Vec<u8> {
        let mut item = Message::new();
        item.string(1, tag).float(2, 1.0);
        let mut summary = Message::new();
        summary.message(1, &item);
        let mut event = Message::new();
        event.double(1, 0.0).unsigned(2, at).message(5, &summary);
        record(event.bytes())
    }

    #[test]
    fn a_cut_keeps_steps_by_step_and_everything_else_by_epoch() {
        let version = record(Message::new().double(1, 0.0).string(3, "brain.Event:2").bytes());
        let mut all = version.clone();
        let mut expected = version;
        for (tag, at, stays) in [
            ("step/loss", 299, true),
            ("step/loss", 300, true),
            ("epoch/loss_train", 3, true),
            ("step/loss", 301, false),
            ("metrics/psnr_linear", 4, false),
            ("samples/00", 3, true),
        ] {
            all.extend(event(tag, at));
            if stays {
                expected.extend(event(tag, at));
            }
        }
        assert_eq!(keep(&all, Some(Position { epoch: 3, step: 300 })), expected);
        assert_eq!(keep(&all, None), all);
    }

    #[test]
    fn a_record_that_a_crash_cut_off_or_damaged_ends_the_file() {
        let whole = event("step/loss", 1);
        let mut torn = whole.clone();
        torn.extend(&event("step/loss", 2)[..20]);
        assert_eq!(keep(&torn, None), whole);
        let mut damaged = [whole.clone(), event("step/loss", 2)].concat();
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(keep(&damaged, None), whole);
    }
}
