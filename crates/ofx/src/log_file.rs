//! The log file: a small, bounded text file that helps when a host tells nothing.
//!
//! Its place is `$HEADROOM_LOG`, else `headroom.log` in
//! * Linux: `$XDG_STATE_HOME/headroom`, else `~/.local/state/headroom`;
//! * macOS: `~/Library/Logs/Headroom`;
//! * Windows: `%LOCALAPPDATA%\Headroom`.
//!
//! `$HEADROOM_LOG_LEVEL` (off, error, warn, info, debug, trace; info by default) says how much goes
//! into it. It is opened by the first record, and no trouble with it ever reaches the caller.

use log::{LevelFilter, Log, Metadata, Record};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// At this size the file becomes `headroom.log.old` and a new one begins.
const LARGEST: u64 = 1 << 20;

#[derive(Default)]
struct State {
    path: Option<PathBuf>,
    file: Option<File>,
    bytes: u64,
    broken: bool,
}

struct Logger(Mutex<State>);

static LOGGER: Logger =
    Logger(Mutex::new(State { path: None, file: None, bytes: 0, broken: false }));

/// Where the log goes; none when the system names no place.
#[must_use]
pub fn log_path() -> Option<PathBuf> {
    path_by(|name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from))
}

fn path_by(var: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    if let Some(path) = var("HEADROOM_LOG") {
        return Some(path);
    }
    let folder = if cfg!(windows) {
        var("LOCALAPPDATA")?.join("Headroom")
    } else if cfg!(target_os = "macos") {
        var("HOME")?.join("Library/Logs/Headroom")
    } else {
        var("XDG_STATE_HOME")
            .filter(|p| p.is_absolute())
            .or_else(|| Some(var("HOME")?.join(".local/state")))?
            .join("headroom")
    };
    Some(folder.join("headroom.log"))
}

/// Directs the `log` macros of this library to the file. May be called again after [`close_log`].
pub fn open_log() {
    let level = std::env::var("HEADROOM_LOG_LEVEL").ok().and_then(|v| v.parse().ok());
    {
        let mut state = LOGGER.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.path = log_path();
        state.broken = false;
    }
    // Refused when a logger is there already: ours from an earlier Load, or another program's.
    let _ = log::set_logger(&LOGGER);
    log::set_max_level(level.unwrap_or(LevelFilter::Info));
}

/// Closes the file and silences the macros.
pub fn close_log() {
    log::set_max_level(LevelFilter::Off);
    let mut state = LOGGER.0.lock().unwrap_or_else(PoisonError::into_inner);
    state.file = None;
    state.bytes = 0;
}

impl State {
    fn write(&mut self, text: &str) -> std::io::Result<()> {
        let Some(path) = self.path.clone() else { return Ok(()) };
        if self.bytes >= LARGEST {
            self.file = None;
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let (file, bytes) = open(&path)?;
                self.bytes = bytes;
                none.insert(file)
            }
        };
        // One write per record keeps the records of several processes whole.
        file.write_all(text.as_bytes())?;
        self.bytes += text.len() as u64;
        Ok(())
    }
}

/// Opens the file for appending, after moving one that is full out of the way.
fn open(path: &Path) -> std::io::Result<(File, u64)> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() >= LARGEST) {
        let mut old = path.as_os_str().to_owned();
        old.push(".old");
        std::fs::rename(path, old)?;
    }
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let bytes = file.metadata()?.len();
    Ok((file, bytes))
}

impl Log for Logger {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let text = format!(
            "{} {} {:5} {}\n",
            utc(seconds),
            std::process::id(),
            record.level(),
            record.args()
        );
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.broken && state.write(&text).is_err() {
            // A full disk or a read-only home must not cost a render anything.
            state.broken = true;
            state.file = None;
        }
    }

    fn flush(&self) {}
}

/// Seconds since 1970 as `2026-11-22T08:30:00Z`.
fn utc(seconds: u64) -> String {
    let (days, rest) = (seconds / 86400, seconds % 86400);
    // Days to a date by Howard Hinnant's civil_from_days, for years from 1970 on.
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + u64::from(month <= 2);
    let (h, m, s) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        // `date -u -d @N +%FT%TZ` of coreutils.
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(utc(1_795_336_805), "2026-11-22T08:40:05Z");
    }

    #[test]
    fn the_variable_wins_and_without_a_home_there_is_no_log() {
        let path = path_by(|name| (name == "HEADROOM_LOG").then(|| PathBuf::from("/tmp/x.log")));
        assert_eq!(path, Some(PathBuf::from("/tmp/x.log")));
        assert_eq!(path_by(|_| None), None);
    }

    #[test]
    fn a_full_file_makes_room_and_a_broken_place_is_survived() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("logs/headroom.log");
        let mut state = State { path: Some(path.clone()), ..State::default() };
        state.write("first\n").expect("writable");
        state.write(&"x".repeat(LARGEST as usize)).expect("writable");
        state.write("after\n").expect("writable");
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "after\n");
        let old = std::fs::read_to_string(folder.path().join("logs/headroom.log.old"));
        assert!(old.expect("moved").starts_with("first\n"));
        let mut state = State { path: Some(path.join("below a file")), ..State::default() };
        assert!(state.write("lost\n").is_err());
    }
}
