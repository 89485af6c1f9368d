//! Why the host could not do what it was asked.

use crate::{session::Message, violation::Report};
use headroom_ofx_sys::{OfxStatus, status_name};
use std::{fmt, path::PathBuf};

/// Why the host could not do what it was asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum HostError {
    /// There is no binary for this system where the bundle should have one.
    NoBinary {
        /// What was given.
        path: PathBuf,
        /// Where a binary was looked for.
        tried: Vec<PathBuf>,
    },
    /// The binary could not be loaded.
    Load {
        /// The binary.
        path: PathBuf,
        /// What the system said.
        source: libloading::Error,
    },
    /// The binary lacks what every OpenFX binary exports.
    Symbol {
        /// The binary.
        path: PathBuf,
        /// The symbol.
        symbol: &'static str,
    },
    /// OfxSetHost answered that it wants to be skipped.
    Skipped {
        /// The binary.
        path: PathBuf,
    },
    /// There is no such plug-in in the binary.
    NoPlugin {
        /// What was asked for, none for "the first".
        wanted: Option<String>,
        /// What is there.
        found: Vec<String>,
    },
    /// The plug-in does not offer the context.
    NoContext {
        /// What was asked for.
        wanted: &'static str,
        /// What is there.
        found: Vec<String>,
    },
    /// Host and plug-in share no sample format.
    NoDepth {
        /// What the plug-in offers.
        found: Vec<String>,
    },
    /// An action failed.
    Action {
        /// The action.
        action: String,
        /// What it returned.
        status: OfxStatus,
        /// What the plug-in said meanwhile.
        messages: Vec<Message>,
        /// What was noticed meanwhile.
        report: Report,
    },
    /// There is no such parameter.
    NoParam {
        /// What was asked for.
        name: String,
    },
    /// A parameter cannot take the value.
    Value {
        /// The parameter.
        param: String,
        /// The value.
        found: String,
        /// What it takes.
        expected: String,
    },
    /// A render that cannot be.
    Request(String),
    /// There is no device to lend memory of.
    Device(String),
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBinary { path, tried } => {
                write!(f, "{}: no OpenFX binary for this system; looked for", path.display())?;
                tried.iter().try_for_each(|path| write!(f, " {}", path.display()))
            }
            Self::Load { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Symbol { path, symbol } => {
                write!(f, "{}: does not export {symbol}: not an OpenFX binary", path.display())
            }
            Self::Skipped { path } => {
                write!(f, "{}: OfxSetHost asked to be skipped", path.display())
            }
            Self::NoPlugin { wanted: Some(wanted), found } => {
                write!(f, "no plug-in {wanted:?}; found {found:?}")
            }
            Self::NoPlugin { wanted: None, .. } => write!(f, "the binary has no image effect"),
            Self::NoContext { wanted, found } => {
                write!(f, "the plug-in has no context {wanted:?}; found {found:?}")
            }
            Self::NoDepth { found } => {
                write!(f, "host and plug-in share no sample format; the plug-in has {found:?}")
            }
            Self::Action { action, status, messages, report } => {
                write!(f, "{action} returned {} ({status})", status_name(*status))?;
                messages.iter().try_for_each(|message| write!(f, "; it says: {}", message.text))?;
                if report.is_clean() { Ok(()) } else { write!(f, "; noticed: {report}") }
            }
            Self::NoParam { name } => write!(f, "no parameter {name:?}"),
            Self::Value { param, found, expected } => {
                write!(f, "{param}: found {found:?}, expected {expected}")
            }
            Self::Request(why) | Self::Device(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for HostError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Load { source, .. } => Some(source),
            _ => None,
        }
    }
}
