//! `headroom-train sheet`.

use super::eval::progress;
use super::judged::Judged;
use crate::Error;
use crate::eval::condition::Condition;
use crate::eval::contact::{Picture, sheet};
use headroom_frame::write_whole;
use headroom_kernel::Pool;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  headroom-train sheet --method grid --method inverse-highlights --data hdr/val --ldr sdr --out sheets
  headroom-train sheet --weights mine.safetensors --ldr frames --out sheets";

/// Contact sheets: pictures as they came, as each method makes them at 0, -2 and -4 stops, and as they
/// were where that is known.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    judged: Judged,
    /// Folder of HDR pictures; SDR pictures are made of them by a simulated camera.
    #[arg(long, value_name = "DIR", required_unless_present = "ldr", help_heading = "Pictures")]
    data: Option<PathBuf>,
    /// Folder of SDR pictures.
    #[arg(long, value_name = "DIR", help_heading = "Pictures")]
    ldr: Option<PathBuf>,
    /// The simulated camera.
    #[arg(long, default_value = "srgb_c5", value_name = "ID", help_heading = "Pictures")]
    condition: String,
    /// Folder that receives sheet01.png, sheet02.png and so on.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: PathBuf,
    /// Pictures on a sheet.
    #[arg(long, default_value_t = 6, value_name = "N", help_heading = "Output",
        value_parser = clap::value_parser!(u16).range(1..=100))]
    rows: u16,
    /// Threads; 0 means one per core.
    #[arg(long, default_value_t = 0, help_heading = "Output")]
    jobs: usize,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        let condition = Condition::find(&self.condition)?;
        let expanders = self.judged.expanders()?;
        let mut pictures = Vec::new();
        if let Some(folder) = &self.data {
            pictures.extend(Picture::of_light(folder, condition)?);
        }
        if let Some(folder) = &self.ldr {
            pictures.extend(Picture::of_codes(folder)?);
        }
        std::fs::create_dir_all(&self.out).map_err(|error| Error::file(&self.out, error))?;
        let (pool, mut done) = (Pool::new(self.jobs), 0);
        for (number, part) in pictures.chunks(self.rows.into()).enumerate() {
            let mut rows = Vec::new();
            for picture in part {
                progress(done, pictures.len(), picture.name())?;
                rows.push(picture.row(&expanders, &pool)?);
                done += 1;
            }
            let path = self.out.join(format!("sheet{:02}.png", number + 1));
            write_whole(&path, &[sheet(&rows)?])?;
        }
        progress(done, pictures.len(), "")
    }
}
