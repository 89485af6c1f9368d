//! Copies a picture from one file to another, for comparing with other programs by hand.
//!
//!     cargo run -p headroom-frame --example convert -- IN OUT [none|zip|zips|piz] [half|float|u8|u16]

use std::path::Path;

use headroom_frame::{ExrCompression, ReadOptions, Sample, WriteOptions, read, write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, rest @ ..] = words.as_slice() else { return Err("IN and OUT, please".into()) };
    let mut options = WriteOptions::default();
    for word in rest {
        match word.as_str() {
            "none" => options.compression = ExrCompression::None,
            "zip" => options.compression = ExrCompression::Zip,
            "zips" => options.compression = ExrCompression::Zips,
            "piz" => options.compression = ExrCompression::Piz,
            "half" => options.sample = Sample::Half,
            "float" => options.sample = Sample::Float,
            "u8" => options.sample = Sample::U8,
            "u16" => options.sample = Sample::U16,
            other => return Err(format!("{other:?} is no compression and no sample").into()),
        }
    }
    let frame = read(Path::new(from), &ReadOptions::default())?;
    println!("{:?}", write(Path::new(to), &frame, &options)?);
    Ok(())
}
