//! A device, random tensors in an arena, and the comparison.

use headroom_gpu::layout::View;
use headroom_gpu::source::Precision;
use headroom_gpu::{Argument, Gpu, Launch, Memory, devices};
use headroom_kernel::nn::{Tensor, TensorMut};
use std::ops::Range;

/// Devices that tests run on: the first, or none, which is said.
pub(crate) fn gpu() -> Option<Gpu> {
    let (devices, problems) = devices();
    let Some(device) = devices.first() else {
        eprintln!("skipped: {}", problems.join(", "));
        return None;
    };
    Some(Gpu::new(device, None).expect("a device that was found opens"))
}

/// Numbers that look random, in [-1, 1).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn number(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0
    }
}

/// An arena that is filled with random numbers, and tensors in it.
pub(crate) struct Arena {
    pub(crate) numbers: Vec<f32>,
    pub(crate) random: Random,
}

impl Arena {
    pub(crate) fn new(seed: u64) -> Self {
        Self { numbers: Vec::new(), random: Random(seed) }
    }

    /// A tensor of random numbers at the end, pixels `gap` numbers further apart than they must be.
    pub(crate) fn tensor(&mut self, [height, width, channels]: [usize; 3], gap: usize) -> View {
        let stride = channels + gap;
        // Something before it and behind, which nobody may touch.
        let start = self.numbers.len() + 5;
        let len = 5 + height * width * stride + 3;
        for _ in 0..len {
            let number = self.random.number();
            self.numbers.push(number);
        }
        View {
            start: start as i32,
            height: height as i32,
            width: width as i32,
            channels: channels as i32,
            stride: stride as i32,
        }
    }

    pub(crate) fn of(&self, view: View) -> Tensor<'_> {
        let [height, width, channels, stride] = sides(view);
        Tensor {
            data: &self.numbers[range(view)],
            height,
            width,
            channels,
            pixel_stride: stride,
            row_stride: width * stride,
        }
    }

    /// What the CPU makes of it: `task` is given the output of `view`.
    pub(crate) fn expected(&self, view: View, task: impl FnOnce(TensorMut<'_>)) -> Vec<f32> {
        let mut numbers = self.numbers.clone();
        let [height, width, channels, stride] = sides(view);
        task(TensorMut {
            data: &mut numbers[range(view)],
            height,
            width,
            channels,
            pixel_stride: stride,
            row_stride: width * stride,
        });
        numbers
    }
}

fn sides(view: View) -> [usize; 4] {
    [view.height, view.width, view.channels, view.stride].map(|side| side as usize)
}

fn range(view: View) -> Range<usize> {
    let [height, width, channels, stride] = sides(view);
    let start = view.start as usize;
    start..start + (height * width - 1) * stride + channels
}

/// Memory that holds these numbers.
pub(crate) fn memory(gpu: &Gpu, numbers: &[f32]) -> Memory {
    let memory = gpu.allocate(size_of_val(numbers)).expect("memory");
    gpu.write_floats(&memory, numbers).expect("writes");
    memory
}

/// Groups that cover the output, one work item per number or per pixel of it.
pub(crate) fn covering(output: View, each: Each) -> ([usize; 3], [usize; 3]) {
    let [height, width, channels, _] = sides(output);
    let along = match each {
        Each::Number => width * channels,
        Each::Pixel => width,
    };
    ([along.div_ceil(64), height, 1], [64, 1, 1])
}

/// What a work item makes.
#[derive(Clone, Copy)]
pub(crate) enum Each {
    Number,
    Pixel,
}

/// Runs a kernel on the arena in f32 and compares all of it with what is expected.
pub(crate) fn check(
    gpu: &Gpu,
    what: &str,
    arena: &Arena,
    (kernel, groups, group): (&'static str, [usize; 3], [usize; 3]),
    arguments: Vec<Argument<'_>>,
    expected: &[f32],
) {
    let on_device = memory(gpu, &arena.numbers);
    let mut all = vec![Argument::from(&on_device)];
    all.extend(arguments);
    let launch = Launch { kernel, precision: Precision::Float, groups, group, arguments: all };
    gpu.launch(&launch).unwrap_or_else(|error| panic!("{what}: {error}"));
    let found = gpu.read_floats(&on_device, arena.numbers.len()).expect("reads");
    for (index, (found, expected)) in found.into_iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= 4e-6 + 2e-6 * expected.abs(),
            "{what}: {found} at {index}, not {expected}"
        );
    }
}
