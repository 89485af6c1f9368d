//! What a call answers.

use headroom_ofx_sys as sys;

/// A status of OpenFX; dropping one unseen is a mistake.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub sys::OfxStatus);

/// A value, or the status that says why there is none.
pub type Result<T = ()> = std::result::Result<T, Status>;

macro_rules! statuses {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:ident;)+) => {
        impl Status {
            $($(#[doc = $doc])+ pub const $name: Self = Self(sys::$code);)+
        }
    };
}

statuses! {
    /// Done.
    OK = kOfxStatOK;
    /// Not done.
    FAILED = kOfxStatFailed;
    /// Not done, and nothing will be any more.
    FATAL = kOfxStatErrFatal;
    /// The thing asked for is not known here.
    UNKNOWN = kOfxStatErrUnknown;
    /// The host lacks a suite or function.
    MISSING_HOST_FEATURE = kOfxStatErrMissingHostFeature;
    /// Not offered.
    UNSUPPORTED = kOfxStatErrUnsupported;
    /// Out of memory; the host may purge and try again.
    MEMORY = kOfxStatErrMemory;
    /// A handle is not what it should be.
    BAD_HANDLE = kOfxStatErrBadHandle;
    /// A value is not what it should be.
    VALUE = kOfxStatErrValue;
    /// Do what you do by default.
    REPLY_DEFAULT = kOfxStatReplyDefault;
    /// Yes.
    REPLY_YES = kOfxStatReplyYes;
    /// A picture's layout cannot be used.
    IMAGE_FORMAT = kOfxStatErrImageFormat;
    /// A device could not do it; the host may try on the CPU.
    GPU_RENDER_FAILED = kOfxStatGPURenderFailed;
}

impl Status {
    /// `Ok` for [`Self::OK`], else the status as an error.
    ///
    /// # Errors
    /// With every other status, the replies among them.
    pub fn check(self) -> Result {
        if self == Self::OK { Ok(()) } else { Err(self) }
    }
}

impl From<Result> for Status {
    fn from(result: Result) -> Self {
        result.err().unwrap_or(Self::OK)
    }
}

impl std::fmt::Debug for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", sys::status_name(self.0), self.0)
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}
