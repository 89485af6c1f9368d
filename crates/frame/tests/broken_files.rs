//! Broken and unsupported files are refused: with the file's name, the field, what was found and
//! what was expected; without a panic, in little memory and time. And nothing is left behind by
//! writes that fail.

mod builders;

use std::cell::Cell;
use std::fs;
use std::panic;
use std::path::Path;
use std::time::{Duration, Instant};

use builders::{Broken, exr, hdr, jpeg, png, tiff};
use headroom_frame::{
    AlphaKind, Frame, FrameError, ReadOptions, Sample, Window, WriteOptions, read, write,
};

thread_local! {
    static PANICS: Cell<usize> = const { Cell::new(0) };
}

/// Counts the panics of each thread, those caught inside the library included. The tests read
/// with one thread, their own.
fn count_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PANICS.set(PANICS.get() + 1);
            usual(info);
        }));
    });
}

fn one_thread() -> ReadOptions {
    ReadOptions { threads: 1, ..Default::default() }
}

/// The most memory this process has ever held, in MiB, where the system tells.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.trim().parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// Fails unless the message has all four parts.
fn assert_says_all(error: &FrameError, path: &Path, name: &str) {
    let text = error.to_string();
    assert!(text.starts_with(&format!("{}: ", path.display())), "{name}: {text}");
    assert!(!error.field().is_empty(), "{name}: {text}");
    assert!(text.contains(": found ") && !error.found().is_empty(), "{name}: {text}");
    assert!(text.contains(", expected ") && !error.expected().is_empty(), "{name}: {text}");
    assert!(text.len() < 1000, "{name}: {text}");
}

fn corpus() -> Vec<Broken> {
    let mut corpus = vec![
        Broken::new("empty.png", "file", Vec::new()),
        Broken::new("one-byte.exr", "signature", vec![0x76]),
        Broken::new("text.png", "signature", b"This is no picture at all.\n".to_vec()),
        Broken::new("zeros.tif", "signature", vec![0; 4096]),
        Broken::new("gif.png", "signature", b"GIF89a\x01\x00\x01\x00".to_vec()),
    ];
    corpus.extend(png::broken());
    corpus.extend(jpeg::broken());
    corpus.extend(tiff::broken());
    corpus.extend(exr::broken());
    corpus.extend(hdr::broken());
    corpus
}

#[test]
fn every_broken_file_is_refused_by_name_field_found_and_expected() {
    count_panics();
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus();
    assert!(corpus.len() >= 100, "{} files", corpus.len());
    let memory = peak_memory();
    let mut accepted = Vec::new();
    for Broken { name, field, bytes } in &corpus {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let start = Instant::now();
        match read(&path, &one_thread()) {
            Ok(_) => accepted.push(format!("{name}: accepted")),
            Err(error) => {
                assert_says_all(&error, &path, name);
                if !error.field().contains(field) {
                    accepted.push(format!("{name}: {error}; the field should be {field}"));
                }
            }
        }
        assert!(start.elapsed() < Duration::from_secs(2), "{name}: {:?}", start.elapsed());
    }
    assert!(accepted.is_empty(), "{}", accepted.join("\n"));
    let grown = peak_memory() - memory;
    assert!(grown < 200, "{grown} MiB for files of a few hundred bytes");
    assert_eq!(PANICS.get(), 0);
}

#[test]
fn names_in_the_corpus_are_unique() {
    let mut names: Vec<_> = corpus().into_iter().map(|broken| broken.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
}

/// The files of `tests/golden`.
fn good_files() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.extension().is_some_and(|end| end == "py" || end == "json"))
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())
        })
        .collect();
    files.sort_unstable();
    files
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    count_panics();
    let folder = tempfile::tempdir().unwrap();
    let mut accepted = Vec::new();
    for (name, bytes) in good_files() {
        let path = folder.path().join(&name);
        for length in (0..bytes.len()).step_by(11).chain([bytes.len() - 1]) {
            fs::write(&path, &bytes[..length]).unwrap();
            match read(&path, &one_thread()) {
                Ok(_) => accepted.push(format!("{name}: {length} of {}", bytes.len())),
                Err(error) => assert_says_all(&error, &path, &name),
            }
        }
    }
    assert!(accepted.is_empty(), "{}", accepted.join("\n"));
    assert_eq!(PANICS.get(), 0);
}

#[test]
fn files_with_wrong_bytes_neither_panic_nor_take_memory_or_time() {
    count_panics();
    let folder = tempfile::tempdir().unwrap();
    let memory = peak_memory();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % below
    };
    let start = Instant::now();
    let mut outcomes = [0_usize; 2];
    for (name, bytes) in good_files() {
        let path = folder.path().join(&name);
        for _ in 0..25 {
            let mut broken = bytes.clone();
            for _ in 0..=random(4) {
                let at = random(broken.len());
                broken[at] = [0, 1, 0x7f, 0x80, 0xff, random(256) as u8][random(6)];
            }
            fs::write(&path, broken).unwrap();
            let options = one_thread();
            match read(&path, &options) {
                Ok(frame) => {
                    outcomes[0] += 1;
                    assert_eq!(frame.pixels.len() as u64, frame.data_window.area() * 4);
                }
                Err(error) => {
                    outcomes[1] += 1;
                    assert_says_all(&error, &path, &name);
                }
            }
        }
    }
    assert!(outcomes.iter().all(|&count| count > 100), "{outcomes:?} accepted and refused");
    assert!(peak_memory() - memory < 1000, "{} MiB", peak_memory() - memory);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    assert_eq!(PANICS.get(), 0);
}

#[test]
fn folders_and_missing_files_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("folder.png");
    fs::create_dir(&directory).unwrap();
    let missing = folder.path().join("missing.exr");
    for path in [directory, missing] {
        let error = read(&path, &ReadOptions::default()).unwrap_err();
        assert_says_all(&error, &path, "path");
        assert_eq!(error.field(), "file");
    }
}

#[test]
fn pictures_beyond_the_callers_limit_are_refused() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for name in ["rgb8.png", "444.jpg", "rgb8.tif", "half-zip.exr", "runs.hdr"] {
        let path = path.join(name);
        let options = ReadOptions { max_pixels: 19, ..Default::default() };
        let error = read(&path, &options).unwrap_err();
        assert_says_all(&error, &path, name);
        assert!(error.expected().contains("at most 19 pixels"), "{error}");
    }
}

fn small() -> Frame {
    Frame::new(2, 2, vec![0.5; 16], AlphaKind::Opaque)
}

fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn writes_that_cannot_succeed_say_why_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("taken.exr")).unwrap();
    fs::write(folder.join("file"), "no folder").unwrap();
    let before = listing(folder);

    let options = WriteOptions::default();
    let with = |change: fn(&mut WriteOptions)| {
        let mut options = WriteOptions::default();
        change(&mut options);
        options
    };
    let mut short = small();
    short.pixels.pop();
    let mut empty = small();
    empty.pixels.clear();
    empty.data_window = Window::at_origin(0, 2);
    let mut squashed = small();
    squashed.pixel_aspect = f32::NAN;
    let mut far = small();
    far.data_window.x = i32::MAX;
    let mut twice = small();
    let attribute = headroom_frame::Attribute::int("one", 1);
    twice.metadata.attributes = vec![attribute.clone(), attribute];
    let mut wide = Frame::new(70000, 1, vec![0.5; 280_000], AlphaKind::Opaque);
    wide.display_window = wide.data_window;

    let cases: [(&str, &Frame, &WriteOptions, &str); 14] = [
        ("a.bmp", &small(), &options, "extension"),
        ("a", &small(), &options, "extension"),
        ("nowhere/a.exr", &small(), &options, "folder"),
        ("file/a.png", &small(), &options, "folder"),
        ("taken.exr", &small(), &options, "file"),
        ("a.png", &small(), &with(|options| options.sample = Sample::Half), "sample"),
        ("a.exr", &small(), &with(|options| options.sample = Sample::U8), "sample"),
        ("a.jpg", &small(), &with(|options| options.jpeg_quality = 0), "JPEG quality"),
        ("a.jpg", &wide, &options, "JPEG"),
        ("a.exr", &short, &options, "frame"),
        ("a.exr", &empty, &options, "frame"),
        ("a.exr", &squashed, &options, "pixel aspect"),
        ("a.exr", &far, &options, "dataWindow"),
        ("a.exr", &twice, &options, "one"),
    ];
    for (name, frame, options, field) in cases {
        let path = folder.join(name);
        let error = write(&path, frame, options).unwrap_err();
        assert_says_all(&error, &path, name);
        assert_eq!(error.field(), field, "{error}");
        assert_eq!(listing(folder), before, "{name}");
    }
}

#[test]
fn a_write_that_fails_leaves_the_old_file_and_one_that_succeeds_replaces_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.exr");
    write(&path, &small(), &WriteOptions::default()).unwrap();
    let old = fs::read(&path).unwrap();
    let mut far = small();
    far.data_window.x = i32::MAX;
    assert!(write(&path, &far, &WriteOptions::default()).is_err());
    assert_eq!(fs::read(&path).unwrap(), old);
    let bright = Frame::new(2, 2, vec![1.0; 16], AlphaKind::Opaque);
    write(&path, &bright, &WriteOptions::default()).unwrap();
    assert_ne!(fs::read(&path).unwrap(), old);
    assert_eq!(listing(folder.path()), ["a.exr"]);
}

#[cfg(unix)]
#[test]
fn new_files_can_be_read_by_others_as_far_as_the_mask_allows() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    fs::write(folder.path().join("usual"), "x").unwrap();
    write(&folder.path().join("a.png"), &small(), &WriteOptions::default()).unwrap();
    assert_eq!(mode(&folder.path().join("a.png")), mode(&folder.path().join("usual")));
}
