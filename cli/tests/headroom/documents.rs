//! Completions and manual pages.

use crate::support::*;

const SUBCOMMANDS: [&str; 12] = [
    "render",
    "prep",
    "compare",
    "spaces",
    "presets",
    "models",
    "settings",
    "host",
    "doctor",
    "sample",
    "completions",
    "man",
];

#[test]
fn every_shell_completes_every_subcommand() {
    let folder = folder();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = succeed(&folder, &format!("completions {shell}")).out;
        for name in SUBCOMMANDS {
            assert!(script.contains(name), "{shell}: {name}");
        }
    }
}

#[test]
fn every_subcommand_has_a_manual_page_and_help() {
    let folder = folder();
    succeed(&folder, "man {}/man1");
    let pages = files(&folder.path().join("man1"));
    for name in SUBCOMMANDS {
        let page = pages.iter().find(|(page, _)| *page == format!("headroom-{name}.1"));
        let (_, text) = page.unwrap_or_else(|| panic!("no page for {name}"));
        assert!(text.len() > 200, "{name}");
        let help = succeed(&folder, &format!("{name} --help")).out;
        assert!(help.contains("Usage: headroom"), "{help}");
    }
    assert!(succeed(&folder, "--help").out.contains("130  interrupted"));
}
