//! A plug-in's description: collected, checked, printed.

use crate::{
    config::Components,
    object::Node,
    propset::{PropSet, PropType, Value},
    request::Context,
    session::Session,
    violation::ViolationKind,
};
use headroom_ofx_sys as sys;
use std::{ffi::CStr, fmt::Write as _};

/// A value of a property.
#[derive(Clone, Debug, PartialEq)]
pub enum PropertyValue {
    /// A whole number.
    Int(i32),
    /// A number.
    Double(f64),
    /// A text.
    Text(String),
    /// A pointer: whether there is one.
    Pointer(bool),
}

/// A property: its name and values.
pub type Property = (String, Vec<PropertyValue>);

/// A named thing with properties.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// Name of the clip or parameter.
    pub name: String,
    /// The type of the parameter; empty for a clip.
    pub kind: String,
    /// Its properties, sorted by name.
    pub properties: Vec<Property>,
}

impl Described {
    /// The first text of a property.
    #[must_use]
    pub fn text(&self, property: &CStr) -> Option<&str> {
        text(&self.properties, property)
    }

    /// Every text of a property.
    #[must_use]
    pub fn texts(&self, property: &CStr) -> Vec<&str> {
        self.properties
            .iter()
            .filter(|(name, _)| property.to_str() == Ok(name))
            .flat_map(|(_, values)| values)
            .filter_map(|value| match value {
                PropertyValue::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }
}

fn text<'a>(properties: &'a [Property], property: &CStr) -> Option<&'a str> {
    properties.iter().find(|(name, _)| property.to_str() == Ok(name)).and_then(|(_, values)| {
        match values.first() {
            Some(PropertyValue::Text(text)) => Some(text.as_str()),
            _ => None,
        }
    })
}

/// What a plug-in says of itself in one context.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// Identifier.
    pub identifier: String,
    /// Major and minor version.
    pub version: [u32; 2],
    /// Every plug-in of the binary: identifier, major, minor version.
    pub plugins: Vec<(String, u32, u32)>,
    /// The context described.
    pub context: Context,
    /// The effect's properties, sorted by name, without the path of its bundle.
    pub properties: Vec<Property>,
    /// The clips, in the order of their definition.
    pub clips: Vec<Described>,
    /// The parameters, in the order of their definition.
    pub params: Vec<Described>,
}

fn properties(set: &PropSet) -> Vec<Property> {
    set.all()
        .into_iter()
        .filter(|(name, _)| name.as_c_str() != sys::kOfxPluginPropFilePath)
        .map(|(name, prop)| {
            let values = prop
                .values
                .iter()
                .map(|value| match value {
                    Value::Int(value) => PropertyValue::Int(*value),
                    Value::Double(value) => PropertyValue::Double(*value),
                    Value::String(text) => PropertyValue::Text(text.to_string_lossy().into_owned()),
                    Value::Pointer(value) => PropertyValue::Pointer(*value != 0),
                })
                .collect();
            (name.to_string_lossy().into_owned(), values)
        })
        .collect()
}

impl Description {
    pub(crate) fn new(node: &Node, plugins: &[(String, u32, u32)], context: Context) -> Self {
        let raw = node.plugin.raw();
        Self {
            identifier: node.plugin.identifier.clone(),
            version: [raw.pluginVersionMajor, raw.pluginVersionMinor],
            plugins: plugins.to_vec(),
            context,
            properties: properties(&node.props),
            clips: node
                .all_clips()
                .iter()
                .map(|clip| Described {
                    name: clip.name.clone(),
                    kind: String::new(),
                    properties: properties(&clip.props),
                })
                .collect(),
            params: node
                .params
                .all()
                .iter()
                .map(|param| Described {
                    name: param.name.clone(),
                    kind: param.kind.to_string_lossy().into_owned(),
                    properties: properties(&param.props),
                })
                .collect(),
        }
    }

    /// The first text of a property of the effect.
    #[must_use]
    pub fn text(&self, property: &CStr) -> Option<&str> {
        text(&self.properties, property)
    }

    /// The parameter of that name.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&Described> {
        self.params.iter().find(|param| param.name == name)
    }

    /// Everything as JSON, two spaces per level, in a stable order: a snapshot test compares it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::from("{\n");
        let _ = writeln!(json, "  \"identifier\": {},", quote(&self.identifier));
        let _ = writeln!(json, "  \"version\": [{}, {}],", self.version[0], self.version[1]);
        let _ = writeln!(json, "  \"context\": {},", quote(&self.context.name().to_string_lossy()));
        let _ = writeln!(json, "  \"properties\": {},", object(&self.properties, 2));
        let list = |things: &[Described]| {
            let things: Vec<String> = things
                .iter()
                .map(|thing| {
                    let kind = if thing.kind.is_empty() {
                        String::new()
                    } else {
                        format!("      \"type\": {},\n", quote(&thing.kind))
                    };
                    format!(
                        "    {{\n      \"name\": {},\n{kind}      \"properties\": {}\n    }}",
                        quote(&thing.name),
                        object(&thing.properties, 6)
                    )
                })
                .collect();
            format!("[\n{}\n  ]", things.join(",\n"))
        };
        let _ = writeln!(json, "  \"clips\": {},", list(&self.clips));
        let _ = writeln!(json, "  \"params\": {}", list(&self.params));
        json.push_str("}\n");
        json
    }
}

fn object(properties: &[Property], indent: usize) -> String {
    let pad = " ".repeat(indent);
    let lines: Vec<String> = properties
        .iter()
        .map(|(name, values)| {
            let values: Vec<String> = values
                .iter()
                .map(|value| match value {
                    PropertyValue::Int(value) => value.to_string(),
                    PropertyValue::Double(value) => format!("{value:?}"),
                    PropertyValue::Text(text) => quote(text),
                    PropertyValue::Pointer(there) => there.to_string(),
                })
                .collect();
            format!("{pad}  {}: [{}]", quote(name), values.join(", "))
        })
        .collect();
    format!("{{\n{}\n{pad}}}", lines.join(",\n"))
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            control if control < ' ' => {
                let _ = write!(quoted, "\\u{:04x}", control as u32);
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Reports what the standard, or hosts in use, do not accept in a description.
pub(crate) fn check(session: &Session, node: &Node, context: Context) {
    let wrong = |detail: String| session.violate(ViolationKind::Description, detail);
    let props = &node.props;
    if props.string(sys::kOfxPropLabel).is_none_or(|label| label.is_empty()) {
        wrong("the effect has no label".into());
    }
    for (property, what) in [
        (sys::kOfxImageEffectPropSupportedContexts, "context"),
        (sys::kOfxImageEffectPropSupportedPixelDepths, "pixel depth"),
    ] {
        if props.strings(property).is_empty() {
            wrong(format!("the effect supports no {what}"));
        }
    }
    let safety = props.string(sys::kOfxImageEffectPluginRenderThreadSafety).unwrap_or_default();
    let known = [
        sys::kOfxImageEffectRenderUnsafe,
        sys::kOfxImageEffectRenderInstanceSafe,
        sys::kOfxImageEffectRenderFullySafe,
    ];
    if !known.iter().any(|known| known.to_str() == Ok(&safety)) {
        wrong(format!("render thread safety is {safety:?}"));
    }
    check_clips(node, context, &wrong);
    check_params(node, &wrong);
    for name in props.strings(sys::kOfxImageEffectPropClipPreferencesSlaveParam) {
        if node.params.find(&name).is_none() {
            wrong(format!("clip preferences hang on {name:?}, which is no parameter"));
        }
    }
}

fn check_clips(node: &Node, context: Context, wrong: &dyn Fn(String)) {
    let mut needed = vec![sys::kOfxImageEffectOutputClipName];
    if context == Context::Filter {
        needed.push(sys::kOfxImageEffectSimpleSourceClipName);
    }
    for name in needed {
        if node.clip(&name.to_string_lossy()).is_none() {
            wrong(format!("clip {name:?} is missing in {context:?}"));
        }
    }
    for clip in node.all_clips() {
        let components = clip.props.strings(sys::kOfxImageEffectPropSupportedComponents);
        if components.is_empty() {
            wrong(format!("clip {:?} supports no components", clip.name));
        }
        for name in components {
            if Components::from_name(&name).is_none() {
                wrong(format!("clip {:?} supports {name:?}, unknown to OpenFX", clip.name));
            }
        }
        if context == Context::Filter && !clip.is_output() && !clip.is_optional() {
            let source = sys::kOfxImageEffectSimpleSourceClipName.to_str();
            if source != Ok(clip.name.as_str()) {
                wrong(format!("clip {:?} is not optional, which a filter needs", clip.name));
            }
        }
    }
}

fn check_params(node: &Node, wrong: &dyn Fn(String)) {
    let numbers = |set: &PropSet, property: &CStr| -> Vec<f64> {
        set.get(property).map_or_else(Vec::new, |prop| {
            prop.values
                .iter()
                .filter_map(|value| match value {
                    Value::Double(value) if prop.kind == PropType::Double => Some(*value),
                    Value::Int(value) => Some(f64::from(*value)),
                    _ => None,
                })
                .collect()
        })
    };
    for param in node.params.all() {
        let name = &param.name;
        let set = &param.props;
        if name.is_empty() || name.chars().any(char::is_whitespace) {
            wrong(format!("parameter name {name:?} is empty or has blanks"));
        }
        let default = numbers(set, sys::kOfxParamPropDefault);
        let within = |low: &CStr, high: &CStr, what: &str| {
            let (low, high) = (numbers(set, low), numbers(set, high));
            for ((value, low), high) in default.iter().zip(&low).zip(&high) {
                if !(low..=high).contains(&value) {
                    wrong(format!("{name:?}: default {value} is outside its {what} {low}..{high}"));
                }
            }
        };
        within(sys::kOfxParamPropMin, sys::kOfxParamPropMax, "range");
        within(sys::kOfxParamPropDisplayMin, sys::kOfxParamPropDisplayMax, "display range");
        if param.kind == sys::kOfxParamTypeChoice {
            let options = param.options().len();
            if options == 0 {
                wrong(format!("{name:?}: a choice without options"));
            } else if default.iter().any(|index| *index < 0.0 || *index >= options as f64) {
                wrong(format!("{name:?}: default {default:?} is none of its {options} options"));
            }
        }
        if let Some(parent) = set.string(sys::kOfxParamPropParent)
            && !parent.is_empty()
            && node.params.find(&parent).is_none_or(|parent| parent.kind != sys::kOfxParamTypeGroup)
        {
            wrong(format!("{name:?}: its parent {parent:?} is no group"));
        }
        for child in set.strings(sys::kOfxParamPropPageChild) {
            let skips = [sys::kOfxParamPageSkipRow, sys::kOfxParamPageSkipColumn];
            if !skips.iter().any(|skip| skip.to_str() == Ok(&child))
                && node.params.find(&child).is_none()
            {
                wrong(format!("page {name:?}: its child {child:?} is no parameter"));
            }
        }
    }
}
