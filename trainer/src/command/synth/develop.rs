//! A folder of HDR pictures to tone-mapped PNG or JPEG.

use super::{Arguments, make_folder};
use crate::Error;
use crate::data::light;
use crate::shot::opaque;
use headroom::camera;
use headroom_frame::sequence::in_folder;
use headroom_frame::{WriteOptions, write};
use std::path::{Path, PathBuf};

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let mut files: Vec<PathBuf> = Vec::new();
    for found in in_folder(&arguments.hdr)? {
        if found.frames.is_empty() {
            files.push(found.pattern.path(0));
        }
        files.extend(found.frames.iter().map(|&frame| found.pattern.path(frame)));
    }
    if files.is_empty() {
        return Err(Error::missing(format!("{}: holds no picture", arguments.hdr.display())));
    }
    let mut failed = Vec::new();
    for file in &files {
        if let Err(error) = develop(arguments, file) {
            eprintln!("error: {error}");
            failed.push(error);
        }
    }
    println!("{} pictures written to {}", files.len() - failed.len(), arguments.out.display());
    match failed.len() {
        0 => Ok(()),
        count => Err(Error::failed(format!("{count} of {} pictures failed", files.len()))),
    }
}

fn develop(arguments: &Arguments, file: &Path) -> Result<(), Error> {
    let picture = light::load(file, None, None)?;
    let filmic = camera::find("filmic").ok_or_else(|| Error::failed("no camera \"filmic\""))?;
    let exposure = libm::exp2(arguments.exposure);
    let pixels = picture.pixels.as_chunks::<3>().0;
    let codes: Vec<u8> = pixels.iter().flat_map(|&rgb| filmic.codes(rgb, exposure)).collect();
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let path = arguments.out.join(format!("{name}.{}", arguments.fmt.extension()));
    save(arguments, &path, picture.width, picture.height, &codes)
}

/// Writes codes as PNG or JPEG.
pub(super) fn save(
    arguments: &Arguments,
    path: &Path,
    width: usize,
    height: usize,
    codes: &[u8],
) -> Result<(), Error> {
    make_folder(path)?;
    let codes: Vec<f32> = codes.iter().map(|&code| f32::from(code) / 255.0).collect();
    let frame = opaque([height, width], &codes);
    let options = WriteOptions { jpeg_quality: arguments.quality, ..WriteOptions::default() };
    write(path, &frame, &options)?;
    Ok(())
}
