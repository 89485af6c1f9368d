//! A host small enough for unit tests: one flat property suite, an image effect suite that counts
//! releases, and suites that can be left out.

use crate::{Host, PropertySet, Result};
use headroom_ofx_sys as sys;
use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::sync::{LazyLock, Mutex, MutexGuard};

/// A property that every set refuses.
pub(crate) const REFUSED: &CStr = c"refused";

#[derive(Clone)]
enum Value {
    Int(c_int),
    Double(f64),
    Text(CString),
    Pointer(usize),
}

type Set = HashMap<(CString, c_int), Value>;

/// Sets by handle; handles are numbers, never addresses.
static SETS: LazyLock<Mutex<HashMap<usize, Set>>> = LazyLock::new(Mutex::default);
static RELEASES: LazyLock<Mutex<HashMap<usize, usize>>> = LazyLock::new(Mutex::default);

fn sets() -> MutexGuard<'static, HashMap<usize, Set>> {
    SETS.lock().expect("no test panics under this lock")
}

unsafe fn key(name: *const c_char, index: c_int) -> (CString, c_int) {
    // SAFETY: the crate under test passes C strings.
    (unsafe { CStr::from_ptr(name) }.to_owned(), index)
}

unsafe fn put(
    set: sys::OfxPropertySetHandle,
    name: *const c_char,
    index: c_int,
    value: Value,
) -> sys::OfxStatus {
    // SAFETY: as in `key`.
    let key = unsafe { key(name, index) };
    if key.0.as_c_str() == REFUSED {
        return sys::kOfxStatErrUnknown;
    }
    sets().entry(set as usize).or_default().insert(key, value);
    sys::kOfxStatOK
}

unsafe fn find(set: sys::OfxPropertySetHandle, name: *const c_char, index: c_int) -> Option<Value> {
    // SAFETY: as in `key`.
    let key = unsafe { key(name, index) };
    sets().get(&(set as usize))?.get(&key).cloned()
}

macro_rules! accessors {
    ($set:ident $get:ident $type:ty, $variant:ident, $to:expr, $from:expr) => {
        unsafe extern "C" fn $set(
            set: sys::OfxPropertySetHandle,
            name: *const c_char,
            index: c_int,
            value: $type,
        ) -> sys::OfxStatus {
            // SAFETY: called by the crate under test with valid arguments.
            unsafe { put(set, name, index, Value::$variant($to(value))) }
        }
        unsafe extern "C" fn $get(
            set: sys::OfxPropertySetHandle,
            name: *const c_char,
            index: c_int,
            value: *mut $type,
        ) -> sys::OfxStatus {
            // SAFETY: called by the crate under test with valid arguments.
            match unsafe { find(set, name, index) } {
                Some(Value::$variant(found)) => {
                    // SAFETY: as above.
                    unsafe { *value = $from(found) };
                    sys::kOfxStatOK
                }
                Some(_) => sys::kOfxStatErrValue,
                None => sys::kOfxStatErrUnknown,
            }
        }
    };
}

accessors!(set_int get_int c_int, Int, |v| v, |v| v);
accessors!(set_double get_double f64, Double, |v| v, |v| v);
accessors!(set_pointer get_pointer *mut c_void, Pointer, |v: *mut c_void| v as usize, |v| v as *mut c_void);

unsafe extern "C" fn set_string(
    set: sys::OfxPropertySetHandle,
    name: *const c_char,
    index: c_int,
    value: *const c_char,
) -> sys::OfxStatus {
    // SAFETY: called by the crate under test with valid arguments.
    unsafe { put(set, name, index, Value::Text(CStr::from_ptr(value).to_owned())) }
}

unsafe extern "C" fn get_string(
    set: sys::OfxPropertySetHandle,
    name: *const c_char,
    index: c_int,
    value: *mut *mut c_char,
) -> sys::OfxStatus {
    // SAFETY: called by the crate under test with valid arguments.
    match unsafe { find(set, name, index) } {
        Some(Value::Text(text)) => {
            // SAFETY: as above; the text is leaked, this is a test.
            unsafe { *value = text.into_raw() };
            sys::kOfxStatOK
        }
        Some(_) => sys::kOfxStatErrValue,
        None => sys::kOfxStatErrUnknown,
    }
}

unsafe extern "C" fn dimension(
    set: sys::OfxPropertySetHandle,
    name: *const c_char,
    count: *mut c_int,
) -> sys::OfxStatus {
    // SAFETY: called by the crate under test with valid arguments.
    let (name, _) = unsafe { key(name, 0) };
    let sets = sets();
    let found = sets.get(&(set as usize)).map_or(0, |s| s.keys().filter(|k| k.0 == name).count());
    if found == 0 {
        return sys::kOfxStatErrUnknown;
    }
    // SAFETY: as above.
    unsafe { *count = found as c_int };
    sys::kOfxStatOK
}

unsafe extern "C" fn release(image: sys::OfxPropertySetHandle) -> sys::OfxStatus {
    *RELEASES.lock().expect("no panic under it").entry(image as usize).or_default() += 1;
    sys::kOfxStatOK
}

/// How often an image was released.
pub(crate) fn releases(image: &PropertySet) -> usize {
    let releases = RELEASES.lock().expect("no panic under it");
    releases.get(&(image.handle() as usize)).copied().unwrap_or(0)
}

struct Suites {
    property: sys::OfxPropertySuiteV1,
    effect: sys::OfxImageEffectSuiteV1,
    parameter: sys::OfxParameterSuiteV1,
    message: sys::OfxMessageSuiteV2,
}

// SAFETY: tables of functions.
unsafe impl Sync for Suites {}
// SAFETY: as above.
unsafe impl Send for Suites {}

static SUITES: LazyLock<Suites> = LazyLock::new(|| {
    // SAFETY: every member is an optional function, for which all zeros is "none".
    let mut suites: Suites = unsafe { std::mem::zeroed() };
    suites.property.propSetInt = Some(set_int);
    suites.property.propGetInt = Some(get_int);
    suites.property.propSetDouble = Some(set_double);
    suites.property.propGetDouble = Some(get_double);
    suites.property.propSetPointer = Some(set_pointer);
    suites.property.propGetPointer = Some(get_pointer);
    suites.property.propSetString = Some(set_string);
    suites.property.propGetString = Some(get_string);
    suites.property.propGetDimension = Some(dimension);
    suites.effect.clipReleaseImage = Some(release);
    suites
});

static LACKING: Mutex<Option<&'static CStr>> = Mutex::new(None);

unsafe extern "C" fn fetch_suite(
    _: sys::OfxPropertySetHandle,
    name: *const c_char,
    version: c_int,
) -> *const c_void {
    // SAFETY: the crate under test passes a C string.
    let name = unsafe { CStr::from_ptr(name) };
    if *LACKING.lock().expect("no panic under it") == Some(name) {
        return std::ptr::null();
    }
    let suites = &*SUITES;
    if name == sys::kOfxPropertySuite {
        (&raw const suites.property).cast()
    } else if name == sys::kOfxImageEffectSuite {
        (&raw const suites.effect).cast()
    } else if name == sys::kOfxParameterSuite {
        (&raw const suites.parameter).cast()
    } else if name == sys::kOfxMessageSuite && version == 2 {
        (&raw const suites.message).cast()
    } else {
        std::ptr::null()
    }
}

/// The handle of the host's own properties.
const HOST: usize = 0x10;

fn fetch() -> Result<&'static Host> {
    let handle = HOST as sys::OfxPropertySetHandle;
    // SAFETY: arguments are valid; see `put`.
    unsafe {
        put(handle, sys::kOfxPropName.as_ptr(), 0, Value::Text(c"fake".to_owned()));
        put(handle, sys::kOfxPropVersion.as_ptr(), 0, Value::Int(1));
        put(handle, sys::kOfxPropVersion.as_ptr(), 1, Value::Int(2));
    }
    let host = sys::OfxHost { host: handle, fetchSuite: Some(fetch_suite) };
    // SAFETY: `host` lives during the call; the suites are static.
    unsafe { Host::fetch(&raw const host) }
}

/// Serialises what reads or writes `LACKING`.
static FETCHING: Mutex<()> = Mutex::new(());

/// Fetches a host that lacks one suite.
pub(crate) fn fetch_lacking(suite: &'static CStr) -> Result<&'static Host> {
    let _one = FETCHING.lock().expect("no panic under it");
    *LACKING.lock().expect("no panic under it") = Some(suite);
    let host = fetch();
    *LACKING.lock().expect("no panic under it") = None;
    host
}

/// A host and a fresh property set of it.
pub(crate) fn host_and_properties() -> (&'static Host, PropertySet) {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0x1000);
    let _one = FETCHING.lock().expect("no panic under it");
    let host = fetch().expect("it has every suite");
    let handle = NEXT.fetch_add(16, std::sync::atomic::Ordering::Relaxed);
    let props = PropertySet::from_handle(host, handle as sys::OfxPropertySetHandle);
    (host, props.expect("no null"))
}
