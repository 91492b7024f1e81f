//! Questions.

use std::io::IsTerminal as _;

use anyhow::Result;

use super::Ui;
use crate::error::{again, problem};

impl Ui {
    /// Asks before something that cannot be taken for granted: an error unless the answer is yes.
    ///
    /// `--yes` answers; without a terminal, or with `--no-input`, it is an error that names `--yes`.
    pub fn confirm(&self, question: &str) -> Result<()> {
        if self.0.options.yes {
            return Ok(());
        }
        let asking = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if self.0.options.no_input || !asking {
            return Err(problem!(
                Unanswered,
                "\"{question}\" needs an answer, and there is no terminal to ask on"
            )
            .next(again().with("--yes"))
            .into());
        }
        let ask = || dialoguer::Confirm::new().with_prompt(question).default(false).interact_opt();
        match self.0.bars.suspend(ask) {
            Ok(Some(true)) => Ok(()),
            Ok(_) => Err(problem!(NotConfirmed, "not confirmed; nothing was touched").into()),
            Err(dialoguer::Error::IO(e)) => {
                // The prompt hides the cursor, and leaves it so when it fails.
                let _ = console::Term::stderr().show_cursor();
                if e.kind() == std::io::ErrorKind::Interrupted {
                    return Err(problem!(Interrupted, "interrupted at the question").into());
                }
                Err(anyhow::Error::new(e).context("could not ask"))
            }
        }
    }
}
