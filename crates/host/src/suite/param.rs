//! The parameter suite, version 1. Its variadic functions are in `c/variadic.c`.

use super::{Reply, find_param, find_param_set, give, give_optional, status, text, violate};
use crate::{
    action,
    change::{self, Reason},
    object::Role,
    param::{Param, ParamValue, Storage},
    propset::address,
    session::lock,
    violation::ViolationKind,
};
use headroom_ofx_sys::{
    self as sys, OfxParamHandle, OfxParamSetHandle, OfxParameterSuiteV1, OfxPropertySetHandle,
    OfxRangeD, OfxStatus, OfxTime,
};
use std::{
    ffi::{CStr, c_char, c_int, c_uint, c_void},
    sync::{Arc, atomic::Ordering},
};

/// As `struct shape` of `c/variadic.c`.
#[repr(C)]
struct Shape {
    storage: c_int,
    count: c_int,
}

unsafe extern "C" {
    fn headroom_host_param_get_value(param: OfxParamHandle, ...) -> OfxStatus;
    fn headroom_host_param_get_value_at_time(
        param: OfxParamHandle,
        time: OfxTime,
        ...
    ) -> OfxStatus;
    fn headroom_host_param_get_derivative(param: OfxParamHandle, time: OfxTime, ...) -> OfxStatus;
    fn headroom_host_param_get_integral(
        param: OfxParamHandle,
        from: OfxTime,
        to: OfxTime,
        ...
    ) -> OfxStatus;
    fn headroom_host_param_set_value(param: OfxParamHandle, ...) -> OfxStatus;
    fn headroom_host_param_set_value_at_time(
        param: OfxParamHandle,
        time: OfxTime,
        ...
    ) -> OfxStatus;
}

#[unsafe(no_mangle)]
unsafe extern "C" fn headroom_host_param_shape(
    param: OfxParamHandle,
    shape: *mut Shape,
) -> OfxStatus {
    status(find_param(param).and_then(|param| {
        let int = |count: usize| c_int::try_from(count).unwrap_or(0);
        let (storage, count) = match param.storage {
            Storage::Doubles(count) => (b'd', int(count)),
            Storage::Ints(count) => (b'i', int(count)),
            Storage::Text => (b's', 1),
            Storage::Nothing => return Err(sys::kOfxStatErrUnsupported),
        };
        give(shape, Shape { storage: storage.into(), count }, "a parameter's shape")
    }))
}

fn now(param: &Param) -> f64 {
    param.set.upgrade().map_or(0.0, |set| *lock(&set.session.time))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn headroom_host_param_get(
    handle: OfxParamHandle,
    time: *const f64,
    targets: *const *mut c_void,
    count: c_int,
) -> OfxStatus {
    status(find_param(handle).and_then(|param| {
        if is_description(&param) {
            violate(ViolationKind::WrongAction, "the value of a description was asked for");
            return Err(sys::kOfxStatErrBadHandle);
        }
        // SAFETY: null or one double of the C caller's.
        let time = unsafe { time.as_ref() }.copied().unwrap_or_else(|| now(&param));
        // SAFETY: the C caller passes `count` pointers.
        let targets =
            unsafe { std::slice::from_raw_parts(targets, usize::try_from(count).unwrap_or(0)) };
        match param.value(time) {
            ParamValue::Doubles(values) => values
                .iter()
                .zip(targets)
                .try_for_each(|(value, target)| give(target.cast(), *value, "a parameter's value")),
            ParamValue::Ints(values) => values
                .iter()
                .zip(targets)
                .try_for_each(|(value, target)| give(target.cast(), *value, "a parameter's value")),
            ParamValue::Text(text) => {
                targets.first().map_or(Err(sys::kOfxStatErrValue), |target| {
                    give(target.cast::<*mut c_char>(), address(&text), "a parameter's value")
                })
            }
            ParamValue::Nothing => Err(sys::kOfxStatErrUnsupported),
        }
    }))
}

fn is_description(param: &Param) -> bool {
    param.set.upgrade().and_then(|set| set.node()).is_none_or(|node| node.role != Role::Instance)
}

/// Actions in which a parameter may be set.
const SETTING: &[&CStr] = &[
    sys::kOfxActionCreateInstance,
    sys::kOfxActionInstanceChanged,
    sys::kOfxActionBeginInstanceChanged,
    sys::kOfxActionEndInstanceChanged,
    sys::kOfxActionBeginInstanceEdit,
    sys::kOfxActionEndInstanceEdit,
    sys::kOfxActionSyncPrivateData,
];

fn may_set(what: &str) -> Reply {
    let current = action::current_name();
    if SETTING.iter().any(|action| action.to_bytes() == current.as_bytes()) {
        return Ok(());
    }
    let place = if current.is_empty() { "a thread of the plug-in's own".into() } else { current };
    violate(ViolationKind::ParamSetIllegally, format!("{what} in {place}"));
    Err(sys::kOfxStatFailed)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn headroom_host_param_set(
    handle: OfxParamHandle,
    time: *const f64,
    doubles: *const f64,
    ints: *const c_int,
    value: *const c_char,
    count: c_int,
) -> OfxStatus {
    status(find_param(handle).and_then(|param| {
        let set = param.set.upgrade().ok_or(sys::kOfxStatErrBadHandle)?;
        if action::current_session().is_none() {
            // On a thread of the plug-in's there is no current session to note this with.
            set.session.violate(
                ViolationKind::ParamSetIllegally,
                format!("{:?} on a thread of the plug-in's own", param.name),
            );
            return Err(sys::kOfxStatFailed);
        }
        may_set(&format!("{:?} was set", param.name))?;
        let count = usize::try_from(count).unwrap_or(0);
        // SAFETY: the C caller passes arrays of four, and `count` is at most four.
        let (doubles, ints) = unsafe {
            (std::slice::from_raw_parts(doubles, count), std::slice::from_raw_parts(ints, count))
        };
        let value = match param.storage {
            Storage::Doubles(_) => ParamValue::Doubles(doubles.to_vec()),
            Storage::Ints(_) => ParamValue::Ints(ints.to_vec()),
            Storage::Text => {
                ParamValue::Text(Arc::new(text(value, "a parameter's value")?.to_owned()))
            }
            Storage::Nothing => return Err(sys::kOfxStatErrUnsupported),
        };
        // SAFETY: null or one double of the C caller's.
        match unsafe { time.as_ref() } {
            Some(time) => param.set_key(*time, value),
            None => param.set_value(value),
        }
        if let Some(node) = set.node() {
            change::param_changed(&node, &param, Reason::Plugin);
        }
        Ok(())
    }))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn headroom_host_param_calculus(
    handle: OfxParamHandle,
    _integral: c_int,
) -> OfxStatus {
    status(find_param(handle).and(Err(sys::kOfxStatErrUnsupported)))
}

unsafe extern "C" fn define(
    set: OfxParamSetHandle,
    kind: *const c_char,
    name: *const c_char,
    target: *mut OfxPropertySetHandle,
) -> OfxStatus {
    status(find_param_set(set).and_then(|set| {
        let kind = text(kind, "the type of a parameter")?;
        let name = text(name, "the name of a parameter")?.to_string_lossy();
        if set.node().is_none_or(|node| node.role != Role::Context) {
            violate(ViolationKind::WrongAction, "paramDefine outside DescribeInContext");
            return Err(sys::kOfxStatErrBadHandle);
        }
        if set.find(&name).is_some() {
            violate(ViolationKind::Description, format!("parameter {name:?} is defined twice"));
            return Err(sys::kOfxStatErrExists);
        }
        if kind == sys::kOfxParamTypeStrChoice && !set.session.config.speaks(1, 5) {
            return Err(sys::kOfxStatErrUnsupported);
        }
        let param = set.define(kind, &name).ok_or(sys::kOfxStatErrUnsupported)?;
        give_optional(target, param.props.as_handle());
        Ok(())
    }))
}

unsafe extern "C" fn get_handle(
    set: OfxParamSetHandle,
    name: *const c_char,
    param: *mut OfxParamHandle,
    props: *mut OfxPropertySetHandle,
) -> OfxStatus {
    status(find_param_set(set).and_then(|set| {
        let name = text(name, "the name of a parameter")?.to_string_lossy();
        let found = set.find(&name).ok_or(sys::kOfxStatErrUnknown)?;
        give(param, found.as_handle(), "a parameter")?;
        give_optional(props, found.props.as_handle());
        Ok(())
    }))
}

unsafe extern "C" fn set_get_property_set(
    set: OfxParamSetHandle,
    target: *mut OfxPropertySetHandle,
) -> OfxStatus {
    status(
        find_param_set(set)
            .and_then(|set| give(target, set.props.as_handle(), "a parameter set's property set")),
    )
}

unsafe extern "C" fn get_property_set(
    param: OfxParamHandle,
    target: *mut OfxPropertySetHandle,
) -> OfxStatus {
    status(
        find_param(param)
            .and_then(|param| give(target, param.props.as_handle(), "a parameter's property set")),
    )
}

unsafe extern "C" fn num_keys(param: OfxParamHandle, count: *mut c_uint) -> OfxStatus {
    status(find_param(param).and_then(|param| {
        let keys = c_uint::try_from(param.keys().len()).unwrap_or(c_uint::MAX);
        give(count, keys, "the number of keys")
    }))
}

unsafe extern "C" fn key_time(param: OfxParamHandle, nth: c_uint, time: *mut OfxTime) -> OfxStatus {
    status(find_param(param).and_then(|param| {
        let keys = param.keys();
        let key = keys.get(nth as usize).ok_or(sys::kOfxStatErrBadIndex)?;
        give(time, *key, "the time of a key")
    }))
}

unsafe extern "C" fn key_index(
    param: OfxParamHandle,
    time: OfxTime,
    direction: c_int,
    index: *mut c_int,
) -> OfxStatus {
    status(find_param(param).and_then(|param| {
        let keys = param.keys();
        let found = match direction {
            0 => keys.iter().position(|key| (key - time).abs() < 1e-9),
            1.. => keys.iter().position(|key| *key > time),
            _ => keys.iter().rposition(|key| *key < time),
        };
        let found = found.and_then(|found| c_int::try_from(found).ok());
        give(index, found.ok_or(sys::kOfxStatFailed)?, "the index of a key")
    }))
}

unsafe extern "C" fn delete_key(param: OfxParamHandle, time: OfxTime) -> OfxStatus {
    status(find_param(param).and_then(|param| {
        may_set(&format!("a key of {:?} was deleted", param.name))?;
        if param.delete_keys(Some(time)) { Ok(()) } else { Err(sys::kOfxStatErrBadIndex) }
    }))
}

unsafe extern "C" fn delete_all_keys(param: OfxParamHandle) -> OfxStatus {
    status(find_param(param).and_then(|param| {
        may_set(&format!("the keys of {:?} were deleted", param.name))?;
        param.delete_keys(None);
        Ok(())
    }))
}

unsafe extern "C" fn copy(
    to: OfxParamHandle,
    from: OfxParamHandle,
    offset: OfxTime,
    range: *const OfxRangeD,
) -> OfxStatus {
    status(find_param(to).and_then(|to| {
        let from = find_param(from)?;
        may_set(&format!("{:?} was copied to", to.name))?;
        if to.storage != from.storage {
            return Err(sys::kOfxStatErrValue);
        }
        // SAFETY: null, or a range that lives through the call.
        let range = unsafe { range.as_ref() };
        to.set_value(from.value(now(&from)));
        for time in from.keys() {
            if range.is_none_or(|range| (range.min..=range.max).contains(&time)) {
                to.set_key(time + offset, from.value(time));
            }
        }
        Ok(())
    }))
}

unsafe extern "C" fn edit_begin(set: OfxParamSetHandle, _name: *const c_char) -> OfxStatus {
    status(find_param_set(set).map(|set| {
        if let Some(node) = set.node() {
            node.editing.fetch_add(1, Ordering::Relaxed);
        }
    }))
}

unsafe extern "C" fn edit_end(set: OfxParamSetHandle) -> OfxStatus {
    status(find_param_set(set).and_then(|set| {
        let Some(node) = set.node() else { return Ok(()) };
        node.editing
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |depth| depth.checked_sub(1))
            .map(|_| ())
            .map_err(|_| {
                violate(ViolationKind::WrongAction, "paramEditEnd without paramEditBegin");
                sys::kOfxStatFailed
            })
    }))
}

/// The table.
pub(super) static SUITE: OfxParameterSuiteV1 = OfxParameterSuiteV1 {
    paramDefine: Some(define),
    paramGetHandle: Some(get_handle),
    paramSetGetPropertySet: Some(set_get_property_set),
    paramGetPropertySet: Some(get_property_set),
    paramGetValue: Some(headroom_host_param_get_value),
    paramGetValueAtTime: Some(headroom_host_param_get_value_at_time),
    paramGetDerivative: Some(headroom_host_param_get_derivative),
    paramGetIntegral: Some(headroom_host_param_get_integral),
    paramSetValue: Some(headroom_host_param_set_value),
    paramSetValueAtTime: Some(headroom_host_param_set_value_at_time),
    paramGetNumKeys: Some(num_keys),
    paramGetKeyTime: Some(key_time),
    paramGetKeyIndex: Some(key_index),
    paramDeleteKey: Some(delete_key),
    paramDeleteAllKeys: Some(delete_all_keys),
    paramCopy: Some(copy),
    paramEditBegin: Some(edit_begin),
    paramEditEnd: Some(edit_end),
};
