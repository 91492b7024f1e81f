//! The sample data in the master.

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::engine::{Place, Plan};
use crate::redis::reader::{Reading, SAMPLE_PATH, Source};
use crate::step::Step;
use crate::step::import::Import;

/// The part's name.
pub const PART: &str = "data";

/// The plan: these files, read so, or without any the sample.
pub fn plan(cx: &Context, files: &[PathBuf], reading: &Reading, again: bool) -> Plan {
    one(Import::new(files, reading.clone(), super::redis::data(cx), again).into())
}

/// The plan of one step that changes the data.
pub fn one(step: Step) -> Plan {
    Plan { part: PART.into(), place: Place::Cluster, waves: vec![vec![step]], proof: None }
}

/// Without FILE: the sample in the current folder if it is there, else the embedded one.
pub fn sample(folder: &Path) -> (Vec<PathBuf>, String) {
    match Source::sample(folder) {
        Source::File(path) => {
            let name = format!("./{SAMPLE_PATH}");
            (vec![path], name)
        }
        Source::Embedded => (Vec::new(), "the sample data within opsctl".to_owned()),
    }
}
