//! Tiles give what the whole frame gives.

use super::*;
use crate::graph::{Activation, Builder, ConvSpec, Reach, Resample};
use crate::model::{Domain, Encoding, Network, Run, Stage, inputs as names};

const FRAMES: [[usize; 2]; 6] = [[1, 1], [17, 3], [61, 97], [64, 8], [0, 5], [9, 301]];

/// Two stages of tiles, of alignment 4, with pooling, enlargement, strides, dilation and a map.
fn network() -> Network {
    let mut b = Builder::new();
    let x = b.picture(names::PICTURE, 3);
    let a = b.conv("a", x, ConvSpec::new(8, 3).stride(2));
    let a = b.activation(a, Activation::Relu);
    let pooled = b.average_pool(a, 2);
    let deep = b.conv("deep", pooled, ConvSpec::new(8, 3).dilation(2));
    let up = b.upsample(deep, 2, Resample::Bilinear);
    let both = b.concat(&[up, a]);
    let c = b.conv("c", both, ConvSpec::new(12, 3));
    let wide = b.pixel_shuffle(c, 2);
    let first = b.finish(&[("features", wide)]).expect("sound");

    let mut b = Builder::new();
    let x = b.picture(names::PICTURE, 3);
    let features = b.beside("features", x, 3);
    let look = b.fixed("summary", [3, 4], 2);
    let map = b.from_frame(look, x);
    let small = b.average_pool(features, 2);
    let coarse = b.upsample(small, 2, Resample::Bilinear);
    let all = b.concat(&[x, features, map, coarse]);
    let y = b.conv("y", all, ConvSpec::new(4, 5));
    let second = b.finish(&[(names::RESULT, y)]).expect("sound");

    let stage = |name: &str, graph| Stage { name: name.to_owned(), graph, run: Run::Tile };
    Network {
        encoding: Encoding::Srgb,
        domain: Domain::Linear,
        stages: vec![stage("first", first), stage("second", second)],
    }
}

/// A frame, its network, and what the network makes of it.
struct Scene {
    runner: Runner,
    tensors: FrameTensors,
    frame: [usize; 2],
    pixels: Vec<f32>,
}

impl Scene {
    fn new(frame: [usize; 2]) -> Self {
        let network = network();
        let machine = Machine::best(Precision::Full);
        let weights = Weights::seeded(&network, 5);
        let runner = Runner::new(&network, &weights, machine).expect("sound");
        let mut random = Random(11);
        let mut numbers =
            |count: usize| (0..count).map(|_| random.between(0.0, 1.0)).collect::<Vec<f32>>();
        let look = numbers(24);
        let pixels = numbers(frame[0] * frame[1] * 3);
        let inputs = FrameInputs::new().with("summary", [3, 4, 2], &look);
        let tensors = runner.frame(&inputs, &Pool::new(1), &|| false).expect("no stage");
        Self { runner, tensors, frame, pixels }
    }

    /// The window, in tiles; not a number where no tile wrote.
    fn render(&self, tiling: &Tiling, window: Area, pool: &Pool) -> Vec<f32> {
        let [height, width] = self.frame;
        let mut result = vec![f32::NAN; height * width * 4];
        let mut workspace =
            TileWorkspace::new(&self.runner, [0, 0], pool.threads()).expect("nothing");
        for tile in tiling.tiles(window) {
            workspace.resize(&self.runner, tile.picture()).expect("small");
            let input = workspace.input_mut(names::PICTURE).expect("a picture");
            let mut at = 0;
            for y in tile.input.y..tile.input.y + tile.input.height {
                for x in tile.input.x..tile.input.x + tile.input.width {
                    let from = (y.min(height - 1) * width + x.min(width - 1)) * 3;
                    input[at..at + 3].copy_from_slice(&self.pixels[from..from + 3]);
                    at += 3;
                }
            }
            let place = tile.place(self.frame);
            let run = self.runner.tile(&mut workspace, &self.tensors, place, pool, &|| false);
            run.expect("not interrupted");
            let output = workspace.output(names::RESULT).expect("a result");
            for y in tile.core.y..tile.core.y + tile.core.height {
                for x in tile.core.x..tile.core.x + tile.core.width {
                    let from = ((y - tile.input.y) * tile.input.width + x - tile.input.x) * 4;
                    let to = (y * width + x) * 4;
                    assert!(result[to].is_nan(), "({y}, {x}) was made twice");
                    result[to..to + 4].copy_from_slice(&output[from..from + 4]);
                }
            }
        }
        result
    }

    fn tiling(&self, budget: usize) -> Result<Tiling, TilingError> {
        self.runner.tiling(self.frame, 1, budget)
    }

    fn all(&self) -> Area {
        Area { y: 0, x: 0, height: self.frame[0], width: self.frame[1] }
    }
}

#[test]
fn every_size_of_tile_gives_the_same_picture() {
    let pool = Pool::new(2);
    for frame in FRAMES {
        let scene = Scene::new(frame);
        let whole = scene.tiling(usize::MAX).expect("any size");
        assert!(whole.is_whole());
        let expected = scene.render(&whole, scene.all(), &pool);
        assert!(expected.iter().all(|v| v.is_finite()));
        let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
        let most = scene.runner.tile_bytes(whole.largest(), 1).expect("fits");
        let mut sizes = Vec::new();
        for part in 1..24 {
            // Below some budget there is no tiling; the error is tested elsewhere.
            let Ok(tiling) = scene.tiling(most * part / 24) else { continue };
            let bytes = scene.runner.tile_bytes(tiling.largest(), 1).expect("fits");
            assert!(bytes <= most * part / 24);
            if !sizes.contains(&tiling) {
                sizes.push(tiling);
                let found = scene.render(&tiling, scene.all(), &pool);
                assert_close(&found, &expected, 1e-5, &format!("{frame:?} by {tiling:?}"));
            }
        }
        assert!(sizes.len() >= 2 || frame[1] < 90, "{sizes:?}");
    }
}

/// With a reach made small, so that frames of a test fall into many tiles.
#[test]
fn windows_are_covered_once_and_by_the_same_tiles() {
    let mut random = Random(2);
    for frame in FRAMES {
        for (alignment, reach) in [(1, 0usize), (4, 3), (8, 8), (8, 17)] {
            // As if bytes were pixels.
            let bytes = |[height, width]: [usize; 2]| Ok(height * width);
            let side = alignment + 2 * reach.next_multiple_of(alignment);
            let reach = Reach::Pixels(reach);
            for budget in [side * side, side * side * 2, side * side * 5] {
                let tiling = Tiling::new(frame, alignment, reach, budget, bytes).expect("fits");
                let everything = Area { height: frame[0], width: frame[1], ..Area::default() };
                let all: Vec<Tile> = tiling.tiles(everything).collect();
                for _ in 0..20 {
                    let window = Area {
                        y: random.below(frame[0] + 2),
                        x: random.below(frame[1] + 2),
                        height: random.below(frame[0] + 2),
                        width: random.below(frame[1] + 2),
                    };
                    let mut times = vec![0; frame[0] * frame[1]];
                    for tile in tiling.tiles(window) {
                        let (core, input) = (tile.core, tile.input);
                        for y in core.y..core.y + core.height {
                            for x in core.x..core.x + core.width {
                                times[y * frame[1] + x] += 1;
                            }
                        }
                        assert!(core.height > 0 && core.width > 0);
                        assert!(all.iter().any(|other| other.input == input), "{input:?}");
                        assert!(input.height * input.width <= budget);
                        for n in [input.y, input.x, input.height, input.width] {
                            assert!(n.is_multiple_of(alignment));
                        }
                        let Reach::Pixels(reach) = reach else { unreachable!("finite") };
                        let side =
                            |core: usize, length: usize, from: usize, count: usize, end: usize| {
                                from <= core.saturating_sub(reach)
                                    && from + count >= (core + length + reach).min(end)
                            };
                        let [h, w] = frame;
                        assert!(side(core.y, core.height, input.y, input.height, h));
                        assert!(side(core.x, core.width, input.x, input.width, w));
                    }
                    for (index, times) in times.into_iter().enumerate() {
                        let (y, x) = (index / frame[1], index % frame[1]);
                        let inside = (window.y..window.y + window.height).contains(&y)
                            && (window.x..window.x + window.width).contains(&x);
                        assert_eq!(times, usize::from(inside), "({y}, {x}) of {window:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_window_is_part_of_the_frame_to_the_bit() {
    let pool = Pool::new(1);
    let scene = Scene::new([61, 97]);
    let most = scene.runner.tile_bytes([64, 100], 1).expect("fits");
    let tiling = scene.tiling(most * 9 / 10).expect("fits");
    assert!(!tiling.is_whole());
    let all = scene.render(&tiling, scene.all(), &pool);
    for [y, x, height, width] in [[0, 0, 0, 9], [60, 96, 1, 1], [10, 33, 40, 64], [70, 0, 5, 5]] {
        let found = scene.render(&tiling, Area { y, x, height, width }, &pool);
        for (index, (&found, &whole)) in found.iter().zip(&all).enumerate() {
            let (at_y, at_x) = (index / 4 / 97, index / 4 % 97);
            let inside = (y..y + height).contains(&at_y) && (x..x + width).contains(&at_x);
            let expected = if inside { whole } else { f32::NAN };
            assert!(found.to_bits() == expected.to_bits(), "({at_y}, {at_x})");
        }
    }
}

#[test]
fn too_little_memory_names_what_is_needed() {
    let bytes = |[height, width]: [usize; 2]| Ok(height * width * 1000);
    let reach = Reach::Pixels(10);
    let error = Tiling::new([1000, 1000], 8, reach, 1_000_000, bytes).expect_err("40 x 40");
    assert_eq!(error, TilingError::Memory { needed: 1_600_000, allowed: 1_000_000 });
    let text = "memory for a network: found 1.0 MB allowed, expected at least 1.6 MB";
    assert_eq!(error.to_string(), text);
    let tiling = Tiling::new([1000, 1000], 8, reach, 1_600_000, bytes).expect("fits");
    assert_eq!(tiling.largest(), [40, 40]);
    let everything = Reach::Everything;
    let error = Tiling::new([100, 100], 8, everything, 1_000_000, bytes).expect_err("104 x 104");
    assert_eq!(error, TilingError::Memory { needed: 10_816_000, allowed: 1_000_000 });
    assert!(Tiling::new([usize::MAX, 1], 8, reach, 0, bytes).is_err());
    // Evened out over the frame: 9 columns of 112, the last 104, not 8 of 120 and a rest of 40.
    let tiling = Tiling::new([80, 1000], 8, Reach::Pixels(0), 80 * 120 * 1000, bytes);
    assert_eq!(tiling.expect("fits").largest(), [80, 112]);
}
