//! What follows from a frame's sums, found on the device: `kernels/follow.cl`.

use super::each_pixel;
use super::gather::{Sums, asked_look};
use super::told::Told;
use crate::execute::DeviceTensors;
use crate::expand::Plan;
use crate::expand::field::{AROUND, BASE, BEND, COLOURED, LEAST_OF_FRAME, LEVELS, WHITE, WHOLE};
use crate::expand::ingest;
use crate::expand::network::{BLENDS_LEN, BlendSums, FEW_BLENDS};
use crate::model::inputs::{
    BLENDS, CLIPPED, HISTOGRAM, HISTOGRAM_BINS, LOOK, LOOK_CHANNELS, LOOK_SIDE,
};
use headroom_gpu::layout::{FIELD_PLANES, FOLLOWERS, Level};
use headroom_gpu::source::Precision;
use headroom_gpu::{Argument, Gpu, GpuError, Launch, Memory};
use std::sync::Arc;

/// What networks can be given of a frame without being waited for: names, heights, widths and channels.
pub(super) const GIVEN: [(&str, [usize; 3]); 4] = [
    (LOOK, [LOOK_SIDE, LOOK_SIDE, LOOK_CHANNELS]),
    (HISTOGRAM, [1, 1, 3 * HISTOGRAM_BINS]),
    (BLENDS, [1, 1, BLENDS_LEN]),
    (CLIPPED, [1, 1, 1]),
];

/// The code at which the frame clips, and how sure that is.
pub(super) fn level(gpu: &Gpu, sums: &Sums) -> Result<Memory, GpuError> {
    let level = gpu.scratch(2 * size_of::<f32>())?;
    let arguments = vec![
        Argument::from(&level),
        (&sums.planes).into(),
        (&sums.histogram).into(),
        sums.asked.into(),
        (sums.size().1 as i32).into(),
        (sums.pixels as i32).into(),
    ];
    one_group(gpu, "follow_level", arguments)?;
    Ok(level)
}

/// Runs a kernel that sums up with a single group.
fn one_group(
    gpu: &Gpu,
    kernel: &'static str,
    arguments: Vec<Argument<'_>>,
) -> Result<(), GpuError> {
    gpu.launch(&Launch {
        kernel,
        precision: Precision::Float,
        groups: [1; 3],
        group: [FOLLOWERS, 1, 1],
        arguments,
    })
}

/// The values of the field, into what pixels are told.
pub(super) fn field(gpu: &Gpu, sums: &Sums, told: &Told) -> Result<(), GpuError> {
    const NONE: Level = Level { start: 0, nx: 0, ny: 0 };
    let (nx, ny) = sums.size();
    let mut levels = [NONE; LEVELS];
    let (mut size, mut floats) = ([nx, ny], 0);
    for level in &mut levels {
        *level = Level { start: floats as i32, nx: size[0] as i32, ny: size[1] as i32 };
        floats += FIELD_PLANES * size[0] * size[1];
        size = size.map(|side| side.div_ceil(2));
    }
    let pyramid = gpu.scratch(floats * size_of::<f32>())?;
    let run = |kernel, of: &Level, rows: usize, more: Vec<Argument<'_>>| {
        let arguments = [vec![Argument::from(&pyramid)], more].concat();
        each_pixel(
            gpu,
            kernel,
            [of.nx as usize, rows * of.ny as usize],
            Precision::Float,
            arguments,
        )
    };
    let more =
        vec![(&sums.planes).into(), told.level().into(), sums.asked.into(), (ny as i32).into()];
    run("field_cells", &levels[0], 1, more)?;
    for pair in levels.windows(2) {
        run("field_halve", &pair[1], 3, vec![pair[0].into(), pair[1].into()])?;
    }
    for (at, level) in levels.iter().enumerate().rev() {
        // The coarse levels' sum stays by itself.
        let coarser = if at + 1 == WHOLE { None } else { levels.get(at + 1) };
        let more = vec![
            (*level).into(),
            (*coarser.unwrap_or(&NONE)).into(),
            WHITE[at].into(),
            COLOURED[at].into(),
            AROUND[at].into(),
        ];
        run("field_sum", level, 1, more)?;
    }
    let arguments = vec![
        Argument::from(&told.memory),
        (&pyramid).into(),
        levels[0].into(),
        levels[WHOLE].into(),
        BASE.into(),
        LEAST_OF_FRAME.into(),
        BEND.into(),
    ];
    each_pixel(gpu, "field_values", [nx, ny], Precision::Float, arguments)
}

/// What networks are given of the frame, of its `sums`, the `planes` of what is seen among them, its own `level`, and
/// what pixels are `told`, in memory that `allocate` gives. Where the plan has a curve that was found, codes are those of an
/// sRGB camera.
pub(super) fn look(
    gpu: &Gpu,
    plan: &Plan,
    sums: &Sums,
    planes: &Memory,
    level: &Memory,
    told: &Memory,
    allocate: impl Fn(usize) -> Result<Memory, GpuError>,
) -> Result<DeviceTensors, GpuError> {
    const CELLS: usize = LOOK_SIDE * LOOK_SIDE;
    const BINS: usize = 3 * HISTOGRAM_BINS;
    let asked = asked_look([LOOK_SIDE; 2], false);
    let look = allocate(CELLS * LOOK_CHANNELS * size_of::<f32>())?;
    let histogram = allocate(BINS * size_of::<f32>())?;
    let inside = gpu.scratch(CELLS * size_of::<f32>())?;
    let distances = gpu.scratch(CELLS * size_of::<f32>())?;
    let counts = gpu.upload(&[0; BINS * size_of::<u32>()])?;
    let run = |kernel, size, arguments| each_pixel(gpu, kernel, size, Precision::Float, arguments);
    let arguments = vec![
        Argument::from(&look),
        (&inside).into(),
        (&counts).into(),
        planes.into(),
        told.into(),
        ingest::for_device(plan).into(),
        asked.into(),
        plan.tone.is_some().into(),
    ];
    run("look_cells", [LOOK_SIDE; 2], arguments)?;
    let arguments = vec![Argument::from(&distances), (&inside).into(), asked.into()];
    run("look_columns", [LOOK_SIDE; 2], arguments)?;
    let arguments = vec![Argument::from(&look), (&distances).into(), asked.into()];
    run("look_rows", [LOOK_SIDE; 2], arguments)?;
    let arguments = vec![Argument::from(&histogram), (&counts).into(), asked.into()];
    run("look_shares", [BINS, 1], arguments)?;
    let blends = match &sums.blends {
        Some(parts) => blend_means(gpu, parts, &allocate)?,
        None => gpu.upload_floats(&BlendSums::default().tensor())?,
    };
    let clipped = clipped_share(gpu, sums, level, allocate)?;
    let mut given = DeviceTensors::default();
    for ((name, size), memory) in GIVEN.into_iter().zip([look, histogram, blends, clipped]) {
        given.push(name, size, Arc::new(memory));
    }
    Ok(given)
}

/// What edges tell of the curve, of the sums of `parts` of the frame.
fn blend_means(
    gpu: &Gpu,
    parts: &Memory,
    allocate: impl Fn(usize) -> Result<Memory, GpuError>,
) -> Result<Memory, GpuError> {
    let blends = allocate(BLENDS_LEN * size_of::<f32>())?;
    let count = parts.bytes() / size_of::<[f32; BLENDS_LEN]>();
    let arguments =
        vec![Argument::from(&blends), parts.into(), (count as i32).into(), FEW_BLENDS.into()];
    one_group(gpu, "blend_means", arguments)?;
    Ok(blends)
}

/// The share of the frame that is clipped, by a level.
fn clipped_share(
    gpu: &Gpu,
    sums: &Sums,
    level: &Memory,
    allocate: impl Fn(usize) -> Result<Memory, GpuError>,
) -> Result<Memory, GpuError> {
    let share = allocate(size_of::<f32>())?;
    let arguments =
        vec![Argument::from(&share), (&sums.histogram).into(), level.into(), sums.asked.into()];
    one_group(gpu, "clipped_share", arguments)?;
    Ok(share)
}
