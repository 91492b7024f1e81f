//! Questions on a terminal: what "no" and Ctrl-C leave behind.

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

use crate::sandbox::Sandbox;
use crate::world::{with_a_clean, with_a_cluster};

const HIDE: &str = "\u{1b}[?25l";
const SHOW: &str = "\u{1b}[?25h";

fn asked(sandbox: &Sandbox, args: &[&str]) -> PtySession {
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_opsctl"));
    command.args(args).env("TERM", "xterm-256color");
    let mut session = spawn_command(command, Some(60_000)).unwrap();
    session.exp_string("Continue?").unwrap();
    // The cursor is hidden once it listens.
    session.exp_string(HIDE).unwrap();
    session
}

/// The rest of what it wrote, and its exit code.
fn ended(mut session: PtySession) -> (String, i32) {
    let rest = session.exp_eof().unwrap();
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => (rest, code),
        other => panic!("{other:?}: {rest}"),
    }
}

#[test]
fn no_leaves_everything() {
    let sandbox = Sandbox::new();
    with_a_clean(&sandbox);
    let journal = std::fs::read(sandbox.state().join("journal.jsonl")).unwrap();
    for key in ["n", "\r", "\u{1b}"] {
        let mut session = asked(&sandbox, &["undo"]);
        session.send(key).unwrap();
        session.flush().unwrap();
        let (rest, code) = ended(session);
        assert_eq!(code, 1, "{rest}");
        assert!(rest.contains("nothing was touched") && rest.contains(SHOW), "{key:?}: {rest:?}");
        assert_eq!(std::fs::read(sandbox.state().join("journal.jsonl")).unwrap(), journal);
    }
}

#[test]
fn no_leaves_a_damaged_journal_as_it_is() {
    let sandbox = Sandbox::new();
    with_a_cluster(&sandbox, "gone");
    let file = sandbox.state().join("journal.jsonl");
    let damaged = [&std::fs::read(&file).unwrap()[..], b"{}\n"].concat();
    std::fs::write(&file, &damaged).unwrap();
    let mut session = asked(&sandbox, &["down"]);
    session.send("n").unwrap();
    session.flush().unwrap();
    let (rest, code) = ended(session);
    assert_eq!(code, 1, "{rest}");
    assert_eq!(std::fs::read(&file).unwrap(), damaged);
    // The journal and its lock.
    assert_eq!(std::fs::read_dir(sandbox.state()).unwrap().count(), 2);
}

#[test]
fn ctrl_c_at_a_question_ends_with_130_and_gives_the_cursor_back() {
    let sandbox = Sandbox::new();
    with_a_clean(&sandbox);
    let journal = std::fs::read(sandbox.state().join("journal.jsonl")).unwrap();
    for args in [&["undo"][..], &["-q", "undo"], &["uninstall"]] {
        let mut session = asked(&sandbox, args);
        session.send_control('c').unwrap();
        let (rest, code) = ended(session);
        assert_eq!(code, 130, "{args:?}: {rest}");
        let (hidden, shown) = (rest.rfind(HIDE), rest.rfind(SHOW));
        assert!(shown.is_some() && shown > hidden, "{args:?}: the cursor stays hidden: {rest:?}");
        assert_eq!(std::fs::read(sandbox.state().join("journal.jsonl")).unwrap(), journal);
    }
}

#[test]
fn no_input_never_asks_on_a_terminal_either() {
    let sandbox = Sandbox::new();
    with_a_clean(&sandbox);
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_opsctl"));
    command.args(["undo", "--no-input"]);
    let (said, code) = ended(spawn_command(command, Some(60_000)).unwrap());
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("--yes"), "{said}");
}
