//! The weights that ship.

use crate::bench_frame::picture;
use crate::harness::{expand, values};
use headroom::expand::{METHODS, Plan, Surroundings};
use headroom::model::{search::SearchPath, store};
use headroom::settings::Id;
use headroom_colour::{Conversion, Viewing};
use headroom_kernel::Rect;

const RECT: Rect = Rect::new(-20, 30, 641, 300);
const SPACES: [(&str, &str); 4] = [
    ("srgb", "ACEScg"),
    ("Gamma 2.2 Encoded Rec.709", "ACEScct"),
    ("ACEScg", "ACEScg"),
    ("srgb", "Linear Rec.709 (sRGB)"),
];

fn shipped(settings: &[(&str, &str)]) -> Plan {
    let mut plan = Plan::new(&values(settings), &Surroundings::default());
    plan.load(&SearchPath::new(None)).expect("ships");
    plan
}

#[test]
fn the_default_method_has_weights_that_ship() {
    let method = &METHODS[values(&[]).choice(Id::Method)];
    assert_eq!(method.id, "grid");
    assert!(shipped(&[]).network().is_some());
}

#[test]
fn every_model_that_ships_leaves_unclipped_pixels_to_the_exact_transform() {
    let source = picture(RECT);
    let names: Vec<_> = store::embedded_names().collect();
    assert!(names.contains(&"grid"), "{names:?}");
    for name in names {
        for (input, output) in SPACES {
            let given = [("method", name), ("input_space", input), ("output_space", output)];
            let mask =
                expand(&shipped(&[&given[..], &[("view", "clip-mask")]].concat()), &source, RECT).0;
            let plan = shipped(&given);
            let found = expand(&plan, &source, RECT).0;
            let exact =
                Conversion::new(plan.input_space(), plan.output_space(), Viewing::default());
            let mut open = 0;
            let pixels =
                source.chunks_exact(4).zip(found.chunks_exact(4)).zip(mask.chunks_exact(4));
            for ((source, found), mask) in pixels {
                let exact = exact.convert([source[0], source[1], source[2]].map(f64::from));
                let largest = exact.iter().fold(1e-3, |most: f64, v| most.max(v.abs()));
                let off = (0..3).map(|c| (f64::from(found[c]) - exact[c]).abs() / largest);
                let off = off.fold(0.0, f64::max);
                if mask[0] == 0.0 {
                    open += 1;
                    assert!(off <= 1e-6, "{name} {input} {output}: {found:?} is not {exact:?}");
                }
            }
            assert!(open > 10_000, "{name} {input}: {open}");
        }
    }
}
