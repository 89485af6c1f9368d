//! Property sets: named, typed, indexed values.

use crate::{Host, Result, Status};
use headroom_ofx_sys as sys;
use std::ffi::{CStr, c_char, c_int, c_void};

/// A host's property set.
///
/// Old hosts lack properties and wrong ones refuse them, so reading gives an `Option` and
/// [`Self::set`] is best effort; [`Self::require`] is for what the plug-in cannot live without.
#[derive(Clone, Copy, Debug)]
pub struct PropertySet {
    host: &'static Host,
    handle: sys::OfxPropertySetHandle,
}

/// What can be read from a property.
pub trait FromProperty: Sized {
    /// The value at `index`, if the host has one of this type.
    fn get(set: &PropertySet, name: &CStr, index: i32) -> Option<Self>;
}

/// What can be written to a property.
pub trait IntoProperty {
    /// Writes the value at `index`.
    ///
    /// # Errors
    /// With what the host answered.
    fn set(self, set: &PropertySet, name: &'static CStr, index: i32) -> Result;
}

impl PropertySet {
    /// None for a null handle. The handle must be one the host gave (see the crate's text).
    pub(crate) fn from_handle(
        host: &'static Host,
        handle: sys::OfxPropertySetHandle,
    ) -> Option<Self> {
        (!handle.is_null()).then_some(Self { host, handle })
    }

    /// The arguments of an action.
    ///
    /// # Safety
    /// `handle` must be null or a property set of `host` that lives while the result is used.
    #[must_use]
    pub unsafe fn from_raw(host: &'static Host, handle: sys::OfxPropertySetHandle) -> Option<Self> {
        Self::from_handle(host, handle)
    }

    pub(crate) fn handle(&self) -> sys::OfxPropertySetHandle {
        self.handle
    }

    /// The first value.
    #[must_use]
    pub fn get<T: FromProperty>(&self, name: &CStr) -> Option<T> {
        T::get(self, name, 0)
    }

    /// The value at an index.
    #[must_use]
    pub fn get_at<T: FromProperty>(&self, name: &CStr, index: i32) -> Option<T> {
        T::get(self, name, index)
    }

    /// The first `N` values, or none when one of them is lacking.
    #[must_use]
    pub fn get_array<T: FromProperty + Copy + Default, const N: usize>(
        &self,
        name: &CStr,
    ) -> Option<[T; N]> {
        let mut values = [T::default(); N];
        for (index, value) in values.iter_mut().enumerate() {
            *value = T::get(self, name, index as i32)?;
        }
        Some(values)
    }

    /// Every string of a property (at most 1024; a host that says more is wrong).
    #[must_use]
    pub fn strings(&self, name: &CStr) -> Vec<String> {
        let count = self.dimension(name).unwrap_or(0).min(1024);
        (0..count).filter_map(|index| String::get(self, name, index)).collect()
    }

    /// How many values a property has; none when the host does not know it.
    #[must_use]
    pub fn dimension(&self, name: &CStr) -> Option<i32> {
        let mut count: c_int = 0;
        let function = self.host.property.propGetDimension?;
        // SAFETY: handle and suite are the host's; `count` outlives the call.
        let status = unsafe { function(self.handle, name.as_ptr(), &raw mut count) };
        (status == sys::kOfxStatOK).then_some(count)
    }

    /// Writes the first value if the host takes it.
    pub fn set(&self, name: &'static CStr, value: impl IntoProperty) {
        self.set_at(name, 0, value);
    }

    /// Writes the value at an index if the host takes it.
    pub fn set_at(&self, name: &'static CStr, index: i32, value: impl IntoProperty) {
        if let Err(status) = value.set(self, name, index) {
            log::debug!("the host refuses property {name:?}[{index}]: {status}");
        }
    }

    /// Writes several values if the host takes them.
    pub fn set_all<T: IntoProperty>(
        &self,
        name: &'static CStr,
        values: impl IntoIterator<Item = T>,
    ) {
        for (index, value) in values.into_iter().enumerate() {
            self.set_at(name, index as i32, value);
        }
    }

    /// Writes the first value.
    ///
    /// # Errors
    /// When the host does not take it.
    pub fn require(&self, name: &'static CStr, value: impl IntoProperty) -> Result {
        value.set(self, name, 0).inspect_err(|status| {
            log::error!("the host refuses property {name:?}: {status}");
        })
    }
}

macro_rules! number {
    ($type:ty, $get:ident, $set:ident) => {
        impl FromProperty for $type {
            fn get(set: &PropertySet, name: &CStr, index: i32) -> Option<Self> {
                let mut value = Self::default();
                let function = set.host.property.$get?;
                // SAFETY: handle and suite are the host's; `value` outlives the call.
                let status = unsafe { function(set.handle, name.as_ptr(), index, &raw mut value) };
                (status == sys::kOfxStatOK).then_some(value)
            }
        }

        impl IntoProperty for $type {
            fn set(self, set: &PropertySet, name: &'static CStr, index: i32) -> Result {
                let function = set.host.property.$set.ok_or(Status::MISSING_HOST_FEATURE)?;
                // SAFETY: handle and suite are the host's; the value goes by copy.
                Status(unsafe { function(set.handle, name.as_ptr(), index, self) }).check()
            }
        }
    };
}

number!(i32, propGetInt, propSetInt);
number!(f64, propGetDouble, propSetDouble);

impl IntoProperty for bool {
    fn set(self, set: &PropertySet, name: &'static CStr, index: i32) -> Result {
        i32::from(self).set(set, name, index)
    }
}

impl FromProperty for String {
    fn get(set: &PropertySet, name: &CStr, index: i32) -> Option<Self> {
        let mut value: *mut c_char = std::ptr::null_mut();
        let function = set.host.property.propGetString?;
        // SAFETY: handle and suite are the host's; `value` outlives the call.
        let status = unsafe { function(set.handle, name.as_ptr(), index, &raw mut value) };
        if status != sys::kOfxStatOK || value.is_null() {
            return None;
        }
        // SAFETY: the host answered OK with a string, which it keeps at least until the next call.
        Some(unsafe { CStr::from_ptr(value) }.to_string_lossy().into_owned())
    }
}

impl IntoProperty for &'static CStr {
    fn set(self, set: &PropertySet, name: &'static CStr, index: i32) -> Result {
        let function = set.host.property.propSetString.ok_or(Status::MISSING_HOST_FEATURE)?;
        // SAFETY: handle and suite are the host's; the string lives forever.
        Status(unsafe { function(set.handle, name.as_ptr(), index, self.as_ptr()) }).check()
    }
}

impl FromProperty for *mut c_void {
    fn get(set: &PropertySet, name: &CStr, index: i32) -> Option<Self> {
        let mut value: *mut c_void = std::ptr::null_mut();
        let function = set.host.property.propGetPointer?;
        // SAFETY: handle and suite are the host's; `value` outlives the call.
        let status = unsafe { function(set.handle, name.as_ptr(), index, &raw mut value) };
        (status == sys::kOfxStatOK).then_some(value)
    }
}

impl IntoProperty for *mut c_void {
    // The pointer is stored by the host and read back; nobody looks behind it here.
    #[allow(clippy::not_unsafe_ptr_arg_deref)]
    fn set(self, set: &PropertySet, name: &'static CStr, index: i32) -> Result {
        let function = set.host.property.propSetPointer.ok_or(Status::MISSING_HOST_FEATURE)?;
        // SAFETY: handle and suite are the host's; the host only stores the pointer.
        Status(unsafe { function(set.handle, name.as_ptr(), index, self) }).check()
    }
}

#[cfg(test)]
mod tests {
    use crate::fake;
    use headroom_ofx_sys as sys;

    #[test]
    fn lacking_properties_read_as_none_and_setting_them_is_survived() {
        let (host, props) = fake::host_and_properties();
        assert_eq!(props.get::<i32>(c"no such property"), None);
        assert_eq!(props.get::<String>(c"no such property"), None);
        assert_eq!(props.dimension(c"no such property"), None);
        props.set(fake::REFUSED, 3);
        assert_eq!(
            props.require(fake::REFUSED, 3).expect_err("refused").0,
            sys::kOfxStatErrUnknown
        );
        assert_eq!(host.name(), "fake");
    }

    #[test]
    fn values_come_back_by_type_and_index() {
        let (_, props) = fake::host_and_properties();
        props.set_all(c"numbers", [1.0, -2.5]);
        assert_eq!(props.get_array::<f64, 2>(c"numbers"), Some([1.0, -2.5]));
        assert_eq!(props.get_array::<f64, 3>(c"numbers"), None);
        assert_eq!(props.get::<i32>(c"numbers"), None, "no number of that type");
        props.set_all(c"texts", [c"a", c"b"]);
        assert_eq!(props.strings(c"texts"), ["a", "b"]);
    }
}
