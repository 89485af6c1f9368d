//! Fuzzing inside the test process: parsers are fed spoilt copies of sound inputs and must refuse
//! or accept them, never panic. It needs nothing but cargo, so it always runs; `fuzz/` has the same
//! targets for libFuzzer, which also sees coverage and memory.
//!
//! As a test each target runs a fixed number of inputs. `cargo xtask fuzz` sets [`SECONDS`] and
//! [`SEED`]. An input follows from seed and index alone; one that crashes is kept in the target folder.

mod mutate;
mod random;
mod targets;

use random::Random;
use std::panic::catch_unwind;
use std::time::{Duration, Instant};
use targets::{TARGETS, Target};

/// Environment variable: seconds for each target, instead of [`INPUTS`].
const SECONDS: &str = "HEADROOM_FUZZ_SECONDS";
/// Environment variable: another seed.
const SEED: &str = "HEADROOM_FUZZ_SEED";
/// Environment variable: a folder to write the sound inputs to, for libFuzzer to begin with.
const CORPUS: &str = "HEADROOM_FUZZ_CORPUS";
/// Inputs for each target where no time is given.
const INPUTS: u64 = 20_000;

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}: found \"{text}\", expected a number")))
}

fn fuzz(target: &Target) {
    let corpus = (target.corpus)();
    assert!(!corpus.is_empty());
    let seed = variable(SEED).unwrap_or(1);
    let until = variable(SECONDS).map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let (mut count, mut accepted, mut crashes) = (0u64, 0u64, Vec::new());
    let mut slowest = Duration::ZERO;
    let goes_on = |count| match until {
        Some(until) => Instant::now() < until,
        None => count < INPUTS,
    };
    while goes_on(count) {
        let input = mutate::mutate(&corpus, target.prefixed, &mut Random::new(seed, count));
        let started = Instant::now();
        match catch_unwind(|| (target.run)(&input)) {
            Ok(true) => accepted += 1,
            Ok(false) => {}
            Err(_) => {
                let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
                    .join(format!("fuzz-{}-{seed}-{count}", target.name));
                std::fs::write(&path, &input).expect("the target folder can be written to");
                crashes.push(path);
            }
        }
        slowest = slowest.max(started.elapsed());
        count += 1;
    }
    println!(
        "fuzz {}: {count} executions, {accepted} accepted, {} crashes, slowest {slowest:.1?}, seed {seed}",
        target.name,
        crashes.len()
    );
    assert!(crashes.is_empty(), "{}: inputs that crash: {crashes:?}", target.name);
    assert!(accepted > 0 && accepted < count, "{}: {accepted} of {count} accepted", target.name);
}

#[test]
fn every_sound_input_is_accepted() {
    for target in &TARGETS {
        for (index, input) in (target.corpus)().iter().enumerate() {
            assert!((target.run)(input), "{}: sound input {index} is refused", target.name);
            let Some(folder) = std::env::var_os(CORPUS) else { continue };
            let folder = std::path::Path::new(&folder).join(target.name);
            std::fs::create_dir_all(&folder).expect("the folder can be made");
            std::fs::write(folder.join(index.to_string()), input).expect("the input is written");
        }
    }
}

#[test]
fn model_files_of_any_bytes_are_read_or_refused() {
    fuzz(&TARGETS[0]);
}

#[test]
fn networks_of_any_configuration_are_built_or_refused() {
    fuzz(&TARGETS[1]);
}

#[test]
fn lookup_tables_of_any_bytes_are_read_or_refused() {
    fuzz(&TARGETS[2]);
}
