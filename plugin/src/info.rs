//! What the node tells: version, device, and what was measured.

use crate::instance::Instance;
use crate::measure::{Look, frame_of};
use crate::{picture, state};
use headroom::expand::device::{Wish, own_gpu};
use headroom::expand::{Plan, Surroundings};
use headroom::settings::{Id, SETTINGS, Values};
use headroom_gpu::Gpu;
use headroom_kernel::nn::{Machine, Precision};

/// What is so in every node of this library on this machine.
pub(crate) fn standing() -> String {
    format!(
        "Headroom {} ({})\nDevice: CPU, {} threads, {}; networks: {}",
        headroom::VERSION,
        headroom::COMMIT,
        state::threads(),
        instructions(),
        Machine::best(Precision::Full).isa.id(),
    )
}

/// The widest vector instructions of this machine that the engine uses.
fn instructions() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
        {
            return "AVX2";
        }
        "SSE2"
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::env::consts::ARCH
}

/// Measures the frame at a time and puts the figures into words.
pub(crate) fn measured(instance: &Instance, time: f64) -> String {
    let values = instance.values(time);
    let method = SETTINGS[Id::Method as usize].options().get(values.choice(Id::Method));
    let method = method.map_or("", |option| option.label);
    let standing = standing();
    let figures = figures(instance, time).unwrap_or_else(|why| why);
    let model = model(instance, &values);
    let device = device(&values);
    format!("{standing}\n{device}\nMethod: {method}{model}\nFrame {time}: {figures}")
}

/// What renders where the host lends no GPU's memory, and why.
fn device(values: &Values) -> String {
    let plan = Plan::new(values, &Surroundings::default());
    let named = |gpu: &Gpu| {
        let device = gpu.device();
        format!("{} ({})", device.name(), device.runtime())
    };
    let own = match plan.device() {
        Wish::Cpu => return "Renders on: the CPU, as Device says".to_owned(),
        Wish::Host => "the CPU, as Device says".to_owned(),
        Wish::Gpu => match own_gpu(None) {
            Ok(gpu) => named(&gpu),
            Err(error) => format!("the CPU: {error}"),
        },
        Wish::Auto => match own_gpu(None) {
            Ok(gpu) => format!("the CPU, or {} where that is measured to be faster", named(&gpu)),
            Err(error) => format!("the CPU: {error}"),
        },
    };
    format!("Renders on: the host's GPU where it lends one, else {own}")
}

/// The model of a method that is a network, or why there is none.
fn model(instance: &Instance, values: &Values) -> String {
    let mut plan = instance.plan(values, instance.alpha());
    if let Err(error) = plan.load(&state::models()) {
        return format!("\nModel: none: {error}");
    }
    let Some(loaded) = plan.network() else { return String::new() };
    let header = &loaded.model.header;
    format!(
        "\nModel: {} ({}), licence {}, sha256 {}, on {}",
        header.name,
        loaded.model.info.id,
        header.licence,
        loaded.hash().short(),
        loaded.machine.isa.id(),
    )
}

fn figures(instance: &Instance, time: f64) -> Result<String, String> {
    let engine = state::engine();
    let picture = picture::fetch(&instance.source, time, None, None)
        .map_err(|trouble| trouble.tell("Source").1)?
        .ok_or("the source has no picture here")?;
    let mut values = instance.values(time);
    // Measured even where the settings take no notice of it.
    values.set_clamped(Id::ClipAuto, headroom::settings::Value::Toggle(true));
    values.set_clamped(Id::Amount, headroom::settings::Value::Number(1.0));
    values.set_clamped(Id::Mix, headroom::settings::Value::Number(1.0));
    let clip_mask = SETTINGS[Id::View as usize].options().iter().position(|o| o.id == "clip-mask");
    if let Some(view) = clip_mask {
        values.set_clamped(Id::View, headroom::settings::Value::Choice(view));
    }
    let plan = instance.plan(&values, instance.alpha());
    let look = Look { engine: &engine, plan: &plan, abort: &|| false, gpu: None };
    let view = picture.view().map_err(|trouble| trouble.tell("Source").1)?;
    let frame = frame_of(&picture, instance.quirks.bounds_are_frame);
    let analysis = look.fresh(&view, frame).map_err(|_| "interrupted")?;
    let statistics = analysis.statistics();
    Ok(format!(
        "{}x{}, {:.2} % clipped at code {:.4} ({:.1} of 255)\nInput: {}\nOutput: {}",
        frame.width(),
        frame.height(),
        f64::from(statistics.clip_share) * 100.0,
        statistics.clip_level,
        f64::from(statistics.clip_level) * 255.0,
        plan.input_space().name,
        plan.output_space().name,
    ))
}
