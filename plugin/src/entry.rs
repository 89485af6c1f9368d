//! From actions to functions. Nothing unwinds out of here.

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
        if let Err(status) = result
            && status != Status::REPLY_DEFAULT
        {
            log::error!("{what}: {status}");
        }
        match result.into() {
            // No answers to Render.
            Status::REPLY_DEFAULT | Status::REPLY_YES if action == Action::Render => Status::FAILED,
            status => status,
        }
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
    let described = || {
        let host = state::host()?;
        // SAFETY: the host passes its own handle, alive during the action.
        unsafe { Effect::from_raw(host, handle) }
    };
    match action {
        Action::Describe => return describe::describe(&described()?),
        Action::DescribeInContext => return describe::describe_in_context(&described()?),
        Action::CreateInstance => return instance::create(&described()?),
        Action::DestroyInstance => {
            instance::destroy(handle);
            return Ok(());
        }
        Action::BeginSequenceRender
        | Action::EndSequenceRender
        | Action::SyncPrivateData
        | Action::BeginInstanceChanged
        | Action::EndInstanceChanged
        | Action::BeginInstanceEdit
        | Action::EndInstanceEdit => return Ok(()),
        Action::GetTimeDomain => return Err(Status::REPLY_DEFAULT),
        _ => {}
    }
    instance::with(handle, described, |node| {
        let host = node.effect.host();
        // SAFETY: the host passes its own property sets, alive during the action.
        let (given, out) = unsafe {
            (PropertySet::from_raw(host, in_args), PropertySet::from_raw(host, out_args))
        };
        let (given, out) = (given.as_ref(), out.as_ref());
        match action {
            Action::InstanceChanged => changed::instance_changed(node, given),
            Action::GetRegionOfDefinition => regions::region_of_definition(node, given, out),
            Action::GetRegionsOfInterest => regions::regions_of_interest(node, given, out),
            Action::GetFramesNeeded => regions::frames_needed(node, given, out),
            Action::IsIdentity => regions::is_identity(node, given, out),
            Action::GetClipPreferences => preferences::clip_preferences(node, out),
            Action::GetOutputColourspace => preferences::output_colourspace(node, given, out),
            Action::Render => render::render(node, given),
            _ => Err(Status::REPLY_DEFAULT),
        }
    })
}
