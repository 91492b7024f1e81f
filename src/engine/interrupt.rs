//! Ctrl-C: once lets the steps in hand finish, twice ends at once.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use crate::error::Class;

static INTERRUPTS: AtomicU8 = AtomicU8::new(0);

/// Listens for Ctrl-C and SIGTERM: the first lets the steps in hand finish, the second ends at once.
pub fn listen(ui: crate::ui::Ui) {
    tokio::spawn(async move {
        let Ok(mut term) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
            return;
        };
        loop {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = term.recv() => {}
            }
            if INTERRUPTS.fetch_add(1, Ordering::SeqCst) > 0 || !BUSY.load(Ordering::SeqCst) {
                ui.restore();
                std::process::exit(i32::from(Class::Interrupted.code()));
            }
            ui.note(
                "\nFinishing the step in hand. Ctrl-C again stops at once; the journal holds either way.",
            );
        }
    });
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
