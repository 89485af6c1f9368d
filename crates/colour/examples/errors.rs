//! Largest errors of the fast forms against the exact ones: the table of `docs/COLOUR.md`.
//! `cargo run --release -p headroom-colour --example errors`

use headroom_colour::{Kind, Viewing, spaces, vector};

/// Every float32 from `low` to `high` that is `step` apart in its bits.
fn floats(low: f32, high: f32, step: usize) -> Vec<f32> {
    (low.to_bits()..=high.to_bits()).step_by(step).map(f32::from_bits).collect()
}

fn main() {
    let relative = |found: f32, exact: f64| ((f64::from(found) - exact) / exact).abs();
    let mut inputs = floats(1.0 / 4096.0, 64.0, 101);
    let mut values = inputs.clone();
    vector::log2(&mut values);
    let error = inputs.iter().zip(&values).map(|(x, y)| (f64::from(*y) - libm_log2(*x)).abs());
    println!("log2 over [1/4096, 64]: {:.2e} absolute", error.fold(0.0, f64::max));
    inputs = floats(1e-3, 100.0, 101).into_iter().flat_map(|v| [v, -v]).collect();
    values.clone_from(&inputs);
    vector::exp2(&mut values);
    let error = inputs.iter().zip(&values).map(|(x, y)| relative(*y, f64::from(*x).exp2()));
    println!("exp2 over [-100, 100]: {:.2e} relative", error.fold(0.0, f64::max));

    println!("| space | decode, relative | encode, relative (log: absolute) |");
    for space in spaces() {
        if space.kind == Kind::SceneLinear {
            continue;
        }
        for viewing in [Viewing::default(), Viewing { diffuse_white: 203.0 }] {
            let log = matches!(space.kind, Kind::Log | Kind::DisplayHdr);
            let top = if log { 1.0 } else { 64.0 };
            let mut worst = [0.0f64; 2];
            let mut at = [0.0f32; 2];
            for (way, top) in [(0, top), (1, 64.0)] {
                let input = floats(1.0 / 4096.0, top, 101);
                let mut planes = [input.clone(), input.clone(), input.clone()];
                let [r, g, b] = &mut planes;
                if way == 0 {
                    space.decode_planar(&viewing, r, g, b);
                } else {
                    space.encode_planar(&viewing, r, g, b);
                }
                for (x, y) in input.iter().zip(&planes[0]) {
                    let exact = if way == 0 {
                        space.decode(&viewing, [f64::from(*x); 3])[0]
                    } else {
                        space.encode(&viewing, [f64::from(*x); 3])[0]
                    };
                    let error = if way == 1 && log {
                        (f64::from(*y) - exact).abs()
                    } else if exact.abs() < 1e-2 && log {
                        (f64::from(*y) - exact).abs() / 1e-2
                    } else {
                        relative(*y, exact)
                    };
                    if error > worst[way] {
                        worst[way] = error;
                        at[way] = *x;
                    }
                }
            }
            if viewing == Viewing::default() || space.kind == Kind::DisplayHdr {
                println!(
                    "| {} | {:.2e} at {} | {:.2e} at {} |",
                    space.name, worst[0], at[0], worst[1], at[1]
                );
            }
        }
    }
}

fn libm_log2(x: f32) -> f64 {
    f64::from(x).log2()
}
