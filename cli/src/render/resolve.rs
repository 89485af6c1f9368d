//! Settings in the surroundings of a file: every "Auto" replaced by what it stands for, so that
//! engine and plug-in are told the same.

use crate::error::{Error, Outcome};
use crate::space;
use headroom::expand::{Alpha, LoadError, Plan, Surroundings, VIEWS};
use headroom::model::ModelErrorKind;
use headroom::model::search::SearchPath;
use headroom::settings::{Id, Values};
use headroom_colour::Space;
use headroom_frame::{AlphaKind, Frame};
use std::path::Path;

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
        if !guess.estimates() {
            values.set_text("input_space", guess.input_space().name)?;
        }
        find_weights(&mut values)?;
        values.set_text("output_space", guess.output_space().name)?;
        let mut plan = Plan::new(&values, &Surroundings { alpha, ..Surroundings::default() });
        plan.load(&SearchPath::new(None)).map_err(|error| wrong(&error))?;
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

/// Loads the networks that settings ask for, so that what is wrong with them is told before any
/// picture is read.
///
/// # Errors
/// Missing where a file is, else a usage error.
pub(crate) fn check_networks(values: &Values) -> Outcome {
    let mut values = values.clone();
    find_weights(&mut values)?;
    Plan::new(&values, &Surroundings::default())
        .load(&SearchPath::new(None))
        .map_err(|error| wrong(&error))
}

fn find_weights(values: &mut Values) -> Outcome {
    if let Some(path) = weights(values.path(Id::Weights)) {
        values.set_text("weights", &path)?;
    }
    Ok(())
}

/// An absolute path of weights, so that engine and plug-in read the same file: of the working folder, or
/// else of the search path. None where it stands as it is.
fn weights(path: &str) -> Option<String> {
    if path.is_empty() || Path::new(path).is_absolute() {
        return None;
    }
    let here = std::env::current_dir().ok()?.join(path);
    let found =
        if here.is_file() { here } else { SearchPath::new(None).find(path.as_ref()).ok()? };
    found.into_os_string().into_string().ok()
}

/// Wrong settings, but where a file cannot be read.
fn wrong(error: &LoadError) -> Error {
    match error {
        LoadError::Model(model) if model.kind() != ModelErrorKind::Refused => {
            Error::missing(error.to_string())
        }
        _ => Error::usage(error.to_string()),
    }
}

fn alpha_of(picture: &Frame) -> Alpha {
    match (picture.has_alpha, picture.alpha) {
        (false, _) | (true, AlphaKind::Opaque) => Alpha::Opaque,
        (true, AlphaKind::Premultiplied) => Alpha::Premultiplied,
        (true, AlphaKind::Straight) => Alpha::Straight,
    }
}
