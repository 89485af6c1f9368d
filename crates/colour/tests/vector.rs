//! The fast forms are as near to the exact ones as `docs/COLOUR.md` says, and the same everywhere.

use headroom_colour::{
    Conversion, Kind, Matrix3, Space, Viewing, find, space, spaces, transfer, vector,
};

/// Every float32 from `low` to `high` that is `step` apart in its bits.
fn floats(low: f32, high: f32, step: usize) -> Vec<f32> {
    (low.to_bits()..=high.to_bits()).step_by(step).map(f32::from_bits).collect()
}

fn planar(values: &[f32], work: impl Fn(&mut [f32], &mut [f32], &mut [f32])) -> Vec<f32> {
    let mut planes = [values.to_vec(), values.to_vec(), values.to_vec()];
    let [r, g, b] = &mut planes;
    work(r, g, b);
    let [r, _, _] = planes;
    r
}

fn decoded(space: &Space, values: &[f32]) -> Vec<f32> {
    planar(values, |r, g, b| space.decode_planar(&Viewing::default(), r, g, b))
}

fn encoded(space: &Space, values: &[f32]) -> Vec<f32> {
    planar(values, |r, g, b| space.encode_planar(&Viewing::default(), r, g, b))
}

fn exact(values: &[f32], f: impl Fn([f64; 3]) -> [f64; 3]) -> Vec<f64> {
    values.iter().map(|v| f([f64::from(*v); 3])[0]).collect()
}

/// Largest error, relative where the exact value exceeds `floor` in size.
fn worst(found: &[f32], exact: &[f64], floor: f64) -> f64 {
    let errors = found.iter().zip(exact);
    errors.map(|(f, e)| (f64::from(*f) - e).abs() / e.abs().max(floor)).fold(0.0, f64::max)
}

#[test]
fn display_curves_are_within_5e_7_relative_both_ways() {
    let viewing = Viewing::default();
    let values = floats(1.0 / 4096.0, 64.0, 2003);
    for space in spaces().iter().filter(|space| space.kind == Kind::Display) {
        let down = exact(&values, |v| space.decode(&viewing, v));
        let error = worst(&decoded(space, &values), &down, 1e-30);
        assert!(error < 5e-7, "{} decodes within {error:.2e}", space.name);
        let up = exact(&values, |v| space.encode(&viewing, v));
        let error = worst(&encoded(space, &values), &up, 1e-30);
        assert!(error < 5e-7, "{} encodes within {error:.2e}", space.name);
    }
}

#[test]
fn log_and_hdr_curves_encode_within_2e_7_of_code_and_decode_within_3e_6() {
    let viewing = Viewing::default();
    let light = floats(1.0 / 4096.0, 64.0, 2003);
    let code = floats(1.0 / 4096.0, 1.0, 2003);
    let log = |space: &&Space| matches!(space.kind, Kind::Log | Kind::DisplayHdr);
    for space in spaces().iter().filter(log) {
        let up = exact(&light, |v| space.encode(&viewing, v));
        let error = worst(&encoded(space, &light), &up, 1e30) * 1e30;
        assert!(error < 2e-7, "{} encodes within {error:.2e}", space.name);
        let down = exact(&code, |v| space.decode(&viewing, v));
        let error = worst(&decoded(space, &code), &down, 1e-2);
        let limit = if space.kind == Kind::DisplayHdr { 3e-6 } else { 8e-7 };
        assert!(error < limit, "{} decodes within {error:.2e}", space.name);
    }
}

#[test]
fn all_8_bit_codes_of_srgb_decode_within_3e_7_relative() {
    let codes: Vec<f32> = (1..=255u8).map(|code| f32::from(code) / 255.0).collect();
    let expected = exact(&codes, |v| v.map(transfer::eotf_srgb));
    let error = worst(&decoded(space::srgb(), &codes), &expected, 1e-30);
    assert!(error < 3e-7, "{error:.2e}");
}

#[test]
fn all_8_bit_codes_survive_srgb_to_every_log_space_and_back() {
    let codes: Vec<f32> = (0..=255u8).map(|code| f32::from(code) / 255.0).collect();
    for space in spaces().iter().filter(|space| space.output) {
        let there = Conversion::new(space::srgb(), space, Viewing::default());
        let back = Conversion::new(space, space::srgb(), Viewing::default());
        let result = planar(&codes, |r, g, b| {
            there.convert_planar(r, g, b);
            back.convert_planar(r, g, b);
        });
        for (before, after) in codes.iter().zip(result) {
            assert!((before - after).abs() < 2e-5, "{}: {before} {after}", space.name);
        }
    }
}

#[test]
fn log2_and_exp2_are_within_6e_7_and_2e_7() {
    let values = floats(1.0 / 4096.0, 64.0, 503);
    let mut found = values.clone();
    vector::log2(&mut found);
    let expected: Vec<f64> = values.iter().map(|v| libm::log2(f64::from(*v))).collect();
    assert!(worst(&found, &expected, 1e30) * 1e30 < 6e-7);
    // Near 1, where the logarithm is small, it is accurate relative to itself.
    let values = floats(0.75, 1.4, 101);
    let mut found = values.clone();
    vector::log2(&mut found);
    let expected: Vec<f64> = values.iter().map(|v| libm::log2(f64::from(*v))).collect();
    assert!(worst(&found, &expected, 1e-30) < 3e-7);

    let values: Vec<f32> = (-126_000..127_000).map(|v| v as f32 / 1000.0).collect();
    let mut found = values.clone();
    vector::exp2(&mut found);
    let expected: Vec<f64> = values.iter().map(|v| libm::exp2(f64::from(*v))).collect();
    assert!(worst(&found, &expected, 1e-45) < 2e-7);
}

#[test]
fn powers_are_within_4e_7_for_exponents_of_pictures() {
    let values = floats(1.0 / 4096.0, 64.0, 2003);
    for exponent in [-2.0, -0.5, 0.1, 1.0 / 3.0, 0.4, 0.45, 1.0, 1.2, 1.8, 2.0, 2.2, 2.4, 2.6, 3.0]
    {
        let mut found = values.clone();
        vector::pow(&mut found, exponent);
        let power = |v: &f32| libm::pow(f64::from(*v), f64::from(exponent));
        let expected: Vec<f64> = values.iter().map(power).collect();
        let error = worst(&found, &expected, 1e-45);
        assert!(error < 4e-7, "{exponent}: {error:.2e}");
    }
}

#[test]
fn whole_powers_of_two_are_exact() {
    assert_eq!(vector::exp2_f32(0.0).to_bits(), 1f32.to_bits());
    assert_eq!(vector::log2_f32(1.0).to_bits(), 0f32.to_bits());
    assert_eq!(vector::pow_f32(1.0, 2.4), 1.0);
    for n in -126..=127i16 {
        let power = f32::from_bits(((n + 127) as u32) << 23);
        assert_eq!(vector::exp2_f32(f32::from(n)), power, "2^{n}");
        assert_eq!(vector::log2_f32(power), f32::from(n), "log2 2^{n}");
    }
}

#[test]
fn limits_are_limits_and_nan_stays() {
    use vector::{exp2_f32, log2_f32, pow_f32};
    assert_eq!(log2_f32(0.0), f32::NEG_INFINITY);
    assert_eq!(log2_f32(f32::INFINITY), f32::INFINITY);
    assert!(log2_f32(-1.0).is_nan() && log2_f32(f32::NAN).is_nan());
    assert_eq!(log2_f32(f32::from_bits(1)), -149.0);
    assert_eq!((exp2_f32(-1000.0), exp2_f32(1000.0)), (0.0, f32::INFINITY));
    assert_eq!((exp2_f32(f32::NEG_INFINITY), exp2_f32(f32::INFINITY)), (0.0, f32::INFINITY));
    assert!(exp2_f32(f32::NAN).is_nan() && pow_f32(f32::NAN, 2.4).is_nan());
    assert_eq!((pow_f32(0.0, 2.4), pow_f32(0.0, -1.0)), (0.0, f32::INFINITY));
    assert_eq!((pow_f32(f32::INFINITY, 0.4), pow_f32(f32::INFINITY, -0.4)), (f32::INFINITY, 0.0));
    assert_eq!((pow_f32(0.0, 0.0), pow_f32(7.0, 0.0)), (1.0, 1.0));
    assert_eq!((pow_f32(1e30, 2.4), pow_f32(1e-30, 2.4)), (f32::INFINITY, 0.0));
}

#[test]
fn no_space_loses_nan_or_infinity_or_makes_nan_of_a_number() {
    let viewing = Viewing::default();
    let odd = [0.0, -0.0, 1e-45, -1e-45, 1e-30, -1e-30, -1.0, 1.0, 3e38, -3e38, 1e6, -1e6];
    for space in spaces() {
        for way in ["decode", "encode"] {
            let run = |values: &[f32]| {
                if way == "decode" { decoded(space, values) } else { encoded(space, values) }
            };
            let what = format!("{} {way}", space.name);
            for (value, result) in odd.iter().zip(run(&odd)) {
                assert!(!result.is_nan(), "{what}: {value}");
            }
            assert!(run(&[f32::NAN])[0].is_nan(), "{what}: NaN");
            let full = run(&[f32::INFINITY])[0];
            let bounded =
                space.encoded_range.is_some() || space.curve == headroom_colour::Curve::Pq;
            if way == "decode" || !bounded {
                assert_eq!(full, f32::INFINITY, "{what}: infinity");
            } else {
                assert!(full >= 1.0, "{what}: infinity gives {full}");
            }
            let exact = if way == "decode" {
                space.decode(&viewing, [f64::NAN; 3])
            } else {
                space.encode(&viewing, [f64::NAN; 3])
            };
            assert!(exact[0].is_nan(), "{what}: exact NaN");
        }
    }
}

#[test]
fn white_keeps_within_two_units_in_the_last_place() {
    for space in spaces().iter().filter(|space| space.kind == Kind::Display) {
        for white in [decoded(space, &[1.0])[0], encoded(space, &[1.0])[0]] {
            assert!((white - 1.0).abs() < 1.2e-7, "{}: {white}", space.name);
        }
    }
}

#[test]
fn black_is_exactly_zero_in_display_spaces() {
    for space in spaces().iter().filter(|space| space.kind == Kind::Display) {
        assert_eq!(decoded(space, &[0.0]), [0.0], "{}", space.name);
        assert_eq!(encoded(space, &[0.0]), [0.0], "{}", space.name);
    }
}

#[test]
fn bits_do_not_depend_on_the_place_in_a_slice() {
    let values = floats(1.0 / 4096.0, 64.0, 3_000_017);
    for space in spaces() {
        for work in [decoded as fn(&Space, &[f32]) -> Vec<f32>, encoded] {
            let whole = work(space, &values);
            for (value, expected) in values.iter().zip(&whole) {
                assert_eq!(work(space, &[*value])[0].to_bits(), expected.to_bits());
            }
            let shifted = work(space, &values[3..]);
            assert!(shifted.iter().zip(&whole[3..]).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }
}

/// Outside of a dispatched loop a body is compiled for the least processor of the platform.
#[test]
fn bits_are_the_same_with_and_without_wide_vectors() {
    use vector::{CameraLogF32, CurveF32, MoncurveF32};
    let values = floats(1.0 / 4096.0, 64.0, 30_011);
    let srgb = MoncurveF32::new(&transfer::SRGB, transfer::Negatives::Extend);
    let cct = CameraLogF32::new(&transfer::ACESCCT);
    type Narrow = fn(MoncurveF32, CameraLogF32, f32) -> f32;
    let pairs: [(Vec<f32>, Narrow); 4] = [
        (decoded(space::srgb(), &values), |srgb, _, v| srgb.decode(v)),
        (encoded(space::srgb(), &values), |srgb, _, v| srgb.encode(v)),
        (decoded(space::acescct(), &values), |_, cct, v| cct.decode(v)),
        (encoded(space::acescct(), &values), |_, cct, v| cct.encode(v)),
    ];
    for (wide, narrow) in pairs {
        for (v, wide) in values.iter().zip(wide) {
            assert_eq!(narrow(srgb, cct, *v).to_bits(), wide.to_bits(), "{v}");
        }
    }
}

#[test]
fn bits_do_not_change_with_the_processor() {
    // The sums of the results' bits, as every machine must have them.
    let values = floats(1.0 / 4096.0, 64.0, 100_003);
    let sum = |found: Vec<f32>| found.iter().fold(0u32, |h, v| h.rotate_left(5) ^ v.to_bits());
    let mut sums = vec![];
    for name in ["sRGB", "Gamma 2.2 Encoded Rec.709", "ACEScct", "ARRI LogC4", "Rec.2100-PQ"] {
        let space = find(name).unwrap();
        sums.push((sum(decoded(space, &values)), sum(encoded(space, &values))));
    }
    assert_eq!(sums, SUMS);
}

/// Found on an AMD EPYC with AVX2; see [`bits_do_not_change_with_the_processor`].
const SUMS: [(u32, u32); 5] = [
    (2211773885, 3494415635),
    (4250013337, 1872985196),
    (4226952467, 3936619203),
    (4253102677, 1793970338),
    (440116029, 216951789),
];

#[test]
fn a_matrix_on_planes_is_plain_multiplication_in_a_fixed_order() {
    let matrix = Matrix3::between(&space::srgb().primaries, &space::acescg().primaries);
    let m = matrix.to_f32();
    let mut planes = [3, 5, 7].map(|k| (0..101).map(|i| (i * k) as f32 * 0.01).collect::<Vec<_>>());
    let before = planes.clone();
    let [r, g, b] = &mut planes;
    matrix.apply_planar(r, g, b);
    for (row, plane) in planes.iter().enumerate() {
        for (i, found) in plane.iter().enumerate() {
            let v = [before[0][i], before[1][i], before[2][i]];
            let expected = (m[row][0] * v[0] + m[row][1] * v[1]) + m[row][2] * v[2];
            assert_eq!(found.to_bits(), expected.to_bits());
        }
    }
}

#[test]
fn a_conversion_in_planes_agrees_with_the_exact_one() {
    let values: Vec<f32> = (0..5000).map(|i| i as f32 / 4999.0).collect();
    for to in spaces().iter().filter(|space| space.output) {
        let conversion = Conversion::new(space::srgb(), to, Viewing { diffuse_white: 203.0 });
        let mut planes = [values.clone(), values.iter().map(|v| v * v).collect(), values.clone()];
        let before = planes.clone();
        let [r, g, b] = &mut planes;
        conversion.convert_planar(r, g, b);
        for i in 0..values.len() {
            let pixel = [0, 1, 2].map(|c: usize| f64::from(before[c][i]));
            for (c, expected) in conversion.convert(pixel).into_iter().enumerate() {
                let error = (f64::from(planes[c][i]) - expected).abs();
                assert!(error < 1e-6 * expected.abs().max(0.3), "{} {pixel:?}", to.name);
            }
        }
    }
}
