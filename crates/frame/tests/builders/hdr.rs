//! Radiance files.

use super::{Broken, golden};

fn file(header: &str, pixels: &[u8]) -> Vec<u8> {
    [header.as_bytes(), pixels].concat()
}

pub(crate) fn broken() -> Vec<Broken> {
    const HEAD: &str = "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n";
    let sized = |size: &str, pixels: &[u8]| file(&format!("{HEAD}{size}\n"), pixels);
    let long = format!("#?RADIANCE\n{}", "x".repeat(5000));
    let run = |codes: &[u8]| sized("-Y 1 +X 8", &[&[2, 2, 0, 8], codes].concat());
    let with_line = |line: &str| {
        file(&format!("#?RADIANCE\n{line}\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n"), &[1, 2, 3, 128])
    };
    let good = golden("runs.hdr");
    vec![
        Broken::new("signature-only.hdr", "signature", b"#?".to_vec()),
        Broken::new("signature.hdr", "signature", b"#?SOMETHING\n\n".to_vec()),
        Broken::new("header-cut.hdr", "header", b"#?RADIANCE\nFORMAT=32".to_vec()),
        Broken::new("header-endless.hdr", "header", long.into_bytes()),
        Broken::new("no-format.hdr", "FORMAT", file("#?RADIANCE\n\n-Y 1 +X 1\n", &[0; 4])),
        Broken::new(
            "format.hdr",
            "FORMAT",
            file("#?RADIANCE\nFORMAT=16-bit\n\n-Y 1 +X 1\n", &[0; 4]),
        ),
        Broken::new("exposure-zero.hdr", "EXPOSURE", with_line("EXPOSURE=0")),
        Broken::new("exposure-nan.hdr", "EXPOSURE", with_line("EXPOSURE=nan")),
        Broken::new("exposure-text.hdr", "EXPOSURE", with_line("EXPOSURE=bright")),
        Broken::new("colorcorr.hdr", "COLORCORR", with_line("COLORCORR=1 1")),
        Broken::new("pixaspect.hdr", "PIXASPECT", with_line("PIXASPECT=-1")),
        Broken::new("resolution.hdr", "resolution", sized("1080 by 1920", &[])),
        Broken::new("resolution-axes.hdr", "resolution", sized("-Y 1 +Y 1", &[0; 4])),
        Broken::new("zero.hdr", "resolution", sized("-Y 0 +X 8", &[0; 64])),
        Broken::new("negative.hdr", "resolution", sized("-Y -1 +X 8", &[0; 64])),
        Broken::new("huge.hdr", "resolution", sized("-Y 99999999999 +X 99999999999", &[0; 64])),
        Broken::new("tall.hdr", "pixels", sized("-Y 1000000 +X 8", &[0; 64])),
        Broken::new("no-pixels.hdr", "pixels", sized("-Y 1 +X 8", &[])),
        Broken::new("scan-line-length.hdr", "pixels", sized("-Y 1 +X 8", &[2, 2, 0, 9, 0, 0])),
        Broken::new("run-too-long.hdr", "pixels", run(&[128 + 9, 1])),
        Broken::new("run-of-none.hdr", "pixels", run(&[0, 0, 0])),
        Broken::new("dump-cut.hdr", "pixels", run(&[8, 1, 2, 3])),
        Broken::new("old-run-first.hdr", "pixels", sized("-Y 1 +X 4", &[1, 1, 1, 4])),
        Broken::new(
            "old-run-too-long.hdr",
            "pixels",
            sized("-Y 1 +X 4", &[9, 9, 9, 128, 1, 1, 1, 4]),
        ),
        Broken::new("cut.hdr", "pixels", good[..good.len() - 9].to_vec()),
    ]
}
