//! The registry keeps its promises to menus, hosts and files.

use headroom_colour::{
    AP0, Adaptation, Conversion, Curve, Kind, Matrix3, Space, Viewing, find, input_spaces,
    output_spaces, space, spaces,
};
use std::collections::HashMap;

#[test]
fn every_name_means_one_space() {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for space in spaces() {
        let names = [space.name, space.id].into_iter().chain(space.aliases.iter().copied());
        for name in names.chain(space.ofx_name) {
            let other = seen.insert(name.to_lowercase(), space.name);
            assert!(other.is_none_or(|other| other == space.name), "{name}: {other:?}");
            assert_eq!(find(&name.to_uppercase()), Some(space));
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert!(space.id.chars().all(plain), "{}", space.id);
        assert!(!space.reference.is_empty(), "{}", space.name);
    }
    assert_eq!(find("no such space"), None);
}

/// Hosts store indices: these lists may only grow at their ends.
#[test]
fn menus_keep_their_order() {
    let ids = |spaces: &mut dyn Iterator<Item = &'static Space>| -> Vec<&str> {
        spaces.map(|space| space.id).collect()
    };
    let inputs = [
        "srgb",
        "camera_rec709",
        "g18_rec709",
        "g22_rec709",
        "g24_rec709",
        "srgb_p3d65",
        "g22_adobergb",
        "srgb_ap1",
        "acescg",
        "aces2065_1",
        "lin_rec709",
        "lin_rec2020",
        "lin_p3d65",
        "acescct",
    ];
    let outputs = [
        "acescg",
        "aces2065_1",
        "lin_rec709",
        "lin_rec2020",
        "lin_p3d65",
        "lin_awg3",
        "lin_awg4",
        "lin_davinci_wg",
        "acescct",
        "acescc",
        "arri_logc3_ei800",
        "arri_logc4",
        "davinci_intermediate",
        "apple_log",
        "slog3_sgamut3cine",
        "vlog",
        "log3g10",
        "canonlog2",
        "canonlog3",
        "dlog",
        "arri_logc3_ei160",
        "arri_logc3_ei200",
        "arri_logc3_ei250",
        "arri_logc3_ei320",
        "arri_logc3_ei400",
        "arri_logc3_ei500",
        "arri_logc3_ei640",
        "arri_logc3_ei1000",
        "arri_logc3_ei1280",
        "arri_logc3_ei1600",
        "rec2100_pq",
        "rec2100_hlg",
    ];
    assert_eq!(ids(&mut input_spaces())[..inputs.len()], inputs);
    assert_eq!(ids(&mut output_spaces())[..outputs.len()], outputs);
}

/// `ofx-native-v1.5_aces-v1.3_ocio-v2.3.h`: the core list without the generic names and `Raw`.
#[test]
fn every_core_colourspace_of_openfx_is_there() {
    let core = [
        "srgb_display",
        "displayp3_display",
        "rec1886_rec709_display",
        "rec1886_rec2020_display",
        "rec2100_hlg_display",
        "rec2100_pq_display",
        "st2084_p3d65_display",
        "p3d65_display",
        "ACES2065-1",
        "ACEScc",
        "ACEScct",
        "ACEScg",
        "lin_p3d65",
        "lin_rec2020",
        "lin_rec709_srgb",
        "g18_rec709_tx",
        "g22_ap1_tx",
        "g22_rec709_tx",
        "g24_rec709_tx",
        "srgb_encoded_ap1_tx",
        "srgb_tx",
    ];
    for name in core {
        assert!(Space::by_ofx_name(name).is_some(), "{name}");
    }
    let beyond = [
        "lin_arri_wide_gamut_3",
        "arri_logc3_ei800",
        "lin_arri_wide_gamut_4",
        "arri_logc4",
        "bmdfilm_widegamut_gen5",
        "davinci_intermediate_widegamut",
        "lin_davinci_widegamut",
        "canonlog2_cinemagamut_d55",
        "canonlog3_cinemagamut_d55",
        "vlog_vgamut",
        "log3g10_redwidegamutrgb",
        "slog3_sgamut3",
        "slog3_sgamut3cine",
        "camera_rec709",
        "srgb_encoded_p3d65_tx",
    ];
    for space in spaces() {
        let known = |name| core.contains(&name) || beyond.contains(&name);
        assert!(space.ofx_name.is_none_or(known), "{:?}", space.ofx_name);
    }
    assert_eq!(Space::by_ofx_name("ofx_scene_linear"), None);
}

#[test]
fn accessors_give_the_spaces_that_they_name() {
    assert_eq!(space::srgb().name, "sRGB Encoded Rec.709 (sRGB)");
    assert_eq!(space::acescg().name, "ACEScg");
    assert_eq!(space::acescct().name, "ACEScct");
    assert_eq!(space::aces2065_1().name, "ACES2065-1");
    assert_eq!(space::linear_rec709().name, "Linear Rec.709 (sRGB)");
    assert_eq!(space::rec2100_pq().name, "Rec.2100-PQ - Display");
}

#[test]
fn white_stays_white_into_every_space() {
    for space in spaces() {
        let into = Matrix3::between_adapted(&space.primaries, &AP0, space.adaptation);
        for v in into.apply([1.0; 3]) {
            assert!((v - 1.0).abs() < 1e-12, "{}: {v}", space.name);
        }
        let weights = space.luminance_weights();
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn luminance_weights_of_bt709_and_bt2020_are_the_printed_ones() {
    let near = |found: [f64; 3], printed: [f64; 3]| {
        assert!(found.iter().zip(printed).all(|(f, p)| (f - p).abs() < 6e-5), "{found:?}");
    };
    near(space::srgb().luminance_weights(), [0.2126, 0.7152, 0.0722]);
    near(space::linear_rec2020().luminance_weights(), [0.2627, 0.6780, 0.0593]);
}

#[test]
fn every_space_comes_back_to_where_it_was() {
    for viewing in [Viewing::default(), Viewing { diffuse_white: 203.0 }] {
        for space in spaces() {
            for code in [0.13, 0.3, 0.45, 0.6, 0.75, 0.9] {
                let rgb = [code, 0.9 * code, 0.8 * code + 0.1];
                let back = space.encode(&viewing, space.decode(&viewing, rgb));
                for (b, v) in back.iter().zip(rgb) {
                    assert!((b - v).abs() < 1e-8, "{}: {rgb:?} {back:?}", space.name);
                }
            }
        }
    }
}

#[test]
fn diffuse_white_sets_what_linear_one_is_in_pq_and_hlg() {
    let pq = space::rec2100_pq();
    // BT.2408-7, table 1: HDR reference white, 203 nits, is 58 % PQ and 75 % HLG.
    let viewing = Viewing { diffuse_white: 203.0 };
    assert!((pq.encode(&viewing, [1.0; 3])[0] - 0.5807).abs() < 1e-4);
    assert!((space::rec2100_hlg().encode(&viewing, [1.0; 3])[0] - 0.75).abs() < 1e-3);
    let viewing = Viewing { diffuse_white: 100.0 };
    assert!((pq.decode(&viewing, [1.0; 3])[0] - 100.0).abs() < 1e-9);
    assert!((space::rec2100_hlg().decode(&viewing, [1.0; 3])[0] - 10.0).abs() < 1e-6);
}

#[test]
fn a_conversion_to_the_same_space_is_an_identity_and_keeps_bits() {
    for space in spaces() {
        let conversion = Conversion::new(space, space, Viewing::default());
        assert!(conversion.is_identity());
        let mut planes = [[-0.7f32, f32::NAN, 1e9]; 3];
        let before = planes.map(|plane| plane.map(f32::to_bits));
        let [r, g, b] = &mut planes;
        conversion.convert_planar(r, g, b);
        assert_eq!(planes.map(|plane| plane.map(f32::to_bits)), before);
    }
    let other = Conversion::new(space::srgb(), space::acescg(), Viewing::default());
    assert!(!other.is_identity());
}

#[test]
fn spaces_that_clamp_say_so() {
    let light = [-5.0, 1e5, 1e5];
    for space in spaces() {
        let clamps = space.encoded_range.is_some();
        let again = space.decode(&Viewing::default(), space.encode(&Viewing::default(), light));
        let kept = (again[1] - light[1]).abs() < 1.0;
        assert_eq!(kept, !clamps, "{}: {again:?}", space.name);
    }
    // ACEScc and Apple Log cannot hold negatives: their documents say where they end.
    let viewing = Viewing::default();
    assert_eq!(space::acescc().encode(&viewing, light)[0], -0.36);
    assert_eq!(find("Apple Log").unwrap().encode(&viewing, light)[0], 0.0);
}

#[test]
fn hdr_displays_take_diffuse_white_and_nothing_else_does() {
    let (a, b) = (Viewing { diffuse_white: 100.0 }, Viewing { diffuse_white: 203.0 });
    for space in spaces() {
        let differs = space.decode(&a, [0.5; 3]) != space.decode(&b, [0.5; 3]);
        assert_eq!(differs, space.kind == Kind::DisplayHdr, "{}", space.name);
        assert_eq!(space.kind == Kind::SceneLinear, space.curve == Curve::Linear);
    }
}

#[test]
fn a_change_of_adaptation_goes_through_ap0_as_in_opencolorio() {
    let (rec709, awg3) = (space::linear_rec709(), find("lin_awg3").unwrap());
    assert_eq!(awg3.adaptation, Adaptation::Cat02);
    let direct = Conversion::new(rec709, awg3, Viewing::default()).convert([0.1, 0.5, 0.9]);
    let to_hub = Conversion::new(rec709, space::aces2065_1(), Viewing::default());
    let from_hub = Conversion::new(space::aces2065_1(), awg3, Viewing::default());
    let two_steps = from_hub.convert(to_hub.convert([0.1, 0.5, 0.9]));
    assert!(direct.iter().zip(two_steps).all(|(a, b)| (a - b).abs() < 1e-12));
}

#[test]
fn the_documentation_lists_every_space() {
    let text = include_str!("../../../docs/COLOUR.md");
    let yes = |role| if role { "yes" } else { "" };
    let mut missing = String::new();
    for space in spaces() {
        let ofx = space.ofx_name.map_or(String::new(), |name| format!("`{name}`"));
        let row = format!(
            "| {} | `{}` | {ofx} | {} | {} | {} |\n",
            space.name,
            space.id,
            yes(space.input),
            yes(space.output),
            space.reference
        );
        if !text.contains(&row) {
            missing.push_str(&row);
        }
    }
    assert!(missing.is_empty(), "docs/COLOUR.md lacks\n{missing}");
}
