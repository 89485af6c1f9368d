//! A host and its suites.

use crate::{PropertySet, Result, Status};
use headroom_ofx_sys as sys;
use std::ffi::{CStr, c_void};
use std::sync::{Mutex, PoisonError};

/// The suites of one host, fetched in Load.
///
/// A record lives forever and is shared by every Load with the same suites, so that handles made
/// from it need no lifetime. It is only used within actions, that is while its host lives.
#[derive(Debug)]
pub struct Host {
    handle: sys::OfxPropertySetHandle,
    pub(crate) property: &'static sys::OfxPropertySuiteV1,
    pub(crate) effect: &'static sys::OfxImageEffectSuiteV1,
    pub(crate) parameter: &'static sys::OfxParameterSuiteV1,
    pub(crate) message_v2: Option<&'static sys::OfxMessageSuiteV2>,
    pub(crate) message_v1: Option<&'static sys::OfxMessageSuiteV1>,
    name: String,
    label: String,
    version: Vec<i32>,
}

// SAFETY: the record is immutable; its pointers are the host's suites, which OpenFX lets any thread
// call, and the host's property set, which nothing writes after set-up.
unsafe impl Send for Host {}
// SAFETY: as above.
unsafe impl Sync for Host {}

/// Hosts that end the process when asked for a second version of a suite, instead of answering
/// null: openfx-runner (github.com/nweston/openfx-runner, `fetch_suite`).
const AFRAID_OF_NEW_SUITES: [&str; 1] = ["openfx-driver"];

/// Every host met so far; one in all but the strangest processes.
static HOSTS: Mutex<Vec<&'static Host>> = Mutex::new(Vec::new());

impl Host {
    /// Fetches the suites.
    ///
    /// # Errors
    /// [`Status::MISSING_HOST_FEATURE`] when the host is null or lacks the property, image effect
    /// or parameter suite; every other suite is optional.
    ///
    /// # Safety
    /// `host` must be null or what the host passed to `setHost`, still alive.
    pub unsafe fn fetch(host: *const sys::OfxHost) -> Result<&'static Self> {
        // SAFETY: the caller vouches for the pointer; the structure is plain data, copied here.
        let Some(raw) = (unsafe { host.as_ref() }) else {
            log::error!("Load without a host");
            return Err(Status::MISSING_HOST_FEATURE);
        };
        let fetch = raw.fetchSuite.ok_or(Status::MISSING_HOST_FEATURE)?;
        let suite = |name: &'static CStr, version| -> *const c_void {
            // SAFETY: this is the host's function with the host's handle.
            unsafe { fetch(raw.host, name.as_ptr(), version) }
        };
        fn optional<T>(suite: *const c_void) -> Option<&'static T> {
            // SAFETY: by the standard, a suite is null or a table of that type that lives as long
            // as the host; the record it goes into is only used while the host lives.
            unsafe { suite.cast::<T>().as_ref() }
        }
        fn mandatory<T>(suite: *const c_void, name: &CStr) -> Result<&'static T> {
            optional(suite).ok_or_else(|| {
                log::error!("the host lacks the suite {name:?}");
                Status::MISSING_HOST_FEATURE
            })
        }
        let (property, effect) = (sys::kOfxPropertySuite, sys::kOfxImageEffectSuite);
        let parameter = sys::kOfxParameterSuite;
        let mut found = Self {
            handle: raw.host,
            property: mandatory(suite(property, 1), property)?,
            effect: mandatory(suite(effect, 1), effect)?,
            parameter: mandatory(suite(parameter, 1), parameter)?,
            message_v2: None,
            message_v1: optional(suite(sys::kOfxMessageSuite, 1)),
            name: String::new(),
            label: String::new(),
            version: Vec::new(),
        };
        // Read through the suite just fetched; copied, so that nothing hangs on the host later.
        let text = |name| found.read(name, 0).unwrap_or_default();
        let (name, label) = (text(sys::kOfxPropName), text(sys::kOfxPropLabel));
        let version = (0..4).map_while(|i| found.read_int(sys::kOfxPropVersion, i)).collect();
        found.name = name;
        found.label = label;
        if !AFRAID_OF_NEW_SUITES.contains(&found.name()) {
            found.message_v2 = optional(suite(sys::kOfxMessageSuite, 2));
        }
        found.version = version;

        let mut hosts = HOSTS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = hosts.iter().find(|known| known.is_same(&found)) {
            return Ok(known);
        }
        let leaked: &'static Self = Box::leak(Box::new(found));
        hosts.push(leaked);
        Ok(leaked)
    }

    fn read(&self, name: &CStr, index: i32) -> Option<String> {
        let mut value = std::ptr::null_mut();
        let function = self.property.propGetString.filter(|_| !self.handle.is_null())?;
        // SAFETY: suite and handle are the host's; `value` outlives the call.
        let status = unsafe { function(self.handle, name.as_ptr(), index, &raw mut value) };
        if status != sys::kOfxStatOK || value.is_null() {
            return None;
        }
        // SAFETY: the host answered OK with a string.
        Some(unsafe { CStr::from_ptr(value) }.to_string_lossy().into_owned())
    }

    fn read_int(&self, name: &CStr, index: i32) -> Option<i32> {
        let mut value = 0;
        let function = self.property.propGetInt.filter(|_| !self.handle.is_null())?;
        // SAFETY: as in `read`.
        let status = unsafe { function(self.handle, name.as_ptr(), index, &raw mut value) };
        (status == sys::kOfxStatOK).then_some(value)
    }

    fn is_same(&self, other: &Self) -> bool {
        fn same<T>(a: Option<&T>, b: Option<&T>) -> bool {
            a.map(std::ptr::from_ref) == b.map(std::ptr::from_ref)
        }
        self.handle == other.handle
            && std::ptr::eq(self.property, other.property)
            && std::ptr::eq(self.effect, other.effect)
            && std::ptr::eq(self.parameter, other.parameter)
            && same(self.message_v2, other.message_v2)
            && same(self.message_v1, other.message_v1)
            && (&self.name, &self.label, &self.version)
                == (&other.name, &other.label, &other.version)
    }

    /// The host's identifier, such as `uk.co.thefoundry.nuke`; empty when it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The host's name for people; empty when it has none.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The host's version, major first; empty when it tells none.
    #[must_use]
    pub fn version(&self) -> &[i32] {
        &self.version
    }

    /// The host's own properties.
    #[must_use]
    pub fn properties(&'static self) -> Option<PropertySet> {
        PropertySet::from_handle(self, self.handle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[test]
    fn a_host_without_a_mandatory_suite_is_refused() {
        for lacking in [sys::kOfxPropertySuite, sys::kOfxImageEffectSuite, sys::kOfxParameterSuite]
        {
            assert_eq!(fake::fetch_lacking(lacking).err(), Some(Status::MISSING_HOST_FEATURE));
        }
        // SAFETY: null is allowed.
        let none = unsafe { Host::fetch(std::ptr::null()) };
        assert_eq!(none.err(), Some(Status::MISSING_HOST_FEATURE));
    }

    #[test]
    fn a_host_without_optional_suites_is_taken_and_the_record_is_shared() {
        let first = fake::fetch_lacking(sys::kOfxMessageSuite).expect("optional");
        let again = fake::fetch_lacking(sys::kOfxMessageSuite).expect("optional");
        assert!(std::ptr::eq(first, again));
        assert_eq!(first.version(), [1, 2]);
    }
}
