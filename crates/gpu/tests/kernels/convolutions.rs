//! Every form of convolution, beside the CPU's.

use crate::bench::{Arena, Each, check, covering, gpu, memory};
use headroom_gpu::layout::{Conv as Given, View, conv_matrix, conv_tile};
use headroom_kernel::Pool;
use headroom_kernel::nn::{
    Activation, Conv, ConvShape, Epilogue, Isa, Machine, Precision, Residual,
};

fn shapes() -> Vec<ConvShape> {
    let same = ConvShape::same;
    vec![
        same(3, 4, 3),
        same(8, 3, 1),
        same(5, 16, 3),
        same(17, 33, 3),
        same(40, 70, 3),
        ConvShape { stride: 2, ..same(6, 20, 3) },
        ConvShape { dilation: 2, padding: [2, 2], ..same(6, 10, 3) },
        ConvShape { kernel: [2, 2], stride: 2, padding: [0, 0], ..same(4, 6, 3) },
        ConvShape { kernel: [7, 7], stride: 2, padding: [3, 3], ..same(3, 24, 7) },
        ConvShape { groups: 4, ..same(8, 12, 3) },
        ConvShape { groups: 6, ..same(6, 6, 3) },
    ]
}

#[test]
fn every_shape_in_every_kernel() {
    let Some(gpu) = gpu() else { return };
    for (index, shape) in shapes().into_iter().enumerate() {
        let epilogue = match index % 3 {
            0 => Epilogue::default(),
            1 => Epilogue { activation: Activation::Relu, residual: Residual::BeforeActivation },
            _ => Epilogue { activation: Activation::Silu, residual: Residual::AfterActivation },
        };
        let mut arena = Arena::new(20 + index as u64);
        let input = arena.tensor([11, 30, shape.in_channels], 1);
        let [height, width] = shape.output(11, 30);
        let size = [height, width, shape.out_channels];
        let (output, residual) = (arena.tensor(size, 2), arena.tensor(size, 1));
        let count = shape.weights().expect("a shape");
        let weight: Vec<f32> = (0..count).map(|_| 0.2 * arena.random.number()).collect();
        let bias: Vec<f32> = (0..shape.out_channels).map(|_| arena.random.number()).collect();
        let bias = (index % 2 == 0).then_some(bias);
        // Nothing but plain sums: the portable form is the plain one.
        let machine = Machine { isa: Isa::Portable, precision: Precision::Full };
        let conv = Conv::new(shape, epilogue, &weight, bias.as_deref(), machine).expect("a layer");
        let mut scratch = vec![0.0; conv.scratch(11, 30, 1)];
        let expected = arena.expected(output, |out| {
            let add = (epilogue.residual != Residual::None).then(|| arena.of(residual));
            conv.run(arena.of(input), add, out, &mut scratch, &Pool::new(1)).expect("fits");
        });
        // Something before the matrix, so that where it begins is looked at.
        let mut values = vec![9.0; 3];
        values.extend(conv_matrix(&shape, &weight));
        let at = bias.as_ref().map(|bias| {
            values.extend(bias);
            (values.len() - bias.len()) as i32
        });
        let values = memory(&gpu, &values);
        let given = Given::new(&shape, epilogue, 3, at);
        let arguments =
            || vec![(&values).into(), input.into(), output.into(), residual.into(), given.into()];
        let (groups, group) = covering(output, Each::Number);
        let what = format!("{shape:?} by conv_any");
        check(&gpu, &what, &arena, ("conv_any", groups, group), arguments(), &expected);
        if shape.groups == 1 {
            for wide in [4, 16, 64] {
                let tile = conv_tile(wide);
                let shape_of = tiled(tile, output);
                let what = format!("{shape:?} by {}", shape_of.0);
                check(&gpu, &what, &arena, shape_of, arguments(), &expected);
            }
        }
    }
}

pub(crate) fn tiled(
    tile: headroom_gpu::layout::ConvTile,
    output: View,
) -> (&'static str, [usize; 3], [usize; 3]) {
    let pixels = (output.height * output.width) as usize;
    let groups =
        [pixels.div_ceil(tile.pixels), (output.channels as usize).div_ceil(tile.channels), 1];
    (tile.kernel, groups, [tile.workers, 1, 1])
}
