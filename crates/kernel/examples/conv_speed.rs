//! Speed of the convolution kernels, per layer shape and instruction set, on one thread.
//!
//! `cargo run --release -p headroom-kernel --example conv_speed [-- WORD...]` measures the layers
//! whose line contains one of the words (all without words).
//!
//! GFLOP/s count the operations of a direct convolution (two per product) over the thread's own
//! processor time, the best of several runs, and the percentage is of what a loop of fused
//! multiply-adds reaches with the same registers. Winograd does fewer operations, so it can pass it.
#![allow(unsafe_code)]

use headroom_kernel::Pool;
use headroom_kernel::nn::{
    Activation, Arena, Conv, ConvShape, Epilogue, Isa, Machine, Precision, Residual, Tensor,
    TensorMut,
};
use std::process::ExitCode;
use std::time::Duration;

/// Layers: input channels, output channels, kernel, stride, dilation, height, width.
const LAYERS: [[usize; 7]; 24] = [
    [32, 32, 3, 1, 1, 544, 960],
    [64, 64, 3, 1, 1, 272, 480],
    [64, 64, 3, 1, 8, 272, 480],
    [128, 128, 3, 1, 1, 136, 240],
    [256, 256, 3, 1, 1, 68, 120],
    [512, 512, 3, 1, 1, 34, 60],
    [64, 32, 3, 1, 1, 544, 960],
    [128, 64, 3, 1, 1, 272, 480],
    [3, 32, 3, 1, 1, 544, 960],
    [4, 16, 3, 1, 1, 256, 256],
    [8, 8, 3, 1, 1, 256, 256],
    [8, 16, 3, 1, 1, 256, 256],
    [16, 16, 3, 1, 1, 256, 256],
    [32, 3, 3, 1, 1, 544, 960],
    [32, 1, 3, 1, 1, 544, 960],
    [32, 64, 3, 2, 1, 544, 960],
    [64, 128, 3, 2, 1, 272, 480],
    [3, 64, 7, 2, 1, 544, 960],
    [64, 64, 1, 1, 1, 272, 480],
    [32, 3, 1, 1, 1, 544, 960],
    [16, 32, 1, 1, 1, 256, 256],
    [128, 128, 3, 1, 1, 8, 8],
    [96, 96, 3, 1, 1, 16, 16],
    [64, 64, 3, 1, 1, 32, 32],
];

/// Processor time of this thread.
fn processor_time() -> Duration {
    #[cfg(target_os = "linux")]
    {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the call fills the structure it is given.
        unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
        Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
    }
    #[cfg(not(target_os = "linux"))]
    {
        use std::sync::OnceLock;
        use std::time::Instant;
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }
}

/// GFLOP/s of a loop of multiply-adds in registers.
fn peak(isa: Isa) -> f64 {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::*;
        const LOOPS: u32 = 4_000_000;
        #[target_feature(enable = "avx2,fma")]
        fn avx2(seed: f32) -> f32 {
            let (a, b) = (_mm256_set1_ps(seed), _mm256_set1_ps(0.5));
            let mut sums = [_mm256_setzero_ps(); 12];
            for _ in 0..LOOPS {
                for sum in &mut sums {
                    *sum = _mm256_fmadd_ps(*sum, b, a);
                }
            }
            sums.into_iter().fold(0.0, |all, sum| all + _mm256_cvtss_f32(sum))
        }
        #[target_feature(enable = "avx512f")]
        fn avx512(seed: f32) -> f32 {
            let (a, b) = (_mm512_set1_ps(seed), _mm512_set1_ps(0.5));
            let mut sums = [_mm512_setzero_ps(); 12];
            for _ in 0..LOOPS {
                for sum in &mut sums {
                    *sum = _mm512_fmadd_ps(*sum, b, a);
                }
            }
            sums.into_iter().fold(0.0, |all, sum| all + _mm512_cvtss_f32(sum))
        }
        let lanes = if isa == Isa::Avx2 { 8 } else { 16 };
        let best = (0..5)
            .map(|_| {
                let start = processor_time();
                // SAFETY: asked for only where the set is available.
                std::hint::black_box(unsafe {
                    let seed = std::hint::black_box(1.0);
                    if isa == Isa::Avx2 { avx2(seed) } else { avx512(seed) }
                });
                processor_time().saturating_sub(start).as_secs_f64()
            })
            .fold(f64::INFINITY, f64::min);
        f64::from(LOOPS) * 12.0 * f64::from(lanes) * 2.0 / best * 1e-9
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = isa;
        f64::NAN
    }
}

fn measure(
    layer: [usize; 7],
    machine: Machine,
) -> Result<(f64, &'static str), Box<dyn std::error::Error>> {
    let [in_channels, out_channels, kernel, stride, dilation, height, width] = layer;
    let padding = [kernel / 2 * dilation; 2];
    let kernel = [kernel; 2];
    let shape =
        ConvShape { in_channels, out_channels, kernel, stride, dilation, groups: 1, padding };
    let epilogue = Epilogue { activation: Activation::Relu, residual: Residual::None };
    let weight: Vec<f32> = (0..shape.weights()?).map(|i| (i % 7) as f32 * 0.01 - 0.03).collect();
    let conv = Conv::new(shape, epilogue, &weight, None, machine)?;
    let [rows, columns] = shape.output(height, width);
    let sizes = [
        height * width * in_channels,
        rows * columns * out_channels,
        conv.scratch(height, width, 1),
    ];
    let mut arena = Arena::new(sizes.iter().sum())?;
    for (place, x) in arena.as_mut_slice().iter_mut().enumerate() {
        *x = (place % 11) as f32 * 0.1 - 0.5;
    }
    let pool = Pool::new(1);
    let flops = 2.0 * shape.multiplications(rows * columns) as f64;
    let runs = (2e9 / flops).clamp(3.0, 200.0) as usize;
    let mut best = f64::INFINITY;
    for run in 0..runs {
        let mut read = 0..sizes[0];
        let mut write = sizes[0]..sizes[0] + sizes[1];
        let rest = write.end..sizes.iter().sum();
        // As in a network, read what was just written, where the sizes allow it.
        if run % 2 == 1 && sizes[0] == sizes[1] {
            std::mem::swap(&mut read, &mut write);
        }
        let (output, scratch, [input]) = arena.split_scratch(write, rest, [read]);
        let start = processor_time();
        conv.run(
            Tensor::packed(input, height, width, in_channels),
            None,
            TensorMut::packed(output, rows, columns, out_channels),
            scratch,
            &pool,
        )?;
        best = best.min(processor_time().saturating_sub(start).as_secs_f64());
    }
    Ok((flops / best * 1e-9, conv.method()))
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let machines: Vec<Machine> = [
        (Isa::Portable, Precision::Full),
        (Isa::Avx2, Precision::Full),
        (Isa::Avx512, Precision::Full),
        (Isa::Avx512Bf16, Precision::Fast),
        (Isa::Amx, Precision::Fast),
    ]
    .into_iter()
    .filter_map(|(isa, precision)| Machine::forced(isa, precision))
    .collect();
    for machine in &machines {
        if machine.isa != Isa::Portable {
            println!(
                "peak of f32 multiply-adds, {}: {:.1} GFLOP/s",
                machine.isa.id(),
                peak(machine.isa)
            );
        }
    }
    for layer in LAYERS {
        let [ins, outs, kernel, stride, dilation, height, width] = layer;
        let name =
            format!("{kernel}x{kernel} {ins}->{outs} s{stride} d{dilation} {width}x{height}");
        if !words.is_empty() && !words.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        print!("{name:32}");
        for &machine in &machines {
            // Plain code is the reference, not a contender: only where it takes no minutes.
            if machine.isa == Isa::Portable && ins * outs * height * width > 100_000_000 {
                continue;
            }
            match measure(layer, machine) {
                Ok((speed, method)) => {
                    let share = 100.0 * speed / peak(machine.isa);
                    print!("  {} {method} {speed:.1} ({share:.0} %)", machine.isa.id());
                }
                Err(error) => {
                    eprintln!("{name}, {}: {error}", machine.isa.id());
                    return ExitCode::FAILURE;
                }
            }
        }
        println!();
    }
    ExitCode::SUCCESS
}
