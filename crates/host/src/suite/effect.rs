//! The image effect suite, version 1.

use super::{
    Reply, find, find_clip, find_node, find_props, give, give_optional, status, text, violate,
};
use crate::{
    action,
    image::Grid,
    job::Job,
    object::{Clip, ImageMemory, Node, Role},
    propset::{self, Lifetime, PropSet},
    registry::{self, Object},
    schema,
    session::lock,
    violation::ViolationKind,
};
use headroom_ofx_sys::{
    self as sys, OfxImageClipHandle, OfxImageEffectHandle, OfxImageEffectSuiteV1,
    OfxImageMemoryHandle, OfxParamSetHandle, OfxPropertySetHandle, OfxRectD, OfxStatus, OfxTime,
};
use std::{
    ffi::{c_char, c_int, c_void},
    sync::{Arc, atomic::Ordering},
};

/// The render that this call belongs to: the thread's own, or, on a thread of the plug-in's, one
/// of the effect's at that time.
fn job(node: &Arc<Node>, time: Option<f64>) -> Option<Arc<Job>> {
    action::current_job().or_else(|| {
        let jobs = lock(&node.jobs);
        #[allow(clippy::float_cmp)] // the very same number is the same frame
        jobs.iter()
            .find(|job| time.is_none_or(|time| job.frame.time == time))
            .or_else(|| jobs.first())
            .cloned()
    })
}

unsafe extern "C" fn get_property_set(
    effect: OfxImageEffectHandle,
    target: *mut OfxPropertySetHandle,
) -> OfxStatus {
    status(
        find_node(effect)
            .and_then(|node| give(target, node.props.as_handle(), "an effect's property set")),
    )
}

unsafe extern "C" fn get_param_set(
    effect: OfxImageEffectHandle,
    target: *mut OfxParamSetHandle,
) -> OfxStatus {
    status(
        find_node(effect)
            .and_then(|node| give(target, node.params.as_handle(), "an effect's parameter set")),
    )
}

unsafe extern "C" fn clip_define(
    effect: OfxImageEffectHandle,
    name: *const c_char,
    target: *mut OfxPropertySetHandle,
) -> OfxStatus {
    status(find_node(effect).and_then(|node| {
        let name = text(name, "the name of a clip")?.to_string_lossy();
        if node.role != Role::Context {
            violate(ViolationKind::WrongAction, "clipDefine outside DescribeInContext");
            return Err(sys::kOfxStatFailed);
        }
        if node.clip(&name).is_some() {
            violate(ViolationKind::Description, format!("clip {name:?} is defined twice"));
            return Err(sys::kOfxStatErrExists);
        }
        let label = format!("the clip {name:?}");
        let props = PropSet::new(&node.session, &label, Lifetime::Description);
        schema::clip_descriptor(&props, &name);
        lock(&node.clips).push(Clip::new(&name, Arc::clone(&props)));
        give(target, props.as_handle(), "a clip's property set")
    }))
}

unsafe extern "C" fn clip_get_handle(
    effect: OfxImageEffectHandle,
    name: *const c_char,
    clip: *mut OfxImageClipHandle,
    props: *mut OfxPropertySetHandle,
) -> OfxStatus {
    status(find_node(effect).and_then(|node| {
        let name = text(name, "the name of a clip")?.to_string_lossy();
        if node.role != Role::Instance {
            violate(ViolationKind::WrongAction, "clipGetHandle on a description");
            return Err(sys::kOfxStatErrBadHandle);
        }
        let found = node.clip(&name).ok_or(sys::kOfxStatErrUnknown)?;
        give(clip, found.as_handle(), "a clip")?;
        give_optional(props, found.props.as_handle());
        Ok(())
    }))
}

unsafe extern "C" fn clip_get_property_set(
    clip: OfxImageClipHandle,
    target: *mut OfxPropertySetHandle,
) -> OfxStatus {
    status(
        find_clip(clip)
            .and_then(|clip| give(target, clip.props.as_handle(), "a clip's property set")),
    )
}

unsafe extern "C" fn clip_get_image(
    clip: OfxImageClipHandle,
    time: OfxTime,
    region: *const OfxRectD,
    target: *mut OfxPropertySetHandle,
) -> OfxStatus {
    status(find_clip(clip).and_then(|clip| {
        let node = clip.node().ok_or(sys::kOfxStatErrBadHandle)?;
        // SAFETY: null, or a rectangle that lives through the call.
        let region = unsafe { region.as_ref() }.copied();
        let job = job(&node, Some(time)).ok_or(sys::kOfxStatFailed)?;
        let image = job.get_image(&node, &clip, time, region).ok_or(sys::kOfxStatFailed)?;
        give(target, image.as_handle(), "an image")
    }))
}

unsafe extern "C" fn clip_release_image(image: OfxPropertySetHandle) -> OfxStatus {
    status(release(image))
}

fn release(image: OfxPropertySetHandle) -> Reply {
    if let Some(Object::Gone(what, session)) = registry::find(image.addr()) {
        session.violate(ViolationKind::DoubleRelease, format!("{what} was released before"));
        return Err(sys::kOfxStatErrBadHandle);
    }
    let set = find_props(image)?;
    let held = action::current_job().is_some_and(|job| job.release(set.handle)) || {
        // On a thread of the plug-in's there is no telling which render the image is of.
        let session = set.session().ok_or(sys::kOfxStatErrBadHandle)?;
        session.release_anywhere(set.handle)
    };
    if held {
        return Ok(());
    }
    violate(ViolationKind::BadHandle, format!("{} is no image to release", set.label));
    Err(sys::kOfxStatErrBadHandle)
}

unsafe extern "C" fn clip_get_region_of_definition(
    clip: OfxImageClipHandle,
    time: OfxTime,
    bounds: *mut OfxRectD,
) -> OfxStatus {
    status(find_clip(clip).and_then(|clip| {
        let node = clip.node().ok_or(sys::kOfxStatErrBadHandle)?;
        let job = job(&node, Some(time)).ok_or(sys::kOfxStatFailed)?;
        let rect = if clip.is_output() {
            job.output_grid.canonical(&job.output_definition)
        } else {
            let format = job.frame.format(&clip.name, time).ok_or(sys::kOfxStatFailed)?;
            Grid { scale: job.frame.scale, pixel_aspect: format.pixel_aspect }
                .canonical(&format.definition)
        };
        give(bounds, rect, "a region of definition")
    }))
}

unsafe extern "C" fn abort(effect: OfxImageEffectHandle) -> c_int {
    find_node(effect)
        .ok()
        .and_then(|node| job(&node, None))
        .map_or(0, |job| c_int::from(job.poll_abort()))
}

unsafe extern "C" fn image_memory_alloc(
    effect: OfxImageEffectHandle,
    bytes: usize,
    target: *mut OfxImageMemoryHandle,
) -> OfxStatus {
    status(find_node(effect).and_then(|node| {
        let memory = ImageMemory::new(&node, bytes).ok_or(sys::kOfxStatErrMemory)?;
        let handle = registry::reserve();
        registry::insert(handle, Object::Memory(Arc::new(memory)));
        lock(&node.memory).push(handle);
        give(target, std::ptr::without_provenance_mut(handle), "image memory")
    }))
}

fn find_memory(handle: OfxImageMemoryHandle) -> Result<Arc<ImageMemory>, OfxStatus> {
    find(handle.addr(), "image memory", |object| match object {
        Object::Memory(memory) => Ok(memory),
        other => Err(other),
    })
}

unsafe extern "C" fn image_memory_free(handle: OfxImageMemoryHandle) -> OfxStatus {
    status(find_memory(handle).and_then(|memory| {
        let node = memory.node.upgrade().ok_or(sys::kOfxStatErrBadHandle)?;
        lock(&node.memory).retain(|held| *held != handle.addr());
        registry::retire(handle.addr(), &node.session);
        Ok(())
    }))
}

unsafe extern "C" fn image_memory_lock(
    handle: OfxImageMemoryHandle,
    target: *mut *mut c_void,
) -> OfxStatus {
    status(find_memory(handle).and_then(|memory| {
        memory.locks.fetch_add(1, Ordering::Relaxed);
        give(target, propset::pointer(memory.address), "the address of image memory")
    }))
}

unsafe extern "C" fn image_memory_unlock(handle: OfxImageMemoryHandle) -> OfxStatus {
    status(find_memory(handle).map(|memory| {
        let unlocked = memory
            .locks
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |locks| locks.checked_sub(1));
        if unlocked.is_err() {
            violate(ViolationKind::BadFree, "image memory was unlocked more often than locked");
        }
    }))
}

/// The table.
pub(super) static SUITE: OfxImageEffectSuiteV1 = OfxImageEffectSuiteV1 {
    getPropertySet: Some(get_property_set),
    getParamSet: Some(get_param_set),
    clipDefine: Some(clip_define),
    clipGetHandle: Some(clip_get_handle),
    clipGetPropertySet: Some(clip_get_property_set),
    clipGetImage: Some(clip_get_image),
    clipReleaseImage: Some(clip_release_image),
    clipGetRegionOfDefinition: Some(clip_get_region_of_definition),
    abort: Some(abort),
    imageMemoryAlloc: Some(image_memory_alloc),
    imageMemoryFree: Some(image_memory_free),
    imageMemoryLock: Some(image_memory_lock),
    imageMemoryUnlock: Some(image_memory_unlock),
};
