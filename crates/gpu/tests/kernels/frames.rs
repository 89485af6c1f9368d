//! Tensors of the whole frame read at a part of it, matrices and curves.

use crate::bench::{Arena, Each, check, covering, gpu};
use headroom_gpu::layout;
use headroom_kernel::Pool;
use headroom_kernel::nn::Isa;
use headroom_kernel::nn::ops::{self, Axis, Grid};

/// The same axis for both.
fn axis(origin: i32, down: i32, up: i32, frame: i32) -> (Axis, layout::Axis) {
    let step = f64::from(down) / f64::from(up);
    (
        Axis { origin: f64::from(origin), step, frame: frame as usize },
        layout::Axis { origin, down, up, frame },
    )
}

#[test]
fn maps_of_the_frame() {
    let Some(gpu) = gpu() else { return };
    for (rows, columns) in [
        (axis(0, 1, 1, 9), axis(0, 1, 1, 14)),
        (axis(37, 1, 1, 1080), axis(512, 1, 1, 1920)),
        (axis(16, 2, 1, 100), axis(0, 1, 2, 7)),
        // Beyond the frame the border goes on.
        (axis(8100, 1, 1, 8101), axis(0, 4, 1, 3)),
    ] {
        let mut arena = Arena::new(11);
        let (map, output) = (arena.tensor([5, 6, 4], 1), arena.tensor([9, 14, 4], 2));
        let mut scratch = vec![0.0; ops::from_frame_scratch([5, 6, 4], [9, 14])];
        let expected = arena.expected(output, |out| {
            let axes = [rows.0, columns.0];
            let map = arena.of(map);
            ops::from_frame(Isa::Portable, map, axes, out, &mut scratch, &Pool::new(1))
                .expect("fits");
        });
        let (groups, group) = covering(output, Each::Number);
        let arguments = vec![map.into(), output.into(), rows.1.into(), columns.1.into()];
        check(&gpu, "from_frame", &arena, ("from_frame", groups, group), arguments, &expected);
    }
}

#[test]
fn bilateral_grids_and_their_matrices() {
    let Some(gpu) = gpu() else { return };
    let (rows, columns) = (axis(37, 1, 1, 1080), axis(512, 1, 1, 1920));
    let bins = 8;
    let mut arena = Arena::new(12);
    let grid = arena.tensor([4, 5, 12 * bins], 0);
    let (guide, input) = (arena.tensor([9, 14, 1], 2), arena.tensor([9, 14, 3], 1));
    let (slice, affine) = (arena.tensor([9, 14, 12], 0), arena.tensor([9, 14, 3], 1));
    let size = [4, 5, 12 * bins];
    let mut scratch = vec![0.0; ops::bilateral_slice_scratch(size, [9, 14, 12])];
    let axes = [rows.0, columns.0];
    let cells = || Grid { cells: arena.of(grid), bins };
    let expected = arena.expected(slice, |out| {
        let guide = arena.of(guide);
        ops::bilateral_slice(Isa::Portable, cells(), guide, axes, out, &mut scratch, &Pool::new(1))
            .expect("fits");
    });
    let (groups, group) = covering(slice, Each::Number);
    let arguments = vec![
        grid.into(),
        guide.into(),
        slice.into(),
        rows.1.into(),
        columns.1.into(),
        (bins as i32).into(),
    ];
    check(&gpu, "slice", &arena, ("bilateral_slice", groups, group), arguments, &expected);
    let expected = arena.expected(affine, |out| {
        let pixels = (arena.of(guide), arena.of(input));
        let pool = Pool::new(1);
        ops::bilateral_affine(Isa::Portable, cells(), pixels, axes, out, &mut scratch, &pool)
            .expect("fits");
    });
    let (groups, group) = covering(affine, Each::Pixel);
    let arguments = vec![
        grid.into(),
        guide.into(),
        input.into(),
        affine.into(),
        rows.1.into(),
        columns.1.into(),
        (bins as i32).into(),
    ];
    check(&gpu, "affine", &arena, ("bilateral_affine", groups, group), arguments, &expected);
}

#[test]
fn matrices_of_pixels_and_curves() {
    let Some(gpu) = gpu() else { return };
    let mut arena = Arena::new(13);
    let (matrices, input) = (arena.tensor([5, 7, 8], 1), arena.tensor([5, 7, 3], 0));
    let output = arena.tensor([5, 7, 2], 2);
    let expected = arena.expected(output, |out| {
        let (m, x) = (arena.of(matrices), arena.of(input));
        ops::apply_matrix(Isa::Portable, m, x, out, &Pool::new(1)).expect("fits");
    });
    let (groups, group) = covering(output, Each::Number);
    let arguments = vec![matrices.into(), input.into(), output.into()];
    check(&gpu, "matrix", &arena, ("apply_matrix", groups, group), arguments, &expected);

    let knots = arena.tensor([1, 1, 5], 0);
    let output = arena.tensor([5, 7, 3], 1);
    // The ends, and beyond them.
    for (at, value) in [0.0, 1.0, 0.5, -0.0, 1.5].into_iter().enumerate() {
        arena.numbers[input.start as usize + at] = value;
    }
    let expected = arena.expected(output, |out| {
        let (knots, x) = (arena.of(knots).data, Some(arena.of(input)));
        ops::curve(Isa::Portable, knots, x, out, &Pool::new(1)).expect("fits");
    });
    let (groups, group) = covering(output, Each::Number);
    let arguments = vec![knots.into(), input.into(), output.into()];
    check(&gpu, "curve", &arena, ("curve", groups, group), arguments, &expected);
}
