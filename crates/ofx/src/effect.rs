//! An effect: a descriptor in the describing actions, an instance in all others.

use crate::text::keep;
use crate::{Clip, Host, ParamSet, PropertySet, Result, Status};
use headroom_ofx_sys as sys;
use std::ffi::{CStr, c_char, c_void};

/// An effect's handle.
#[derive(Clone, Copy, Debug)]
pub struct Effect {
    host: &'static Host,
    handle: sys::OfxImageEffectHandle,
}

// SAFETY: the handle is only ever passed to the host; `abort` may be asked from any thread.
unsafe impl Send for Effect {}
// SAFETY: as above.
unsafe impl Sync for Effect {}

/// Identifies this plug-in's messages to the host.
const MESSAGE_ID: &CStr = c"headroom";

/// The host's functions that show a text; all of them take the same.
type Message = unsafe extern "C" fn(
    *mut c_void,
    *const c_char,
    *const c_char,
    *const c_char,
    ...
) -> sys::OfxStatus;

impl Effect {
    /// The effect an action is about.
    ///
    /// # Errors
    /// [`Status::BAD_HANDLE`] for null.
    ///
    /// # Safety
    /// `handle` must be null or what `host` passed to the action in hand.
    pub unsafe fn from_raw(host: &'static Host, handle: *const c_void) -> Result<Self> {
        let handle: sys::OfxImageEffectHandle = handle.cast_mut().cast();
        if handle.is_null() { Err(Status::BAD_HANDLE) } else { Ok(Self { host, handle }) }
    }

    /// The host it lives in.
    #[must_use]
    pub fn host(&self) -> &'static Host {
        self.host
    }

    /// The handle's address, which no other effect has while this one lives.
    #[must_use]
    pub fn address(&self) -> usize {
        self.handle as usize
    }

    /// The effect's properties.
    ///
    /// # Errors
    /// When the host has none.
    pub fn properties(&self) -> Result<PropertySet> {
        let function = self.host.effect.getPropertySet.ok_or(Status::MISSING_HOST_FEATURE)?;
        let mut properties = std::ptr::null_mut();
        // SAFETY: handle and suite are the host's; `properties` outlives the call.
        Status(unsafe { function(self.handle, &raw mut properties) }).check()?;
        PropertySet::from_handle(self.host, properties).ok_or(Status::BAD_HANDLE)
    }

    /// The effect's parameters.
    ///
    /// # Errors
    /// When the host has none.
    pub fn params(&self) -> Result<ParamSet> {
        let function = self.host.effect.getParamSet.ok_or(Status::MISSING_HOST_FEATURE)?;
        let mut handle = std::ptr::null_mut();
        // SAFETY: handle and suite are the host's; `handle` outlives the call.
        Status(unsafe { function(self.handle, &raw mut handle) }).check()?;
        if handle.is_null() {
            return Err(Status::BAD_HANDLE);
        }
        Ok(ParamSet::new(self.host, handle))
    }

    /// Defines a clip (in DescribeInContext).
    ///
    /// # Errors
    /// When the host does not take it.
    pub fn define_clip(&self, name: &'static CStr) -> Result<PropertySet> {
        let function = self.host.effect.clipDefine.ok_or(Status::MISSING_HOST_FEATURE)?;
        let mut properties = std::ptr::null_mut();
        // SAFETY: handle and suite are the host's; the name lives forever, `properties` outlives
        // the call.
        Status(unsafe { function(self.handle, name.as_ptr(), &raw mut properties) }).check()?;
        PropertySet::from_handle(self.host, properties).ok_or(Status::BAD_HANDLE)
    }

    /// A clip of the instance; none when the host does not have it.
    #[must_use]
    pub fn clip(&self, name: &'static CStr) -> Option<Clip> {
        let function = self.host.effect.clipGetHandle?;
        let (mut handle, mut properties) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: handle and suite are the host's; both results outlive the call.
        let status =
            unsafe { function(self.handle, name.as_ptr(), &raw mut handle, &raw mut properties) };
        (status == sys::kOfxStatOK && !handle.is_null())
            .then(|| Clip::new(self.host, handle, properties))
    }

    /// True when the host wants the render in hand to stop.
    #[must_use]
    pub fn abort(&self) -> bool {
        // SAFETY: handle and suite are the host's.
        self.host.effect.abort.is_some_and(|function| unsafe { function(self.handle) } != 0)
    }

    /// Shows an error that stays until it is cleared; returns whether the host can do that.
    #[must_use]
    pub fn set_persistent_error(&self, text: &str) -> bool {
        let Some(function) = self.host.message_v2.and_then(|m| m.setPersistentMessage) else {
            return false;
        };
        self.error_by(function, text)
    }

    /// Clears what [`Self::set_persistent_error`] showed.
    pub fn clear_persistent_error(&self) {
        let Some(suite) = self.host.message_v2 else { return };
        // A host whose setter is null has garbage for a clearer (Resolve 14).
        let (Some(_), Some(function)) = (suite.setPersistentMessage, suite.clearPersistentMessage)
        else {
            return;
        };
        // SAFETY: handle and suite are the host's.
        let _ = unsafe { function(self.handle.cast()) };
    }

    /// Tells an error once; returns whether the host has a way to.
    #[must_use]
    pub fn tell_error(&self, text: &str) -> bool {
        let function = self.host.message_v2.and_then(|m| m.message);
        let Some(function) = function.or_else(|| self.host.message_v1.and_then(|m| m.message))
        else {
            return false;
        };
        self.error_by(function, text)
    }

    /// Hands an error's text to one of the host's message functions.
    fn error_by(&self, function: Message, text: &str) -> bool {
        // SAFETY: handle and suite are the host's; the format takes one string, which is kept far
        // beyond the call, as are the others.
        let status = unsafe {
            function(
                self.handle.cast(),
                sys::kOfxMessageError.as_ptr(),
                MESSAGE_ID.as_ptr(),
                c"%s".as_ptr(),
                keep(text),
            )
        };
        status == sys::kOfxStatOK
    }
}
