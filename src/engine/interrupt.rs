//! Ctrl-C: once lets the steps in hand finish, twice ends at once.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use crate::error::Class;
use crate::exec;

static INTERRUPTS: AtomicU8 = AtomicU8::new(0);

/// Everything is being ended.
static ENDING: Notify = Notify::const_new();

/// Listens for Ctrl-C and SIGTERM: the first lets the steps in hand finish, the second ends at once, and all
/// tools with it.
pub fn listen(ui: crate::ui::Ui) {
    // Asked for once: a signal between two askings would be lost.
    let (Ok(mut int), Ok(mut term)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return;
    };
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = int.recv() => {}
                _ = term.recv() => {}
            }
            if INTERRUPTS.fetch_add(1, Ordering::SeqCst) > 0 || !BUSY.load(Ordering::SeqCst) {
                ENDING.notify_one();
                exec::end_all().await;
                ui.restore();
                std::process::exit(i32::from(Class::Interrupted.code()));
            }
            ui.note(
                "\nFinishing the step in hand. Ctrl-C again stops at once; the journal holds either way.",
            );
        }
    });
}

/// The work's result, unless everything is being ended first: then it goes no further, because its tools
/// fail only since they were ended, and the exit code is decided.
pub async fn until_ended<T>(work: impl Future<Output = T>) -> T {
    // Not dropped: its tools have their time to end by themselves.
    let mut work = pin!(work);
    tokio::select! {
        biased;
        () = ENDING.notified() => std::future::pending().await,
        done = &mut work => done,
    }
}

static BUSY: AtomicBool = AtomicBool::new(false);

/// Marks the time in which Ctrl-C waits for the step in hand.
pub struct Busy;

impl Busy {
    /// From now until it is dropped.
    pub fn new() -> Self {
        BUSY.store(true, Ordering::SeqCst);
        Self
    }
}

impl Default for Busy {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        BUSY.store(false, Ordering::SeqCst);
    }
}

/// Whether a first Ctrl-C came: no further step is begun.
pub fn interrupted() -> bool {
    INTERRUPTS.load(Ordering::SeqCst) > 0
}
