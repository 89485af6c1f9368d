//! What the host found a plug-in doing that OpenFX, or a real host, forbids.

use std::fmt;

/// The rule that was broken. Each has a test with a plug-in that breaks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ViolationKind {
    /// Bytes before or after an image were changed.
    GuardBytes,
    /// Bytes between the end of one row and the start of the next were changed.
    RowPadding,
    /// A pixel of the render window still holds what the host put there.
    UnwrittenPixels,
    /// A pixel outside the render window (or of the other field) was written.
    OutsideWindow,
    /// A source image was written to.
    SourceWritten,
    /// An image was not released before the action returned.
    LeakedImage,
    /// An image was released twice.
    DoubleRelease,
    /// A status that the action may not return.
    IllegalStatus,
    /// An image was fetched for a time that GetFramesNeeded did not declare.
    UndeclaredFrame,
    /// An image was fetched for a region that GetRegionsOfInterest did not declare.
    UndeclaredRegion,
    /// A property that only the host may set was set.
    ReadOnlyProperty,
    /// A property was read or set as another type than it has.
    WrongPropertyType,
    /// A parameter was set in an action that may not do so.
    ParamSetIllegally,
    /// A string given to the host changed or vanished while the host still used it.
    TemporaryString,
    /// A host function was called from `setHost`.
    CallFromSetHost,
    /// What belongs to the main thread was done on another, or while rendering.
    WrongThread,
    /// A handle was used after the object had gone.
    UsedAfterDestroy,
    /// A handle that the host never gave out, or one of another kind.
    BadHandle,
    /// A null pointer where the standard demands a value.
    NullPointer,
    /// A function that is not legal in the current action.
    WrongAction,
    /// Memory of the host's suites was not given back.
    LeakedMemory,
    /// Memory was freed twice, or is not the host's.
    BadFree,
    /// The description breaks a rule (labels, defaults out of range, missing clips, ...).
    Description,
    /// The plug-in structure itself is wrong (identifier, API name, version, null entry).
    PluginStruct,
    /// A device refuses what was its own before the render.
    Device,
}

impl ViolationKind {
    /// A short name for tables: "guard bytes".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GuardBytes => "guard bytes",
            Self::RowPadding => "row padding",
            Self::UnwrittenPixels => "unwritten pixels",
            Self::OutsideWindow => "outside window",
            Self::SourceWritten => "source written",
            Self::LeakedImage => "leaked image",
            Self::DoubleRelease => "double release",
            Self::IllegalStatus => "illegal status",
            Self::UndeclaredFrame => "undeclared frame",
            Self::UndeclaredRegion => "undeclared region",
            Self::ReadOnlyProperty => "read-only property",
            Self::WrongPropertyType => "wrong property type",
            Self::ParamSetIllegally => "parameter set illegally",
            Self::TemporaryString => "temporary string",
            Self::CallFromSetHost => "call from setHost",
            Self::WrongThread => "wrong thread",
            Self::UsedAfterDestroy => "used after destroy",
            Self::BadHandle => "bad handle",
            Self::NullPointer => "null pointer",
            Self::WrongAction => "wrong action",
            Self::LeakedMemory => "leaked memory",
            Self::BadFree => "bad free",
            Self::Description => "description",
            Self::PluginStruct => "plug-in structure",
            Self::Device => "device",
        }
    }
}

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub kind: ViolationKind,
    /// The action during which it was noticed, empty outside every action.
    pub action: String,
    /// What was found and what was expected.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.action.is_empty() {
            write!(f, "{}: {}", self.kind.name(), self.detail)
        } else {
            write!(f, "{} in {}: {}", self.kind.name(), self.action, self.detail)
        }
    }
}

/// What was noticed during one render, or one life of a plug-in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Every broken rule, in the order noticed; equal ones appear once.
    pub violations: Vec<Violation>,
}

impl Report {
    /// True when no rule was broken.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// True when a rule of this kind was broken.
    #[must_use]
    pub fn has(&self, kind: ViolationKind) -> bool {
        self.violations.iter().any(|violation| violation.kind == kind)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for violation in &self.violations {
            writeln!(f, "{violation}")?;
        }
        Ok(())
    }
}
