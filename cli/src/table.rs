//! Tables of text: columns as wide as their widest cell.

/// Lays rows out; the first is the head. Cells of the columns in `right` are set flush right.
pub(crate) fn lay_out(rows: &[Vec<String>], right: &[usize]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let w = widths[column];
            if right.contains(&column) {
                line.push_str(&format!("{cell:>w$}  "));
            } else {
                line.push_str(&format!("{cell:<w$}  "));
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
        if index == 0 {
            let rule: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
            text.push_str(rule.join("  ").trim_end());
            text.push('\n');
        }
    }
    text
}

/// The same as a Markdown table.
pub(crate) fn markdown(rows: &[Vec<String>]) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let escaped = |row: &Vec<String>| row.iter().map(|c| c.replace('|', "\\|")).collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        text.push_str(&line(escaped(row)));
        if index == 0 {
            text.push_str(&line(row.iter().map(|_| "---".to_owned()).collect()));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        [["id", "n"], ["a|b", "12"]].map(|r| r.map(str::to_owned).to_vec()).to_vec()
    }

    #[test]
    fn columns_line_up_and_lines_have_no_trailing_blanks() {
        assert_eq!(lay_out(&rows(), &[1]), "id    n\n---  --\na|b  12\n");
    }

    #[test]
    fn markdown_escapes_its_own_bars() {
        assert_eq!(markdown(&rows()), "| id | n |\n| --- | --- |\n| a\\|b | 12 |\n");
    }
}
