//! Numbered picture files: patterns such as `shot.####.exr` or `shot.%04d.png`, frame ranges such
//! as `1001-1025x2`, and what of them exists on the disk.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{FrameError, Refusal};

/// More frames than any range may name.
const MOST_FRAMES: u64 = 10_000_000;
/// Wider frame numbers than anyone writes.
const WIDEST: usize = 32;

/// A path with or without a place for the frame number in its last component.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    folder: PathBuf,
    name: Name,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name {
    Plain(OsString),
    /// At least `digits` digits between two texts.
    Numbered {
        before: String,
        digits: usize,
        after: String,
    },
}

impl Pattern {
    /// Reads a path. The last run of `#` in the file's name, or `%d` or `%04d`, stands for the
    /// frame number; a name without one is a single file.
    ///
    /// # Errors
    /// If the path has no file name, or more than one place for the number.
    pub fn parse(path: &Path) -> Result<Self, FrameError> {
        let name = path.file_name().ok_or_else(|| {
            let refusal = Refusal::new("file name", "none", "the name of a picture file");
            FrameError::refused(path, refusal)
        })?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let name = match name.to_str().map(parse_name) {
            Some(Ok(Some(numbered))) => numbered,
            Some(Ok(None)) | None => Name::Plain(name.to_owned()),
            Some(Err(refusal)) => return Err(FrameError::refused(path, refusal)),
        };
        Ok(Self { folder, name })
    }

    /// Whether the name has a place for a frame number.
    pub fn is_sequence(&self) -> bool {
        matches!(self.name, Name::Numbered { .. })
    }

    /// The path of a frame; of a single file its path whatever the frame.
    pub fn path(&self, frame: i64) -> PathBuf {
        self.folder.join(match &self.name {
            Name::Plain(name) => name.clone(),
            Name::Numbered { before, digits, after } => {
                // As C's printf: the sign counts as a digit.
                format!("{before}{frame:0digits$}{after}").into()
            }
        })
    }

    /// The frame number in a file's name, if the name is one this pattern would give.
    pub fn frame_of(&self, file_name: &str) -> Option<i64> {
        let Name::Numbered { before, digits, after } = &self.name else { return None };
        let number = file_name.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
        let frame: i64 = number.parse().ok()?;
        (format!("{frame:0digits$}") == number).then_some(frame)
    }

    /// The frames that exist on the disk, in ascending order. Empty for a single file.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub fn existing(&self) -> Result<Vec<i64>, FrameError> {
        if !self.is_sequence() {
            return Ok(Vec::new());
        }
        let mut frames: Vec<i64> =
            list(self.listed_folder())?.iter().filter_map(|name| self.frame_of(name)).collect();
        frames.sort_unstable();
        Ok(frames)
    }

    fn listed_folder(&self) -> &Path {
        if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.name {
            Name::Plain(name) => name.to_string_lossy().into_owned(),
            Name::Numbered { before, digits, after } => {
                format!("{before}{}{after}", "#".repeat(*digits))
            }
        };
        write!(out, "{}", self.folder.join(name).display())
    }
}

fn parse_name(name: &str) -> Result<Option<Name>, Refusal> {
    let hashes = name.rfind('#').map(|last| {
        let start = name[..last].trim_end_matches('#').len();
        (start, last + 1, last + 1 - start)
    });
    let percent = percent_place(name);
    let (start, end, digits) = match (hashes, percent) {
        (Some(_), Some(_)) => {
            let expected = "one place for the frame number";
            return Err(Refusal::new("file name", "both # and %d", expected));
        }
        (Some(place), None) | (None, Some(place)) => place,
        (None, None) => return Ok(None),
    };
    if digits > WIDEST {
        let expected = format!("at most {WIDEST}");
        return Err(Refusal::new("file name", format!("{digits} digits"), expected));
    }
    let (before, after) = (name[..start].to_owned(), name[end..].to_owned());
    Ok(Some(Name::Numbered { before, digits, after }))
}

/// Start, end and digits of the last `%d` or `%0nd`.
fn percent_place(name: &str) -> Option<(usize, usize, usize)> {
    name.rmatch_indices('%').find_map(|(start, _)| {
        let rest = &name[start + 1..];
        let length = rest.find(|letter: char| !letter.is_ascii_digit())?;
        if !rest[length..].starts_with('d') {
            return None;
        }
        let digits = match &rest[..length] {
            "" => 1,
            width => width.strip_prefix('0')?.parse().ok()?,
        };
        Some((start, start + length + 2, usize::max(digits, 1)))
    })
}

fn list(folder: &Path) -> Result<Vec<String>, FrameError> {
    let failed = |error| FrameError::io(folder, "folder", "a folder that can be listed", error);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        // Names that are no text cannot match a pattern.
        if let Ok(name) = entry.map_err(failed)?.file_name().into_string() {
            names.push(name);
        }
    }
    Ok(names)
}

/// A pattern and its frames on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The name they have in common.
    pub pattern: Pattern,
    /// Ascending; empty if the pattern is a single file.
    pub frames: Vec<i64>,
}

/// The sequences and single files among the pictures of a folder, in the order of their names.
/// Only extensions that can be read count: exr, png, jpg, jpeg, tif, tiff, hdr, pic.
///
/// # Errors
/// If the folder cannot be listed.
pub fn in_folder(folder: &Path) -> Result<Vec<Found>, FrameError> {
    let mut groups: BTreeMap<(String, usize, String), Vec<i64>> = BTreeMap::new();
    let mut names = list(folder)?;
    names.sort_unstable();
    let mut single = Vec::new();
    for name in names.into_iter().filter(|name| is_picture(name)) {
        match number_in(&name) {
            Some((before, number, after)) => {
                let Ok(frame) = number.parse() else {
                    single.push(name);
                    continue;
                };
                // Numbers without leading zeros may grow wider than the first.
                let digits = if number.starts_with('0') { number.len() } else { 0 };
                groups.entry((before.into(), digits, after.into())).or_default().push(frame);
            }
            None => single.push(name),
        }
    }
    join_widths(&mut groups);
    let mut found: Vec<Found> = Vec::new();
    for ((before, digits, after), mut frames) in groups {
        frames.sort_unstable();
        let digits = digits.max(1);
        if let [only] = frames[..] {
            single.push(format!("{before}{only:0digits$}{after}"));
            continue;
        }
        let name = Name::Numbered { before, digits, after };
        found.push(Found { pattern: Pattern { folder: folder.into(), name }, frames });
    }
    found.extend(single.into_iter().map(|name| Found {
        pattern: Pattern { folder: folder.into(), name: Name::Plain(name.into()) },
        frames: Vec::new(),
    }));
    found.sort_by_key(|found| found.pattern.to_string());
    Ok(found)
}

/// Puts 1000 to the frames of `####` where 0999 shows that four digits are meant.
fn join_widths(groups: &mut BTreeMap<(String, usize, String), Vec<i64>>) {
    let unpadded: Vec<_> = groups.keys().filter(|(_, digits, _)| *digits == 0).cloned().collect();
    for key in unpadded {
        let Some(frames) = groups.remove(&key) else { continue };
        let (before, _, after) = key;
        let mut widths: Vec<usize> = groups
            .keys()
            .filter(|(start, digits, end)| *start == before && *end == after && *digits > 0)
            .map(|(_, digits, _)| *digits)
            .collect();
        widths.sort_unstable();
        // All of one width read as padded to it, which is what `####` means.
        let own = |frame: i64| frame.to_string().len();
        let same = frames.iter().all(|&frame| own(frame) == own(frames[0]));
        for frame in frames.iter().copied() {
            let padded = widths.iter().rev().find(|&&width| width <= own(frame)).copied();
            let digits = padded.unwrap_or(if same { own(frames[0]) } else { 1 });
            groups.entry((before.clone(), digits, after.clone())).or_default().push(frame);
        }
    }
}

fn is_picture(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    let known = ["exr", "png", "jpg", "jpeg", "tif", "tiff", "hdr", "pic"];
    !name.starts_with('.')
        && extension.is_some_and(|extension| {
            known.iter().any(|known| extension.eq_ignore_ascii_case(known))
        })
}

/// The last run of digits before the extension, with what stands around it.
fn number_in(name: &str) -> Option<(&str, &str, &str)> {
    let stem = &name[..name.rfind('.')?];
    let end = stem.rfind(|letter: char| letter.is_ascii_digit())? + 1;
    let start = stem[..end].trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
    Some((&name[..start], &name[start..end], &name[end..]))
}

/// Frames in the order they were asked for, each once: `1001-1025x2,1030`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FrameRange {
    frames: Vec<i64>,
}

impl FrameRange {
    /// Reads single frames, ranges `first-last` and ranges with a step `first-lastxstep`,
    /// separated by commas. `last` may be less than `first`; numbers may be negative.
    ///
    /// # Errors
    /// A text that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, RangeError> {
        let mut seen = std::collections::HashSet::new();
        let mut frames = Vec::new();
        for item in text.split(',') {
            let range = parse_item(item.trim()).ok_or_else(|| RangeError {
                text: text.to_owned(),
                found: format!("{:?}", item.trim()),
            })?;
            let (first, last, step) = range;
            let count = first.abs_diff(last) / step + 1;
            if count + frames.len() as u64 > MOST_FRAMES {
                let found = format!("more than {MOST_FRAMES} frames");
                return Err(RangeError { text: text.to_owned(), found });
            }
            for index in 0..count as i64 {
                let distance = index * step as i64;
                let frame = if last >= first { first + distance } else { first - distance };
                if seen.insert(frame) {
                    frames.push(frame);
                }
            }
        }
        Ok(Self { frames })
    }

    /// The frames.
    pub fn frames(&self) -> &[i64] {
        &self.frames
    }
}

impl From<Vec<i64>> for FrameRange {
    fn from(frames: Vec<i64>) -> Self {
        Self { frames }
    }
}

impl std::str::FromStr for FrameRange {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        Self::parse(text)
    }
}

/// The shortest text that gives these frames again.
impl fmt::Display for FrameRange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.frames.as_slice();
        let mut separator = "";
        while let Some(&first) = rest.first() {
            let step = rest.get(1).map_or(1, |second| second - first);
            let steady = rest.windows(2).take_while(|pair| pair[1] - pair[0] == step).count() + 1;
            // Two frames that are no neighbours read better one by one.
            let run = if steady == 2 && step.abs() != 1 { 1 } else { steady };
            let last = rest[run - 1];
            match (run, step.abs()) {
                (1, _) => write!(out, "{separator}{first}")?,
                (_, 1) => write!(out, "{separator}{first}-{last}")?,
                (_, step) => write!(out, "{separator}{first}-{last}x{step}")?,
            }
            separator = ",";
            rest = &rest[run..];
        }
        Ok(())
    }
}

/// A frame range that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeError {
    text: String,
    found: String,
}

impl fmt::Display for RangeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "frame range {:?}: found {}, expected frames such as 1001, 1001-1025 or 1001-1025x2",
            self.text, self.found
        )
    }
}

impl std::error::Error for RangeError {}

/// First, last and step (at least 1).
fn parse_item(item: &str) -> Option<(i64, i64, u64)> {
    let (range, step) = match item.split_once('x') {
        Some((range, step)) => (range, step.parse().ok().filter(|&step| step > 0)?),
        None => (item, 1),
    };
    // A hyphen at the very start is a sign.
    let hyphen = range.char_indices().skip(1).find(|(_, letter)| *letter == '-');
    let number = |text: &str| {
        // Room for arithmetic; no frame is numbered so high.
        text.parse::<i64>().ok().filter(|frame| frame.unsigned_abs() < 1 << 40)
    };
    let (first, last) = match hyphen {
        Some((at, _)) => (number(&range[..at])?, number(&range[at + 1..])?),
        None => (number(range)?, number(range)?),
    };
    (step < 1 << 40).then_some((first, last, step))
}
