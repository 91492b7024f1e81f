//! The write-ahead journal: what was done, in which order, and what to restore.
//!
//! JSON lines, appended and synced before each act. It is the sole maker of [`Recorded`], the
//! token without which no step acts: an effect without a journal line does not compile.

mod compact;
mod file;
mod format;
mod history;
mod lock;
mod record;
mod run;
#[cfg(test)]
mod tests;
mod v1;

pub use file::{path, read, read_sound, repair};
pub use history::{Entry, History, Run};
pub use lock::{Lock, is_held, lock};
pub use record::{EntryId, Phase, Profile, Scope, Subject, Target, Verb};
pub use run::{Journal, Recorded};
pub use v1::{end_rescue as end_rescue_of_format_1, rescues as rescues_of_format_1};
