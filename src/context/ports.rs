//! Which port each service has: said by the environment, remembered with the profile, or the default.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::{Paths, Target, variable};
use crate::error::{problem, shell};
use crate::fs::write_whole;

/// The ports that differ from the defaults, by the variable that chose them.
type Remembered = BTreeMap<String, u16>;

/// Where Kubernetes gives `NodePorts`, unless it is told otherwise.
pub const NODE_PORTS: RangeInclusive<u16> = 30000..=32767;

/// A `NodePort` of a stack's service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The variable that sets it, such as `OPSCTL_PORT_REDIS_MASTER`.
    pub variable: String,
    /// The service that has it: `namespace/name`.
    pub service: String,
    /// The one that its manifest names.
    pub usual: u16,
}

/// The ports that the stacks' services take on every node; each can be set by its variable, and the profile
/// remembers it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports(Vec<(Port, u16)>);

impl Ports {
    /// Of these, what the environment says, else what the profile remembers, else what is usual.
    pub fn of(paths: &Paths, target: &Target, ports: Vec<Port>) -> Result<Self> {
        let remembered = match target {
            Target::Profile(profile) => read(paths, profile)?,
            Target::Context(_) => Remembered::new(),
        };
        Self::chosen(ports, &remembered, variable)
    }

    fn chosen(
        ports: Vec<Port>,
        remembered: &Remembered,
        said: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let chosen = |port: Port| {
            let name = &port.variable;
            let number = match said(name) {
                Some(text) => text.parse().ok().filter(|p| *p > 0).ok_or_else(|| {
                    problem!(Usage, "{name}={text} is not a port").next(shell(format!("unset {name}")))
                })?,
                None => remembered.get(name).copied().unwrap_or(port.usual),
            };
            Ok((port, number))
        };
        ports.into_iter().map(chosen).collect::<Result<_>>().map(Self)
    }

    /// The port of a service, `namespace/name`; 0 where no stack has it.
    pub fn get(&self, service: &str) -> u16 {
        self.0.iter().find(|(port, _)| port.service == service).map_or(0, |(_, number)| *number)
    }

    /// The variable that sets the port of a service, `namespace/name`; empty where no stack has it.
    pub fn variable(&self, service: &str) -> &str {
        self.0.iter().find(|(port, _)| port.service == service).map_or("", |(port, _)| &port.variable)
    }

    /// Gives a service this port.
    pub fn set(&mut self, service: &str, to: u16) {
        for (port, number) in &mut self.0 {
            if port.service == service {
                *number = to;
            }
        }
    }

    /// The variables that choose a free port in the place of this one; none where that is no service's.
    /// `used` are the ports of all services in the cluster.
    ///
    /// What the environment chooses for other services is among them: a refused command remembers nothing.
    pub fn instead(&self, taken: i64, used: &[i64]) -> Option<String> {
        self.instead_beside(taken, used, variable)
    }

    fn instead_beside(
        &self,
        taken: i64,
        used: &[i64],
        said: impl Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let ours = |number: u16| self.0.iter().any(|(_, other)| *other == number);
        let is_free = |port: &u16| !used.contains(&i64::from(*port)) && !ours(*port);
        let taken = u16::try_from(taken).ok()?;
        let mut words = Vec::new();
        let mut found = false;
        for (port, number) in &self.0 {
            let name = &port.variable;
            if *number == taken && !found {
                found = true;
                let further = taken.saturating_add(100)..=*NODE_PORTS.end();
                words.push(format!("{name}={}", further.chain(NODE_PORTS).find(is_free)?));
            } else if said(name).is_some() {
                words.push(format!("{name}={number}"));
            }
        }
        found.then(|| words.join(" "))
    }

    /// Notes with the profile which port a service (`namespace/name`) has now, so that whoever asks for it
    /// later, without the variable, asks this service and not another one that has the usual port.
    pub fn remember(&self, paths: &Paths, target: &Target, service: &str, number: u16) -> Result<()> {
        let Target::Profile(profile) = target else { return Ok(()) };
        let Some((port, _)) = self.0.iter().find(|(port, _)| port.service == service) else { return Ok(()) };
        // A folder without it is no profile, and must not be made to look like one.
        if !paths.profile(profile).join("config.json").exists() {
            return Ok(());
        }
        let former = read(paths, profile)?;
        let mut known = former.clone();
        if number == port.usual {
            known.remove(&port.variable);
        } else {
            known.insert(port.variable.clone(), number);
        }
        if known == former {
            return Ok(());
        }
        let file = file(paths, profile);
        if known.is_empty() {
            return std::fs::remove_file(&file)
                .with_context(|| format!("could not remove {}", file.display()));
        }
        write_whole(&file, &serde_json::to_vec_pretty(&known)?)
    }
}

/// In the profile's own folder: it goes with the profile.
fn file(paths: &Paths, profile: &str) -> PathBuf {
    paths.profile(profile).join("opsctl-ports.json")
}

fn read(paths: &Paths, profile: &str) -> Result<Remembered> {
    let file = file(paths, profile);
    let bytes = match std::fs::read(&file) {
        Ok(bytes) => bytes,
        // Without a profile there is no folder either, or a file in its place.
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Remembered::new());
        }
        Err(e) => return Err(e).with_context(|| format!("could not read {}", file.display())),
    };
    let damaged = |why: String| {
        // The defaults instead would lead to whatever has them now.
        problem!(Profile, "the ports of the profile \"{profile}\" cannot be read: {}", file.display())
            .found(why)
            .found("It holds the ports that differ from the defaults: kubectl get services -A shows them.")
            .next(shell(format!("rm {}", crate::exec::quoted(&file.to_string_lossy()))))
            .advice("then set OPSCTL_PORT_… for each of them at the next up, which saves it again")
    };
    let ports: Remembered = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
    match ports.iter().find(|(_, port)| **port == 0) {
        Some((name, _)) => Err(damaged(format!("{name} is 0")).into()),
        None => Ok(ports),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Problem;

    const MASTER: &str = "redis/redis";
    const REPLICA: &str = "redis/redis-replica";
    const PAGE: &str = "election/page";

    /// Three services' ports.
    fn three() -> Vec<Port> {
        let port = |variable: &str, service: &str, usual| Port {
            variable: format!("OPSCTL_PORT_{variable}"),
            service: service.into(),
            usual,
        };
        vec![
            port("REDIS_MASTER", MASTER, 32400),
            port("REDIS_REPLICA", REPLICA, 32401),
            port("ELECTION_PAGE", PAGE, 32422),
        ]
    }

    fn usual() -> Ports {
        Ports::chosen(three(), &Remembered::new(), |_| None).unwrap()
    }

    /// The usual ones, but for these.
    fn with(changes: &[(&str, u16)]) -> Ports {
        let mut ports = usual();
        for (service, number) in changes {
            ports.set(service, *number);
        }
        ports
    }

    struct Home {
        dir: tempfile::TempDir,
    }

    impl Home {
        fn with_profile() -> Self {
            let home = Self { dir: tempfile::tempdir().unwrap() };
            write_whole(&home.paths().profile("p").join("config.json"), b"{}").unwrap();
            home
        }

        fn paths(&self) -> Paths {
            Paths::below(self.dir.path())
        }

        fn remember(&self, service: &str, port: u16) {
            usual().remember(&self.paths(), &Self::target(), service, port).unwrap();
        }

        fn chosen(&self) -> Ports {
            Ports::chosen(three(), &read(&self.paths(), "p").unwrap(), |_| None).unwrap()
        }

        fn target() -> Target {
            Target::Profile("p".into())
        }
    }

    #[test]
    fn a_port_is_remembered_with_the_profile_until_it_is_the_default_again() {
        let home = Home::with_profile();
        home.remember(MASTER, 32500);
        home.remember("election/page", 32522);
        home.remember("redis/redis-replica", 32401);
        assert_eq!(home.chosen(), with(&[(MASTER, 32500), (PAGE, 32522)]));
        let text = std::fs::read_to_string(file(&home.paths(), "p")).unwrap();
        assert!(!text.contains("REPLICA"), "a default is in it: {text}");
        home.remember("redis/redis", 32400);
        assert_eq!(home.chosen(), with(&[(PAGE, 32522)]));
        home.remember("election/page", 32422);
        assert!(!file(&home.paths(), "p").exists());
        // And once more, with nothing to forget.
        home.remember("election/page", 32422);
    }

    #[test]
    fn the_environment_counts_more_than_what_is_remembered() {
        let home = Home::with_profile();
        home.remember(MASTER, 32500);
        let remembered = read(&home.paths(), "p").unwrap();
        let said = |port: &'static str| {
            move |name: &str| (name == "OPSCTL_PORT_REDIS_MASTER").then(|| port.to_owned())
        };
        assert_eq!(Ports::chosen(three(), &remembered, said("32600")).unwrap().get(MASTER), 32600);
        assert_eq!(Ports::chosen(three(), &remembered, said("32400")).unwrap().get(MASTER), 32400);
        for bad in ["0", "70000", "x"] {
            let error = Ports::chosen(three(), &remembered, said(bad)).unwrap_err();
            assert_eq!(crate::error::class_of(&error), crate::error::Class::Usage, "{bad}");
        }
    }

    #[test]
    fn nothing_is_remembered_for_a_context_a_foreign_service_or_without_a_profile() {
        let home = Home::with_profile();
        let context = Target::Context("p".into());
        usual().remember(&home.paths(), &context, MASTER, 32500).unwrap();
        home.remember("default/web", 30000);
        assert!(!file(&home.paths(), "p").exists());
        home.remember(MASTER, 32500);
        let at_the_context = Ports::of(&home.paths(), &context, three()).unwrap();
        assert_eq!(at_the_context, usual());
        std::fs::remove_dir_all(home.paths().profile("p")).unwrap();
        home.remember(MASTER, 32500);
        assert!(!home.paths().profile("p").exists());
    }

    #[test]
    fn a_damaged_file_is_an_error_that_names_it_and_no_silent_default() {
        let home = Home::with_profile();
        for text in ["", "{\"OPSCTL_PORT_REDIS_MASTER\":", "[]", "{\"OPSCTL_PORT_REDIS_MASTER\": 0}"] {
            std::fs::write(file(&home.paths(), "p"), text).unwrap();
            let error = Ports::of(&home.paths(), &Home::target(), three()).unwrap_err();
            let problem = error.downcast_ref::<Problem>().unwrap();
            assert!(problem.what.contains("opsctl-ports.json"), "{text}: {}", problem.what);
            assert!(problem.next[0].to_string().starts_with("rm "), "{:?}", problem.next);
        }
    }

    #[test]
    fn the_way_past_a_taken_port_repeats_what_was_chosen_already() {
        let ports = with(&[(MASTER, 32500)]);
        let said = |name: &str| (name == "OPSCTL_PORT_REDIS_MASTER").then(|| "32500".to_owned());
        let used = [32401, 32500];
        assert_eq!(
            ports.instead_beside(32401, &used, said).unwrap(),
            "OPSCTL_PORT_REDIS_MASTER=32500 OPSCTL_PORT_REDIS_REPLICA=32501"
        );
        // The one that is taken is not repeated.
        let again = ports.instead_beside(32500, &used, said);
        assert_eq!(again.unwrap(), "OPSCTL_PORT_REDIS_MASTER=32600");
        assert_eq!(ports.instead_beside(31999, &used, said), None);
    }

    #[test]
    fn the_port_that_is_proposed_is_free_and_one_that_kubernetes_gives() {
        let nobody = |_: &str| None;
        let page = |port: u16| with(&[(PAGE, port)]);
        let proposed =
            |port: u16, used: &[i64]| page(port).instead_beside(port.into(), used, nobody).unwrap();
        assert_eq!(proposed(32422, &[32422, 32522, 32523]), "OPSCTL_PORT_ELECTION_PAGE=32524");
        assert_eq!(proposed(32300, &[32300]), "OPSCTL_PORT_ELECTION_PAGE=32402", "ours are not free");
        assert_eq!(proposed(32722, &[32722, 30000]), "OPSCTL_PORT_ELECTION_PAGE=30001");
    }
}
