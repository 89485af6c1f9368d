use super::*;
use crate::nn::machine::Isa;

/// Repeatable numbers, -1 to 1 (a linear congruential generator, Knuth's constants).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn many(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.next()).collect()
    }
}

struct Sample {
    maps: [usize; 2],
    gains: Vec<f32>,
    coverage: Vec<f32>,
    cells: [usize; 2],
    grid: Vec<f32>,
    guide: Guide,
}

impl Sample {
    fn new(maps: [usize; 2], cells: [usize; 2]) -> Self {
        let mut noise = Noise(7);
        let n = maps[0] * maps[1] * 3;
        Self {
            maps,
            gains: noise.many(n).iter().map(|v| v.abs()).collect(),
            coverage: noise.many(n).iter().map(|v| v.max(0.0)).collect(),
            cells,
            grid: noise.many(cells[0] * cells[1] * COEFFICIENTS * BINS),
            guide: Guide {
                hidden: std::array::from_fn(|_| std::array::from_fn(|_| 2.0 * noise.next())),
                hidden_bias: std::array::from_fn(|_| noise.next()),
                out: std::array::from_fn(|_| 2.0 * noise.next()),
                out_bias: noise.next(),
            },
        }
    }

    fn place(&self, frame: [usize; 2], local: bool, isa: Isa) -> Place {
        let maps = PlaceMaps {
            size: self.maps,
            gains: &self.gains,
            coverage: &self.coverage,
            least: 1.0e-5,
        };
        let grid = PlaceGrid { size: self.cells, values: &self.grid, guide: self.guide };
        Place::new(frame, &maps, local.then_some(&grid), isa).expect("fits")
    }
}

/// Two neighbours of a centre and how far from the first to the second, in f64.
fn between(x: i64, width: usize, cells: usize) -> (usize, usize, f64) {
    let u = ((x as f64 + 0.5) / width as f64 * cells as f64 - 0.5).clamp(0.0, cells as f64 - 1.0);
    (u as usize, (u as usize + 1).min(cells - 1), u.fract())
}

/// Bilinear, channels last.
fn read(
    of: &[f32],
    [rows, columns]: [usize; 2],
    channel: [usize; 2],
    at: [i64; 2],
    frame: [usize; 2],
) -> f64 {
    let (y0, y1, fy) = between(at[0], frame[0], rows);
    let (x0, x1, fx) = between(at[1], frame[1], columns);
    let v = |y: usize, x: usize| f64::from(of[(y * columns + x) * channel[1] + channel[0]]);
    let row = |y: usize| v(y, x0) * (1.0 - fx) + v(y, x1) * fx;
    row(y0) * (1.0 - fy) + row(y1) * fy
}

/// The formula of the module's head, word for word, in f64.
fn expected(
    s: &Sample,
    frame: [usize; 2],
    local: bool,
    at: [i64; 2],
    code: [f32; 3],
    clip: [f32; 3],
) -> [f64; 3] {
    let code = code.map(f64::from);
    let mut sum = f64::from(s.guide.out_bias);
    for h in 0..HIDDEN {
        let w = s.guide.hidden[h].map(f64::from);
        let x =
            w[0] * code[0] + w[1] * code[1] + w[2] * code[2] + f64::from(s.guide.hidden_bias[h]);
        sum += f64::from(s.guide.out[h]) * x.max(0.0);
    }
    let z = (BINS as f64 / (1.0 + libm::exp(-sum)) - 0.5).clamp(0.0, 7.0);
    let (z0, z1, fz) = (z as usize, (z as usize + 1).min(7), z.fract());
    let coefficient = |k: usize| {
        let bin = |z: usize| read(&s.grid, s.cells, [k * BINS + z, COEFFICIENTS * BINS], at, frame);
        bin(z0) * (1.0 - fz) + bin(z1) * fz
    };
    std::array::from_fn(|c| {
        let coverage = read(&s.coverage, s.maps, [c, 3], at, frame).max(1.0e-5);
        let base = read(&s.gains, s.maps, [c, 3], at, frame) / coverage;
        let k = c * 4;
        let added = (0..3).map(|j| coefficient(k + j) * code[j]).sum::<f64>() + coefficient(k + 3);
        f64::from(clip[c]) * (base + if local { added } else { 0.0 }).max(0.0)
    })
}

fn pixels(n: usize) -> ([Vec<f32>; 3], [Vec<f32>; 3]) {
    let mut noise = Noise(n as u64);
    let code = [(); 3].map(|()| noise.many(n).iter().map(|v| 0.5 + 0.6 * v).collect());
    // Runs of clipped and unclipped pixels, so that whole groups are passed over.
    let clip = [(); 3].map(|()| {
        let draws = noise.many(n);
        (0..n).map(|i| if i / 20 % 2 == 0 { draws[i].max(0.0) } else { 0.0 }).collect()
    });
    (code, clip)
}

fn run(
    place: &Place,
    row: &mut PlaceRow,
    at: [i64; 2],
    code: &[Vec<f32>; 3],
    clip: &[Vec<f32>; 3],
    part: std::ops::Range<usize>,
) -> [Vec<f32>; 3] {
    let mut out = [(); 3].map(|()| vec![f32::NAN; part.len()]);
    place.run(
        row,
        [at[0], at[1] + part.start as i64],
        code.each_ref().map(|v| &v[part.clone()]),
        clip.each_ref().map(|v| &v[part.clone()]),
        out.each_mut().map(|v| &mut v[..]),
    );
    out
}

#[test]
fn every_instruction_set_follows_the_formula_at_any_size() {
    let sample = Sample::new([13, 17], [4, 5]);
    for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
        // From fewer pixels than cells to more than a vector per cell.
        for (frame, n) in [([1, 1], 1), ([3, 17], 40), ([61, 97], 97), ([1080, 4097], 300)] {
            for local in [false, true] {
                let place = sample.place(frame, local, isa);
                let (code, clip) = pixels(n);
                let mut row = PlaceRow::default();
                for at in [[0, 0], [frame[0] as i64 - 1, frame[1] as i64 / 2], [-3, -9], [2000, 1]]
                {
                    let found = run(&place, &mut row, at, &code, &clip, 0..n);
                    for i in 0..n {
                        let at = [at[0], at[1] + i as i64];
                        let code = code.each_ref().map(|v| v[i]);
                        let clip = clip.each_ref().map(|v| v[i]);
                        let expected = expected(&sample, frame, local, at, code, clip);
                        for (found, expected) in found.each_ref().map(|v| v[i]).iter().zip(expected)
                        {
                            let off = (f64::from(*found) - expected).abs();
                            // Gains over the least coverage are large numbers.
                            assert!(
                                off <= 1e-5 * expected.max(1.0),
                                "{isa:?} {frame:?} {at:?}: {found} instead of {expected}"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn where_a_run_begins_does_not_show() {
    let sample = Sample::new([128, 128], [16, 16]);
    let frame = [540, 960];
    let n = 200;
    let (code, clip) = pixels(n);
    for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
        let place = sample.place(frame, true, isa);
        let mut row = PlaceRow::default();
        let whole = run(&place, &mut row, [100, 55], &code, &clip, 0..n);
        for cut in [1, 7, 16, 33, 199] {
            for part in [0..cut, cut..n, n..n] {
                let found = run(&place, &mut row, [100, 55], &code, &clip, part.clone());
                for (found, whole) in found.iter().zip(&whole) {
                    assert_eq!(found[..], whole[part.clone()], "{isa:?} {part:?}");
                }
            }
        }
    }
}

#[test]
fn sizes_that_lie_are_refused_and_a_row_of_another_frame_is_made_anew() {
    let sample = Sample::new([13, 17], [4, 5]);
    let maps =
        PlaceMaps { size: [13, 18], gains: &sample.gains, coverage: &sample.coverage, least: 0.0 };
    let error = Place::new([4, 4], &maps, None, Isa::Portable).expect_err("too few");
    assert!(
        error.to_string().starts_with("gains: found 663 numbers, expected 13 x 18 x 3"),
        "{error}"
    );
    let other = Sample::new([40, 50], [4, 5]);
    let (code, clip) = pixels(30);
    let mut row = PlaceRow::default();
    let isa = Isa::Avx2;
    let (a, b) = (sample.place([40, 40], true, isa), other.place([40, 40], true, isa));
    let first = run(&a, &mut row, [3, 0], &code, &clip, 0..30);
    let second = run(&b, &mut row, [3, 0], &code, &clip, 0..30);
    assert_ne!(first, second);
    assert_eq!(second, run(&b, &mut PlaceRow::default(), [3, 0], &code, &clip, 0..30));
}
