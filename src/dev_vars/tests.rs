//! The command against a profile on disk and servers that are real sockets.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::time::Instant;

use super::*;
use crate::error::{Class, class_of, opsctl};

const MASTER_ANSWER: &str = "+PONG\r\n*3\r\n$6\r\nmaster\r\n:7\r\n*0\r\n";
const SLAVE_ANSWER: &str = "+PONG\r\n*5\r\n$5\r\nslave\r\n$5\r\nredis\r\n:6379\r\n$9\r\nconnected\r\n:7\r\n";

/// A server that gives one answer to whatever it is asked, in small pieces; its port.
fn server(host: Ipv4Addr, answer: &'static str) -> u16 {
    let listener = TcpListener::bind((host, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut question = [0_u8; 64];
            let _ = stream.read(&mut question);
            for piece in answer.as_bytes().chunks(5) {
                let _ = stream.write_all(piece);
                let _ = stream.flush();
            }
        }
    });
    port
}

const USUAL: Ports = Ports { master: 32400, slave: 32401, timestamps: NOBODY };
/// Nothing listens there.
const NOBODY: u16 = 1;

const HOME: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// All of 127/8 is this host on Linux: a second node.
const SECOND: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const THIRD: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

/// Addresses of one test each, so that no other test's server can come to listen there.
#[cfg(target_os = "linux")]
const DESERTED: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 4);
#[cfg(target_os = "linux")]
const HALF: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 5);

struct Fixture {
    dir: tempfile::TempDir,
}

impl Fixture {
    fn with(config: &str) -> Self {
        let fixture = Self { dir: tempfile::tempdir().unwrap() };
        let folder = fixture.paths().profile("p");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.json"), config).unwrap();
        fixture
    }

    fn nodes(ips: &[&str]) -> Self {
        let node = |(i, ip): (usize, &&str)| {
            format!(r#"{{"Name":"m{i:02}","IP":"{ip}","Port":8443,"ControlPlane":{}}}"#, i == 0)
        };
        let nodes: Vec<_> = ips.iter().enumerate().map(node).collect();
        Self::with(&format!(r#"{{"Name":"p","Driver":"docker","Nodes":[{}]}}"#, nodes.join(",")))
    }

    fn paths(&self) -> Paths {
        Paths::below(self.dir.path())
    }

    fn output(&self, ports: Ports) -> Result<String> {
        output(&self.paths(), "p", ports, Form::Shell(Shell::Bash))
    }

    fn problem(&self, ports: Ports) -> Problem {
        self.output(ports).unwrap_err().downcast::<Problem>().unwrap()
    }
}

#[test]
fn two_servers_in_their_roles_become_two_exports() {
    let ports =
        Ports { master: server(HOME, MASTER_ANSWER), slave: server(HOME, SLAVE_ANSWER), timestamps: NOBODY };
    let text = Fixture::nodes(&["127.0.0.1", "127.0.0.2"]).output(ports).unwrap();
    assert_eq!(
        text,
        format!(
            "export REDIS_MASTER_HOST_PORT=127.0.0.1:{}\nexport REDIS_SLAVE_HOST_PORT=127.0.0.1:{}",
            ports.master, ports.slave
        )
    );
}

const API_ANSWER: &str = "HTTP/1.0 200 OK\r\nServer: opsctl-timestamps\r\nContent-Length: 9\r\n\r\n";

#[test]
fn the_timestamp_api_is_a_third_variable_where_it_is_up() {
    let fixture = Fixture::nodes(&["127.0.0.1"]);
    let (master, slave, timestamps) =
        (server(HOME, MASTER_ANSWER), server(HOME, SLAVE_ANSWER), server(HOME, API_ANSWER));
    let text = fixture.output(Ports { master, slave, timestamps }).unwrap();
    assert_eq!(text.lines().last(), Some(&*format!("export TIMESTAMPS_URL=http://127.0.0.1:{timestamps}")));
    assert_eq!(text.lines().count(), 3);
    let other = server(HOME, "HTTP/1.0 200 OK\r\nServer: nginx\r\n\r\n");
    let text = fixture.output(Ports { master, slave, timestamps: other }).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn without_redis_it_is_the_only_one_and_with_a_redis_that_is_unwell_an_error() {
    let timestamps = server(HOME, API_ANSWER);
    let fixture = Fixture::nodes(&["127.0.0.1"]);
    let text = fixture.output(Ports { master: NOBODY, slave: NOBODY, timestamps }).unwrap();
    assert_eq!(text, format!("export TIMESTAMPS_URL=http://127.0.0.1:{timestamps}"));
    let master = server(HOME, MASTER_ANSWER);
    assert!(fixture.output(Ports { master, slave: NOBODY, timestamps }).is_err());
    let slave = server(HOME, "-LOADING …\r\n");
    assert!(fixture.output(Ports { master: NOBODY, slave, timestamps }).is_err());
}

#[test]
fn the_control_plane_comes_first_wherever_it_stands_in_the_file() {
    let fixture = Fixture::with(
        r#"{"Name":"p","Nodes":[{"Name":"m02","IP":"127.0.0.2"},{"Name":"","IP":"127.0.0.1","ControlPlane":true}]}"#,
    );
    let profile = Profile::read(&fixture.paths(), "p").unwrap().unwrap();
    let hosts: Vec<_> = candidates(&profile, "linux").unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["127.0.0.1", "127.0.0.2"]);
    assert_eq!(candidates(&profile, "macos").unwrap().last().unwrap().to_string(), "127.0.0.1");
}

#[cfg(target_os = "linux")]
#[test]
fn another_node_stands_in_for_one_that_cannot_be_reached() {
    let master = server(SECOND, MASTER_ANSWER);
    let slave = server(SECOND, SLAVE_ANSWER);
    let vars = collect(
        &Fixture::nodes(&["127.0.0.3", "127.0.0.2"]).paths(),
        "p",
        Ports { master, slave, timestamps: NOBODY },
    )
    .unwrap();
    assert_eq!(vars.redis, Some((format!("127.0.0.2:{master}"), format!("127.0.0.2:{slave}"))));
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_listening_means_redis_is_to_be_brought_up() {
    let problem = Fixture::nodes(&[&DESERTED.to_string()]).problem(USUAL);
    assert_eq!(problem.next, [opsctl("redis up")]);
    assert_eq!(problem.found[0], "master at 127.0.0.4:32400: connection refused");
    assert_eq!(problem.found.len(), 2);
}

#[test]
fn swapped_roles_are_refused_with_what_was_found() {
    let ports =
        Ports { master: server(HOME, SLAVE_ANSWER), slave: server(HOME, MASTER_ANSWER), timestamps: NOBODY };
    let problem = Fixture::nodes(&["127.0.0.1", "127.0.0.2"]).problem(ports);
    assert!(problem.found[0].ends_with("the server there is a replica"), "{:?}", problem.found);
    assert!(problem.found[1].ends_with("the server there is a master"), "{:?}", problem.found);
    assert_eq!(problem.next[0], opsctl("redis status"));
}

#[cfg(target_os = "linux")]
#[test]
fn one_missing_server_is_enough_to_print_nothing() {
    let ports = Ports { master: server(HALF, MASTER_ANSWER), slave: 1, timestamps: NOBODY };
    let problem = Fixture::nodes(&[&HALF.to_string()]).problem(ports);
    assert!(problem.what.contains("replica"), "{}", problem.what);
    assert_eq!(problem.next[0], opsctl("redis status"));
}

#[test]
fn a_password_or_a_loading_server_is_told_in_redis_own_words() {
    let ports = Ports {
        master: server(HOME, "-NOAUTH Authentication required.\r\n-NOAUTH Authentication required.\r\n"),
        slave: server(HOME, "-LOADING Redis is loading the dataset in memory\r\n-LOADING …\r\n"),
        timestamps: NOBODY,
    };
    let problem = Fixture::nodes(&["127.0.0.1"]).problem(ports);
    assert!(problem.found[0].contains("NOAUTH"), "{:?}", problem.found);
    assert!(problem.found[1].contains("LOADING"), "{:?}", problem.found);
}

#[test]
fn servers_that_accept_and_say_nothing_cost_a_second_together() {
    // Bound and never accepted: the kernel completes the connection, nobody ever answers.
    let silent = [TcpListener::bind((HOME, 0)).unwrap(), TcpListener::bind((HOME, 0)).unwrap()];
    let port = |i: usize| silent[i].local_addr().unwrap().port();
    let fixture = Fixture::nodes(&["127.0.0.1"]);
    let began = Instant::now();
    let error = fixture.output(Ports { master: port(0), slave: port(1), timestamps: NOBODY }).unwrap_err();
    assert!(began.elapsed() < PATIENCE * 10, "{:?}", began.elapsed());
    assert_eq!(class_of(&error), Class::Timeout);
    let problem = error.downcast::<Problem>().unwrap();
    assert_eq!(problem.next, [opsctl("minikube status"), opsctl("up")]);
    assert!(problem.found.iter().any(|l| l.contains("Docker Desktop")), "{:?}", problem.found);
}

#[test]
fn a_torn_profile_is_an_error_and_prints_nothing() {
    let whole =
        r#"{"Name":"p","Driver":"docker","Nodes":[{"Name":"","IP":"127.0.0.1","ControlPlane":true}]}"#;
    for end in 0..whole.len() {
        assert!(Fixture::with(&whole[..end]).output(USUAL).is_err(), "cut at {end}");
    }
}

#[test]
fn a_profile_that_is_not_there_names_the_way_to_make_one() {
    let fixture = Fixture { dir: tempfile::tempdir().unwrap() };
    let problem = fixture.problem(USUAL);
    assert_eq!(problem.next, [opsctl("up")]);
    assert!(problem.found[0].contains("profiles/p/config.json"), "{:?}", problem.found);
}

#[test]
fn an_address_that_is_none_never_gets_as_far_as_a_shell() {
    for ip in ["$(id)", "127.0.0.1; id", "example.org", "127.0.0.1\\n"] {
        let problem = Fixture::nodes(&[ip]).problem(USUAL);
        assert!(problem.what.contains("not an IP address"), "{}", problem.what);
    }
    let problem = Fixture::nodes(&["", ""]).problem(USUAL);
    assert_eq!(problem.next, [opsctl("minikube up")]);
}

#[test]
fn a_command_gets_the_variables_and_its_exit_code_is_kept() {
    let vars = Vars { redis: Some(("m:1".into(), "s $HOME:2".into())), timestamps: None };
    let argv =
        ["sh", "-c", "echo \"$REDIS_MASTER_HOST_PORT $REDIS_SLAVE_HOST_PORT\"; exit 7"].map(String::from);
    let output = command(&vars, &argv).unwrap().output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(output.stdout, b"m:1 s $HOME:2\n");
    assert!(command(&vars, &[]).is_err());
    assert_eq!(class_of(&run(&vars, &["no-such-command-anywhere".into()]).unwrap_err()), Class::Missing);
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_that_answers_wrongly_is_not_asked_again_through_other_nodes() {
    let port = server(HOME, SLAVE_ANSWER);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let said = runtime.block_on(first(&[HOME.into(), THIRD.into()], port, MASTERS)).unwrap_err();
    assert!(matches!(&said[..], [(at, Ok(Role::Replica { .. }))] if *at == (HOME, port).into()), "{said:?}");
}
