//! The OpenFX plug-in: what a host sees of Headroom. Thin: it maps the settings table to
//! parameters, clips to picture memory and actions to the engine, and decides nothing about pixels.
//!
//! | file | subject |
//! |---|---|
//! | `lib.rs`, `entry.rs` | the two exported functions, and actions to functions |
//! | `state.rs` | what lives between Load and Unload: suites, threads, cache |
//! | `hosts.rs` | what is known of hosts by name |
//! | `describe.rs`, `params.rs` | the node's description from the settings table |
//! | `instance.rs` | handles of one node |
//! | `changed.rs`, `info.rs` | presets, buttons, what the node tells |
//! | `regions.rs`, `preferences.rs`, `colour.rs` | what hosts ask before they render |
//! | `render.rs`, `picture.rs`, `fields.rs` | one render |
//! | `measure.rs`, `cache.rs` | what the whole frame decides, once per frame |
#![allow(unsafe_code)]

mod cache;
mod changed;
mod colour;
mod describe;
mod device;
mod entry;
mod fields;
mod hosts;
mod info;
mod instance;
mod measure;
mod params;
mod picture;
mod preferences;
mod regions;
mod render;
mod state;

use headroom_ofx::sys;
use std::ffi::{CStr, c_int};

/// The plug-in's name to hosts; projects store it, so it never changes.
pub(crate) const IDENTIFIER: &CStr = c"fx.headroom.Headroom";

/// The node's name on screen. Letters only: Nuke makes node names from it.
pub(crate) const LABEL: &CStr = c"Headroom";

/// The version that hosts compare: major and minor. Hosts cache descriptions by it, so every
/// release that changes the description raises at least the minor.
pub(crate) const VERSION: [u32; 2] =
    [number(env!("CARGO_PKG_VERSION_MAJOR")), number(env!("CARGO_PKG_VERSION_MINOR"))];

const fn number(text: &str) -> u32 {
    match u32::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("cargo gives versions as numbers"),
    }
}

/// `OfxPlugin` holds addresses of constants only, so it may be shared.
struct Plugin(sys::OfxPlugin);

// SAFETY: immutable, and everything it points to is constant.
unsafe impl Sync for Plugin {}

static PLUGIN: Plugin = Plugin(sys::OfxPlugin {
    pluginApi: sys::kOfxImageEffectPluginApi.as_ptr(),
    apiVersion: sys::kOfxImageEffectPluginApiVersion,
    pluginIdentifier: IDENTIFIER.as_ptr(),
    pluginVersionMajor: VERSION[0],
    pluginVersionMinor: VERSION[1],
    setHost: Some(entry::set_host),
    mainEntry: Some(entry::main_entry),
});

/// How many plug-ins this library holds.
#[unsafe(no_mangle)]
pub extern "C" fn OfxGetNumberOfPlugins() -> c_int {
    1
}

/// The plug-in of that number; null when there is none.
#[unsafe(no_mangle)]
pub extern "C" fn OfxGetPlugin(nth: c_int) -> *const sys::OfxPlugin {
    if nth == 0 { &raw const PLUGIN.0 } else { std::ptr::null() }
}
