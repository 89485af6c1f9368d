//! What is known of hosts by name: where they depart from the standard, the plug-in bends. The
//! sources stand in `docs/HOSTS.md`. One row per host; the first that matches counts.

use headroom_ofx::Host;

/// What to expect of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quirks {
    /// Pictures come as scene-linear Rec.709 unless the host says otherwise (Auto input space).
    pub(crate) linear: bool,
    /// Persistent messages can be trusted.
    pub(crate) persistent_messages: bool,
    /// Images are whole frames, and what they say of their region of definition is in another
    /// scale.
    pub(crate) bounds_are_frame: bool,
}

const PLAIN: Quirks = Quirks { linear: false, persistent_messages: true, bounds_are_frame: false };

/// A row: beginning of the host's name, versions below which it counts (none: all), quirks.
type Row = (&'static str, Option<i32>, Quirks);

const TABLE: &[Row] = &[
    ("uk.co.thefoundry.", None, Quirks { linear: true, ..PLAIN }),
    ("fr.inria.Natron", None, Quirks { linear: true, ..PLAIN }),
    ("com.blackmagicdesign.Fusion", None, Quirks { linear: true, bounds_are_frame: true, ..PLAIN }),
    ("com.eyeonline.Fusion", None, Quirks { linear: true, bounds_are_frame: true, ..PLAIN }),
    // Version 14 had persistent messages of which one half was null and the other garbage.
    (
        "DaVinciResolve",
        Some(15),
        Quirks { persistent_messages: false, bounds_are_frame: true, ..PLAIN },
    ),
    ("DaVinciResolve", None, Quirks { bounds_are_frame: true, ..PLAIN }),
    // Its previews carry wrong render scales.
    ("com.vegascreativesoftware.vegas", None, Quirks { bounds_are_frame: true, ..PLAIN }),
    ("com.sonycreativesoftware.vegas", None, Quirks { bounds_are_frame: true, ..PLAIN }),
];

impl Quirks {
    /// What to expect of `host`.
    pub(crate) fn of(host: &Host) -> Self {
        Self::by_name(host.name(), host.version().first().copied())
    }

    fn by_name(name: &str, version: Option<i32>) -> Self {
        TABLE
            .iter()
            .find(|(prefix, below, _)| {
                name.starts_with(prefix)
                    && below.is_none_or(|below| version.is_some_and(|v| v < below))
            })
            .map_or(PLAIN, |row| row.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_go_by_the_beginning_of_their_name_and_by_version() {
        assert!(Quirks::by_name("uk.co.thefoundry.nuke", Some(15)).linear);
        assert!(Quirks::by_name("com.blackmagicdesign.Fusion", None).linear);
        assert!(!Quirks::by_name("DaVinciResolveLite", Some(19)).linear);
        assert!(!Quirks::by_name("DaVinciResolve", Some(14)).persistent_messages);
        assert!(Quirks::by_name("DaVinciResolve", Some(19)).persistent_messages);
        assert_eq!(Quirks::by_name("somebody's host", Some(1)), PLAIN);
    }
}
