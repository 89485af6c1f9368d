//! The same pixels, however a host asks for them; and the engine's pixels.

mod common;

use common::{bits, close, open, open_in, picture, render, source};
use headroom::expand::{self, Alpha, Plan, Surroundings};
use headroom::model::search::SearchPath;
use headroom::settings::Values;
use headroom_host::{
    Components, Context, Depth, Field, HostConfig, HostImage, ImageCrop, Instances, OutputBounds,
    Premult, RenderRequest, Rendered, RowLayout, Windows,
};
use headroom_kernel::{ImageMut, ImageRef, Pool, Rect};

fn plain() -> RenderRequest {
    RenderRequest::default()
}

/// The engine's own answer, as a host's rows from top to bottom.
fn by_engine(image: &HostImage, values: &Values, alpha: Alpha, input: &str) -> Vec<f32> {
    let surroundings =
        Surroundings { input_space: headroom_colour::find(input), output_space: None, alpha };
    let mut plan = Plan::new(values, &surroundings);
    plan.load(&SearchPath::new(None)).expect("weights that ship");
    let rect = Rect::new(0, 0, image.bounds.width() as i32, image.bounds.height() as i32);
    let rgba = headroom_kernel::Components::Rgba;
    let view = ImageRef::from_floats(&image.pixels, rect, rgba).expect("fits");
    let pool = Pool::new(1);
    let analysis = expand::analyse(&plan, &view, rect, &pool, &|| false).expect("runs");
    let mut out = vec![0.0; image.pixels.len()];
    let target = ImageMut::from_floats(&mut out, rect, rgba).expect("fits");
    expand::render(&plan, &analysis, &view, None, target, &pool, &|| false).expect("runs");
    out
}

#[test]
fn the_node_gives_the_engines_pixels() {
    let image = picture(61, 37);
    for (profile, input) in [("plain", "srgb_tx"), ("nuke", "lin_rec709_srgb")] {
        let mut effect = open(profile);
        let found = render(&mut effect, &plain(), &source(&image));
        let wanted = by_engine(&image, &Values::default(), Alpha::Opaque, input);
        assert_eq!(bits(&found.pixels), bits(&wanted), "{profile}");
        close(effect);
    }
}

#[test]
fn no_way_of_asking_changes_a_pixel() {
    let image = picture(67, 45);
    let mut effect = open("plain");
    // Everything that looks beyond its own pixel is on.
    for (id, value) in [("dequantise", "0.5"), ("clip_auto", "1")] {
        effect.set(id, value).expect("a setting");
    }
    let reference = render(&mut effect, &plain(), &source(&image));
    let wanted = bits(&reference.pixels);
    let requests = [
        RenderRequest { windows: Windows::Tiles(16, 16), ..plain() },
        RenderRequest { windows: Windows::Tiles(64, 7), threads: 4, ..plain() },
        RenderRequest { windows: Windows::Bands(5), threads: 3, ..plain() },
        RenderRequest {
            windows: Windows::Bands(9),
            output: OutputBounds::Window,
            crop: ImageCrop::Region,
            ..plain()
        },
        RenderRequest { rows: RowLayout { top_first: true, padding: 0 }, ..plain() },
        RenderRequest {
            rows: RowLayout { top_first: true, padding: 48 },
            windows: Windows::Tiles(20, 20),
            ..plain()
        },
        RenderRequest { rows: RowLayout { top_first: false, padding: 4 }, ..plain() },
        RenderRequest { instances: Instances::PerFrame, ..plain() },
        RenderRequest {
            instances: Instances::PerThread,
            threads: 4,
            windows: Windows::Bands(4),
            ..plain()
        },
        RenderRequest { draft: true, interactive: true, thumbnail: true, ..plain() },
    ];
    for request in requests {
        let found = render(&mut effect, &request, &source(&image));
        assert_eq!(bits(&found.pixels), wanted, "{request:?}");
    }
    effect.purge().expect("purges");
    let request = RenderRequest { windows: Windows::Tiles(16, 16), ..plain() };
    assert_eq!(bits(&render(&mut effect, &request, &source(&image)).pixels), wanted);
    close(effect);
}

#[test]
fn the_picture_may_lie_anywhere() {
    let image = picture(40, 30);
    let mut effect = open("plain");
    let wanted = bits(&render(&mut effect, &plain(), &source(&image)).pixels);
    for (dx, dy) in [(-17, -9), (5, -40), (1000, 333), (-40, 30)] {
        let moved = image.clone().shifted(dx, dy);
        for windows in [Windows::Whole, Windows::Tiles(13, 11)] {
            let request = RenderRequest { windows, ..plain() };
            let found = render(&mut effect, &request, &source(&moved));
            assert_eq!(bits(&found.pixels), wanted, "by {dx},{dy}");
        }
    }
    close(effect);
}

#[test]
fn rendering_in_place_changes_no_pixel() {
    let image = picture(67, 45);
    for depth in [Depth::Float, Depth::Half] {
        let plain_host = HostConfig { depths: vec![depth], ..HostConfig::default() };
        let in_place = HostConfig { in_place: true, ..plain_host.clone() };
        let found = [plain_host, in_place].map(|config| {
            let mut effect = open_in(config, Context::Filter);
            effect.set("dequantise", "0.5").expect("a setting");
            let rows = RowLayout { top_first: true, padding: 4 };
            let request = RenderRequest { rows, ..plain() };
            let found = bits(&render(&mut effect, &request, &source(&image)).pixels);
            close(effect);
            found
        });
        assert_eq!(found[0], found[1], "{depth:?}");
    }
}

#[test]
fn two_fields_are_the_frame() {
    let image = picture(24, 19);
    let mut effect = open("plain");
    let frame = render(&mut effect, &plain(), &source(&image));
    let fields: Vec<Rendered> = [Field::Lower, Field::Upper]
        .map(|field| render(&mut effect, &RenderRequest { field, ..plain() }, &source(&image)))
        .into();
    for y in 0..19 {
        for x in 0..24 {
            let field = &fields[(y & 1) as usize];
            assert_eq!(bits(&field.at(x, y)), bits(&frame.at(x, y)), "{x},{y}");
        }
    }
    close(effect);
}

#[test]
fn half_floats_are_the_floats_rounded() {
    let image = picture(33, 21);
    let mut float = open("plain");
    let wanted = render(&mut float, &plain(), &source(&image));
    close(float);
    let config = HostConfig { depths: vec![Depth::Half], ..HostConfig::default() };
    let mut half = open_in(config, Context::General);
    let found = render(&mut half, &plain(), &source(&image));
    for (h, f) in found.pixels.iter().zip(&wanted.pixels) {
        // A half of a code near white is good to 5e-4, its light to 1e-3; what the network makes of it is
        // as smooth as that.
        assert!((h - f).abs() <= 1e-2 * f.abs().max(0.01), "{h} for {f}");
    }
    close(half);
}

#[test]
fn alpha_goes_through_and_its_relation_to_colour_is_kept() {
    let mut image = picture(16, 16);
    let mut pixels = image.pixels.to_vec();
    for (i, pixel) in pixels.chunks_exact_mut(4).enumerate() {
        pixel[3] = (i % 5) as f32 / 4.0;
    }
    image.pixels = pixels.into();
    let mut effect = open("plain");
    for premult in [Premult::Premultiplied, Premult::Unpremultiplied, Premult::Opaque] {
        let image = HostImage { id: format!("{premult:?}"), ..image.clone() }.with_premult(premult);
        let found = render(&mut effect, &plain(), &source(&image));
        assert_eq!(found.premult, premult);
        for (out, inp) in found.pixels.chunks_exact(4).zip(image.pixels.chunks_exact(4)) {
            assert_eq!(out[3].to_bits(), inp[3].to_bits());
        }
    }
    close(effect);
}

#[test]
fn a_source_that_covers_a_part_is_black_elsewhere() {
    let image = picture(20, 20);
    let part = HostImage {
        definition: headroom_host::Window::new(-5, -5, 25, 25),
        id: "part".to_owned(),
        ..image
    }
    .with_premult(Premult::Premultiplied);
    let mut effect = open("plain");
    effect.set("clip_auto", "0").expect("a setting");
    let found = render(&mut effect, &plain(), &source(&part));
    assert_eq!(found.at(-1, 0), [0.0; 4]);
    assert_eq!(found.at(24, 24), [0.0; 4]);
    assert!(found.at(10, 10)[0] > 0.0);
    close(effect);
}

#[test]
fn a_source_without_a_picture_is_black() {
    let config = HostConfig::default();
    let mut effect = open_in(config, Context::Filter);
    let image = picture(8, 8);
    let first = render(&mut effect, &plain(), &source(&image));
    assert!(first.pixels.iter().any(|v| *v > 0.0));
    /// A clip that is connected and has no picture at any time.
    struct Empty(HostImage);
    impl headroom_host::Sources for Empty {
        fn image(&self, _: &str, _: f64) -> Option<HostImage> {
            None
        }
        fn format(&self, clip: &str, _: f64) -> Option<headroom_host::ClipFormat> {
            (clip == "Source").then(|| self.0.format())
        }
    }
    let image = image.with_premult(Premult::Premultiplied);
    let found = render(&mut effect, &plain(), &Empty(image));
    assert!(found.pixels.iter().all(|v| *v == 0.0), "{:?}", &found.pixels[..8]);
    close(effect);
}

#[test]
fn rgb_without_alpha_works() {
    let config = HostConfig { components: vec![Components::Rgb], ..HostConfig::default() };
    let Ok(mut effect) =
        headroom_host::Effect::open(&common::library(), None, config, Context::Filter)
    else {
        panic!("a host of RGB");
    };
    let image = picture(12, 9);
    let found = render(&mut effect, &plain(), &source(&image));
    let wanted = by_engine(&image, &Values::default(), Alpha::Opaque, "srgb_tx");
    for (out, want) in found.pixels.chunks_exact(4).zip(wanted.chunks_exact(4)) {
        assert_eq!(bits(&out[..3]), bits(&want[..3]));
    }
    close(effect);
}

#[test]
fn the_mask_counts_when_it_is_switched_on() {
    let image = picture(32, 32);
    let black = HostImage::new(32, 32, vec![0.0; 32 * 32 * 4]);
    let with = |mask: Option<HostImage>| {
        let image = image.clone();
        move |clip: &str, _: f64| match clip {
            "Source" => Some(image.clone()),
            "Mask" => mask.clone(),
            _ => None,
        }
    };
    let mut effect = open("plain");
    let bare = bits(&render(&mut effect, &plain(), &with(None)).pixels);
    let off = bits(&render(&mut effect, &plain(), &with(Some(black.clone()))).pixels);
    assert_eq!(off, bare);
    effect.set("mask_enable", "1").expect("a setting");
    let on = bits(&render(&mut effect, &plain(), &with(Some(black))).pixels);
    assert_ne!(on, bare);
    effect.set("amount", "0").expect("a setting");
    let pure = bits(&render(&mut effect, &plain(), &with(None)).pixels);
    assert_eq!(on, pure, "where the mask is black nothing is expanded");
    close(effect);
    // In Resolve every clip looks connected, so without the switch it must not matter.
    let mut resolve = open("resolve");
    let found = bits(&render(&mut resolve, &plain(), &with(None)).pixels);
    assert_eq!(found, bare);
    resolve.set("mask_enable", "1").expect("a setting");
    assert_eq!(bits(&render(&mut resolve, &plain(), &with(None)).pixels), pure);
    close(resolve);
}
