//! What a run ran on.

use serde_json::{Map, Value, json};
use std::process::Command;

/// Everything about the machine, the program and how it was called that may explain a result.
pub(super) fn describe(device: &str, seed: u64) -> Value {
    json!({
        "program": {
            "name": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "commit": headroom::COMMIT,
            "build": if cfg!(debug_assertions) { "debug" } else { "release" },
            "target": format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
        },
        "device": device,
        "seed": seed,
        "command": std::env::args_os().map(|a| a.to_string_lossy().into_owned()).collect::<Vec<_>>(),
        "folder": std::env::current_dir().ok().map(|path| path.display().to_string()),
        "git": git(),
        "host": host(),
        "system": system(),
        "cpu": {
            "model": cpu_model(),
            "features": cpu_features(),
            "cores": std::thread::available_parallelism().map_or(1, usize::from),
        },
        "memory_mib": memory_mib(),
        "variables": variables(),
    })
}

/// Standard output of a program; nothing where it is missing or fails.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    output.status.success().then_some(text)
}

/// The commit of the folder the run was started in: the user's experiments, not the program.
fn git() -> Value {
    match output("git", &["rev-parse", "HEAD"]) {
        Some(commit) => {
            let changes = output("git", &["status", "--porcelain", "--untracked-files=no"]);
            json!({ "commit": commit, "changed": changes.is_some_and(|text| !text.is_empty()) })
        }
        None => Value::Null,
    }
}

/// A file under `/proc`, trimmed.
fn proc(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

/// Name of this machine.
pub(crate) fn host() -> String {
    proc("/proc/sys/kernel/hostname")
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .or_else(|| output("hostname", &[]))
        .unwrap_or_else(|| "unknown".to_owned())
}

fn system() -> String {
    let release = std::fs::read_to_string("/etc/os-release").ok().and_then(|text| {
        let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
        Some(name.trim_matches('"').to_owned())
    });
    let kernel = proc("/proc/sys/kernel/osrelease").map(|kernel| format!("Linux {kernel}"));
    let parts: Vec<_> = release.into_iter().chain(kernel).collect();
    if parts.is_empty() { std::env::consts::OS.to_owned() } else { parts.join(", ") }
}

fn cpu_model() -> Option<String> {
    let line = |text: String| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    proc("/proc/cpuinfo")
        .and_then(line)
        .or_else(|| output("sysctl", &["-n", "machdep.cpu.brand_string"]))
        .or_else(|| std::env::var("PROCESSOR_IDENTIFIER").ok())
}

/// Those that numerical kernels choose by.
fn cpu_features() -> Vec<&'static str> {
    let mut found = Vec::new();
    #[cfg(target_arch = "x86_64")]
    macro_rules! look {
        ($($name:tt)*) => { $(if is_x86_feature_detected!($name) { found.push($name); })* };
    }
    #[cfg(target_arch = "x86_64")]
    look!("sse4.2" "avx" "avx2" "fma" "f16c" "avx512f" "avx512bw" "avx512vl" "avx512vnni" "avx512bf16");
    #[cfg(target_arch = "aarch64")]
    found.push("neon");
    found
}

fn memory_mib() -> Option<u64> {
    let linux = proc("/proc/meminfo").and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
    });
    linux.or_else(|| Some(output("sysctl", &["-n", "hw.memsize"])?.parse::<u64>().ok()? >> 20))
}

/// Variables that change what the program does. Those that may hold a secret are only said to be set.
fn variables() -> Value {
    let mut found: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        })
        .filter(|(name, _)| ["HEADROOM_", "RAYON_", "CUDA_"].iter().any(|p| name.starts_with(p)))
        .collect();
    found.sort();
    let shown = |(name, value): (String, String)| {
        let secret = ["URL", "TOKEN", "KEY", "PASSWORD"].iter().any(|word| name.contains(word));
        (name, Value::from(if secret { "(set)".to_owned() } else { value }))
    };
    Value::Object(found.into_iter().map(shown).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_program_device_seed_and_machine() {
        let found = describe("cpu", 7);
        assert_eq!(found["device"], "cpu");
        assert_eq!(found["seed"], 7);
        assert_eq!(found["program"]["commit"], headroom::COMMIT);
        assert!(found["cpu"]["cores"].as_u64().unwrap() > 0);
        assert!(!found["host"].as_str().unwrap().is_empty());
        assert!(!found["command"].as_array().unwrap().is_empty());
    }
}
