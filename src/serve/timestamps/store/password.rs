//! The password of redis, from a file that may be replaced while the server runs.

use std::path::Path;

use super::super::settings::Password;

/// A password, and which one it is.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret {
    /// The password itself; none where redis wants none.
    pub text: Option<String>,
    /// What the file `version` beside it says: it may be shown, the password may not.
    pub version: String,
}

impl Secret {
    /// The password as it is at this moment; the error names the file.
    pub fn read(from: &Password) -> Result<Self, String> {
        match from {
            Password::None => Ok(Self::default()),
            Password::Text(text) => Ok(Self { text: Some(text.0.clone()), version: String::new() }),
            Password::File(path) => {
                Self::of_file(path).map_err(|e| format!("could not read {}: {e}", path.display()))
            }
        }
    }

    fn of_file(path: &Path) -> std::io::Result<Self> {
        // Kubernetes replaces the files of a Secret all at once, by one link: both are read behind it.
        let path = std::fs::canonicalize(path)?;
        let text = std::fs::read_to_string(&path)?;
        let version = std::fs::read_to_string(path.with_file_name("version")).unwrap_or_default();
        Ok(Self { text: Some(text.trim_end_matches('\n').to_owned()), version: version.trim().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::settings::Hidden;
    use super::*;

    #[test]
    fn a_file_holds_the_password_and_its_neighbour_the_version() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("password");
        let from = Password::File(file.clone());
        assert!(Secret::read(&from).is_err_and(|e| e.contains("password")));
        std::fs::write(&file, "pa ss\n").unwrap();
        let read = |from: &Password| Secret::read(from).map(|s| (s.text, s.version)).unwrap();
        assert_eq!(read(&from), (Some("pa ss".into()), String::new()));
        std::fs::write(dir.path().join("version"), "7\n").unwrap();
        assert_eq!(read(&from), (Some("pa ss".into()), "7".into()));
        assert_eq!(read(&Password::Text(Hidden("x".into()))), (Some("x".into()), String::new()));
        assert_eq!(read(&Password::None), (None, String::new()));
    }
}
