//! `headroom-train eval`.

use super::judged::Judged;
use crate::Error;
use crate::eval::condition::{CONDITIONS, Condition};
use crate::eval::evaluate::{MEASURES, Options, evaluate};
use crate::eval::scene::Source;
use crate::eval::{Align, Measure, report};
use clap::ArgGroup;
use headroom_kernel::Pool;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  headroom-train eval --weights grid.safetensors --method inverse --data hdr/val --out scores
  headroom-train eval --predictions theirs --ldr ldr --hdr hdr --out scores --align p
  headroom-train eval --method grid --estimate --data hdr/val --conditions filmic_c5 --out scores

A metric is named <metric>[_clipped][_s|_p]: over clipped pixels alone, after scale or curve
alignment.";

/// Scores weights, folders of predictions and methods on pictures whose truth is known.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("source").required(true).args(["data", "hdr"]))]
pub(super) struct Arguments {
    #[command(flatten)]
    judged: Judged,
    /// Folder of HDR pictures; SDR pictures are made of them by simulated cameras.
    #[arg(long, value_name = "DIR", help_heading = "Pictures")]
    data: Option<PathBuf>,
    /// Folder of SDR pictures that are named as those of --hdr are.
    #[arg(long, value_name = "DIR", requires = "hdr", help_heading = "Pictures")]
    ldr: Option<PathBuf>,
    /// Folder of HDR pictures, the truth of --ldr.
    #[arg(long, value_name = "DIR", requires = "ldr", help_heading = "Pictures")]
    hdr: Option<PathBuf>,
    /// Simulated cameras, or all.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "srgb_c5",
        value_name = "LIST",
        help_heading = "Pictures"
    )]
    conditions: Vec<String>,
    /// Views of each panorama; 0: the panorama itself is the picture.
    #[arg(long, default_value_t = 1, help_heading = "Pictures")]
    views: usize,
    /// Only the first pictures; 0: all.
    #[arg(long, default_value_t = 0, value_name = "N", help_heading = "Pictures")]
    pictures: usize,
    /// Files that differ by a number at the end of their name are frames of a clip: one exposure for
    /// all of them, and flicker is measured.
    #[arg(long, help_heading = "Pictures")]
    clips: bool,
    /// What is measured, where it is not the protocol's list.
    #[arg(long, value_delimiter = ',', value_name = "LIST", help_heading = "Figures")]
    metrics: Vec<String>,
    /// Alignment of predictions: none, s (one factor), p (a cubic tone curve).
    #[arg(long, default_value = "s", value_name = "none|s|p", help_heading = "Figures")]
    align: String,
    /// Folder that receives table.txt, scores.csv, scores.json and report.html.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: PathBuf,
    /// Pictures of each condition that report.html shows.
    #[arg(long, default_value_t = 6, value_name = "N", help_heading = "Output")]
    show: usize,
    /// Also write inputs, truths and predictions to exr/ in the output folder.
    #[arg(long, help_heading = "Output")]
    write_exr: bool,
    /// Threads; 0 means one per core.
    #[arg(long, default_value_t = 0, help_heading = "Output")]
    jobs: usize,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        let options = self.options()?;
        let results = evaluate(&options, &Pool::new(self.jobs), &mut progress)?;
        report::write(&self.out, &results)?;
        let mut out = std::io::stdout().lock();
        // A reader that went away does not undo what is written.
        let _ = out.write_all(report::table::table(&results).as_bytes());
        Ok(())
    }

    fn options(&self) -> Result<Options, Error> {
        let align = Align::find(&self.align)
            .ok_or_else(|| Error::setting("--align", &self.align, "none, s or p"))?;
        let names: Vec<&str> = match self.metrics.as_slice() {
            [] => MEASURES.to_vec(),
            named => named.iter().map(String::as_str).collect(),
        };
        let measures: Result<Vec<_>, _> =
            names.into_iter().map(|name| Measure::find("--metrics", name, align)).collect();
        let mut conditions: Vec<&'static Condition> = Vec::new();
        for id in &self.conditions {
            match id.as_str() {
                "all" => conditions.extend(CONDITIONS),
                id => conditions.push(Condition::find(id)?),
            }
        }
        let source = match (&self.data, &self.ldr, &self.hdr) {
            (Some(folder), _, _) => Source::Light { folder: folder.clone(), views: self.views },
            (None, Some(ldr), Some(hdr)) => Source::Pairs { ldr: ldr.clone(), hdr: hdr.clone() },
            _ => return Err(Error::Usage("expected --data, or --ldr and --hdr".to_owned())),
        };
        Ok(Options {
            source,
            conditions,
            expanders: self.judged.expanders()?,
            measures: measures?,
            align,
            clips: self.clips,
            pictures: self.pictures,
            shown: self.show,
            exr: self.write_exr.then(|| self.out.join("exr")),
        })
    }
}

/// A line that is written over where there is a terminal, else nothing.
pub(super) fn progress(done: usize, total: usize, name: &str) -> Result<(), Error> {
    let mut out = std::io::stderr().lock();
    if out.is_terminal() {
        let _ = write!(out, "\r\x1b[K{done} of {total} {name}");
        if done == total {
            let _ = write!(out, "\r\x1b[K");
        }
        let _ = out.flush();
    }
    Ok(())
}
