//! Settings in the surroundings of a file: every "Auto" replaced by what it stands for, so that
//! engine and plug-in are told the same.

use crate::error::Outcome;
use crate::space;
use headroom::expand::{Alpha, Plan, Surroundings, VIEWS};
use headroom::settings::{Id, Values};
use headroom_colour::Space;
use headroom_frame::{AlphaKind, Frame};

/// Settings that leave nothing open.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// All settings; both spaces are named.
    pub(crate) values: Values,
    /// The same, ready to run.
    pub(crate) plan: Plan,
    /// How alpha relates to colour.
    pub(crate) alpha: Alpha,
}

impl Resolved {
    /// Resolves settings for a picture.
    ///
    /// # Errors
    /// When a space of the registry is no option of the settings table.
    pub(crate) fn new(values: &Values, picture: &Frame) -> Outcome<Self> {
        let alpha = alpha_of(picture);
        let input_space = Some(space::of_file(picture));
        let guess = Plan::new(values, &Surroundings { input_space, output_space: None, alpha });
        let mut values = values.clone();
        values.set_text("input_space", guess.input_space().name)?;
        values.set_text("output_space", guess.output_space().name)?;
        let plan = Plan::new(&values, &Surroundings { alpha, ..Surroundings::default() });
        Ok(Self { values, plan, alpha })
    }

    /// Whether the result is data (a mask, stops, false colours) that no colour space encodes.
    pub(crate) fn is_data(&self) -> bool {
        VIEWS.get(self.values.choice(Id::View)).is_some_and(|view| view.raw)
    }

    /// Space of the result.
    pub(crate) fn output_space(&self) -> &'static Space {
        self.plan.output_space()
    }
}

fn alpha_of(picture: &Frame) -> Alpha {
    match (picture.has_alpha, picture.alpha) {
        (false, _) | (true, AlphaKind::Opaque) => Alpha::Opaque,
        (true, AlphaKind::Premultiplied) => Alpha::Premultiplied,
        (true, AlphaKind::Straight) => Alpha::Straight,
    }
}
