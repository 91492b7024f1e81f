//! A file beside each piece that says what it was made from: the reason not to make it again.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::recipe::Recipe;
use crate::fs::{remove_if_there, write_whole};

/// What was made, from what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The recipe's hash.
    pub recipe: String,
    /// The version, for people.
    pub version: String,
    /// Size of what was made.
    pub bytes: u64,
    /// How long it took.
    pub took_ms: u64,
    /// The image's ID, where the piece is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Files that were put in minikube's cache.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub placed: Vec<Placed>,
}

/// A file put where minikube looks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// Where.
    pub path: PathBuf,
    /// Where the file went that was there before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<PathBuf>,
}

fn file(bundle: &Path, piece: &str) -> PathBuf {
    bundle.join("stamps").join(format!("{piece}.json"))
}

impl Stamp {
    /// Reads a piece's stamp. A damaged one counts as none: the piece is made again.
    pub fn read(bundle: &Path, piece: &str) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(file(bundle, piece)).ok()?).ok()
    }

    /// How many days ago the piece was made.
    pub fn days(bundle: &Path, piece: &str) -> Option<u64> {
        let made = std::fs::metadata(file(bundle, piece)).ok()?.modified().ok()?;
        Some(made.elapsed().unwrap_or_default().as_secs() / (24 * 60 * 60))
    }

    /// Writes it, after everything that it speaks of is in place.
    pub fn write(&self, bundle: &Path, piece: &str) -> Result<()> {
        write_whole(&file(bundle, piece), &serde_json::to_vec_pretty(self)?)
    }

    /// Takes it away before the piece is touched.
    pub fn remove(bundle: &Path, piece: &str) -> Result<()> {
        remove_if_there(&file(bundle, piece))
    }

    /// Whether it speaks of this recipe.
    pub fn is_of(&self, recipe: &Recipe) -> bool {
        self.recipe == recipe.hash()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_comes_back_as_written_and_a_torn_one_counts_as_none() {
        let dir = tempfile::tempdir().unwrap();
        let stamp = Stamp { recipe: "abc".into(), bytes: 7, ..Stamp::default() };
        stamp.write(dir.path(), "etcd").unwrap();
        assert_eq!(Stamp::read(dir.path(), "etcd"), Some(stamp));
        let path = file(dir.path(), "etcd");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &text[..text.len() / 2]).unwrap();
        assert_eq!(Stamp::read(dir.path(), "etcd"), None);
        Stamp::remove(dir.path(), "etcd").unwrap();
        Stamp::remove(dir.path(), "etcd").unwrap();
    }
}
