//! The only place that prints: talk on stderr, data on stdout.

mod ask;
mod data;
mod options;
mod row;
mod screen;
mod terminal;
mod text;
mod told;

pub use options::{Color, Format, Level, Mark, Options};
pub use row::Row;
pub use screen::Screen;
pub use terminal::Ui;
pub use text::{bytes, data_width, fit, human, table, wrap};
