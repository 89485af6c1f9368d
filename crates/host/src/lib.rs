//! An OpenFX host that checks what a plug-in does.
//!
//! It loads any bundle and drives it as compositing and grading hosts do, including those hosts'
//! habits (`HostConfig`): Nuke's, Resolve's, Fusion's, Natron's, Baselight's, a bare host with the
//! mandatory suites only, a strict one of OpenFX 1.5. No display, no interaction; images in the memory of the CPU
//! or of a device of OpenCL or CUDA ([`ImageMemory`]).
//!
//! # One render
//!
//! [`Effect::open`] loads the binary (`OfxSetHost`, `OfxGetNumberOfPlugins`, `OfxGetPlugin`,
//! `setHost`), then Load, Describe, DescribeInContext, CreateInstance. [`Effect::render`] tells
//! the clips what they are connected to (InstanceChanged, GetClipPreferences when something did
//! change), asks GetOutputColourspace where a colour style was agreed on, GetRegionOfDefinition,
//! GetFramesNeeded, then for each window IsIdentity and GetRegionsOfInterest, and makes the render
//! calls between BeginSequenceRender and EndSequenceRender, on as many threads and instances as
//! the [`RenderRequest`] says (and the plug-in's thread safety allows). [`Effect::close`] destroys,
//! unloads and closes.
//!
//! # What is checked
//!
//! Every rule of [`ViolationKind`]. Each render call has an output image of its own, between
//! guards and full of a NaN that no arithmetic makes, so that a pixel not written, or written
//! outside the window, is seen. Sources are fingerprinted. Handles are numbers that are never used
//! twice, so that a stale one is noticed instead of read. Strings of a description are looked at
//! again until the plug-in is unloaded (Linux only: reading memory that may be gone needs
//! `/proc/self/mem`). What is noticed in a render is in its [`Report`], the rest comes from
//! [`Effect::close`].
//!
//! # What is not done
//!
//! Overlays, parametric parameters, custom interpolation, the Transition, Paint, Retimer and
//! Generator contexts, images of Metal and OpenGL, integer sample formats. The sources are taken as they come: the
//! host converts neither colour nor premultiplication, nor does it resample for a render scale.
//!
//! The plug-in runs in this process: when it crashes, so does the host.

#![allow(unsafe_code)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap
)]

mod action;
mod arguments;
mod binary;
mod buffer;
mod change;
mod config;
mod describe;
mod device;
mod effect;
mod error;
mod half;
mod image;
mod job;
pub mod matrix;
mod object;
mod param;
mod peek;
mod propset;
mod questions;
mod registry;
mod render;
mod request;
mod schema;
mod session;
mod suite;
mod violation;

pub use binary::find_binary;
pub use buffer::RowLayout;
pub use config::{
    Checks, ColourStyle, Components, Depth, HostConfig, MessageSuite, PROFILES, Project,
    ThreadSuite,
};
pub use describe::{Described, Description, Property, PropertyValue};
pub use device::{DeviceRows, ImageMemory};
pub use effect::Effect;
pub use error::HostError;
pub use image::{ClipFormat, HostImage, Premult, Sources, Window};
pub use request::{
    Context, Field, ImageCrop, Instances, OutputBounds, RenderRequest, Rendered, Windows,
};
pub use session::Message;
pub use violation::{Report, Violation, ViolationKind};
