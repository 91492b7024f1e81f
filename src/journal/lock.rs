//! One opsctl at a time: the lock, and who holds it.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::Result;
use jiff::Timestamp;
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};

use crate::error::{again, problem, shell};
use crate::fs::{private_file, private_folder};

/// Who holds the lock, told to the loser.
#[derive(Serialize, Deserialize)]
struct Holder {
    pid: u32,
    command: String,
    since: Timestamp,
}

/// The held lock; let go when dropped, also while a child that is just being started shares the file.
#[derive(Debug)]
pub struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Whose number the process gets next is not the holder.
        let _ = self.0.set_len(0);
        let _ = self.0.unlock();
    }
}

/// Takes the lock; the error names who holds it.
pub fn lock(state: &Path, command: &str) -> Result<Lock> {
    let path = state.join("lock");
    let unusable = |e: std::io::Error| {
        problem!(State, "could not lock {}: {e}", path.display())
            .found("Nothing was touched.")
            .next(shell(format!("ls -ld {}", state.display())))
    };
    private_folder(state).map_err(unusable)?;
    let mut file = private_file(&path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => {
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            let who = serde_json::from_str::<Holder>(&text).map_or_else(
                |_| "another opsctl".to_owned(),
                |h| format!("`{}` (process {}, since {})", h.command, h.pid, h.since.strftime("%H:%M:%S")),
            );
            return Err(problem!(Locked, "{who} is running")
                .found("Nothing was touched; wait for it to end.")
                .next(again().remark("once it has ended"))
                .into());
        }
        Err(std::fs::TryLockError::Error(e)) => return Err(unusable(e).into()),
    }
    // Held by nobody, because its folder went meanwhile: the next one is another file.
    let there = std::fs::metadata(&path).is_ok_and(|there| {
        file.metadata().is_ok_and(|held| (held.dev(), held.ino()) == (there.dev(), there.ino()))
    });
    if !there {
        return Err(problem!(Locked, "opsctl was just uninstalled")
            .found("Nothing was touched.")
            .next(again())
            .into());
    }
    let holder = Holder { pid: std::process::id(), command: command.to_owned(), since: Timestamp::now() };
    let write = || -> std::io::Result<()> {
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(serde_json::to_string(&holder)?.as_bytes())
    };
    let mut write = write;
    write().map_err(|e| {
        problem!(State, "could not write {}: {e}", path.display())
            .found("Nothing was touched.")
            .next(shell(format!("df -h {}", state.display())))
    })?;
    Ok(Lock(file))
}

/// Whether another process says that it holds the lock, and lives. Nothing is taken, not for a moment.
pub fn is_held(state: &Path) -> bool {
    let holder =
        std::fs::read(state.join("lock")).ok().and_then(|text| serde_json::from_slice::<Holder>(&text).ok());
    let pid = holder.and_then(|holder| i32::try_from(holder.pid).ok()).and_then(Pid::from_raw);
    // One of somebody else's is alive as well.
    pid.is_some_and(|pid| test_kill_process(pid).map_or_else(|e| e == Errno::PERM, |()| true))
}
