//! Data files as a stream of checked commands: lines, RESP, RDB, CSV or JSON, packed or not, known by their first bytes.

mod check;
mod command;
pub mod commands;
mod dump;
mod foreign;
mod form;
mod json;
mod known;
mod lines;
mod options;
mod resp;
mod source;
mod table;
mod template;
mod types;
mod words;

pub(crate) use check::check_opened;
pub use check::{Checked, check, check_and_reject};
pub use command::{Command, Fault, Place, Words};
pub use foreign::Foreign;
pub use form::LeftOut;
pub(crate) use source::Opened;
pub use source::{SAMPLE, SAMPLE_PATH, SPOOLED, Source, Unfit};
pub use template::{Kind, Reading, Template};

#[cfg(test)]
mod generated;
#[cfg(test)]
mod tests;
