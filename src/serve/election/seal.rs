//! What electors say to one another, sealed: an HMAC (RFC 2104, SHA-256) under a secret that the pods of one election
//! share. Where no `NetworkPolicy` is enforced it alone keeps others from posing as a holder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

/// The header that carries a seal.
pub const HEADER: &str = "opsctl-seal";
/// Fewer bytes could be guessed.
const LEAST: usize = 16;
/// The size of a block of SHA-256.
const BLOCK: usize = 64;

/// The file with the shared secret. It is read for each seal: Kubernetes renews it while pods run.
#[derive(Clone, Debug)]
pub struct Key(PathBuf);

/// A question of one elector to another.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Such as `fence`.
    pub what: &'a str,
    /// The asker's epoch.
    pub epoch: u64,
    /// The asker, as it names itself.
    pub holder: &'a str,
    /// The UID of the pod that is asked: to another one the same seal says nothing.
    pub to: &'a str,
}

impl Key {
    /// The key in that file, which must hold a secret.
    pub fn new(file: &Path) -> Result<Self> {
        let key = Self(file.to_owned());
        key.secret().map(|_| key)
    }

    fn secret(&self) -> Result<Vec<u8>> {
        let file = self.0.display();
        let secret =
            std::fs::read(&self.0).with_context(|| format!("could not read the secret in {file}"))?;
        if secret.len() < LEAST {
            bail!("the secret in {file} has {} bytes, and needs {LEAST}", secret.len());
        }
        Ok(secret)
    }

    /// The seal of a question.
    pub fn seal(&self, question: &Question<'_>) -> Result<String> {
        let Question { what, epoch, holder, to } = question;
        // No part holds a line end, or it could pass for another one's beginning.
        if [what, holder, to].iter().any(|part| part.contains('\n')) {
            bail!("a name with a line end");
        }
        let text = format!("{what}\n{epoch}\n{holder}\n{to}");
        Ok(hex(&hmac(&self.secret()?, text.as_bytes())))
    }

    /// Whether this is the seal of that question.
    pub fn holds(&self, question: &Question<'_>, seal: &str) -> bool {
        self.seal(question).is_ok_and(|right| same(right.as_bytes(), seal.as_bytes()))
    }
}

/// Compares without telling by its time where the first difference is.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().into()
}

/// Bytes in hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test cases 2, 1 and 6 of RFC 4231: a short key, a block that is filled up, a key longer than a block.
    #[test]
    fn the_seal_is_the_hmac_of_the_standard() {
        for (key, message, mac) in [
            (
                &b"Jefe"[..],
                &b"what do ya want for nothing?"[..],
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(hex(&hmac(key, message)), mac);
        }
    }

    #[test]
    fn a_seal_holds_for_its_question_under_its_secret_and_for_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        std::fs::write(&file, "a secret of more than sixteen bytes").unwrap();
        let key = Key::new(&file).unwrap();
        let question = Question { what: "fence", epoch: 7, holder: "a/10.0.0.1/u/1", to: "v" };
        let seal = key.seal(&question).unwrap();
        assert!(key.holds(&question, &seal));
        for other in [
            Question { what: "led", ..question },
            Question { epoch: 8, ..question },
            Question { holder: "b/10.0.0.9/u/1", ..question },
            Question { to: "w", ..question },
        ] {
            assert!(!key.holds(&other, &seal), "{other:?}");
        }
        assert!(!key.holds(&question, "") && !key.holds(&question, &seal[1..]));
        assert!(key.seal(&Question { holder: "a\n8", ..question }).is_err());
        // Renewed while the pod runs.
        std::fs::write(&file, "another secret of enough bytes").unwrap();
        assert!(!key.holds(&question, &seal) && key.holds(&question, &key.seal(&question).unwrap()));
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        assert!(Key::new(&file).is_err());
        std::fs::write(&file, "short").unwrap();
        assert!(Key::new(&file).unwrap_err().to_string().contains("needs 16"));
    }
}
