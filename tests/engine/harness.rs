//! One call from settings and floats to floats.

use crate::network_models::file;
use headroom::expand::{Alpha, METHODS, Plan, Report, Surroundings, analyse, render};
use headroom::model::search::SearchPath;
use headroom::settings::{Id, Values};
use headroom_colour::{Conversion, Viewing};
use headroom_kernel::{Components, ImageMut, ImageRef, Pool, Rect};

pub(crate) fn values(settings: &[(&str, &str)]) -> Values {
    let mut values = Values::default();
    for (id, text) in settings {
        values.set_text(id, text).expect("a setting");
    }
    values
}

/// A plan, its networks loaded: a network without weights gets those of [`file`]. Where no method is
/// named it is `inverse-highlights`, whose results can be reasoned about.
pub(crate) fn plan(settings: &[(&str, &str)], alpha: Alpha) -> Plan {
    let mut values = values(&[&[("method", "inverse-highlights")], settings].concat());
    let method = &METHODS[values.choice(Id::Method)];
    if method.network && values.path(Id::Weights).is_empty() {
        let path = file(method.id);
        values.set_text("weights", path.to_str().expect("plain text")).expect("a path");
    }
    let mut plan = Plan::new(&values, &Surroundings { alpha, ..Surroundings::default() });
    plan.load(&SearchPath::new(None)).expect("sound weights");
    plan
}

/// Analyses and renders the whole of `rect`.
pub(crate) fn expand(plan: &Plan, source: &[f32], rect: Rect) -> (Vec<f32>, Report) {
    expand_masked(plan, source, rect, None, &Pool::new(2))
}

pub(crate) fn expand_masked(
    plan: &Plan,
    source: &[f32],
    rect: Rect,
    mask: Option<&[f32]>,
    pool: &Pool,
) -> (Vec<f32>, Report) {
    let source = ImageRef::from_floats(source, rect, Components::Rgba).expect("fits");
    let mask = mask.map(|m| ImageRef::from_floats(m, rect, Components::Alpha).expect("fits"));
    let analysis = analyse(plan, &source, rect, pool, &|| false).expect("not interrupted");
    let mut out = vec![f32::NAN; rect.width() * rect.height() * 4];
    let image = ImageMut::from_floats(&mut out, rect, Components::Rgba).expect("fits");
    let report = render(plan, &analysis, &source, mask.as_ref(), image, pool, &|| false)
        .expect("not interrupted");
    (out, report)
}

/// The pure colour transform of RGBA floats by the colour crate's own fast slices.
pub(crate) fn pure(plan: &Plan, source: &[f32]) -> Vec<f32> {
    let conversion =
        Conversion::new(plan.input_space(), plan.output_space(), Viewing { diffuse_white: 203.0 });
    let plane = |c: usize| source.iter().skip(c).step_by(4).copied().collect::<Vec<_>>();
    let (mut r, mut g, mut b, a) = (plane(0), plane(1), plane(2), plane(3));
    conversion.convert_planar(&mut r, &mut g, &mut b);
    (0..r.len()).flat_map(|i| [r[i], g[i], b[i], a[i]]).collect()
}

/// The clip mask as its view shows it, one value per pixel.
pub(crate) fn clip_mask(settings: &[(&str, &str)], source: &[f32], rect: Rect) -> Vec<f32> {
    let mut with_view = settings.to_vec();
    with_view.push(("view", "clip-mask"));
    let (out, _) = expand(&plan(&with_view, Alpha::Opaque), source, rect);
    out.chunks_exact(4).map(|p| p[0]).collect()
}
