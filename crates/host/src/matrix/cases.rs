//! The cases of the matrix, one row each.

use super::{Bench, Fault, clean, close, finite, picture, same, whole};
use crate::{
    ClipFormat, ColourStyle, Context, Depth, Effect, Field, HostConfig, HostError, HostImage,
    ImageCrop, Instances, MessageSuite, OutputBounds, PROFILES, Premult, RenderRequest, Rendered,
    RowLayout, Sources, ThreadSuite, Window, Windows,
};
use headroom_ofx_sys as sys;

type Case = fn(&Bench) -> Result<(), Fault>;

/// Name and function of every case.
pub(super) fn all() -> Vec<(&'static str, Case)> {
    vec![
        ("the same again", |b| ways(b, &[plain(), plain()])),
        ("tiles", |b| ways(b, &[tiles(16, 16), tiles(7, 5), tiles(3, 100)])),
        ("bands", |b| ways(b, &[bands(1), bands(7), bands(16)])),
        ("odd windows", odd_windows),
        ("row order and padding", rows),
        ("output image as large as the window", |b| {
            ways(b, &[output_window(tiles(16, 16)), output_window(bands(5))])
        }),
        ("sources cropped to the region asked for", |b| {
            ways(b, &[cropped(plain()), cropped(tiles(16, 16)), cropped(bands(3))])
        }),
        ("sources cropped to the window, which do not say so", cropped_to_window),
        ("threads on one instance", |b| ways(b, &[threads(bands(3), 4), threads(tiles(9, 9), 7)])),
        ("threads on several instances", |b| {
            ways(b, &[per_thread(threads(bands(3), 3)), per_thread(threads(tiles(16, 16), 5))])
        }),
        ("an instance per frame", |b| {
            ways(b, &[RenderRequest { instances: Instances::PerFrame, ..plain() }])
        }),
        ("everything at once", |b| {
            let all = cropped(output_window(per_thread(threads(tiles(11, 6), 4))));
            let rows = RowLayout { top_first: true, padding: 48 };
            ways(b, &[RenderRequest { rows, ..all }])
        }),
        ("origin of the picture", origins),
        ("source smaller than its definition", small_source),
        ("definition larger than the picture", large_definition),
        ("render window beyond the source", beyond_source),
        ("pixel aspect and proxy scale", scales),
        ("fields", fields),
        ("premultiplication", premultiplication),
        ("half-float images", half_float),
        ("general context", |b| config_gives_reference(b, HostConfig::default(), Context::General)),
        ("host profiles, filter", |b| profiles(b, Context::Filter)),
        ("host profiles, general", |b| profiles(b, Context::General)),
        ("suites withheld one by one", missing_suites),
        ("render arguments withheld one by one", missing_arguments),
        ("image properties withheld one by one", missing_image_properties),
        ("host properties withheld one by one", missing_host_properties),
        ("message and thread suites in part", partial_suites),
        ("out arguments without defaults", |b| {
            let config = HostConfig { preset_out_arguments: false, ..HostConfig::default() };
            config_gives_reference(b, config, Context::Filter)
        }),
        ("no temporal access", |b| {
            let config = HostConfig { temporal_access: false, ..HostConfig::default() };
            config_gives_reference(b, config, Context::Filter)
        }),
        ("colour styles", colour_styles),
        ("source that cannot be fetched", missing_source),
        ("source not connected", unconnected),
        ("mask connected", mask),
        ("abort", abort),
        ("purge, sync, edit, unknown action", housekeeping),
        ("frames in any order", frame_order),
        ("several frames at the same time", frames_at_once),
        ("interactive, draft, thumbnail", flags),
        ("identity as the plug-in says", identity),
        ("load, unload, load", reload),
        ("open and close", reopen),
        ("two plug-ins side by side", side_by_side),
    ]
}

fn plain() -> RenderRequest {
    picture::request()
}

fn tiles(columns: usize, rows: usize) -> RenderRequest {
    RenderRequest { windows: Windows::Tiles(columns, rows), ..plain() }
}

fn bands(rows: usize) -> RenderRequest {
    RenderRequest { windows: Windows::Bands(rows), ..plain() }
}

fn cropped(request: RenderRequest) -> RenderRequest {
    RenderRequest { crop: ImageCrop::Region, ..request }
}

fn output_window(request: RenderRequest) -> RenderRequest {
    RenderRequest { output: OutputBounds::Window, ..request }
}

fn threads(request: RenderRequest, threads: usize) -> RenderRequest {
    RenderRequest { threads, ..request }
}

fn per_thread(request: RenderRequest) -> RenderRequest {
    RenderRequest { instances: Instances::PerThread, ..request }
}

fn default_effect(bench: &Bench) -> Result<Effect, Fault> {
    let config = HostConfig { depths: vec![Depth::Float], ..HostConfig::default() };
    Ok(bench.open(config, Context::Filter)?)
}

/// True when the plug-in says that it renders tiles.
fn renders_tiles(effect: &Effect) -> bool {
    let name = sys::kOfxImageEffectPropSupportsTiles.to_str();
    effect.describe().properties.iter().all(|(property, values)| {
        name != Ok(property.as_str()) || values.first() != Some(&crate::PropertyValue::Int(0))
    })
}

fn is_cut(request: &RenderRequest) -> bool {
    request.windows != Windows::Whole
}

/// Each request on one effect gives the reference.
fn ways(bench: &Bench, requests: &[RenderRequest]) -> Result<(), Fault> {
    let mut effect = default_effect(bench)?;
    let tiles = renders_tiles(&effect);
    let mut made = 0;
    for request in requests {
        if is_cut(request) && !tiles {
            continue;
        }
        made += 1;
        let found = effect.render(request, &picture::sources(&bench.picture))?;
        same(&found, &bench.reference, (0, 0))
            .map_err(|fault| explain(fault, &summary(request)))?;
    }
    close(effect)?;
    if made == 0 { Err(Fault::Skip("the plug-in renders no tiles".into())) } else { Ok(()) }
}

/// What a request does that a plain one does not.
fn summary(request: &RenderRequest) -> String {
    let mut parts = vec![format!("{:?}", request.windows)];
    if request.rows != RowLayout::default() {
        parts.push(format!("{:?}", request.rows));
    }
    if request.output != OutputBounds::Definition {
        parts.push(format!("output {:?}", request.output));
    }
    if request.crop != ImageCrop::Whole {
        parts.push(format!("crop {:?}", request.crop));
    }
    if request.threads > 1 {
        parts.push(format!("{} threads", request.threads));
    }
    if request.instances != Instances::Own {
        parts.push(format!("instances {:?}", request.instances));
    }
    parts.join(", ")
}

fn explain(fault: Fault, what: &impl std::fmt::Debug) -> Fault {
    match fault {
        Fault::Pixels(detail) => Fault::Pixels(format!("{detail} ({what:?})")),
        other => other,
    }
}

fn cropped_to_window(bench: &Bench) -> Result<(), Fault> {
    let config = HostConfig {
        depths: vec![Depth::Float],
        missing_image_properties: names(&[sys::kOfxImagePropRegionOfDefinition]),
        ..HostConfig::default()
    };
    let mut effect = bench.open(config, Context::Filter)?;
    if !renders_tiles(&effect) {
        return Err(Fault::Skip("the plug-in renders no tiles".into()));
    }
    for request in [tiles(16, 16), bands(5)] {
        let request = RenderRequest { crop: ImageCrop::Window, ..request };
        let found = effect.render(&request, &picture::sources(&bench.picture))?;
        same(&found, &bench.reference, (0, 0))
            .map_err(|fault| explain(fault, &summary(&request)))?;
    }
    close(effect)
}

fn odd_windows(bench: &Bench) -> Result<(), Fault> {
    let w = whole(&bench.picture);
    let windows = vec![
        Window::new(w.x1, w.y1, w.x1 + 1, w.y1 + 1),
        Window::new(w.x2 - 1, w.y2 - 1, w.x2, w.y2),
        Window::new(w.x1 + 3, w.y1, w.x1 + 4, w.y2),
        Window::new(w.x1, w.y1 + 5, w.x2, w.y1 + 6),
        Window::new(w.x1 + 2, w.y1 + 2, w.x2 - 5, w.y2 - 3),
    ];
    for window in windows {
        let request = RenderRequest {
            windows: Windows::Exactly(vec![window]),
            area: Some(window),
            ..plain()
        };
        ways(bench, &[request.clone(), output_window(request.clone()), cropped(request)])?;
    }
    Ok(())
}

fn rows(bench: &Bench) -> Result<(), Fault> {
    let mut requests = Vec::new();
    for top_first in [false, true] {
        for padding in [0, 4, 12, 64, 1000] {
            requests.push(RenderRequest { rows: RowLayout { top_first, padding }, ..plain() });
        }
    }
    ways(bench, &requests)
}

/// Renders `image` and expects the reference at `shift`.
fn moved(
    effect: &mut Effect,
    bench: &Bench,
    image: &HostImage,
    request: &RenderRequest,
    shift: (i32, i32),
) -> Result<(), Fault> {
    let found = effect.render(request, &picture::sources(image))?;
    same(&found, &bench.reference, shift).map_err(|fault| explain(fault, &shift))
}

fn origins(bench: &Bench) -> Result<(), Fault> {
    let mut effect = default_effect(bench)?;
    let tiles = renders_tiles(&effect);
    for shift in [(-13, -7), (5, 3), (-96, 0), (0, -61), (1000, -1000)] {
        let image = bench.picture.clone().shifted(shift.0, shift.1);
        moved(&mut effect, bench, &image, &plain(), shift)?;
        if tiles {
            let request = cropped(RenderRequest { windows: Windows::Tiles(9, 8), ..plain() });
            moved(&mut effect, bench, &image, &request, shift)?;
        }
    }
    close(effect)
}

/// The picture cut to `window`, while its definition stays.
fn cut(image: &HostImage, window: Window) -> HostImage {
    let pixels: Vec<f32> = (window.y1..window.y2)
        .rev()
        .flat_map(|y| (window.x1..window.x2).flat_map(move |x| image.at(x, y)))
        .collect();
    let mut cut = HostImage::new(window.width(), window.height(), pixels);
    cut.bounds = window;
    cut.definition = image.definition;
    cut.premult = image.premult;
    cut
}

fn small_source(bench: &Bench) -> Result<(), Fault> {
    let w = whole(&bench.picture);
    let part = Window::new(w.x1 + 4, w.y1 + 3, w.x2 - 6, w.y2 - 2);
    let mut effect = default_effect(bench)?;
    let found = effect.render(&plain(), &picture::sources(&cut(&bench.picture, part)))?;
    finite(&found)?;
    if found.bounds != w {
        return Err(Fault::Pixels(format!("rendered {:?}, expected {w:?}", found.bounds)));
    }
    close(effect)
}

fn large_definition(bench: &Bench) -> Result<(), Fault> {
    let w = whole(&bench.picture);
    let mut image = bench.picture.clone();
    image.definition = Window::new(w.x1 - 3, w.y1 - 2, w.x2 + 5, w.y2 + 4);
    let mut effect = default_effect(bench)?;
    finite(&effect.render(&plain(), &picture::sources(&image))?)?;
    close(effect)
}

fn beyond_source(bench: &Bench) -> Result<(), Fault> {
    let w = whole(&bench.picture);
    let mut effect = default_effect(bench)?;
    for area in [
        Window::new(w.x1 - 4, w.y1 - 4, w.x2 + 4, w.y2 + 4),
        Window::new(w.x2 + 2, w.y2 + 2, w.x2 + 6, w.y2 + 5),
    ] {
        let request = RenderRequest { area: Some(area), ..plain() };
        finite(&effect.render(&request, &picture::sources(&bench.picture))?)?;
    }
    close(effect)
}

fn scales(bench: &Bench) -> Result<(), Fault> {
    let mut effect = default_effect(bench)?;
    for (scale, pixel_aspect) in [(0.5, 1.0), (0.25, 2.0), (1.0, 1.46), (1.0, 0.9), (0.3, 2.0)] {
        let mut image = bench.picture.clone();
        image.pixel_aspect = pixel_aspect;
        let request = RenderRequest { scale: [scale, scale], ..plain() };
        let found = effect.render(&request, &picture::sources(&image))?;
        finite(&found)?;
        if found.bounds != whole(&image) {
            return Err(Fault::Pixels(format!(
                "scale {scale}, pixel aspect {pixel_aspect}: rendered {:?}, expected {:?}",
                found.bounds, image.bounds
            )));
        }
    }
    close(effect)
}

fn fields(bench: &Bench) -> Result<(), Fault> {
    let mut effect = default_effect(bench)?;
    for field in [Field::Both, Field::Lower, Field::Upper] {
        for top_first in [false, true] {
            let rows = RowLayout { top_first, padding: 8 };
            let request = RenderRequest { field, rows, ..plain() };
            let found = effect.render(&request, &picture::sources(&bench.picture))?;
            if bench.plain_fields {
                same(&found, &bench.reference, (0, 0)).map_err(|fault| explain(fault, &field))?;
            } else {
                clean(&found.report)?;
            }
        }
    }
    close(effect)
}

fn premultiplication(bench: &Bench) -> Result<(), Fault> {
    let mut effect = default_effect(bench)?;
    for premult in [Premult::Opaque, Premult::Premultiplied, Premult::Unpremultiplied] {
        let image = if premult == Premult::Opaque {
            bench.picture.clone()
        } else {
            picture::with_alpha(&bench.picture, premult)
        };
        let found = effect.render(&plain(), &picture::sources(&image))?;
        finite(&found)?;
        let again = effect.render(&tiles(16, 16), &picture::sources(&image))?;
        if renders_tiles(&effect) {
            same(&again, &found, (0, 0)).map_err(|fault| explain(fault, &premult))?;
        }
    }
    close(effect)
}

fn half_float(bench: &Bench) -> Result<(), Fault> {
    let Some(reference) = &bench.half_reference else {
        return Err(Fault::Skip("the plug-in takes no half-float images".into()));
    };
    let config = HostConfig { depths: vec![Depth::Half], ..HostConfig::default() };
    let mut effect = bench.open(config, Context::Filter)?;
    finite(reference)?;
    for request in [
        tiles(16, 16),
        RenderRequest { rows: RowLayout { top_first: true, padding: 6 }, ..plain() },
        cropped(output_window(bands(4))),
    ] {
        let found = effect.render(&request, &picture::sources(&bench.picture))?;
        same(&found, reference, (0, 0)).map_err(|fault| explain(fault, &summary(&request)))?;
    }
    // A half holds eleven bits; the source was rounded to them, and so was the result.
    let far = reference
        .pixels
        .iter()
        .zip(&bench.reference.pixels)
        .filter(|(half, float)| (*half - *float).abs() > 0.02 * (1.0 + float.abs()))
        .count();
    if far * 50 > reference.pixels.len() {
        return Err(Fault::Pixels(format!("{far} values are far from the float render")));
    }
    close(effect)
}

/// A host of this kind gives the reference.
fn config_gives_reference(
    bench: &Bench,
    config: HostConfig,
    context: Context,
) -> Result<(), Fault> {
    let what = config.name.clone();
    let mut effect = bench.open(config, context)?;
    let found = effect.render(&plain(), &picture::sources(&bench.picture))?;
    match bench.reference_for(&effect) {
        Some(reference) => {
            same(&found, reference, (0, 0)).map_err(|fault| explain(fault, &what))?;
        }
        None => finite(&found)?,
    }
    close(effect)
}

/// A host's habits change nothing: a well-behaved host of the same name gets the same pixels.
/// The name itself may matter, since hosts differ in what their pixels mean.
fn profile_gives_reference(
    bench: &Bench,
    config: HostConfig,
    context: Context,
) -> Result<(), Fault> {
    let request = plain();
    let sources = picture::sources(&bench.picture);
    let what = config.name.clone();
    let temporal_access = config.temporal_access;
    let mut habits = bench.open(config, context)?;
    // What keeps one from lending a device's memory keeps the other too.
    let unknown = match habits.lends() {
        true => Vec::new(),
        false => names(&[
            sys::kOfxImageEffectPropOpenCLRenderSupported,
            sys::kOfxImageEffectPropCudaRenderSupported,
        ]),
    };
    let namesake = HostConfig {
        missing_properties: unknown,
        name: what.clone(),
        depths: vec![habits.depth()],
        temporal_access,
        ..HostConfig::default()
    };
    let found = habits.render(&request, &sources)?;
    let mut well_behaved = bench.open(namesake, context)?;
    let expected = well_behaved.render(&request, &sources)?;
    same(&found, &expected, (0, 0)).map_err(|fault| explain(fault, &what))?;
    close(well_behaved)?;
    close(habits)
}

fn profiles(bench: &Bench, context: Context) -> Result<(), Fault> {
    for profile in PROFILES {
        let Some(config) = HostConfig::profile(profile) else { continue };
        match profile_gives_reference(bench, config, context) {
            Err(Fault::Host(HostError::NoContext { found, .. })) => {
                return Err(Fault::Skip(format!("the plug-in has only {found:?}")));
            }
            other => other.map_err(|fault| explain(fault, profile))?,
        }
    }
    Ok(())
}

fn names(list: &[&std::ffi::CStr]) -> Vec<String> {
    list.iter().map(|name| name.to_string_lossy().into_owned()).collect()
}

/// The reference comes out whichever one of `names` is withheld.
fn withheld(
    bench: &Bench,
    names: Vec<String>,
    withhold: impl Fn(&mut HostConfig, String),
) -> Result<(), Fault> {
    for name in names {
        let mut config = HostConfig { name: format!("without {name}"), ..HostConfig::default() };
        config.depths = vec![Depth::Float];
        withhold(&mut config, name);
        config_gives_reference(bench, config, Context::Filter)?;
    }
    Ok(())
}

fn missing_suites(bench: &Bench) -> Result<(), Fault> {
    let optional = [
        sys::kOfxMemorySuite,
        sys::kOfxMultiThreadSuite,
        sys::kOfxMessageSuite,
        sys::kOfxProgressSuite,
        sys::kOfxTimeLineSuite,
    ];
    withheld(bench, names(&optional), |config, name| config.missing_suites.push(name))?;
    let mut config = HostConfig { name: "without optional suites".into(), ..HostConfig::default() };
    config.depths = vec![Depth::Float];
    config.missing_suites = names(&optional);
    config_gives_reference(bench, config, Context::Filter)?;
    // Without a mandatory suite a plug-in may refuse to load; it may not crash.
    for suite in [sys::kOfxPropertySuite, sys::kOfxImageEffectSuite, sys::kOfxParameterSuite] {
        let config = HostConfig { missing_suites: names(&[suite]), ..HostConfig::default() };
        match bench.open(config, Context::Filter) {
            Ok(effect) => close(effect)?,
            Err(HostError::Action { report, .. }) => clean(&report)?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn missing_arguments(bench: &Bench) -> Result<(), Fault> {
    let optional = [
        sys::kOfxImageEffectPropFieldToRender,
        sys::kOfxImageEffectPropRenderScale,
        sys::kOfxImageEffectPropSequentialRenderStatus,
        sys::kOfxImageEffectPropInteractiveRenderStatus,
        sys::kOfxImageEffectPropRenderQualityDraft,
        sys::kOfxImageEffectPropThumbnailRender,
        sys::kOfxImageEffectPropNoSpatialAwareness,
        sys::kOfxPropIsInteractive,
    ];
    withheld(bench, names(&optional), |config, name| config.missing_arguments.push(name))
}

fn missing_image_properties(bench: &Bench) -> Result<(), Fault> {
    let optional = [
        sys::kOfxImageEffectPropPreMultiplication,
        sys::kOfxImageEffectPropRenderScale,
        sys::kOfxImagePropPixelAspectRatio,
        sys::kOfxImagePropRegionOfDefinition,
        sys::kOfxImagePropField,
        sys::kOfxImagePropUniqueIdentifier,
    ];
    withheld(bench, names(&optional), |config, name| config.missing_image_properties.push(name))
}

fn missing_host_properties(bench: &Bench) -> Result<(), Fault> {
    let optional = [
        sys::kOfxPropVersion,
        sys::kOfxPropVersionLabel,
        sys::kOfxPropAPIVersion,
        sys::kOfxPropPluginDescription,
        sys::kOfxPluginPropFilePath,
        sys::kOfxPropHostOSHandle,
        sys::kOfxPropIcon,
        sys::kOfxImageEffectInstancePropSequentialRender,
        sys::kOfxImageEffectPropPluginHandle,
        sys::kOfxImageEffectPropOpenGLRenderSupported,
        sys::kOfxImageEffectPropCudaRenderSupported,
        sys::kOfxImageEffectPropOpenCLRenderSupported,
        sys::kOfxImageEffectPropMetalRenderSupported,
        sys::kOfxImageEffectPropClipPreferencesSlaveParam,
        sys::kOfxImageEffectPropNoSpatialAwareness,
        sys::kOfxParamPropScriptName,
        sys::kOfxParamPropHint,
        sys::kOfxParamPropDigits,
        sys::kOfxParamPropIncrement,
        sys::kOfxParamPropCacheInvalidation,
        sys::kOfxImageClipPropFieldExtraction,
    ];
    withheld(bench, names(&optional), |config, name| config.missing_properties.push(name))
}

fn partial_suites(bench: &Bench) -> Result<(), Fault> {
    for messages in [MessageSuite::NullPersistent, MessageSuite::V1, MessageSuite::Absent] {
        for threads in [ThreadSuite::Real, ThreadSuite::Dummy, ThreadSuite::Absent] {
            let config = HostConfig {
                name: format!("{messages:?} {threads:?}"),
                depths: vec![Depth::Float],
                messages,
                threads,
                ..HostConfig::default()
            };
            config_gives_reference(bench, config, Context::Filter)?;
        }
    }
    Ok(())
}

fn colour_styles(bench: &Bench) -> Result<(), Fault> {
    let spaces = [
        None,
        Some("srgb_tx"),
        Some("ofx_display_sdr"),
        Some("ACEScg"),
        Some("ofx_raw"),
        Some("a_space_nobody_knows"),
    ];
    for style in [ColourStyle::Basic, ColourStyle::Core, ColourStyle::Full] {
        for wanted in [vec![], vec!["OfxColourspace_Source"], vec!["ofx_scene_linear", "ACEScg"]] {
            let config = HostConfig {
                colour_style: style,
                api_version: Some([1, 5]),
                output_colourspaces: wanted.into_iter().map(str::to_owned).collect(),
                ..HostConfig::default()
            };
            let mut effect = bench.open(config, Context::Filter)?;
            for space in spaces {
                let mut image = bench.picture.clone();
                image.colourspace = space.map(str::to_owned);
                let found = effect.render(&plain(), &picture::sources(&image))?;
                finite(&found).map_err(|fault| explain(fault, &(style, space)))?;
            }
            close(effect)?;
        }
    }
    Ok(())
}

/// Connected, but the picture cannot be had.
struct NoPicture(ClipFormat);

impl Sources for NoPicture {
    fn image(&self, _clip: &str, _time: f64) -> Option<HostImage> {
        None
    }

    fn format(&self, clip: &str, _time: f64) -> Option<ClipFormat> {
        (clip == "Source").then(|| self.0.clone())
    }
}

fn missing_source(bench: &Bench) -> Result<(), Fault> {
    let mut effect = default_effect(bench)?;
    let found = effect.render(&plain(), &NoPicture(bench.picture.format()))?;
    finite(&found)?;
    close(effect)
}

fn unconnected(bench: &Bench) -> Result<(), Fault> {
    for lies in [false, true] {
        let config = HostConfig { unconnected_look_connected: lies, ..HostConfig::default() };
        let mut effect = bench.open(config, Context::Filter)?;
        let area = Some(whole(&bench.picture));
        let nothing = |_: &str, _: f64| None;
        finite(&effect.render(&RenderRequest { area, ..plain() }, &nothing)?)?;
        // And connected afterwards.
        let found = effect.render(&plain(), &picture::sources(&bench.picture))?;
        if let Some(reference) = bench.reference_for(&effect) {
            same(&found, reference, (0, 0))?;
        }
        close(effect)?;
    }
    Ok(())
}

fn mask(bench: &Bench) -> Result<(), Fault> {
    let mut effect = bench.open(
        HostConfig { depths: vec![Depth::Float], ..HostConfig::default() },
        Context::General,
    )?;
    if !effect.describe().clips.iter().any(|clip| clip.name == "Mask") {
        return Err(Fault::Skip("the plug-in has no clip Mask".into()));
    }
    let source = bench.picture.clone();
    let w = whole(&source);
    let ramp = picture::with_alpha(&source, Premult::Unpremultiplied);
    let small = cut(&ramp, Window::new(w.x1 + 2, w.y1 + 2, w.x2 - 3, w.y2 - 4));
    for mask in [ramp, small] {
        let sources = |clip: &str, _: f64| match clip {
            "Source" => Some(source.clone()),
            "Mask" => Some(mask.clone()),
            _ => None,
        };
        let found = effect.render(&plain(), &sources)?;
        finite(&found)?;
        if renders_tiles(&effect) {
            let again = effect.render(&cropped(tiles(16, 16)), &sources)?;
            same(&again, &found, (0, 0))?;
        }
    }
    close(effect)
}

fn abort(bench: &Bench) -> Result<(), Fault> {
    let mut effect = default_effect(bench)?;
    for polls in [0, 1, 2, 10] {
        for threads in [1, 3] {
            let request = RenderRequest {
                abort_after: Some(polls),
                windows: Windows::Bands(8),
                threads,
                ..plain()
            };
            match effect.render(&request, &picture::sources(&bench.picture)) {
                Ok(found) => clean(&found.report)?,
                Err(error) => return Err(error.into()),
            }
        }
    }
    let found = effect.render(&plain(), &picture::sources(&bench.picture))?;
    same(&found, &bench.reference, (0, 0))?;
    close(effect)
}

fn housekeeping(bench: &Bench) -> Result<(), Fault> {
    let mut effect = default_effect(bench)?;
    let check = |effect: &mut Effect| -> Result<(), Fault> {
        let found = effect.render(&plain(), &picture::sources(&bench.picture))?;
        same(&found, &bench.reference, (0, 0))
    };
    effect.purge()?;
    check(&mut effect)?;
    effect.purge()?;
    effect.sync()?;
    effect.begin_edit()?;
    check(&mut effect)?;
    effect.end_edit()?;
    effect.call_unknown_action();
    effect.create_and_destroy()?;
    check(&mut effect)?;
    close(effect)
}

/// A picture that differs from frame to frame.
fn moving(bench: &Bench) -> impl Fn(&str, f64) -> Option<HostImage> + Sync {
    let picture = bench.picture.clone();
    move |clip, time| {
        (clip == "Source").then(|| {
            let mut image = picture.clone();
            let step = (time as f32 - 3.0) / 255.0;
            image.pixels =
                image.pixels.iter().map(|value| (value + step).clamp(0.0, 1.0)).collect();
            image.id = format!("{}@{time}", image.id);
            image
        })
    }
}

/// Frames 1 to 5, one after the other.
fn forwards(bench: &Bench) -> Result<Vec<Rendered>, Fault> {
    let mut effect = default_effect(bench)?;
    let mut frames = Vec::new();
    for time in 1..=5 {
        let request = RenderRequest { time: time.into(), ..plain() };
        let found = effect.render(&request, &moving(bench))?;
        finite(&found)?;
        frames.push(found);
    }
    close(effect)?;
    Ok(frames)
}

fn frame_order(bench: &Bench) -> Result<(), Fault> {
    let forwards = forwards(bench)?;
    let mut effect = default_effect(bench)?;
    for time in [5, 2, 4, 1, 3, 3] {
        let request = RenderRequest { time: f64::from(time), ..plain() };
        let found = effect.render(&request, &moving(bench))?;
        same(&found, &forwards[time as usize - 1], (0, 0))
            .map_err(|fault| explain(fault, &time))?;
    }
    close(effect)
}

fn frames_at_once(bench: &Bench) -> Result<(), Fault> {
    let forwards = forwards(bench)?;
    let mut effect = default_effect(bench)?;
    for template in [threads(plain(), 5), threads(bands(4), 3), per_thread(threads(bands(8), 3))] {
        if is_cut(&template) && !renders_tiles(&effect) {
            continue;
        }
        let requests: Vec<RenderRequest> =
            (1..=5).map(|time| RenderRequest { time: time.into(), ..template.clone() }).collect();
        let found = effect.render_frames(&requests, &moving(bench))?;
        for (found, expected) in found.iter().zip(&forwards) {
            same(found, expected, (0, 0)).map_err(|fault| explain(fault, &summary(&template)))?;
        }
    }
    close(effect)
}

fn flags(bench: &Bench) -> Result<(), Fault> {
    let mut effect = default_effect(bench)?;
    for (interactive, draft, thumbnail) in
        [(true, false, false), (false, true, false), (true, true, true)]
    {
        let request = RenderRequest { interactive, draft, thumbnail, ..plain() };
        let found = effect.render(&request, &picture::sources(&bench.picture))?;
        // A draft may differ.
        if draft { finite(&found)? } else { same(&found, &bench.reference, (0, 0))? }
    }
    close(effect)
}

fn identity(bench: &Bench) -> Result<(), Fault> {
    let mut effect = default_effect(bench)?;
    let request = RenderRequest { honour_identity: true, ..plain() };
    let found = effect.render(&request, &picture::sources(&bench.picture))?;
    same(&found, &bench.reference, (0, 0))?;
    close(effect)
}

fn reload(bench: &Bench) -> Result<(), Fault> {
    let mut effect = default_effect(bench)?;
    for _ in 0..3 {
        let found = effect.render(&plain(), &picture::sources(&bench.picture))?;
        same(&found, &bench.reference, (0, 0))?;
        effect.reload()?;
    }
    let found = effect.render(&plain(), &picture::sources(&bench.picture))?;
    same(&found, &bench.reference, (0, 0))?;
    close(effect)
}

fn reopen(bench: &Bench) -> Result<(), Fault> {
    for _ in 0..3 {
        ways(bench, &[plain()])?;
    }
    Ok(())
}

fn side_by_side(bench: &Bench) -> Result<(), Fault> {
    let mut first = default_effect(bench)?;
    let found = first.render(&plain(), &picture::sources(&bench.picture))?;
    same(&found, &bench.reference, (0, 0))?;
    // The binary is loaded once, the plug-in twice, as when a host describes per node.
    let mut second = default_effect(bench)?;
    let found = second.render(&plain(), &picture::sources(&bench.picture))?;
    same(&found, &bench.reference, (0, 0))?;
    close(second)
}
