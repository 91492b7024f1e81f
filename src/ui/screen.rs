//! A part of the terminal that is drawn again and again.

use super::Ui;

impl Ui {
    /// A part of stdout's terminal to draw on again and again; none where stdout is no such terminal.
    pub fn screen(&self) -> Option<Screen> {
        let term = console::Term::stdout();
        let fit = term.is_term() && term.features().colors_supported();
        fit.then(|| Screen { size: term.size(), term, drawn: 0 })
    }
}

/// Lines on stdout's terminal that are drawn anew in the place of the former ones.
pub struct Screen {
    term: console::Term,
    /// How many lines stand, and on what size of a terminal.
    drawn: usize,
    size: (u16, u16),
}

impl Screen {
    /// The terminal's height.
    pub fn rows(&self) -> usize {
        usize::from(self.term.size().0)
    }

    /// Draws the lines, cut to the terminal, over the former ones. In one write, so that nothing flickers.
    pub fn draw(&mut self, lines: &[String]) {
        let size = self.term.size();
        let (rows, columns) = (usize::from(size.0), usize::from(size.1));
        let mut text = match self.drawn {
            0 => String::new(),
            // Other widths have wrapped what stood there: nobody knows where it is.
            _ if size != self.size => "\x1b[2J\x1b[H".to_owned(),
            n => format!("\x1b[{n}A\r"),
        };
        let shown = lines.len().min(rows.saturating_sub(1));
        for line in &lines[..shown] {
            text.push_str(&console::truncate_str(line, columns, "…"));
            text.push_str("\x1b[K\r\n");
        }
        text.push_str("\x1b[J");
        (self.drawn, self.size) = (shown, size);
        // A terminal that has gone ends the process by its signal.
        let _ = self.term.write_str(&text);
    }
}
