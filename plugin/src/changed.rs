//! InstanceChanged: presets, the measure button, and what is greyed out.

use crate::info;
use crate::instance::Instance;
use crate::params;
use crate::regions::time;
use headroom::presets::{self, Preset};
use headroom::settings::{Id, SETTINGS, Value, Values};
use headroom_ofx::{PropertySet, Result, sys};

/// InstanceChanged. Only what the user did counts, and a move in time, as animated settings differ
/// there: what the plug-in sets itself comes back here too, and answering that would never end.
pub(crate) fn instance_changed(instance: &Instance, args: Option<&PropertySet>) -> Result {
    let text = |name| args.and_then(|args| args.get::<String>(name)).unwrap_or_default();
    let reason = text(sys::kOfxPropChangeReason);
    if reason.as_bytes() == sys::kOfxChangeTime.to_bytes() {
        instance.show_what_counts(time(args));
        return Ok(());
    }
    if reason.as_bytes() != sys::kOfxChangeUserEdited.to_bytes() {
        return Ok(());
    }
    if text(sys::kOfxPropType).as_bytes() == sys::kOfxTypeParameter.to_bytes() {
        let name = text(sys::kOfxPropName);
        let changed = SETTINGS.iter().find(|setting| setting.id == name).map(|s| s.key);
        match changed {
            Some(Id::Preset) => apply(instance, time(args)),
            Some(Id::Measure) => tell(instance, time(args)),
            Some(key) => leave_preset(instance, key, time(args)),
            None => {}
        }
    }
    instance.show_what_counts(time(args));
    Ok(())
}

/// The preset that a node shows; none for Custom.
fn preset(values: &Values) -> Option<&'static Preset> {
    presets::all().get(values.choice(Id::Preset).checked_sub(1)?)
}

/// What a preset sets.
fn contents(preset: &Preset) -> impl Iterator<Item = (Id, Value)> {
    preset.values.iter().filter_map(|(id, text)| {
        let mut values = Values::default();
        let set = values.set_text(id, text);
        if let Err(error) = &set {
            log::error!("preset {}: {error}", preset.id);
        }
        set.ok()?;
        let key = Values::find(id).ok()?.key;
        Some((key, values.get(key)?))
    })
}

/// Sets every parameter of the chosen preset, as one step for undo.
fn apply(instance: &Instance, time: f64) {
    let Some(preset) = preset(&instance.values(time)) else { return };
    instance.param_set.edit(c"Headroom preset", || {
        for (key, value) in contents(preset) {
            if let Some(param) = instance.param(key)
                && let Err(status) = params::set(&param, value)
            {
                log::error!("preset {}: {}: {status}", preset.id, SETTINGS[key as usize].id);
            }
        }
    });
}

/// Equal but for what a host loses that keeps numbers as floats or as text.
fn is_same(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Number(a), Value::Number(b)) => (a - b).abs() <= 1e-6 * a.abs().max(b.abs()),
        (found, wanted) => found == wanted,
    }
}

/// Turns the preset menu to Custom when a parameter of the preset was changed by hand.
fn leave_preset(instance: &Instance, key: Id, time: f64) {
    let values = instance.values(time);
    let leaves = preset(&values).is_some_and(|preset| {
        contents(preset).any(|(of, value)| {
            of == key && !values.get(key).is_some_and(|found| is_same(&found, &value))
        })
    });
    if let Some(param) = instance.param(Id::Preset).filter(|_| leaves)
        && let Err(status) = params::set(&param, Value::Choice(0))
    {
        log::error!("preset to Custom: {status}");
    }
}

/// Measures the frame and shows what was found.
fn tell(instance: &Instance, time: f64) {
    if let Some(param) = instance.param(Id::InfoText)
        && let Err(status) = param.set_string(&info::measured(instance, time))
    {
        log::error!("info text: {status}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_went_through_a_float_is_the_presets_still() {
        for number in [0.1, 203.7, -1e-3] {
            let rounded = Value::Number(f64::from(number as f32));
            assert!(is_same(&rounded, &Value::Number(number)), "{number}");
        }
        assert!(!is_same(&Value::Number(0.1), &Value::Number(0.1001)));
        assert!(!is_same(&Value::Integer(1), &Value::Number(1.0)));
    }
}
