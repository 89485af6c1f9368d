//! Parameters: definitions, values, keyframes, and their text form.

use crate::{
    error::HostError,
    object::Node,
    propset::{Access, Lifetime, PropSet, PropType, Value},
    registry::{self, Object},
    session::{Session, lock},
};
use headroom_ofx_sys::{self as sys, OfxParamHandle, OfxParamSetHandle};
use std::{
    ffi::{CStr, CString},
    sync::{Arc, Mutex, Weak},
};

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    Doubles(usize),
    Ints(usize),
    Text,
    Nothing,
}

/// How ints and text are read and written by people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Number,
    Truth,
    Option,
    Text,
    Button,
    Layout,
}

/// One row per parameter type of the standard.
const TYPES: &[(&CStr, Storage, Meaning)] = &[
    (sys::kOfxParamTypeDouble, Storage::Doubles(1), Meaning::Number),
    (sys::kOfxParamTypeInteger, Storage::Ints(1), Meaning::Number),
    (sys::kOfxParamTypeBoolean, Storage::Ints(1), Meaning::Truth),
    (sys::kOfxParamTypeChoice, Storage::Ints(1), Meaning::Option),
    (sys::kOfxParamTypeStrChoice, Storage::Text, Meaning::Option),
    (sys::kOfxParamTypeRGB, Storage::Doubles(3), Meaning::Number),
    (sys::kOfxParamTypeRGBA, Storage::Doubles(4), Meaning::Number),
    (sys::kOfxParamTypeDouble2D, Storage::Doubles(2), Meaning::Number),
    (sys::kOfxParamTypeDouble3D, Storage::Doubles(3), Meaning::Number),
    (sys::kOfxParamTypeInteger2D, Storage::Ints(2), Meaning::Number),
    (sys::kOfxParamTypeInteger3D, Storage::Ints(3), Meaning::Number),
    (sys::kOfxParamTypeString, Storage::Text, Meaning::Text),
    (sys::kOfxParamTypeCustom, Storage::Text, Meaning::Text),
    (sys::kOfxParamTypePushButton, Storage::Nothing, Meaning::Button),
    (sys::kOfxParamTypeGroup, Storage::Nothing, Meaning::Layout),
    (sys::kOfxParamTypePage, Storage::Nothing, Meaning::Layout),
];

/// A value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ParamValue {
    Doubles(Vec<f64>),
    Ints(Vec<i32>),
    Text(Arc<CString>),
    Nothing,
}

#[derive(Debug, Default)]
struct State {
    value: Option<ParamValue>,
    /// Sorted by time.
    keys: Vec<(f64, ParamValue)>,
    /// Texts that were replaced; a plug-in may still hold their address.
    attic: Vec<ParamValue>,
}

/// A parameter, of a description or of an instance.
pub(crate) struct Param {
    pub(crate) handle: usize,
    pub(crate) name: String,
    pub(crate) kind: &'static CStr,
    pub(crate) storage: Storage,
    meaning: Meaning,
    pub(crate) props: Arc<PropSet>,
    pub(crate) set: Weak<ParamSet>,
    state: Mutex<State>,
}

/// The parameters of an effect, in the order of their definition.
pub(crate) struct ParamSet {
    pub(crate) handle: usize,
    pub(crate) label: String,
    pub(crate) props: Arc<PropSet>,
    pub(crate) node: Mutex<Weak<Node>>,
    pub(crate) session: Arc<Session>,
    pub(crate) params: Mutex<Vec<Arc<Param>>>,
}

impl ParamSet {
    pub(crate) fn new(session: &Arc<Session>, label: &str) -> Arc<Self> {
        let handle = registry::reserve();
        let props =
            PropSet::new(session, &format!("the parameters of {label}"), Lifetime::Description);
        props.plugin(sys::kOfxPropParamSetNeedsSyncing, [0]);
        props.define(
            sys::kOfxPluginPropParamPageOrder,
            PropType::String,
            0,
            Access::Plugin,
            vec![],
        );
        let set = Arc::new(Self {
            handle,
            label: label.to_owned(),
            props,
            node: Mutex::default(),
            session: Arc::clone(session),
            params: Mutex::default(),
        });
        registry::insert(handle, Object::ParamSet(Arc::clone(&set)));
        set
    }

    pub(crate) fn as_handle(&self) -> OfxParamSetHandle {
        std::ptr::without_provenance_mut(self.handle)
    }

    pub(crate) fn find(&self, name: &str) -> Option<Arc<Param>> {
        lock(&self.params).iter().find(|param| param.name == name).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Param>> {
        lock(&self.params).clone()
    }

    pub(crate) fn node(&self) -> Option<Arc<Node>> {
        lock(&self.node).upgrade()
    }

    /// Defines a parameter; none when the type is unknown.
    pub(crate) fn define(self: &Arc<Self>, kind: &CStr, name: &str) -> Option<Arc<Param>> {
        let (kind, storage, meaning) = *TYPES.iter().find(|(known, ..)| *known == kind)?;
        let props =
            PropSet::new(&self.session, &format!("the parameter {name:?}"), Lifetime::Description);
        crate::schema::param(&props, kind, storage, name);
        Some(self.add(kind, storage, meaning, name, props))
    }

    fn add(
        self: &Arc<Self>,
        kind: &'static CStr,
        storage: Storage,
        meaning: Meaning,
        name: &str,
        props: Arc<PropSet>,
    ) -> Arc<Param> {
        let handle = registry::reserve();
        let param = Arc::new(Param {
            handle,
            name: name.to_owned(),
            kind,
            storage,
            meaning,
            props,
            set: Arc::downgrade(self),
            state: Mutex::default(),
        });
        registry::insert(handle, Object::Param(Arc::clone(&param)));
        lock(&self.params).push(Arc::clone(&param));
        param
    }

    /// The parameters of an instance: a copy of the description, at its defaults.
    pub(crate) fn instantiate(&self, label: &str) -> Arc<Self> {
        let instance = Self::new(&self.session, label);
        for param in self.all() {
            let props = param.props.copy(
                &self.session,
                &format!("the parameter {:?} of {label}", param.name),
                Lifetime::Action,
            );
            crate::schema::param_instance(&props);
            let param = instance.add(param.kind, param.storage, param.meaning, &param.name, props);
            param.reset();
        }
        instance
    }

    /// Takes over every value of another instance.
    pub(crate) fn copy_values(&self, other: &Self) {
        for param in self.all() {
            if let Some(from) = other.find(&param.name) {
                let (value, keys) = {
                    let from = lock(&from.state);
                    (from.value.clone(), from.keys.clone())
                };
                let mut state = lock(&param.state);
                state.value = value;
                state.keys = keys;
            }
        }
    }

    /// Ends every handle.
    pub(crate) fn retire(&self) {
        for param in self.all() {
            registry::retire(param.props.handle, &self.session);
            registry::retire(param.handle, &self.session);
        }
        registry::retire(self.props.handle, &self.session);
        registry::retire(self.handle, &self.session);
    }
}

impl Param {
    pub(crate) fn as_handle(&self) -> OfxParamHandle {
        std::ptr::without_provenance_mut(self.handle)
    }

    /// Puts the described default back.
    fn reset(&self) {
        let defaults = self.props.get(sys::kOfxParamPropDefault);
        let values = defaults.map_or_else(Vec::new, |prop| prop.values);
        let number = |index: usize| values.get(index);
        let value = match self.storage {
            Storage::Doubles(count) => ParamValue::Doubles(
                (0..count)
                    .map(|index| match number(index) {
                        Some(Value::Double(value)) => *value,
                        _ => 0.0,
                    })
                    .collect(),
            ),
            Storage::Ints(count) => ParamValue::Ints(
                (0..count)
                    .map(|index| match number(index) {
                        Some(Value::Int(value)) => *value,
                        _ => 0,
                    })
                    .collect(),
            ),
            Storage::Text => ParamValue::Text(match number(0) {
                Some(Value::String(text)) => Arc::clone(text),
                _ => Arc::default(),
            }),
            Storage::Nothing => ParamValue::Nothing,
        };
        let mut state = lock(&self.state);
        state.value = Some(value);
        state.keys.clear();
    }

    /// The value at a time.
    pub(crate) fn value(&self, time: f64) -> ParamValue {
        let state = lock(&self.state);
        let still = || state.value.clone().unwrap_or(ParamValue::Nothing);
        let after = state.keys.partition_point(|(key, _)| *key <= time);
        match (after.checked_sub(1).map(|index| &state.keys[index]), state.keys.get(after)) {
            (None, None) => still(),
            (Some((_, value)), None) | (None, Some((_, value))) => value.clone(),
            (Some((t0, a)), Some((t1, b))) => match (a, b) {
                (ParamValue::Doubles(a), ParamValue::Doubles(b)) => {
                    let way = (time - t0) / (t1 - t0);
                    ParamValue::Doubles(a.iter().zip(b).map(|(a, b)| a + (b - a) * way).collect())
                }
                _ => a.clone(),
            },
        }
    }

    /// Sets the still value and drops every key.
    pub(crate) fn set_value(&self, value: ParamValue) {
        let mut state = lock(&self.state);
        if let Some(old) = state.value.replace(value) {
            state.bury(old);
        }
    }

    /// Sets a key.
    pub(crate) fn set_key(&self, time: f64, value: ParamValue) {
        let mut state = lock(&self.state);
        let index = state.keys.partition_point(|(key, _)| *key < time);
        if state.keys.get(index).is_some_and(|(key, _)| (key - time).abs() < f64::EPSILON) {
            let old = std::mem::replace(&mut state.keys[index].1, value);
            state.bury(old);
        } else {
            state.keys.insert(index, (time, value));
        }
        drop(state);
        self.props.put(sys::kOfxParamPropIsAnimating, [1]);
    }

    /// The times of every key.
    pub(crate) fn keys(&self) -> Vec<f64> {
        lock(&self.state).keys.iter().map(|(time, _)| *time).collect()
    }

    /// Removes keys; all of them without a time. Says whether there was one.
    pub(crate) fn delete_keys(&self, time: Option<f64>) -> bool {
        let mut state = lock(&self.state);
        let before = state.keys.len();
        let dropped: Vec<_> = match time {
            Some(time) => {
                state.keys.extract_if(.., |(key, _)| (*key - time).abs() < 1e-9).collect()
            }
            None => state.keys.drain(..).collect(),
        };
        for (_, value) in dropped {
            state.bury(value);
        }
        let after = state.keys.len();
        drop(state);
        if after == 0 {
            self.props.put(sys::kOfxParamPropIsAnimating, [0]);
        }
        after < before
    }

    /// The option texts of a choice.
    pub(crate) fn options(&self) -> Vec<String> {
        self.props.strings(sys::kOfxParamPropChoiceOption)
    }

    /// Reads a value as a person writes it: `0.5`, `1,0.5,0`, `true`, an option or its number.
    pub(crate) fn parse(&self, text: &str) -> Result<ParamValue, HostError> {
        let wrong = |expected: String| HostError::Value {
            param: self.name.clone(),
            found: text.to_owned(),
            expected,
        };
        let list = || text.split([',', ' ']).filter(|part| !part.is_empty());
        match (self.storage, self.meaning) {
            (Storage::Doubles(count), _) => {
                let values: Result<Vec<f64>, _> = list().map(str::parse).collect();
                let mut values = values.map_err(|_| wrong(format!("{count} numbers")))?;
                if values.len() == 1 {
                    values.resize(count, values[0]);
                }
                if values.len() != count {
                    return Err(wrong(format!("{count} numbers")));
                }
                Ok(ParamValue::Doubles(values))
            }
            (Storage::Ints(_), Meaning::Truth) => match text.to_lowercase().as_str() {
                "1" | "true" | "on" | "yes" => Ok(ParamValue::Ints(vec![1])),
                "0" | "false" | "off" | "no" => Ok(ParamValue::Ints(vec![0])),
                _ => Err(wrong("true or false".into())),
            },
            (Storage::Ints(_), Meaning::Option) => {
                let options = self.options();
                let index = option_index(&options, text)
                    .or_else(|| text.parse().ok().filter(|index| *index < options.len()))
                    .ok_or_else(|| wrong(format!("one of {options:?} or its number")))?;
                Ok(ParamValue::Ints(vec![i32::try_from(index).unwrap_or(i32::MAX)]))
            }
            (Storage::Ints(count), _) => {
                let values: Result<Vec<i32>, _> = list().map(str::parse).collect();
                let values = values.map_err(|_| wrong(format!("{count} whole numbers")))?;
                if values.len() != count {
                    return Err(wrong(format!("{count} whole numbers")));
                }
                Ok(ParamValue::Ints(values))
            }
            (Storage::Text, Meaning::Option) => {
                let enums = self.props.strings(sys::kOfxParamPropChoiceEnum);
                let options = self.options();
                let chosen = if enums.iter().any(|known| known == text) {
                    text.to_owned()
                } else {
                    option_index(&options, text)
                        .and_then(|index| enums.get(index).or(options.get(index)).cloned())
                        .ok_or_else(|| wrong(format!("one of {enums:?} or {options:?}")))?
                };
                Ok(ParamValue::Text(Arc::new(CString::new(chosen).unwrap_or_default())))
            }
            (Storage::Text, _) => CString::new(text)
                .map(|text| ParamValue::Text(Arc::new(text)))
                .map_err(|_| wrong("a text without NUL".into())),
            (Storage::Nothing, _) => Err(wrong("nothing: it holds no value".into())),
        }
    }

    /// Writes a value as [`Param::parse`] reads it.
    pub(crate) fn print(&self, value: &ParamValue) -> String {
        let join = |parts: Vec<String>| parts.join(",");
        match value {
            ParamValue::Doubles(values) => join(values.iter().map(f64::to_string).collect()),
            ParamValue::Ints(values) => match self.meaning {
                Meaning::Truth => (values.first() != Some(&0)).to_string(),
                Meaning::Option => values
                    .first()
                    .and_then(|index| self.options().get(usize::try_from(*index).ok()?).cloned())
                    .unwrap_or_else(|| join(values.iter().map(i32::to_string).collect())),
                _ => join(values.iter().map(i32::to_string).collect()),
            },
            ParamValue::Text(text) => text.to_string_lossy().into_owned(),
            ParamValue::Nothing => String::new(),
        }
    }

    /// True for a push button.
    pub(crate) fn is_button(&self) -> bool {
        self.meaning == Meaning::Button
    }
}

fn option_index(options: &[String], text: &str) -> Option<usize> {
    options
        .iter()
        .position(|option| option == text)
        .or_else(|| options.iter().position(|option| option.eq_ignore_ascii_case(text)))
}

impl State {
    fn bury(&mut self, value: ParamValue) {
        if matches!(value, ParamValue::Text(_)) {
            self.attic.push(value);
        }
    }
}
