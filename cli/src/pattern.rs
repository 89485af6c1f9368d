//! From what the user names to pairs of files: single pictures, sequences, folders.

use crate::error::{Error, Outcome};
use headroom_frame::FileKind;
use headroom_frame::sequence::{FrameRange, Pattern, in_folder};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// One picture to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    /// Frame number; time for the engine.
    pub(crate) frame: i64,
    /// File that is read.
    pub(crate) input: PathBuf,
    /// File that is written.
    pub(crate) output: PathBuf,
}

/// Pictures that belong together: a sequence, or one picture alone.
#[derive(Clone, Debug)]
pub(crate) struct Shot {
    /// Where neighbouring frames are found.
    pub(crate) input: Pattern,
    /// What is to be made, in this order.
    pub(crate) jobs: Vec<Job>,
}

/// Frame number of a single picture.
const SINGLE: i64 = 1;

/// Pairs input and output. `extension` names the format where the output is a folder.
///
/// # Errors
/// Missing where there is no input, usage where the two do not go together.
pub(crate) fn pair(
    input: &Path,
    output: &Path,
    range: Option<&FrameRange>,
    extension: &str,
) -> Outcome<Vec<Shot>> {
    let shots = if input.is_dir() {
        of_folder(input, output, range, extension)?
    } else {
        vec![of_pattern(Pattern::parse(input)?, output, range, extension)?]
    };
    check(&shots)?;
    Ok(shots)
}

/// The frames of a pattern: those of the range, else those on the disk.
///
/// # Errors
/// Missing where none exists.
pub(crate) fn frames(pattern: &Pattern, range: Option<&FrameRange>) -> Outcome<Vec<i64>> {
    let missing = |expected: &str| {
        Error::missing(format!("{pattern}: input: found no such file, expected {expected}"))
    };
    if !pattern.is_sequence() {
        let frame = range.and_then(|r| r.frames().first().copied()).unwrap_or(SINGLE);
        let there = pattern.path(frame).exists();
        return if there { Ok(vec![frame]) } else { Err(missing("a picture")) };
    }
    match range {
        None => {
            let existing = pattern.existing()?;
            if existing.is_empty() { Err(missing("numbered pictures")) } else { Ok(existing) }
        }
        Some(range) => {
            let frames = range.frames();
            if frames.iter().any(|frame| pattern.path(*frame).exists()) {
                Ok(frames.to_vec())
            } else {
                Err(missing(&format!("frames of {range}")))
            }
        }
    }
}

fn of_pattern(
    input: Pattern,
    output: &Path,
    range: Option<&FrameRange>,
    extension: &str,
) -> Outcome<Shot> {
    let frames = frames(&input, range)?;
    let job = |frame: i64, output: PathBuf| Job { frame, input: input.path(frame), output };
    let jobs = if is_folder(output) {
        frames.iter().map(|f| job(*f, inside(output, &input.path(*f), extension))).collect()
    } else {
        let pattern = Pattern::parse(output)?;
        if frames.len() > 1 && !pattern.is_sequence() {
            return Err(Error::usage(format!(
                "{}: output: found one file for {} frames, expected a pattern such as \
                 shot.####.exr, or a folder",
                output.display(),
                frames.len()
            )));
        }
        frames.iter().map(|f| job(*f, pattern.path(*f))).collect()
    };
    Ok(Shot { input, jobs })
}

fn of_folder(
    input: &Path,
    output: &Path,
    range: Option<&FrameRange>,
    extension: &str,
) -> Outcome<Vec<Shot>> {
    if !is_folder(output) {
        return Err(Error::usage(format!(
            "{}: output: found a file for the folder {}, expected a folder",
            output.display(),
            input.display()
        )));
    }
    let mut shots = Vec::new();
    for found in in_folder(input)? {
        let frames = match (found.pattern.is_sequence(), range) {
            (false, _) => vec![SINGLE],
            (true, None) => found.frames,
            (true, Some(range)) => {
                range.frames().iter().copied().filter(|f| found.frames.contains(f)).collect()
            }
        };
        let pattern = found.pattern;
        let jobs: Vec<Job> = frames
            .into_iter()
            .map(|frame| {
                let input = pattern.path(frame);
                Job { frame, output: inside(output, &input, extension), input }
            })
            .collect();
        if !jobs.is_empty() {
            shots.push(Shot { input: pattern, jobs });
        }
    }
    if shots.is_empty() {
        let what = "found no picture, expected exr, png, jpg, tif or hdr files";
        return Err(Error::missing(format!("{}: input folder: {what}", input.display())));
    }
    Ok(shots)
}

/// What is a folder, ends like one, or has no extension that a picture could have.
pub(crate) fn is_folder(path: &Path) -> bool {
    let ends_open = path.to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
    path.is_dir() || ends_open || (path.extension().is_none() && !path.is_file())
}

fn inside(folder: &Path, input: &Path, extension: &str) -> PathBuf {
    folder.join(input.file_name().unwrap_or_default()).with_extension(extension)
}

/// Refuses to write a file twice, over an input, or in a format that cannot be written.
fn check(shots: &[Shot]) -> Outcome {
    let jobs = || shots.iter().flat_map(|shot| &shot.jobs);
    let inputs: HashSet<&Path> = jobs().map(|job| job.input.as_path()).collect();
    let mut outputs = HashSet::new();
    for Job { output, .. } in jobs() {
        let wrong = |what: &str| Error::usage(format!("{}: output: {what}", output.display()));
        if FileKind::from_path(output).is_none() {
            return Err(wrong("expected the extension exr, png, jpg, jpeg, tif or tiff"));
        }
        if inputs.contains(output.as_path()) {
            return Err(wrong("found the name of an input, expected another file"));
        }
        if !outputs.insert(output.as_path()) {
            return Err(wrong("found for two inputs, expected a file for each"));
        }
    }
    Ok(())
}

/// Makes the folder that a file goes into.
pub(crate) fn make_folder_of(file: &Path) -> Outcome {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)
            .map_err(|error| Error::failed(format!("{}: folder: {error}", folder.display()))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for name in names {
            std::fs::write(folder.path().join(name), b"x").expect("written");
        }
        folder
    }

    fn names(shots: &[Shot]) -> Vec<(i64, String)> {
        let name =
            |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        shots.iter().flat_map(|s| &s.jobs).map(|j| (j.frame, name(&j.output))).collect()
    }

    #[test]
    fn a_sequence_goes_to_a_pattern_or_a_folder() {
        let folder = folder_with(&["a.0001.png", "a.0003.png", "b.png"]);
        let input = folder.path().join("a.####.png");
        let shots = pair(&input, &folder.path().join("o.%03d.exr"), None, "exr").expect("pairs");
        assert_eq!(names(&shots), [(1, "o.001.exr".into()), (3, "o.003.exr".into())]);
        let shots = pair(&input, &folder.path().join("out/"), None, "exr").expect("pairs");
        assert_eq!(names(&shots), [(1, "a.0001.exr".into()), (3, "a.0003.exr".into())]);
        let error = pair(&input, &folder.path().join("o.exr"), None, "exr").expect_err("one file");
        assert_eq!(error.code(), 2);
    }

    #[test]
    fn a_range_keeps_frames_that_are_missing_so_that_they_are_reported() {
        let folder = folder_with(&["a.0001.png", "a.0003.png"]);
        let input = folder.path().join("a.####.png");
        let output = folder.path().join("o.####.exr");
        let range = FrameRange::parse("1-3").expect("a range");
        let shots = pair(&input, &output, Some(&range), "exr").expect("pairs");
        assert_eq!(shots[0].jobs.len(), 3);
        let range = FrameRange::parse("7-9").expect("a range");
        let error = pair(&input, &output, Some(&range), "exr").expect_err("none there");
        assert_eq!(error.code(), 3);
    }

    #[test]
    fn a_folder_goes_to_a_folder_and_no_file_is_written_twice() {
        let folder = folder_with(&["a.0001.png", "a.0002.png", "b.jpg", "notes.txt"]);
        let out = folder.path().join("out");
        let shots = pair(folder.path(), &out, None, "exr").expect("pairs");
        assert_eq!(shots.len(), 2);
        assert_eq!(names(&shots).len(), 3);
        std::fs::write(folder.path().join("b.png"), b"x").expect("written");
        assert_eq!(pair(folder.path(), &out, None, "exr").expect_err("b twice").code(), 2);
        let error = pair(folder.path(), folder.path(), None, "png").expect_err("over the input");
        assert!(error.to_string().contains("name of an input"), "{error}");
    }
}
