//! Every form of convolution on tensor cores, beside the CPU's, at both precisions.

use crate::bench::{Arena, gpu, memory};
use crate::convolutions::tiled;
use half::f16;
use headroom_gpu::layout::{
    Conv as Given, ConvTile, suits_tensor_cores, tensor_matrix, tensor_tile,
};
use headroom_gpu::source::Precision;
use headroom_gpu::{Argument, Gpu, Launch};
use headroom_kernel::Pool;
use headroom_kernel::nn::{
    Activation, Conv, ConvShape, Epilogue, Isa, Machine, Precision as OfCpu, Residual,
};

/// Whole and broken tiles of pixels and of channels, whole and broken chunks, lines that lie at multiples of 16 bytes
/// and such that do not.
fn shapes() -> Vec<(ConvShape, usize)> {
    let same = ConvShape::same;
    vec![
        (same(8, 8, 3), 8),
        (same(16, 33, 1), 0),
        (same(17, 20, 3), 2),
        (same(32, 64, 3), 0),
        (same(40, 70, 3), 8),
        (ConvShape { stride: 2, ..same(24, 48, 3) }, 0),
        (ConvShape { dilation: 4, padding: [4, 4], ..same(64, 9, 3) }, 0),
        (ConvShape { kernel: [2, 2], stride: 2, padding: [0, 0], ..same(12, 16, 3) }, 4),
    ]
}

fn rounded(numbers: &mut [f32], precision: Precision) {
    if precision == Precision::Half {
        numbers.iter_mut().for_each(|v| *v = f16::from_f32(*v).to_f32());
    }
}

/// The arena after a kernel, as f32s.
fn run(
    gpu: &Gpu,
    numbers: &[f32],
    precision: Precision,
    (kernel, groups, group): (&'static str, [usize; 3], [usize; 3]),
    arguments: Vec<Argument<'_>>,
) -> Vec<f32> {
    let bytes: Vec<u8> = match precision {
        Precision::Float => numbers.iter().flat_map(|v| v.to_ne_bytes()).collect(),
        Precision::Half => numbers.iter().flat_map(|v| f16::from_f32(*v).to_ne_bytes()).collect(),
    };
    let arena = gpu.upload(&bytes).expect("memory");
    let mut all = vec![Argument::from(&arena)];
    all.extend(arguments);
    gpu.launch(&Launch { kernel, precision, groups, group, arguments: all }).expect("runs");
    let mut found = vec![0; bytes.len()];
    gpu.read(&arena, 0, &mut found).expect("reads");
    match precision {
        Precision::Float => found.as_chunks().0.iter().map(|v| f32::from_ne_bytes(*v)).collect(),
        Precision::Half => {
            found.as_chunks().0.iter().map(|v| f16::from_ne_bytes(*v).to_f32()).collect()
        }
    }
}

#[test]
fn every_shape_on_tensor_cores() {
    let Some(gpu) = gpu() else { return };
    if !gpu.has_tensor_cores() {
        eprintln!("skipped: {} has no tensor cores", gpu.device().name());
        return;
    }
    for (index, (shape, gap)) in shapes().into_iter().enumerate() {
        for precision in Precision::ALL {
            let epilogue = match index % 3 {
                0 => {
                    Epilogue { activation: Activation::Relu, residual: Residual::BeforeActivation }
                }
                1 => Epilogue::default(),
                _ => Epilogue { activation: Activation::Silu, residual: Residual::AfterActivation },
            };
            let mut arena = Arena::new(90 + index as u64);
            // So that the first tensor begins at a multiple of 16 numbers.
            arena.numbers.resize(11, 0.0);
            let input = arena.tensor([13, 30, shape.in_channels], gap);
            let [height, width] = shape.output(13, 30);
            let size = [height, width, shape.out_channels];
            let (output, residual) = (arena.tensor(size, gap), arena.tensor(size, 1));
            let count = shape.weights().expect("a shape");
            let mut weight: Vec<f32> = (0..count).map(|_| 0.2 * arena.random.number()).collect();
            rounded(&mut weight, precision);
            rounded(&mut arena.numbers, precision);
            let bias: Vec<f32> = (0..shape.out_channels).map(|_| arena.random.number()).collect();
            let bias = (index % 2 == 0).then_some(bias);
            assert!(suits_tensor_cores(&shape, &weight, precision), "{shape:?}");
            // Nothing but plain sums: the portable form is the plain one.
            let machine = Machine { isa: Isa::Portable, precision: OfCpu::Full };
            let conv =
                Conv::new(shape, epilogue, &weight, bias.as_deref(), machine).expect("a layer");
            let mut scratch = vec![0.0; conv.scratch(13, 30, 1)];
            let expected = arena.expected(output, |out| {
                let add = (epilogue.residual != Residual::None).then(|| arena.of(residual));
                conv.run(arena.of(input), add, out, &mut scratch, &Pool::new(1)).expect("fits");
            });
            let words = tensor_matrix(&shape, &weight, precision);
            // Something before the matrix, so that where it begins is looked at.
            let mut values = vec![9.0; 3];
            values.extend(words.into_iter().map(f32::from_bits));
            let at = bias.as_ref().map(|bias| {
                values.extend(bias);
                (values.len() - bias.len()) as i32
            });
            let values = memory(&gpu, &values);
            let given = Given::new(&shape, epilogue, 3, at);
            let pixels = height * width;
            // The kernel that is chosen for so many pixels, and the one for many more.
            let tiles: [ConvTile; 2] =
                [pixels, 1 << 20].map(|count| tensor_tile(precision, count, shape.out_channels));
            assert_ne!(tiles[0].kernel, tiles[1].kernel);
            let [first, second] = tiles.map(|tile| {
                let arguments = vec![
                    (&values).into(),
                    input.into(),
                    output.into(),
                    residual.into(),
                    given.into(),
                ];
                let found = run(&gpu, &arena.numbers, precision, tiled(tile, output), arguments);
                for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
                    let most = match precision {
                        Precision::Float => 4e-6 + 2e-6 * expected.abs(),
                        // Half of what a half tells apart, and that the sum lay near such a border.
                        Precision::Half => 1e-5 + 6e-4 * expected.abs(),
                    };
                    assert!(
                        (found - expected).abs() <= most,
                        "{shape:?}, {precision:?}, {}: {found} at {at}, not {expected}",
                        tile.kernel
                    );
                }
                found
            });
            assert_eq!(first, second, "{shape:?}: tiles differ");
        }
    }
}
