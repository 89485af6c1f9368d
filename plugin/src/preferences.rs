//! What the output is like: components, alpha, colour space.

use crate::colour::{self, Style};
use crate::describe::{MASK, SOURCE};
use crate::instance::Instance;
use crate::regions::of_clip;
use headroom::expand::Alpha;
use headroom::settings::{Id, Values};
use headroom_ofx::{PropertySet, Result, Status, sys, text};

/// GetClipPreferences: the output is like the source, frame for frame.
pub(crate) fn clip_preferences(instance: &Instance, out: Option<&PropertySet>) -> Result {
    let out = out.ok_or(Status::BAD_HANDLE)?;
    if let Some(alpha) = instance.source.premultiplication() {
        out.set(sys::kOfxImageEffectPropPreMultiplication, alpha.name());
    }
    // Components are left alone: the host's own choice follows from what the inputs will be, while
    // the clip may still tell what they were before. So are depths, which are read-only unless host
    // and plug-in mix them.
    out.set(sys::kOfxImageClipPropContinuousSamples, 0);
    out.set(sys::kOfxImageEffectFrameVarying, 0);

    let style = style(instance);
    if style != Style::None {
        let values = instance.values(0.0);
        let mut wanted: Vec<&'static str> = Vec::new();
        if let Some(space) = chosen(&values, Id::InputSpace) {
            wanted.extend(space.ofx_name.filter(|name| style.has(name)));
        } else {
            wanted.extend(colour::WANTED.iter().copied().filter(|name| style.has(name)));
        }
        let name = of_clip(sys::kOfxImageClipPropPreferredColourspacesPrefix, SOURCE);
        out.set_all(name, wanted.into_iter().map(text::intern));
        if instance.mask.is_some() {
            let name = of_clip(sys::kOfxImageClipPropPreferredColourspacesPrefix, MASK);
            out.set(name, c"ofx_raw");
        }
    }
    Ok(())
}

/// GetOutputColourspace (1.5): the chosen space; for Auto the first the host wants that can hold
/// highlights, else the engine's own choice.
pub(crate) fn output_colourspace(
    instance: &Instance,
    args: Option<&PropertySet>,
    out: Option<&PropertySet>,
) -> Result {
    let out = out.ok_or(Status::BAD_HANDLE)?;
    let style = style(instance);
    if style == Style::None {
        return Err(Status::REPLY_DEFAULT);
    }
    let values = instance.values(0.0);
    let wanted = args
        .map(|args| args.strings(sys::kOfxImageClipPropPreferredColourspaces))
        .unwrap_or_default();
    let auto = || {
        wanted.iter().map(String::as_str).find(|name| {
            style.has(name) && colour::by_name(name).is_some_and(colour::holds_highlights)
        })
    };
    let name = match chosen(&values, Id::OutputSpace) {
        Some(space) => style.name_of(space),
        None => match auto() {
            Some(name) => name,
            None => {
                // Not the output clip's own property: this is where that comes from.
                let surroundings = headroom::expand::Surroundings {
                    input_space: Some(instance.input_space()),
                    output_space: None,
                    alpha: Alpha::Opaque,
                };
                let plan = headroom::expand::Plan::new(&values, &surroundings);
                style.name_of(plan.output_space())
            }
        },
    };
    out.require(sys::kOfxImageClipPropColourspace, text::intern(name))
}

/// The space that a setting names; none for Auto.
fn chosen(values: &Values, key: Id) -> Option<&'static headroom_colour::Space> {
    headroom_colour::find(&values.text(key)?)
}

/// What host and plug-in agreed on for this instance.
fn style(instance: &Instance) -> Style {
    let name = instance
        .effect
        .properties()
        .ok()
        .and_then(|props| props.get::<String>(sys::kOfxImageEffectPropColourManagementStyle));
    Style::from_name(&name.unwrap_or_default())
}
