//! Contact sheets: many pictures on one page, each as it came, as each method makes it at several
//! exposures, and as it was where that is known.

use super::Expander;
use super::condition::Condition;
use super::picture::{CODES, files, read_codes};
use super::report::gallery::{EXPOSURES, code, exposed, reduce};
use super::scene::{Scene, Source};
use crate::Error;
use crate::record::raster::{Anchor, FAINT, GROUND, INK, Raster, Weight};
use headroom_kernel::Pool;
use std::path::{Path, PathBuf};

/// Pictures are reduced until they are no wider.
const WIDEST: usize = 240;
const GAP: usize = 6;
/// Room for a row's name, and for the captions under it.
const HEAD: usize = 26;
const CAPTION: usize = 18;

/// A picture to show, not read yet.
#[derive(Debug)]
pub struct Picture {
    name: String,
    from: From,
}

#[derive(Debug)]
enum From {
    Light(Scene, &'static Condition),
    Codes(PathBuf),
}

/// A picture and what became of it.
#[derive(Debug)]
pub struct Row {
    name: String,
    tiles: Vec<Tile>,
}

#[derive(Debug)]
struct Tile {
    caption: String,
    /// Height and width.
    size: [usize; 2],
    codes: Vec<u8>,
}

impl Picture {
    /// Those of a folder of light, one view of each panorama, seen under a condition.
    ///
    /// # Errors
    /// When the folder cannot be listed or holds none.
    pub fn of_light(folder: &Path, condition: &'static Condition) -> Result<Vec<Self>, Error> {
        let source = Source::Light { folder: folder.to_owned(), views: 1 };
        let one =
            |scene: Scene| Self { name: scene.name.clone(), from: From::Light(scene, condition) };
        Ok(source.scenes(false)?.into_iter().map(one).collect())
    }

    /// Those of a folder of SDR pictures.
    ///
    /// # Errors
    /// When the folder cannot be listed or holds none.
    pub fn of_codes(folder: &Path) -> Result<Vec<Self>, Error> {
        let one = |path: PathBuf| Self {
            name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            from: From::Codes(path),
        };
        let all: Vec<_> = files(folder, CODES)?.into_iter().map(one).collect();
        if all.is_empty() {
            let expected = CODES.join(", ");
            let problem = format!("found no picture, expected files of {expected}");
            return Err(Error::missing(format!("{}: {problem}", folder.display())));
        }
        Ok(all)
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its row of a sheet.
    ///
    /// # Errors
    /// When it cannot be read or expanded.
    pub fn row(&self, expanders: &[Expander], pool: &Pool) -> Result<Row, Error> {
        let (size, codes, truth, condition) = match &self.from {
            From::Light(scene, condition) => {
                let loaded = scene.load()?;
                let loaded =
                    loaded.ok_or_else(|| Error::failed(format!("{}: no view", self.name)))?;
                let exposure = condition.exposure(&loaded.light)?;
                let (codes, truth) = condition.shoot(&loaded.light, exposure)?;
                let size = [loaded.light.height, loaded.light.width];
                (size, codes, Some(truth), condition.id)
            }
            From::Codes(path) => {
                let picture = read_codes(path)?;
                (picture.size, picture.rgb, None, "")
            }
        };
        let (small, input) = reduce(size, &codes, WIDEST);
        let input = input.iter().map(|v| code(f64::from(*v))).collect();
        let mut row = Row { name: self.name.clone(), tiles: Vec::new() };
        row.tiles.push(Tile { caption: "input".to_owned(), size: small, codes: input });
        for expander in expanders {
            let light = expander.predict_under(condition, &self.name, size, &codes, pool)?;
            row.add(expander.name(), size, &light);
        }
        if let Some(truth) = truth {
            row.add("truth", size, &truth);
        }
        Ok(row)
    }
}

impl Row {
    fn add(&mut self, what: &str, size: [usize; 2], light: &[f32]) {
        let (size, light) = reduce(size, light, WIDEST);
        for stops in EXPOSURES {
            let number = stops.to_string().replace('-', "\u{2212}");
            let caption = format!("{what}, {number} stops");
            self.tiles.push(Tile { caption, size, codes: exposed(&light, f64::from(stops)) });
        }
    }

    fn height(&self) -> usize {
        HEAD + CAPTION + self.tiles.iter().map(|tile| tile.size[0]).max().unwrap_or(0) + GAP
    }

    fn width(&self) -> usize {
        self.tiles.iter().map(|tile| tile.size[1] + GAP).sum::<usize>() + GAP
    }
}

/// A page of rows, as a PNG file.
///
/// # Errors
/// When the page is larger than a PNG can be.
pub fn sheet(rows: &[Row]) -> Result<Vec<u8>, Error> {
    let width = rows.iter().map(Row::width).max().unwrap_or(1);
    let height = rows.iter().map(Row::height).sum::<usize>() + GAP;
    let mut raster = Raster::new(width, height, GROUND);
    let mut top = 0;
    for row in rows {
        let style = |weight| (weight, Anchor::Start);
        let at = [GAP as f32, (top + HEAD - 6) as f32];
        raster.text(&row.name, at, 15.0, style(Weight::Bold), INK)?;
        let mut left = GAP;
        for tile in &row.tiles {
            let [_, columns] = tile.size;
            let at = [left as f32, (top + HEAD + CAPTION - 6) as f32];
            raster.text(&tile.caption, at, 11.0, style(Weight::Regular), FAINT)?;
            for (index, pixel) in tile.codes.as_chunks::<3>().0.iter().enumerate() {
                let (x, y) = (left + index % columns, top + HEAD + CAPTION + index / columns);
                raster.set(x, y, *pixel);
            }
            left += columns + GAP;
        }
        top += row.height();
    }
    raster.png()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_shows_what_came_what_became_of_it_and_what_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let light: Vec<f32> =
            (0..40 * 60).flat_map(|i| [4.0 * (i % 60) as f32 / 59.0; 3]).collect();
        let frame = crate::shot::opaque([40, 60], &light);
        let options = headroom_frame::WriteOptions::default();
        headroom_frame::write(&folder.path().join("ramp.exr"), &frame, &options).expect("written");
        let condition = Condition::find("srgb_c15").expect("there");
        let pictures = Picture::of_light(folder.path(), condition).expect("one");
        let inverse = [Expander::method("inverse", false).expect("there")];
        let row = pictures[0].row(&inverse, &Pool::new(1)).expect("a row");
        let captions: Vec<_> = row.tiles.iter().map(|tile| &*tile.caption).collect();
        let of = |what: &str| ["0", "\u{2212}2", "\u{2212}4"].map(|s| format!("{what}, {s} stops"));
        let expected: Vec<_> =
            ["input".to_owned()].into_iter().chain(of("inverse")).chain(of("truth")).collect();
        assert_eq!(captions, expected);
        // 15 % of the ramp clips: two stops down the truth goes on rising there, the inverse does not.
        let end = |tile: &Tile| [tile.codes[3 * 54], tile.codes[3 * 59]];
        let [[a, b], [c, d]] = [&row.tiles[2], &row.tiles[5]].map(end);
        assert!(a == b && c < d, "{a} {b} {c} {d}");
        let png = sheet(&[row]).expect("a sheet");
        let shown = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG");
        assert_eq!(shown.info().width as usize, 7 * (60 + GAP) + GAP);
    }

    #[test]
    fn a_folder_without_pictures_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = Picture::of_codes(folder.path()).expect_err("none").to_string();
        assert!(error.contains("found no picture") && error.contains("png"), "{error}");
    }
}
