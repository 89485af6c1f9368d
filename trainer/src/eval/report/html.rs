//! The page of an evaluation; needs nothing but itself.

use super::gallery::{EXPOSURES, Shown};
use super::table::{conditions, notes, rows, shown};
use crate::eval::evaluate::Results;
use std::fmt::Write;

const STYLE: &str = "body{font:14px/1.45 system-ui,sans-serif;margin:24px auto;max-width:1500px;\
padding:0 16px;background:#16181c;color:#dfe2e7}h1{font-size:22px}h2{font-size:18px;margin-top:36px}\
h3{font-size:14px;font-weight:600;margin:18px 0 6px}.wide{overflow-x:auto}table{border-collapse:\
collapse;font-variant-numeric:tabular-nums}th,td{padding:4px 10px;text-align:right;border-bottom:1px \
solid #333842;white-space:nowrap}th{font-weight:600;white-space:normal;vertical-align:bottom;min-width:\
64px}th:first-child,td:first-child{text-align:left}.row{display:flex;flex-wrap:wrap;gap:6px;\
margin-bottom:6px}figure{margin:0}figcaption{font-size:12px;color:#9aa1ad}img{display:block;\
background:#000}p{max-width:80ch;color:#b6bcc7}";

/// The page.
#[must_use]
pub fn page(results: &Results) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Evaluation</title>\n\
         <style>{STYLE}</style>\n<h1>Evaluation</h1>\n"
    );
    for line in notes(results).lines() {
        let _ = writeln!(page, "<p>{}</p>", escaped(line));
    }
    for (condition, cells) in conditions(results) {
        let count = cells.first().map_or(0, |cell| cell.summary.scores().len());
        let condition = condition.to_owned();
        let _ = writeln!(page, "<h2>{}</h2>", escaped(&condition));
        let _ = writeln!(page, "<h3>Medians of {count} pictures</h3>");
        table(&mut page, &rows(&cells, &|s, which| shown(s.middle(which))));
        page.push_str("<h3>Mean ± standard deviation</h3>\n");
        table(
            &mut page,
            &rows(&cells, &|s, _| format!("{} ± {}", shown(s.mean), shown(s.deviation))),
        );
        let mut picture = "";
        for entry in results.gallery.shown.iter().filter(|entry| entry.condition == condition) {
            if entry.picture != picture {
                let _ = writeln!(page, "<h3>{}</h3>", escaped(&entry.picture));
                picture = &entry.picture;
            }
            figures(&mut page, entry);
        }
    }
    page.push_str("</html>\n");
    page
}

fn table(page: &mut String, rows: &[Vec<String>]) {
    page.push_str("<div class=\"wide\"><table>\n");
    for (index, row) in rows.iter().enumerate() {
        let tag = if index == 0 { "th" } else { "td" };
        page.push_str("<tr>");
        for cell in row {
            let _ = write!(page, "<{tag}>{}</{tag}>", escaped(cell));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table></div>\n");
}

fn figures(page: &mut String, entry: &Shown) {
    page.push_str("<div class=\"row\">\n");
    for (index, file) in entry.files.iter().enumerate() {
        let caption = match (entry.what.as_str(), EXPOSURES.get(index)) {
            ("input", _) => "input".to_owned(),
            (what, Some(0)) => what.to_owned(),
            (what, Some(stops)) => format!("{what}, {stops} stops"),
            (what, None) => {
                format!("{what} less truth: red brighter, blue darker, full at 3 stops")
            }
        };
        let [width, height] = entry.size;
        let caption = escaped(&caption);
        let _ = writeln!(
            page,
            "<figure><img width=\"{width}\" height=\"{height}\" alt=\"{caption}\" \
             src=\"data:image/jpeg;base64,{}\"><figcaption>{caption}</figcaption></figure>",
            base64(file)
        );
    }
    page.push_str("</div>\n");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * i) & 63) as usize];
            text.push(if i > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads_as_the_standard_has_it() {
        for (bytes, expected) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), expected);
        }
    }
}
