//! Settings as parameters: their definition, their values, their being enabled.

use headroom::expand::METHODS;
use headroom::settings::{Group, Id, Kind, SETTINGS, Setting, Unit, Value, Values};
use headroom_ofx::{Param, ParamSet, PropertySet, Result, Status, sys, text};
use std::ffi::CStr;

/// The one page, for hosts that show parameters on pages.
const PAGE: &CStr = c"Controls";

/// Groups that are open in a new node: what one sets first, and what one looks at.
const OPEN: [Group; 3] = [Group::Input, Group::Expansion, Group::Output];

/// Defines every parameter.
pub(crate) fn define(params: &ParamSet) -> Result {
    for group in Group::ALL {
        let props = params.define(sys::kOfxParamTypeGroup, text::intern(group.id()))?;
        label(&props, group.label());
        props.set(sys::kOfxParamPropGroupOpen, OPEN.contains(&group));
        props.set(sys::kOfxParamPropScriptName, text::intern(group.id()));
        for setting in SETTINGS.iter().filter(|s| s.group == group) {
            let name = text::intern(setting.id);
            let props = params.define(kind(setting), name)?;
            describe(setting, &props)?;
            props.set(sys::kOfxParamPropParent, text::intern(group.id()));
        }
    }
    let page = params.define(sys::kOfxParamTypePage, PAGE)?;
    label(&page, "Controls");
    let names = SETTINGS.iter().map(|setting| text::intern(setting.id));
    page.set_all(sys::kOfxParamPropPageChild, names);
    if let Some(props) = params.properties() {
        props.set(sys::kOfxPluginPropParamPageOrder, PAGE);
    }
    Ok(())
}

fn kind(setting: &Setting) -> &'static CStr {
    match setting.kind {
        Kind::Toggle { .. } => sys::kOfxParamTypeBoolean,
        Kind::Number { .. } => sys::kOfxParamTypeDouble,
        Kind::Integer { .. } => sys::kOfxParamTypeInteger,
        Kind::Choice { .. } => sys::kOfxParamTypeChoice,
        Kind::Button => sys::kOfxParamTypePushButton,
        Kind::File | Kind::Info => sys::kOfxParamTypeString,
    }
}

fn label(props: &PropertySet, label: &str) {
    let label = text::intern(label);
    props.set(sys::kOfxPropLabel, label);
    props.set(sys::kOfxPropShortLabel, label);
    props.set(sys::kOfxPropLongLabel, label);
}

fn describe(setting: &Setting, props: &PropertySet) -> Result {
    label(props, setting.label);
    props.set(sys::kOfxParamPropHint, text::intern(setting.hint));
    props.set(sys::kOfxParamPropScriptName, text::intern(setting.id));
    match setting.kind {
        Kind::Toggle { default } => props.require(sys::kOfxParamPropDefault, default)?,
        Kind::Number { default, range, display, unit } => {
            props.require(sys::kOfxParamPropDefault, default)?;
            // Resolve takes -1..1 where a range is lacking, so all four are always set.
            props.set(sys::kOfxParamPropMin, range.0);
            props.set(sys::kOfxParamPropMax, range.1);
            props.set(sys::kOfxParamPropDisplayMin, display.0);
            props.set(sys::kOfxParamPropDisplayMax, display.1);
            let (step, digits) = step(display, unit);
            props.set(sys::kOfxParamPropIncrement, step);
            props.set(sys::kOfxParamPropDigits, digits);
            props.set(
                sys::kOfxParamPropDoubleType,
                match unit {
                    Unit::Degrees => sys::kOfxParamDoubleTypeAngle,
                    _ => sys::kOfxParamDoubleTypePlain,
                },
            );
        }
        Kind::Integer { default, range, display, .. } => {
            props.require(sys::kOfxParamPropDefault, default)?;
            props.set(sys::kOfxParamPropMin, range.0);
            props.set(sys::kOfxParamPropMax, range.1);
            props.set(sys::kOfxParamPropDisplayMin, display.0);
            props.set(sys::kOfxParamPropDisplayMax, display.1);
        }
        Kind::Choice { default, options } => {
            for (index, option) in options().iter().enumerate() {
                let option = text::intern(option.label);
                props.set_at(sys::kOfxParamPropChoiceOption, index as i32, option);
            }
            props.require(sys::kOfxParamPropDefault, default as i32)?;
        }
        Kind::File => {
            props.set(sys::kOfxParamPropStringMode, sys::kOfxParamStringIsFilePath);
            // A name that is looked for in folders is not there as it stands.
            props.set(sys::kOfxParamPropStringFilePathExists, false);
            props.set(sys::kOfxParamPropDefault, c"");
        }
        Kind::Button => {}
        Kind::Info => {
            props.set(sys::kOfxParamPropStringMode, sys::kOfxParamStringIsMultiLine);
            props.set(sys::kOfxParamPropDefault, text::intern(&crate::info::standing()));
            props.set(sys::kOfxParamPropEnabled, false);
            // What it tells is of one session on one machine.
            props.set(sys::kOfxParamPropPersistant, false);
        }
    }
    if !matches!(setting.kind, Kind::Button) {
        props.set(sys::kOfxParamPropAnimates, setting.animates);
    }
    props.set(sys::kOfxParamPropEvaluateOnChange, shapes_picture(setting.key));
    Ok(())
}

/// Step of a slider and digits shown.
fn step(display: (f64, f64), unit: Unit) -> (f64, i32) {
    match unit {
        Unit::Nits | Unit::Frames | Unit::Megabytes => (1.0, 0),
        Unit::Degrees => (0.5, 2),
        _ if display.1 - display.0 <= 0.5 => (0.001, 4),
        _ => (0.01, 3),
    }
}

/// False for settings that change no pixel by themselves.
fn shapes_picture(key: Id) -> bool {
    !matches!(key, Id::Preset | Id::Measure | Id::InfoText)
}

/// Handles of an instance's parameters, in the table's order; none where the host lacks one.
pub(crate) fn handles(params: &ParamSet) -> Vec<Option<Param>> {
    SETTINGS.iter().map(|setting| params.get(text::intern(setting.id))).collect()
}

/// The values of all parameters at a time. What a host does not give is the default; what it gives
/// out of range is moved into it.
pub(crate) fn values(params: &[Option<Param>], time: f64) -> Values {
    let mut values = Values::default();
    for (setting, param) in SETTINGS.iter().zip(params) {
        if let Some(value) = param.and_then(|param| value(setting, &param, time)) {
            values.set_clamped(setting.key, value);
        }
    }
    values
}

fn value(setting: &Setting, param: &Param, time: f64) -> Option<Value> {
    Some(match setting.kind {
        Kind::Toggle { .. } => Value::Toggle(param.int_at(time)? != 0),
        Kind::Number { .. } => Value::Number(param.double_at(time)?),
        Kind::Integer { .. } => Value::Integer(param.int_at(time)?),
        Kind::Choice { .. } => Value::Choice(usize::try_from(param.int_at(time)?).ok()?),
        Kind::File => Value::Text(param.string_at(time)?.trim().into()),
        Kind::Button | Kind::Info => return None,
    })
}

/// Sets a parameter; never in a render.
pub(crate) fn set(param: &Param, value: Value) -> Result {
    match value {
        Value::Text(path) => param.set_string(&path),
        Value::Toggle(v) => param.set_int(i32::from(v)),
        Value::Number(v) => param.set_double(v),
        Value::Integer(v) => param.set_int(v),
        Value::Choice(v) => param.set_int(i32::try_from(v).map_err(|_| Status::VALUE)?),
    }
}

/// Greys out what has no effect as things stand. `to_hdr_display` tells whether the output is PQ
/// or HLG, in which the peak is in nits.
pub(crate) fn enable(params: &[Option<Param>], values: &Values, to_hdr_display: bool) {
    let network = METHODS.get(values.choice(Id::Method)).is_some_and(|method| method.network);
    let view = SETTINGS[Id::View as usize].options().get(values.choice(Id::View));
    let rules = [
        (Id::ClipThreshold, !values.toggle(Id::ClipAuto)),
        (Id::MaskInvert, values.toggle(Id::MaskEnable)),
        (Id::PreviewExposure, view.is_some_and(|v| v.id == "exposure-preview")),
        (Id::FreezeFrame, values.toggle(Id::FreezeAnalysis)),
        (Id::TemporalRadius, !values.toggle(Id::FreezeAnalysis)),
        (Id::Weights, network),
        (Id::Precision, network),
        (Id::MemoryLimit, network),
        (Id::PeakNits, to_hdr_display),
        (Id::Peak, !to_hdr_display),
    ];
    for (key, enabled) in rules {
        if let Some(props) = params[key as usize].and_then(|param| param.properties()) {
            props.set(sys::kOfxParamPropEnabled, enabled);
        }
    }
}
