//! Text as people read it: durations, sizes, tables, lines that fit.

use std::time::Duration;

/// Text broken at words so that no line is wider than `width`, all but the first indented. The first is
/// taken to begin behind the indent, too. A word that is wider than a line stays whole.
pub fn wrap(text: &str, indent: usize, width: usize) -> String {
    let room = width.saturating_sub(indent).max(20);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        let both = console::measure_text_width(line) + 1 + console::measure_text_width(word);
        if line.is_empty() {
            line.push_str(word);
        } else if both <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.join(&format!("\n{:indent$}", ""))
}

/// Width of the terminal that reads our data; none where something else does.
pub fn data_width() -> Option<usize> {
    let out = console::Term::stdout();
    out.is_term().then(|| out.size_checked().map_or(80, |(_, columns)| usize::from(columns)))
}

/// A duration for people: `0.4s`, `34.0s`, `10m31s`, `3h02m`.
pub fn human(took: Duration) -> String {
    let s = took.as_secs();
    if s < 60 {
        format!("{:.1}s", took.as_secs_f64())
    } else if s < 3600 {
        format!("{}m{:02}s", s / 60, s % 60)
    } else {
        format!("{}h{:02}m", s / 3600, s % 3600 / 60)
    }
}

/// Bytes for people: `512 B`, `1.5 KiB`, `295.0 MiB`.
pub fn bytes(n: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    #[expect(clippy::cast_precision_loss, reason = "for display")]
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{n} B") } else { format!("{value:.1} {}", units[unit]) }
}

/// Rows under a header, columns padded to their widest cell; trailing space trimmed.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = header.iter().map(|h| console::measure_text_width(h)).collect();
    for row in rows {
        for (i, cell) in row.iter().enumerate() {
            let w = console::measure_text_width(cell);
            if i < widths.len() {
                widths[i] = widths[i].max(w);
            }
        }
    }
    let line = |cells: &[String]| {
        let mut text = String::new();
        for (i, cell) in cells.iter().enumerate() {
            let pad = widths.get(i).copied().unwrap_or(0).saturating_sub(console::measure_text_width(cell));
            text.push_str(cell);
            if i + 1 < cells.len() {
                text.push_str(&" ".repeat(pad + 2));
            }
        }
        text.trim_end().to_owned()
    };
    let head: Vec<String> = header.iter().map(|h| (*h).to_owned()).collect();
    let mut out = vec![line(&head)];
    out.extend(rows.iter().map(|r| line(r)));
    out.join("\n")
}

/// Shortens one column's cells so that a table of these rows fits the width; never below ten columns.
pub fn fit(rows: &mut [Vec<String>], header: &[&str], column: usize, width: usize) {
    let widest = |i: usize, rows: &[Vec<String>]| {
        let cells = rows.iter().filter_map(|r| r.get(i)).map(|c| console::measure_text_width(c));
        cells.chain(header.get(i).map(|h| h.len())).max().unwrap_or(0)
    };
    let others: usize = (0..header.len()).filter(|i| *i != column).map(|i| widest(i, rows) + 2).sum();
    let room = width.saturating_sub(others).max(10);
    for cell in rows.iter_mut().filter_map(|r| r.get_mut(column)) {
        *cell = console::truncate_str(cell, room, "…").into_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_read_well() {
        assert_eq!(human(Duration::from_millis(431)), "0.4s");
        assert_eq!(human(Duration::from_secs(631)), "10m31s");
        assert_eq!(human(Duration::from_mins(182)), "3h02m");
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(295 * 1024 * 1024), "295.0 MiB");
    }

    #[test]
    fn text_is_broken_at_words_and_a_wide_word_stays_whole() {
        let text = "one two three four five six seven";
        assert_eq!(wrap(text, 2, 24), "one two three four\n  five six seven");
        let path = "a".repeat(60);
        assert_eq!(wrap(&format!("see {path} there"), 2, 24), format!("see\n  {path}\n  there"));
    }

    #[test]
    fn a_column_gives_way_until_the_table_fits() {
        let mut rows = vec![vec!["1".into(), "opsctl redis import some/long/file".into(), "well".into()]];
        fit(&mut rows, &["RUN", "COMMAND", "ENDED"], 1, 30);
        let text = table(&["RUN", "COMMAND", "ENDED"], &rows);
        assert_eq!(text, "RUN  COMMAND             ENDED\n1    opsctl redis impo…  well");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let text = table(&["NAME", "ROLE"], &[vec!["redis-1".into(), "master".into()]]);
        assert_eq!(text, "NAME     ROLE\nredis-1  master");
    }
}
