//! Nanoseconds per pixel (three channels) of the fast forms, one thread.
//! `cargo run --release -p headroom-colour --example speed`

use headroom_colour::{Conversion, Matrix3, Viewing, find, space, spaces, vector};
use std::hint::black_box;
use std::time::Instant;

const PIXELS: usize = 1920;
/// The least of many short runs: other work on the machine does not count.
const REPEATS: usize = 500;
const ROUNDS: usize = 10;

fn best(mut work: impl FnMut()) -> f64 {
    work();
    (0..REPEATS)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..ROUNDS {
                work();
            }
            start.elapsed().as_secs_f64() * 1e9 / (ROUNDS * PIXELS) as f64
        })
        .fold(f64::INFINITY, f64::min)
}

type Work<'a> = &'a mut dyn FnMut(&mut [f32], &mut [f32], &mut [f32]);

fn picture() -> [Vec<f32>; 3] {
    [3, 5, 7].map(|k| (0..PIXELS).map(|i| ((i * k) % 1021) as f32 / 1021.0).collect())
}

fn main() {
    let viewing = Viewing::default();
    let source = picture();
    let mut planes = picture();
    let mut run = |f: Work| {
        best(|| {
            for (to, from) in planes.iter_mut().zip(&source) {
                to.copy_from_slice(from);
            }
            let [r, g, b] = &mut planes;
            f(black_box(r), black_box(g), black_box(b));
        })
    };
    println!("{:40} {:>7} {:>7}", "ns per pixel", "decode", "encode");
    for space in spaces() {
        let fast = space.curve.prepare(&viewing);
        let decode = run(&mut |r, g, b| fast.decode(r, g, b));
        let encode = run(&mut |r, g, b| fast.encode(r, g, b));
        println!("{:40} {decode:7.2} {encode:7.2}", space.name);
    }
    println!("{:40} {:7.2}", "copy", run(&mut |_, _, _| {}));
    let matrix = Matrix3::between(&space::srgb().primaries, &space::acescg().primaries);
    println!("{:40} {:7.2}", "matrix", run(&mut |r, g, b| matrix.apply_planar(r, g, b)));
    let each = |f: fn(&mut [f32])| {
        move |r: &mut [f32], g: &mut [f32], b: &mut [f32]| {
            for plane in [r, g, b] {
                f(plane);
            }
        }
    };
    println!("{:40} {:7.2}", "log2", run(&mut each(vector::log2)));
    println!("{:40} {:7.2}", "exp2", run(&mut each(vector::exp2)));
    println!("{:40} {:7.2}", "pow 0.4", run(&mut each(|v| vector::pow(v, 0.4))));
    for to in ["ACEScg", "ACEScct", "ARRI LogC4", "Rec.2100-PQ"] {
        if let Some(to) = find(to) {
            let conversion = Conversion::new(space::srgb(), to, viewing);
            let ns = run(&mut |r, g, b| conversion.convert_planar(r, g, b));
            println!("sRGB to {:32} {ns:7.2}", to.name);
        }
    }
}
