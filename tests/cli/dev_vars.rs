//! `dev-vars` prints what a shell can run, or nothing at all.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::sandbox::Sandbox;

const MASTER: &str = "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
const REPLICA: &str = "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:1\r\n$9\r\nconnected\r\n:0\r\n";

/// Something that answers PING and ROLE, until the test ends.
fn redis(role: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut heard = Vec::new();
            let mut buffer = [0_u8; 256];
            while !heard.ends_with(b"ROLE\r\n") {
                match stream.read(&mut buffer) {
                    Ok(n) if n > 0 => heard.extend_from_slice(&buffer[..n]),
                    _ => break,
                }
            }
            let _ = stream.write_all(format!("+PONG\r\n{role}").as_bytes());
        }
    });
    port
}

fn sandbox(master: u16, replica: u16) -> Sandbox {
    Sandbox::new()
        .profile("minikube", &["127.0.0.1"])
        .env("OPSCTL_PORT_REDIS_MASTER", &master.to_string())
        .env("OPSCTL_PORT_REDIS_REPLICA", &replica.to_string())
}

#[test]
fn each_shell_gets_assignments_in_its_own_words_and_their_inverse() {
    let (m, r) = (redis(MASTER), redis(REPLICA));
    let sandbox = sandbox(m, r);
    for (shell, set, unset) in [
        ("bash", "export REDIS_MASTER_HOST_PORT=", "unset REDIS_MASTER_HOST_PORT"),
        ("zsh", "export REDIS_MASTER_HOST_PORT=", "unset REDIS_MASTER_HOST_PORT"),
        ("sh", "export REDIS_MASTER_HOST_PORT=", "unset REDIS_MASTER_HOST_PORT"),
        ("fish", "set -gx REDIS_MASTER_HOST_PORT ", "set -e REDIS_MASTER_HOST_PORT;"),
        ("powershell", "$Env:REDIS_MASTER_HOST_PORT = ", "Remove-Item Env:REDIS_MASTER_HOST_PORT"),
    ] {
        let text = sandbox.opsctl(&["dev-vars", "--shell", shell]).ends(0).stdout;
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{shell}: {text}");
        assert!(lines[0].starts_with(set) && lines[0].contains(&format!("127.0.0.1:{m}")), "{shell}: {text}");
        assert!(lines[1].contains("REDIS_SLAVE_HOST_PORT"), "{shell}: {text}");
        assert!(lines[1].contains(&format!("127.0.0.1:{r}")), "{shell}: {text}");
        let text = sandbox.opsctl(&["dev-vars", "--unset", "--shell", shell]).ends(0).stdout;
        assert!(text.starts_with(unset) && text.lines().count() == 3, "{shell}: {text}");
        assert!(text.contains("TIMESTAMPS_URL"), "{shell}: {text}");
    }
}

#[test]
fn a_real_shell_has_the_variables_after_eval_and_not_after_their_unset() {
    let (m, r) = (redis(MASTER), redis(REPLICA));
    let sandbox = sandbox(m, r);
    let script = format!(
        r#"eval "$({0} dev-vars)" && /usr/bin/printenv REDIS_MASTER_HOST_PORT REDIS_SLAVE_HOST_PORT
           eval "$({0} dev-vars --unset)"; /usr/bin/printenv REDIS_MASTER_HOST_PORT REDIS_SLAVE_HOST_PORT || echo none"#,
        env!("CARGO_BIN_EXE_opsctl")
    );
    let ran = sandbox.run("/bin/sh", &["-c", &script]).ends(0);
    assert_eq!(ran.stdout, format!("127.0.0.1:{m}\n127.0.0.1:{r}\nnone\n"));
    assert_eq!(ran.stderr, "");
}

#[test]
fn the_same_values_come_as_dotenv_as_json_and_in_a_commands_environment() {
    let (m, r) = (redis(MASTER), redis(REPLICA));
    let sandbox =
        sandbox(m, r).tool("show", "echo \"$REDIS_MASTER_HOST_PORT $REDIS_SLAVE_HOST_PORT $1\"; exit 7");
    let text = sandbox.opsctl(&["dev-vars", "-o", "dotenv"]).ends(0).stdout;
    assert_eq!(text, format!("REDIS_MASTER_HOST_PORT=127.0.0.1:{m}\nREDIS_SLAVE_HOST_PORT=127.0.0.1:{r}\n"));
    let json = sandbox.opsctl(&["dev-vars", "-o", "json"]).ends(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["REDIS_MASTER_HOST_PORT"], format!("127.0.0.1:{m}"));
    assert_eq!(json["REDIS_SLAVE_HOST_PORT"], format!("127.0.0.1:{r}"));
    // The command's exit code is the answer.
    let ran = sandbox.opsctl(&["dev-vars", "--", "show", "--me"]).ends(7);
    assert_eq!(ran.stdout, format!("127.0.0.1:{m} 127.0.0.1:{r} --me\n"));
}

#[test]
fn ports_that_the_profile_remembers_are_those_of_dev_vars_and_the_environment_counts_more() {
    let (m, r, other) = (redis(MASTER), redis(REPLICA), redis(MASTER));
    let remembered = format!(r#"{{"OPSCTL_PORT_REDIS_MASTER": {m}, "OPSCTL_PORT_REDIS_REPLICA": {r}}}"#);
    let known = |sandbox: Sandbox| {
        sandbox
            .profile("minikube", &["127.0.0.1"])
            .file(".minikube/profiles/minikube/opsctl-ports.json", &remembered)
    };
    let text = known(Sandbox::new()).opsctl(&["dev-vars", "-o", "dotenv"]).ends(0).stdout;
    assert_eq!(text, format!("REDIS_MASTER_HOST_PORT=127.0.0.1:{m}\nREDIS_SLAVE_HOST_PORT=127.0.0.1:{r}\n"));
    let sandbox = known(Sandbox::new().env("OPSCTL_PORT_REDIS_MASTER", &other.to_string()));
    let text = sandbox.opsctl(&["dev-vars", "-o", "dotenv"]).ends(0).stdout;
    assert!(text.contains(&format!("127.0.0.1:{other}\n")) && text.contains(&r.to_string()), "{text}");
}

#[test]
fn damaged_ports_of_a_profile_are_named_instead_of_passed_over() {
    let file = ".minikube/profiles/minikube/opsctl-ports.json";
    let sandbox = Sandbox::new().profile("minikube", &["127.0.0.1"]).file(file, "{\"OPSCTL_PORT_REDIS");
    for args in [&["dev-vars"][..], &["redis", "status"], &["redis", "clean", "--yes"]] {
        let ran = sandbox.opsctl(args).ends(1).guides(file);
        assert!(ran.stderr.contains("next: rm "), "{}", ran.stderr);
    }
    // Another profile has its own.
    let _ = sandbox.profile("work", &[]).opsctl(&["-p", "work", "dev-vars"]).ends(1).guides("no node");
}

#[test]
fn a_command_that_is_not_there_is_a_missing_prerequisite() {
    let sandbox = sandbox(redis(MASTER), redis(REPLICA));
    let _ = sandbox.opsctl(&["dev-vars", "--", "nowhere"]).ends(3).guides("nowhere");
}

#[test]
fn servers_in_each_others_place_are_no_addresses() {
    let sandbox = sandbox(redis(REPLICA), redis(MASTER));
    let ran = sandbox.opsctl(&["dev-vars"]).ends(1).guides("next: opsctl redis status");
    assert!(ran.stderr.contains("the server there is a replica"), "{}", ran.stderr);
}

#[test]
fn one_server_that_is_not_there_leaves_nothing_on_stdout() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let sandbox = sandbox(redis(MASTER), free);
    for args in [&["dev-vars"][..], &["dev-vars", "-o", "json"], &["dev-vars", "-o", "dotenv"]] {
        let _ = sandbox.opsctl(args).ends(1).guides("the redis replica does not answer as it should");
    }
}

#[test]
fn a_form_that_it_does_not_have_is_wrong_usage() {
    let sandbox = Sandbox::new();
    let _ = sandbox.opsctl(&["dev-vars", "-o", "yaml"]).ends(2).guides("-o dotenv or -o json");
    let _ = sandbox.opsctl(&["dev-vars", "--shell", "tcsh"]).ends(2).guides("tcsh");
    let _ = sandbox.opsctl(&["history", "-o", "dotenv"]).ends(2).guides("dev-vars");
}
