//! The property suite, version 1.

use super::{Reply, find_props, give, status, text, violate};
use crate::{
    action,
    propset::{self, Lifetime, PropSet, PropType, SetError, Value},
    session::Watched,
    violation::ViolationKind,
};
use headroom_ofx_sys::{self as sys, OfxPropertySetHandle, OfxPropertySuiteV1, OfxStatus};
use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    sync::Arc,
};

fn index(value: c_int) -> Result<usize, OfxStatus> {
    usize::try_from(value).map_err(|_| sys::kOfxStatErrBadIndex)
}

/// Turns an error into a status, noting the broken rule behind it.
fn fail(set: &PropSet, name: &CStr, error: SetError) -> OfxStatus {
    match error {
        SetError::ReadOnly => violate(
            ViolationKind::ReadOnlyProperty,
            format!("{} of {} was set", name.to_string_lossy(), set.label),
        ),
        SetError::Type { is, given } => violate(
            ViolationKind::WrongPropertyType,
            format!("{} of {} is {is:?}, not {given:?}", name.to_string_lossy(), set.label),
        ),
        SetError::Unknown | SetError::Refused | SetError::Index => {}
    }
    error.status()
}

fn set(
    handle: OfxPropertySetHandle,
    name: *const c_char,
    at: c_int,
    values: Vec<Value>,
    whole: bool,
) -> Reply {
    let set = find_props(handle)?;
    let name = text(name, "the name of a property")?;
    let at = index(at)?;
    set.plugin_set(name, at, values, whole).map_err(|error| fail(&set, name, error))?;
    // Images and the arguments of Render are read-only: what could be set belongs to the instance
    // or the description, which other threads are reading.
    let rendering =
        action::current_name().as_bytes() == sys::kOfxImageEffectActionRender.to_bytes();
    if rendering || set.session().is_some_and(|session| !session.on_main_thread()) {
        violate(
            ViolationKind::WrongThread,
            format!("{} of {} was set while rendering", name.to_string_lossy(), set.label),
        );
    }
    Ok(())
}

fn get(
    handle: OfxPropertySetHandle,
    name: *const c_char,
    kind: PropType,
    at: c_int,
    count: c_int,
) -> Result<Vec<Value>, OfxStatus> {
    let set = find_props(handle)?;
    let name = text(name, "the name of a property")?;
    set.plugin_get(name, kind, index(at)?, index(count)?).map_err(|error| fail(&set, name, error))
}

/// Copies a string and remembers where it came from.
fn keep(
    handle: OfxPropertySetHandle,
    name: *const c_char,
    value: *const c_char,
) -> Result<Value, OfxStatus> {
    let set = find_props(handle)?;
    let name = text(name, "the name of a property")?;
    if value.is_null() {
        violate(
            ViolationKind::NullPointer,
            format!("{} of {} was set to null", name.to_string_lossy(), set.label),
        );
        return Err(sys::kOfxStatErrValue);
    }
    // SAFETY: not null; the standard demands a C string.
    let value: CString = unsafe { CStr::from_ptr(value) }.to_owned();
    Ok(Value::String(Arc::new(value)))
}

fn watch(handle: OfxPropertySetHandle, name: *const c_char, value: *const c_char) {
    let (Ok(set), Ok(name)) = (find_props(handle), text(name, "")) else { return };
    // SAFETY: `keep` has just read the same string.
    let copy = unsafe { CStr::from_ptr(value) }.to_owned();
    let place = format!("{} of {}", name.to_string_lossy(), set.label);
    let watched = Watched::new(value.addr(), copy.clone(), place.clone());
    match (set.lifetime, set.session()) {
        (Lifetime::Description, Some(session)) => session.watch(watched),
        _ => action::watch(watched),
    }
}

unsafe extern "C" fn set_pointer(
    set_: OfxPropertySetHandle,
    name: *const c_char,
    at: c_int,
    value: *mut c_void,
) -> OfxStatus {
    status(set(set_, name, at, vec![Value::Pointer(value.expose_provenance())], false))
}

unsafe extern "C" fn set_string(
    set_: OfxPropertySetHandle,
    name: *const c_char,
    at: c_int,
    value: *const c_char,
) -> OfxStatus {
    status(keep(set_, name, value).and_then(|kept| {
        set(set_, name, at, vec![kept], false)?;
        watch(set_, name, value);
        Ok(())
    }))
}

unsafe extern "C" fn set_double(
    set_: OfxPropertySetHandle,
    name: *const c_char,
    at: c_int,
    value: f64,
) -> OfxStatus {
    status(set(set_, name, at, vec![value.into()], false))
}

unsafe extern "C" fn set_int(
    set_: OfxPropertySetHandle,
    name: *const c_char,
    at: c_int,
    value: c_int,
) -> OfxStatus {
    status(set(set_, name, at, vec![value.into()], false))
}

/// The values of an array that the plug-in passed.
fn array<'a, T>(count: c_int, values: *const T) -> Result<&'a [T], OfxStatus> {
    let count = index(count)?;
    if count == 0 {
        return Ok(&[]);
    }
    if values.is_null() {
        violate(ViolationKind::NullPointer, "the values of a property are null");
        return Err(sys::kOfxStatErrValue);
    }
    // SAFETY: not null, and the standard demands `count` values.
    Ok(unsafe { std::slice::from_raw_parts(values, count) })
}

unsafe extern "C" fn set_pointers(
    set_: OfxPropertySetHandle,
    name: *const c_char,
    count: c_int,
    values: *const *mut c_void,
) -> OfxStatus {
    status(array(count, values).and_then(|values| {
        let values = values.iter().map(|value| Value::Pointer(value.expose_provenance())).collect();
        set(set_, name, 0, values, true)
    }))
}

unsafe extern "C" fn set_strings(
    set_: OfxPropertySetHandle,
    name: *const c_char,
    count: c_int,
    values: *const *const c_char,
) -> OfxStatus {
    status(array(count, values).and_then(|values| {
        let kept: Result<Vec<Value>, _> =
            values.iter().map(|value| keep(set_, name, *value)).collect();
        set(set_, name, 0, kept?, true)?;
        values.iter().for_each(|value| watch(set_, name, *value));
        Ok(())
    }))
}

unsafe extern "C" fn set_doubles(
    set_: OfxPropertySetHandle,
    name: *const c_char,
    count: c_int,
    values: *const f64,
) -> OfxStatus {
    status(array(count, values).and_then(|values| {
        set(set_, name, 0, values.iter().map(|value| Value::Double(*value)).collect(), true)
    }))
}

unsafe extern "C" fn set_ints(
    set_: OfxPropertySetHandle,
    name: *const c_char,
    count: c_int,
    values: *const c_int,
) -> OfxStatus {
    status(array(count, values).and_then(|values| {
        set(set_, name, 0, values.iter().map(|value| Value::Int(*value)).collect(), true)
    }))
}

/// Reads `count` values and hands each to `put` with its place.
fn read(
    set_: OfxPropertySetHandle,
    name: *const c_char,
    kind: PropType,
    at: c_int,
    count: c_int,
    put: impl Fn(usize, Value) -> Reply,
) -> OfxStatus {
    status(get(set_, name, kind, at, count).and_then(|values| {
        values.into_iter().enumerate().try_for_each(|(at, value)| put(at, value))
    }))
}

fn put_pointer(target: *mut *mut c_void, value: &Value) -> Reply {
    let Value::Pointer(value) = value else { return Err(sys::kOfxStatErrValue) };
    give(target, propset::pointer(*value), "a pointer property")
}

fn put_string(target: *mut *mut c_char, value: &Value) -> Reply {
    let Value::String(value) = value else { return Err(sys::kOfxStatErrValue) };
    give(target, propset::address(value), "a string property")
}

fn put_double(target: *mut f64, value: &Value) -> Reply {
    let Value::Double(value) = value else { return Err(sys::kOfxStatErrValue) };
    give(target, *value, "a double property")
}

fn put_int(target: *mut c_int, value: &Value) -> Reply {
    let Value::Int(value) = value else { return Err(sys::kOfxStatErrValue) };
    give(target, *value, "an int property")
}

macro_rules! getters {
    ($one:ident, $many:ident, $type:ty, $kind:ident, $put:ident) => {
        unsafe extern "C" fn $one(
            set_: OfxPropertySetHandle,
            name: *const c_char,
            at: c_int,
            target: *mut $type,
        ) -> OfxStatus {
            read(set_, name, PropType::$kind, at, 1, |_, value| $put(target, &value))
        }

        unsafe extern "C" fn $many(
            set_: OfxPropertySetHandle,
            name: *const c_char,
            count: c_int,
            target: *mut $type,
        ) -> OfxStatus {
            read(set_, name, PropType::$kind, 0, count, |at, value| {
                $put(target.wrapping_add(at), &value)
            })
        }
    };
}

getters!(get_pointer, get_pointers, *mut c_void, Pointer, put_pointer);
getters!(get_string, get_strings, *mut c_char, String, put_string);
getters!(get_double, get_doubles, f64, Double, put_double);
getters!(get_int, get_ints, c_int, Int, put_int);

unsafe extern "C" fn reset(set_: OfxPropertySetHandle, name: *const c_char) -> OfxStatus {
    status(find_props(set_).and_then(|set| {
        let name = text(name, "the name of a property")?;
        set.plugin_reset(name).map_err(|error| fail(&set, name, error))
    }))
}

unsafe extern "C" fn dimension(
    set_: OfxPropertySetHandle,
    name: *const c_char,
    count: *mut c_int,
) -> OfxStatus {
    status(find_props(set_).and_then(|set| {
        let name = text(name, "the name of a property")?;
        let found = set.dimension(name).ok_or(sys::kOfxStatErrUnknown)?;
        give(count, c_int::try_from(found).unwrap_or(c_int::MAX), "a dimension")
    }))
}

/// The table.
pub(super) static SUITE: OfxPropertySuiteV1 = OfxPropertySuiteV1 {
    propSetPointer: Some(set_pointer),
    propSetString: Some(set_string),
    propSetDouble: Some(set_double),
    propSetInt: Some(set_int),
    propSetPointerN: Some(set_pointers),
    propSetStringN: Some(set_strings),
    propSetDoubleN: Some(set_doubles),
    propSetIntN: Some(set_ints),
    propGetPointer: Some(get_pointer),
    propGetString: Some(get_string),
    propGetDouble: Some(get_double),
    propGetInt: Some(get_int),
    propGetPointerN: Some(get_pointers),
    propGetStringN: Some(get_strings),
    propGetDoubleN: Some(get_doubles),
    propGetIntN: Some(get_ints),
    propReset: Some(reset),
    propGetDimension: Some(dimension),
};
