//! Pairs that the paired mode reads back, or clips of them.

use super::develop::save;
use super::{Arguments, make_folder};
use crate::Error;
use crate::csv::{Manifest, quoted};
use crate::data::frame::Frame as Taken;
use crate::data::{DataSet, Settings, split};
use crate::shot::Seer;
use crate::shot::opaque;
use headroom_frame::{Sample, WriteOptions, write, write_whole};

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let settings = Settings {
        hdr: Some(arguments.hdr.clone()),
        seed: arguments.seed,
        view: Some(arguments.size),
        views: arguments.count,
        clip_len: arguments.clip_len,
        motion: arguments.motion.unwrap_or_else(|| Settings::default().motion),
        split: split::Settings { val: 0.0, test: 0.0, file: None },
        camera: arguments.cameras()?,
        ..Settings::default()
    };
    // Nothing is shown to a network here.
    let data = DataSet::open(&settings, Seer::of("grid")?)?;
    eprint!("{}", data.report());
    let mut rows = String::from("name,source,frame,camera,motion\n");
    for item in 0..data.items() {
        let taken = data.take(0, item)?;
        for (step, (_, frame)) in taken.frames.iter().enumerate() {
            let name = name(arguments, &taken.video, taken.start, item / data.stills(), step);
            write_pair(arguments, &name, frame)?;
            let number = taken.start + step as i64;
            rows += &format!(
                "{},{},{number},{},{}\n",
                quoted(&name),
                quoted(&taken.video),
                quoted(&frame.camera),
                taken.motion(step).map_or_else(String::new, |motion| motion.to_string())
            );
        }
    }
    let path = arguments.out.join(Manifest::NAME);
    make_folder(&path)?;
    write_whole(&path, &[rows.into_bytes()])?;
    println!("{} clips written to {}", data.items(), arguments.out.display());
    Ok(())
}

/// Name below `ldr` and `hdr`, without the extension.
fn name(arguments: &Arguments, video: &str, start: i64, view: usize, step: usize) -> String {
    // Names of folders become part of the name, so that none is written twice.
    let flat = video.replace('/', "_");
    // A letter keeps views from being taken for the frames of a sequence.
    let mut name = format!("{flat}_v{view}");
    if start != 0 {
        name = format!("{flat}_f{start}_v{view}");
    }
    if arguments.clip_len == 1 {
        return name;
    }
    format!("{name}/{name}.{:04}", step + 1)
}

fn write_pair(arguments: &Arguments, name: &str, frame: &Taken) -> Result<(), Error> {
    let codes: Vec<u8> = frame.code.iter().map(|code| (code * 255.0 + 0.5) as u8).collect();
    let ldr = arguments.out.join("ldr").join(format!("{name}.{}", arguments.fmt.extension()));
    save(arguments, &ldr, frame.width, frame.height, &codes)?;
    let hdr = arguments.out.join("hdr").join(format!("{name}.exr"));
    make_folder(&hdr)?;
    let picture = opaque([frame.height, frame.width], &frame.truth);
    // Exposed suns may be beyond what half floats hold.
    let options = WriteOptions { sample: Sample::Float, ..WriteOptions::default() };
    write(&hdr, &picture, &options)?;
    Ok(())
}
