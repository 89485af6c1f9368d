//! Times reading of the given files and writing of the first to every format.
//!
//!     cargo run --release -p headroom-frame --example time_files -- a.png b.exr

use std::path::{Path, PathBuf};
use std::time::Instant;

use headroom_frame::{ExrCompression, ReadOptions, Sample, WriteOptions, read, write};

fn best(mut work: impl FnMut()) -> f64 {
    let times = (0..7).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64() * 1e3
    });
    times.fold(f64::INFINITY, f64::min)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    for path in &paths {
        read(path, &ReadOptions::default())?;
        for threads in [1, 0] {
            let options = ReadOptions { threads, ..Default::default() };
            let time = best(|| drop(read(path, &options)));
            println!("read {} threads {threads}: {time:.1} ms", path.display());
        }
    }
    let Some(first) = paths.first() else { return Ok(()) };
    let frame = read(first, &ReadOptions::default())?;
    let folder = std::env::temp_dir();
    let cases: [(&str, Sample, ExrCompression); 9] = [
        ("time.exr", Sample::Half, ExrCompression::None),
        ("time.exr", Sample::Half, ExrCompression::Zip),
        ("time.exr", Sample::Half, ExrCompression::Zips),
        ("time.exr", Sample::Half, ExrCompression::Piz),
        ("time.exr", Sample::Float, ExrCompression::Zip),
        ("time.png", Sample::U8, ExrCompression::Zip),
        ("time.png", Sample::U16, ExrCompression::Zip),
        ("time.jpg", Sample::U8, ExrCompression::Zip),
        ("time.tif", Sample::U16, ExrCompression::Zip),
    ];
    for (name, sample, compression) in cases {
        let path: &Path = &folder.join(name);
        for threads in [1, 0] {
            let options = WriteOptions { sample, compression, threads, ..Default::default() };
            let bytes = write(path, &frame, &options)?.bytes;
            let time = best(|| drop(write(path, &frame, &options)));
            println!(
                "write {name} {sample:?} {compression:?} threads {threads}: {time:.1} ms, {bytes} bytes"
            );
        }
        std::fs::remove_file(path)?;
    }
    Ok(())
}
