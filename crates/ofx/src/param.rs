//! Parameters: their definition, and their values through the variadic calls of the suite.

use crate::text::keep;
use crate::{Host, PropertySet, Result, Status};
use headroom_ofx_sys as sys;
use std::ffi::{CStr, c_int};

/// The parameters of an effect.
#[derive(Clone, Copy, Debug)]
pub struct ParamSet {
    host: &'static Host,
    handle: sys::OfxParamSetHandle,
}

/// A parameter of an instance; valid as long as the instance.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    host: &'static Host,
    handle: sys::OfxParamHandle,
}

// SAFETY: the handle is only ever passed to the host, which lets render threads read values by it.
unsafe impl Send for Param {}
// SAFETY: as above.
unsafe impl Sync for Param {}
// SAFETY: as above, for the set.
unsafe impl Send for ParamSet {}
// SAFETY: as above.
unsafe impl Sync for ParamSet {}

impl ParamSet {
    pub(crate) fn new(host: &'static Host, handle: sys::OfxParamSetHandle) -> Self {
        Self { host, handle }
    }

    /// Defines a parameter (in DescribeInContext).
    ///
    /// # Errors
    /// When the host does not take it.
    pub fn define(&self, kind: &'static CStr, name: &'static CStr) -> Result<PropertySet> {
        let function = self.host.parameter.paramDefine.ok_or(Status::MISSING_HOST_FEATURE)?;
        let mut properties = std::ptr::null_mut();
        // SAFETY: handle and suite are the host's; the strings live forever, `properties` outlives
        // the call.
        let status =
            unsafe { function(self.handle, kind.as_ptr(), name.as_ptr(), &raw mut properties) };
        Status(status).check()?;
        PropertySet::from_handle(self.host, properties).ok_or(Status::BAD_HANDLE)
    }

    /// The set's own properties.
    #[must_use]
    pub fn properties(&self) -> Option<PropertySet> {
        let function = self.host.parameter.paramSetGetPropertySet?;
        let mut properties = std::ptr::null_mut();
        // SAFETY: handle and suite are the host's; `properties` outlives the call.
        let status = unsafe { function(self.handle, &raw mut properties) };
        (status == sys::kOfxStatOK)
            .then(|| PropertySet::from_handle(self.host, properties))
            .flatten()
    }

    /// A parameter of the instance; none when the host does not have it.
    #[must_use]
    pub fn get(&self, name: &'static CStr) -> Option<Param> {
        let function = self.host.parameter.paramGetHandle?;
        let mut handle = std::ptr::null_mut();
        // SAFETY: handle and suite are the host's; the property set is not asked for, `handle`
        // outlives the call.
        let status =
            unsafe { function(self.handle, name.as_ptr(), &raw mut handle, std::ptr::null_mut()) };
        (status == sys::kOfxStatOK && !handle.is_null())
            .then_some(Param { host: self.host, handle })
    }

    /// Runs `edit` as one undoable step named `label`.
    pub fn edit(&self, label: &'static CStr, edit: impl FnOnce()) {
        /// Ends the step also when `edit` panics.
        struct End<'a>(&'a ParamSet);
        impl Drop for End<'_> {
            fn drop(&mut self) {
                if let Some(function) = self.0.host.parameter.paramEditEnd {
                    // SAFETY: handle and suite are the host's.
                    let _ = unsafe { function(self.0.handle) };
                }
            }
        }
        if let Some(function) = self.host.parameter.paramEditBegin {
            // SAFETY: handle and suite are the host's; the label lives forever.
            let _ = unsafe { function(self.handle, label.as_ptr()) };
        }
        let _end = End(self);
        edit();
    }
}

impl Param {
    /// The parameter's properties.
    #[must_use]
    pub fn properties(&self) -> Option<PropertySet> {
        let function = self.host.parameter.paramGetPropertySet?;
        let mut properties = std::ptr::null_mut();
        // SAFETY: handle and suite are the host's; `properties` outlives the call.
        let status = unsafe { function(self.handle, &raw mut properties) };
        (status == sys::kOfxStatOK)
            .then(|| PropertySet::from_handle(self.host, properties))
            .flatten()
    }

    /// The value of a double parameter at a time.
    #[must_use]
    pub fn double_at(&self, time: f64) -> Option<f64> {
        let suite = self.host.parameter;
        let mut value = 0.0f64;
        // SAFETY: the standard's variadic arguments of a double parameter are one `double *`.
        let status = unsafe {
            match (suite.paramGetValueAtTime, suite.paramGetValue) {
                (Some(function), _) => function(self.handle, time, &raw mut value),
                // A host without animation may leave the other out.
                (None, Some(function)) => function(self.handle, &raw mut value),
                (None, None) => return None,
            }
        };
        (status == sys::kOfxStatOK).then_some(value)
    }

    /// The value of an integer, boolean or choice parameter at a time.
    #[must_use]
    pub fn int_at(&self, time: f64) -> Option<i32> {
        let suite = self.host.parameter;
        let mut value: c_int = 0;
        // SAFETY: the standard's variadic arguments of these kinds are one `int *`.
        let status = unsafe {
            match (suite.paramGetValueAtTime, suite.paramGetValue) {
                (Some(function), _) => function(self.handle, time, &raw mut value),
                (None, Some(function)) => function(self.handle, &raw mut value),
                (None, None) => return None,
            }
        };
        (status == sys::kOfxStatOK).then_some(value)
    }

    /// The value of a string parameter at a time; what is no UTF-8 is replaced.
    #[must_use]
    pub fn string_at(&self, time: f64) -> Option<String> {
        let suite = self.host.parameter;
        let mut value: *const std::ffi::c_char = std::ptr::null();
        // SAFETY: the standard's variadic argument of a string parameter is one `char **`.
        let status = unsafe {
            match (suite.paramGetValueAtTime, suite.paramGetValue) {
                (Some(function), _) => function(self.handle, time, &raw mut value),
                (None, Some(function)) => function(self.handle, &raw mut value),
                (None, None) => return None,
            }
        };
        if status != sys::kOfxStatOK || value.is_null() {
            return None;
        }
        // SAFETY: the host's C string, good until its next call.
        let text = unsafe { std::ffi::CStr::from_ptr(value) };
        Some(text.to_string_lossy().into_owned())
    }

    /// Sets a double parameter. Never in a render.
    ///
    /// # Errors
    /// When the host does not take it.
    pub fn set_double(&self, value: f64) -> Result {
        let function = self.host.parameter.paramSetValue.ok_or(Status::MISSING_HOST_FEATURE)?;
        // SAFETY: the standard's variadic argument of a double parameter is a `double`.
        Status(unsafe { function(self.handle, value) }).check()
    }

    /// Sets an integer, boolean or choice parameter. Never in a render.
    ///
    /// # Errors
    /// When the host does not take it.
    pub fn set_int(&self, value: i32) -> Result {
        let function = self.host.parameter.paramSetValue.ok_or(Status::MISSING_HOST_FEATURE)?;
        // SAFETY: the standard's variadic argument of these kinds is an `int`.
        Status(unsafe { function(self.handle, c_int::from(value)) }).check()
    }

    /// Sets a string parameter. Never in a render.
    ///
    /// # Errors
    /// When the host does not take it.
    pub fn set_string(&self, value: &str) -> Result {
        let function = self.host.parameter.paramSetValue.ok_or(Status::MISSING_HOST_FEATURE)?;
        // SAFETY: the standard's variadic argument of a string parameter is a `const char *`; the
        // text is kept far beyond the call.
        Status(unsafe { function(self.handle, keep(value)) }).check()
    }
}
