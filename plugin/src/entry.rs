//! From actions to functions. Nothing unwinds out of here.

use crate::instance::with;
use crate::{changed, describe, instance, preferences, regions, render, state};
use headroom_ofx::{Action, Effect, PropertySet, Result, Status, guard, sys};
use std::ffi::{CStr, c_char, c_void};

/// Keeps the host's address. The standard forbids more: no suite may be fetched before Load.
pub(crate) unsafe extern "C" fn set_host(host: *mut sys::OfxHost) {
    let _ = guard("setHost", || {
        state::set_host(host);
        Status::OK
    });
}

/// The plug-in's one door.
pub(crate) unsafe extern "C" fn main_entry(
    action: *const c_char,
    handle: *const c_void,
    in_args: sys::OfxPropertySetHandle,
    out_args: sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    if action.is_null() {
        return Status::FAILED.0;
    }
    // SAFETY: by the standard the action is a C string.
    let name = unsafe { CStr::from_ptr(action) };
    let Some(action) = Action::from_name(name) else {
        return Status::REPLY_DEFAULT.0;
    };
    let what = name.to_str().unwrap_or("an action");
    guard(what, || {
        let result = dispatch(action, handle, in_args, out_args);
        if let Err(status) = result {
            if status != Status::REPLY_DEFAULT {
                log::error!("{what}: {status}");
            }
        }
        result.into()
    })
    .0
}

fn dispatch(
    action: Action,
    handle: *const c_void,
    in_args: sys::OfxPropertySetHandle,
    out_args: sys::OfxPropertySetHandle,
) -> Result {
    match action {
        Action::Load => return state::load(),
        Action::Unload => {
            state::unload();
            return Ok(());
        }
        // A host may purge with an instance or with nothing in hand; the caches are one for all.
        Action::PurgeCaches => {
            state::purge();
            return Ok(());
        }
        _ => {}
    }
    let host = state::current()?.host();
    // SAFETY: the host passes its own handles, alive during the action.
    let (effect, in_args, out_args) = unsafe {
        (
            Effect::from_raw(host, handle)?,
            PropertySet::from_raw(host, in_args),
            PropertySet::from_raw(host, out_args),
        )
    };
    match action {
        Action::Load | Action::Unload | Action::PurgeCaches => Ok(()),
        Action::Describe => describe::describe(&effect),
        Action::DescribeInContext => describe::describe_in_context(&effect),
        Action::CreateInstance => instance::create(&effect),
        Action::DestroyInstance => instance::destroy(&effect),
        Action::InstanceChanged => {
            with(&effect, |i| changed::instance_changed(i, in_args.as_ref()))
        }
        Action::GetRegionOfDefinition => {
            with(&effect, |i| regions::region_of_definition(i, in_args.as_ref(), out_args.as_ref()))
        }
        Action::GetRegionsOfInterest => {
            with(&effect, |i| regions::regions_of_interest(i, in_args.as_ref(), out_args.as_ref()))
        }
        Action::GetFramesNeeded => {
            with(&effect, |i| regions::frames_needed(i, in_args.as_ref(), out_args.as_ref()))
        }
        Action::IsIdentity => {
            with(&effect, |i| regions::is_identity(i, in_args.as_ref(), out_args.as_ref()))
        }
        Action::GetClipPreferences => {
            with(&effect, |i| preferences::clip_preferences(i, out_args.as_ref()))
        }
        Action::GetOutputColourspace => with(&effect, |i| {
            preferences::output_colourspace(i, in_args.as_ref(), out_args.as_ref())
        }),
        Action::Render => with(&effect, |i| render::render(i, in_args.as_ref())),
        Action::BeginSequenceRender
        | Action::EndSequenceRender
        | Action::SyncPrivateData
        | Action::BeginInstanceChanged
        | Action::EndInstanceChanged
        | Action::BeginInstanceEdit
        | Action::EndInstanceEdit => Ok(()),
        Action::GetTimeDomain => Err(Status::REPLY_DEFAULT),
    }
}
