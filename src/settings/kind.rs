//! What a setting is made of.

use super::Id;
use std::sync::Arc;

/// Where a setting stands in the node and in documents; in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// What the picture is.
    Input,
    /// What becomes of its highlights.
    Expansion,
    /// Repairs of the 8-bit signal.
    CleanUp,
    /// Where and how much.
    Mask,
    /// What is shown.
    View,
    /// What neighbouring frames decide.
    Time,
    /// What is handed on.
    Output,
    /// What the node tells.
    Info,
}

impl Group {
    /// Every group, in menu order.
    pub const ALL: [Self; 8] = [
        Self::Input,
        Self::Expansion,
        Self::CleanUp,
        Self::Mask,
        Self::View,
        Self::Time,
        Self::Output,
        Self::Info,
    ];

    /// Stable identifier.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Expansion => "expansion",
            Self::CleanUp => "clean_up",
            Self::Mask => "mask",
            Self::View => "view_group",
            Self::Time => "time",
            Self::Output => "output",
            Self::Info => "info_group",
        }
    }

    /// Text on screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Input => "Input",
            Self::Expansion => "Expansion",
            Self::CleanUp => "Clean-up",
            Self::Mask => "Mask and Mix",
            Self::View => "View",
            Self::Time => "Time",
            Self::Output => "Output",
            Self::Info => "Info",
        }
    }
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A plain number, mostly a share from 0 to 1.
    None,
    /// Photographic stops (log2).
    Stops,
    /// Candela per square metre.
    Nits,
    /// Encoded signal, 1 is full scale.
    Code,
    /// Degrees.
    Degrees,
    /// Frames.
    Frames,
    /// Millions of bytes.
    Megabytes,
}

/// One option of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Stable identifier, accepted by the command line and presets.
    pub id: &'static str,
    /// Text on screen.
    pub label: &'static str,
}

/// Type, range and default of a setting.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// On or off.
    Toggle {
        /// Value of a new node.
        default: bool,
    },
    /// A number.
    Number {
        /// Value of a new node.
        default: f64,
        /// Least and greatest value taken.
        range: (f64, f64),
        /// Ends of the slider.
        display: (f64, f64),
        /// What it counts.
        unit: Unit,
    },
    /// A whole number.
    Integer {
        /// Value of a new node.
        default: i32,
        /// Least and greatest value taken.
        range: (i32, i32),
        /// Ends of the slider.
        display: (i32, i32),
        /// What it counts.
        unit: Unit,
    },
    /// One of a list. Lists only ever grow at their end, because hosts store the index.
    Choice {
        /// Index of a new node.
        default: usize,
        /// The list.
        options: fn() -> &'static [Choice],
    },
    /// The path of a file, or nothing.
    File,
    /// A push button of the node; no value.
    Button,
    /// A text the node shows; no value.
    Info,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Key in code.
    pub key: Id,
    /// Stable identifier: script name in hosts, key in presets and on the command line.
    pub id: &'static str,
    /// Text on screen.
    pub label: &'static str,
    /// Help, one or two sentences.
    pub hint: &'static str,
    /// Where it stands.
    pub group: Group,
    /// Type, range, default.
    pub kind: Kind,
    /// Whether it may change over time.
    pub animates: bool,
}

impl Setting {
    /// The value of a new node; none for buttons and texts.
    #[must_use]
    pub fn default(&self) -> Option<Value> {
        Some(match self.kind {
            Kind::Toggle { default } => Value::Toggle(default),
            Kind::Number { default, .. } => Value::Number(default),
            Kind::Integer { default, .. } => Value::Integer(default),
            Kind::Choice { default, .. } => Value::Choice(default),
            Kind::File => Value::Text(Arc::from("")),
            Kind::Button | Kind::Info => return None,
        })
    }

    /// The options of a choice; none for other kinds.
    #[must_use]
    pub fn options(&self) -> &'static [Choice] {
        match self.kind {
            Kind::Choice { options, .. } => options(),
            _ => &[],
        }
    }
}

/// A value of a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of a toggle.
    Toggle(bool),
    /// Of a number.
    Number(f64),
    /// Of a whole number.
    Integer(i32),
    /// Of a choice: the index of the option.
    Choice(usize),
    /// Of a file: its path; empty for none.
    Text(Arc<str>),
}
