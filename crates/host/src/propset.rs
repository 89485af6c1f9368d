//! Property sets: typed, named lists of values that host and plug-in share.

use crate::{
    registry::{self, Object},
    session::Session,
};
use headroom_ofx_sys::{self as sys, OfxPropertySetHandle, OfxStatus};
use std::{
    collections::BTreeMap,
    ffi::{CStr, CString, c_char, c_void},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

/// The four types of OpenFX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PropType {
    Pointer,
    String,
    Double,
    Int,
}

/// Who may set a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// The plug-in may.
    Plugin,
    /// Only the host may; a plug-in that tries breaks a rule.
    Host,
    /// The host refuses for now, and the plug-in may ask (a depth that cannot change).
    Refuse,
}

/// One value. Strings stay at one address for as long as anybody may look at them.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Pointer(usize),
    String(Arc<CString>),
    Double(f64),
    Int(i32),
}

impl Value {
    fn kind(&self) -> PropType {
        match self {
            Self::Pointer(_) => PropType::Pointer,
            Self::String(_) => PropType::String,
            Self::Double(_) => PropType::Double,
            Self::Int(_) => PropType::Int,
        }
    }

    fn empty(kind: PropType) -> Self {
        match kind {
            PropType::Pointer => Self::Pointer(0),
            PropType::String => Self::String(Arc::default()),
            PropType::Double => Self::Double(0.0),
            PropType::Int => Self::Int(0),
        }
    }
}

impl From<&CStr> for Value {
    fn from(text: &CStr) -> Self {
        Self::String(Arc::new(text.to_owned()))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(Arc::new(CString::new(text.replace('\0', "")).unwrap_or_default()))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(i32::from(value))
    }
}

/// One property.
#[derive(Clone, Debug)]
pub(crate) struct Prop {
    pub(crate) kind: PropType,
    /// Number of values; 0: any number.
    pub(crate) dimension: usize,
    pub(crate) access: Access,
    pub(crate) values: Vec<Value>,
    default: Vec<Value>,
}

/// What the strings of a set promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// A description: the host reads the strings until the plug-in is unloaded.
    Description,
    /// The host reads the strings when the action has returned.
    Action,
}

/// A named collection of properties with a handle.
pub(crate) struct PropSet {
    pub(crate) handle: usize,
    pub(crate) label: String,
    pub(crate) lifetime: Lifetime,
    session: Weak<Session>,
    props: Mutex<BTreeMap<CString, Prop>>,
    /// Strings that were replaced, kept because a plug-in may still hold their address.
    attic: Mutex<Vec<Arc<CString>>>,
}

impl PropSet {
    /// An empty set, known under its handle.
    pub(crate) fn new(session: &Arc<Session>, label: &str, lifetime: Lifetime) -> Arc<Self> {
        let handle = registry::reserve();
        let set = Arc::new(Self {
            handle,
            label: label.to_owned(),
            lifetime,
            session: Arc::downgrade(session),
            props: Mutex::default(),
            attic: Mutex::default(),
        });
        registry::insert(handle, Object::Props(Arc::clone(&set)));
        set
    }

    /// A set that starts as a copy of this one.
    pub(crate) fn copy(
        &self,
        session: &Arc<Session>,
        label: &str,
        lifetime: Lifetime,
    ) -> Arc<Self> {
        let copy = Self::new(session, label, lifetime);
        *copy.lock() = self.lock().clone();
        copy
    }

    /// The session this set belongs to, while it lives.
    pub(crate) fn session(&self) -> Option<Arc<Session>> {
        self.session.upgrade()
    }

    /// The handle as the C interface passes it.
    pub(crate) fn as_handle(&self) -> OfxPropertySetHandle {
        std::ptr::without_provenance_mut(self.handle)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<CString, Prop>> {
        self.props.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Defines a property, unless the host was told to lack it.
    pub(crate) fn define(
        &self,
        name: &CStr,
        kind: PropType,
        dimension: usize,
        access: Access,
        values: Vec<Value>,
    ) {
        if let Some(session) = self.session()
            && session
                .config
                .missing_properties
                .iter()
                .any(|missing| missing.as_bytes() == name.to_bytes())
        {
            return;
        }
        let mut values = values;
        if dimension > 0 {
            values.resize(dimension, Value::empty(kind));
        }
        let prop = Prop { kind, dimension, access, default: values.clone(), values };
        self.lock().insert(name.to_owned(), prop);
    }

    /// Defines a property that the host alone sets, its type taken from the values.
    pub(crate) fn host<V: Into<Value>>(&self, name: &CStr, values: impl IntoIterator<Item = V>) {
        self.typed(name, Access::Host, values);
    }

    /// Defines a property that the plug-in may set, its type and number taken from the values.
    pub(crate) fn plugin<V: Into<Value>>(&self, name: &CStr, values: impl IntoIterator<Item = V>) {
        self.typed(name, Access::Plugin, values);
    }

    fn typed<V: Into<Value>>(
        &self,
        name: &CStr,
        access: Access,
        values: impl IntoIterator<Item = V>,
    ) {
        let values: Vec<Value> = values.into_iter().map(Into::into).collect();
        if let Some(first) = values.first() {
            self.define(name, first.kind(), values.len(), access, values);
        }
    }

    /// Removes a property.
    pub(crate) fn remove(&self, name: &CStr) {
        self.lock().remove(name);
    }

    /// Changes who may set a property.
    pub(crate) fn set_access(&self, name: &CStr, access: Access) {
        if let Some(prop) = self.lock().get_mut(name) {
            prop.access = access;
        }
    }

    /// Sets values from the host's side; a property that is not there stays so.
    pub(crate) fn put<V: Into<Value>>(&self, name: &CStr, values: impl IntoIterator<Item = V>) {
        let values: Vec<Value> = values.into_iter().map(Into::into).collect();
        if let Some(prop) = self.lock().get_mut(name) {
            let old = std::mem::replace(&mut prop.values, values);
            self.bury(old);
        }
    }

    fn bury(&self, values: impl IntoIterator<Item = Value>) {
        let mut attic = self.attic.lock().unwrap_or_else(PoisonError::into_inner);
        attic.extend(values.into_iter().filter_map(|value| match value {
            Value::String(text) => Some(text),
            _ => None,
        }));
    }

    /// A copy of the property.
    pub(crate) fn get(&self, name: &CStr) -> Option<Prop> {
        self.lock().get(name).cloned()
    }

    /// Every property, sorted by name.
    pub(crate) fn all(&self) -> Vec<(CString, Prop)> {
        self.lock().iter().map(|(name, prop)| (name.clone(), prop.clone())).collect()
    }

    /// The strings of a property; empty when it is absent.
    pub(crate) fn strings(&self, name: &CStr) -> Vec<String> {
        self.get(name).map_or_else(Vec::new, |prop| {
            prop.values
                .iter()
                .filter_map(|value| match value {
                    Value::String(text) => Some(text.to_string_lossy().into_owned()),
                    _ => None,
                })
                .collect()
        })
    }

    /// The first string of a property.
    pub(crate) fn string(&self, name: &CStr) -> Option<String> {
        self.strings(name).into_iter().next()
    }

    /// The ints of a property.
    pub(crate) fn ints(&self, name: &CStr) -> Vec<i32> {
        self.get(name).map_or_else(Vec::new, |prop| {
            prop.values
                .iter()
                .filter_map(|value| match value {
                    Value::Int(value) => Some(*value),
                    _ => None,
                })
                .collect()
        })
    }

    /// The first int of a property.
    pub(crate) fn int(&self, name: &CStr) -> Option<i32> {
        self.ints(name).into_iter().next()
    }

    /// The doubles of a property.
    pub(crate) fn doubles(&self, name: &CStr) -> Vec<f64> {
        self.get(name).map_or_else(Vec::new, |prop| {
            prop.values
                .iter()
                .filter_map(|value| match value {
                    Value::Double(value) => Some(*value),
                    _ => None,
                })
                .collect()
        })
    }

    /// The plug-in sets `values` from `index` on.
    pub(crate) fn plugin_set(
        &self,
        name: &CStr,
        index: usize,
        values: Vec<Value>,
        whole: bool,
    ) -> Result<(), SetError> {
        let mut props = self.lock();
        let prop = props.get_mut(name).ok_or(SetError::Unknown)?;
        match prop.access {
            Access::Plugin => {}
            Access::Host => return Err(SetError::ReadOnly),
            Access::Refuse => return Err(SetError::Refused),
        }
        if let Some(wrong) = values.iter().find(|value| value.kind() != prop.kind) {
            return Err(SetError::Type { is: prop.kind, given: wrong.kind() });
        }
        let end = index + values.len();
        if prop.dimension > 0 && end > prop.dimension {
            return Err(SetError::Index);
        }
        if index > prop.values.len() {
            return Err(SetError::Index);
        }
        if prop.values.len() < end {
            prop.values.resize(end, Value::empty(prop.kind));
        }
        if whole && prop.dimension == 0 {
            let cut = prop.values.split_off(end);
            self.bury(cut);
        }
        for (slot, value) in prop.values[index..end].iter_mut().zip(values) {
            let old = std::mem::replace(slot, value);
            self.bury([old]);
        }
        Ok(())
    }

    /// The plug-in reads `count` values from `index` on.
    pub(crate) fn plugin_get(
        &self,
        name: &CStr,
        kind: PropType,
        index: usize,
        count: usize,
    ) -> Result<Vec<Value>, SetError> {
        let props = self.lock();
        let prop = props.get(name).ok_or(SetError::Unknown)?;
        if prop.kind != kind {
            return Err(SetError::Type { is: prop.kind, given: kind });
        }
        prop.values.get(index..index + count).map(<[Value]>::to_vec).ok_or(SetError::Index)
    }

    /// The plug-in puts the default back.
    pub(crate) fn plugin_reset(&self, name: &CStr) -> Result<(), SetError> {
        let mut props = self.lock();
        let prop = props.get_mut(name).ok_or(SetError::Unknown)?;
        match prop.access {
            Access::Plugin => {
                let old = std::mem::replace(&mut prop.values, prop.default.clone());
                self.bury(old);
                Ok(())
            }
            Access::Host => Err(SetError::ReadOnly),
            Access::Refuse => Err(SetError::Refused),
        }
    }

    /// Number of values of a property.
    pub(crate) fn dimension(&self, name: &CStr) -> Option<usize> {
        self.lock().get(name).map(|prop| prop.values.len())
    }
}

/// Why a property could not be read or set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetError {
    Unknown,
    ReadOnly,
    Refused,
    Index,
    Type { is: PropType, given: PropType },
}

impl SetError {
    /// The status that the plug-in gets.
    pub(crate) fn status(self) -> OfxStatus {
        match self {
            Self::Unknown => sys::kOfxStatErrUnknown,
            Self::ReadOnly | Self::Refused | Self::Type { .. } => sys::kOfxStatErrValue,
            Self::Index => sys::kOfxStatErrBadIndex,
        }
    }
}

/// The address at which a plug-in may read the string.
pub(crate) fn address(text: &Arc<CString>) -> *mut c_char {
    text.as_ptr().cast_mut()
}

/// A pointer value as the C interface passes it.
pub(crate) fn pointer(value: usize) -> *mut c_void {
    std::ptr::with_exposed_provenance_mut(value)
}
