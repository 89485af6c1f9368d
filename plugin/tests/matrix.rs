//! The host matrix on the plug-in: everything a host may vary, with the settings that look beyond
//! their own pixel and without.

mod common;
mod models;

use headroom_host::ImageMemory;
use headroom_host::matrix::{MatrixOptions, run_matrix};

/// Auto means another space in each host, which is not what the matrix is about.
const SPACES: [(&str, &str); 2] =
    [("input_space", "sRGB Encoded Rec.709 (sRGB)"), ("output_space", "ACEScg")];

/// In the memory of the CPU, and then in that of a device where there is one. The weights that ship are more than
/// a device that is a CPU gets through in reasonable time: those for tests stand in for them there.
fn run(settings: &[(&str, &str)]) {
    if common::lent() == ImageMemory::OpenCl {
        run_in(ImageMemory::Cpu, settings);
    }
    if common::has_device() {
        let ships = settings.iter().all(|(id, _)| *id != "method");
        let small: &[_] = if ships { &[("weights", "GRID")] } else { &[] };
        run_in(common::lent(), &[settings, small].concat());
    }
}

#[test]
fn an_analytic_method_passes() {
    run(&[("method", "Inverse with highlights"), ("dequantise", "1")]);
}

#[test]
fn the_same_by_cuda() {
    // The driver for tests is slow: networks are left out.
    let (again, analytic) = (headroom_fake_cuda::again, "an_analytic_method_passes");
    assert!(again(analytic, &[], &[]));
    assert!(again(analytic, &[], &[(common::WITHOUT_STREAM, "1")]));
}

fn run_in(memory: ImageMemory, settings: &[(&str, &str)]) {
    let settings = [&SPACES, settings].concat();
    let (grid, residual) = (models::file("grid"), models::file("residual"));
    let settings: Vec<_> = settings
        .into_iter()
        .map(|(id, value)| match value {
            "GRID" => (id, grid.as_str()),
            "RESIDUAL" => (id, residual.as_str()),
            _ => (id, value),
        })
        .collect();
    let options = MatrixOptions {
        plugin: Some("fx.headroom.Headroom".to_owned()),
        settings: settings.iter().map(|(id, v)| ((*id).to_owned(), (*v).to_owned())).collect(),
        small: true,
        only: None,
        memory,
    };
    let report = run_matrix(&common::library(), &options);
    assert!(report.passed(), "{memory:?} {settings:?}\n{report}");
}

#[test]
fn the_plain_node_passes() {
    run(&[]);
}

#[test]
fn everything_that_looks_around_passes() {
    run(&[("dequantise", "1"), ("shadow_recovery", "0.5"), ("protect_unclipped", "0")]);
}

#[test]
fn neighbouring_frames_pass() {
    run(&[("temporal_radius", "1")]);
}

#[test]
fn what_reads_no_whole_frame_passes() {
    run(&[("clip_auto", "0"), ("dequantise", "1")]);
}

#[test]
fn a_network_that_is_placed_strip_by_strip_passes() {
    run(&[("method", "Grid (real time)"), ("weights", "GRID"), ("temporal_radius", "1")]);
}

#[test]
fn a_network_that_works_in_tiles_passes() {
    run(&[("method", "Residual network"), ("weights", "RESIDUAL"), ("protect_unclipped", "0")]);
}
