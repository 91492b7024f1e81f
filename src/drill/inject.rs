//! Faults as acts on nodes, each prepared beforehand, so that the moment of the act is known, and taken back.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Service;
use kube::Api;
use kube::api::DeleteParams;

use super::fault::Fault;
use super::world::{Member, NAME, NAMESPACE, World};
use crate::context::{Context, Profile, ProfileNode};
use crate::election::protocol::Time;
use crate::error::{opsctl, problem};
use crate::exec::{Run, Talk};
use crate::fs::{remove_if_there, write_whole};
use crate::node;
use crate::serve::election::clock;

/// Signals processes of a pod: `$1` its UID, `$2` the signal, `$3` their names. Those that it stops are noted in the
/// file `$4` with their start: a later process may have the number.
const SIGNAL: &str = r#"pids=
for file in $(grep -lse "$1" -e "$(echo "$1" | tr - _)" /proc/[0-9]*/cgroup || :); do
  dir=${file%/cgroup}
  read -r name 2>/dev/null < "$dir/comm" || continue
  case " $3 " in *" $name "*) pids="$pids ${dir#/proc/}";; esac
done
if [ -z "$pids" ]; then echo "no such process" >&2; exit 1; fi
echo armed
read -r go
began() { set -- $(sed 's/.*) //' "/proc/$1/stat"); echo "${20}"; }
if [ "$2" = STOP ]; then
  for pid in $pids; do echo "$pid $(began "$pid")" >> "$4"; done
fi
kill -s "$2" $pids
echo done"#;

/// The pod `$1` reaches no API server, which listens on the port `$2`: rules that carry our name.
const PARTITION: &str = r#"echo armed
read -r go
for chain in FORWARD INPUT; do
  iptables -w -I $chain -s "$1" -p tcp -m multiport --dports "443,$2" -m comment --comment opsctl-drill -j DROP
done
echo done"#;

/// `$2` of the packets from and to the pod `$1` are lost, but not what the witness asks; what it sends to the
/// API server's service `$3` goes by the proxy `$4`, also where a connection stands already.
const LOSS: &str = r#"echo armed
read -r go
iptables -w -t nat -I PREROUTING -s "$1" -d "$3" -p tcp --dport 443 -m comment --comment opsctl-drill \
  -j DNAT --to-destination "$4"
conntrack -D -p tcp -s "$1" -d "$3" --dport 443 >/dev/null 2>&1 || :
for rule in "FORWARD -s" "FORWARD -d" "INPUT -s" "OUTPUT -d"; do
  iptables -w -I $rule "$1" -p tcp -m multiport ! --ports 8080 \
    -m statistic --mode random --probability "$2" -m comment --comment opsctl-drill -j DROP
done
echo done"#;

/// A proxy at `$1` to `$2` that delays by `$3`: any pod's copy of opsctl on the node serves.
const DELAY: &str = r#"for file in /var/lib/kubelet/pods/*/volumes/kubernetes.io~empty-dir/elector/opsctl; do
  if [ -x "$file" ]; then exec "$file" serve delay --listen "$1" --to "$2" --by "$3"; fi
done
echo "no pod of the election runs here" >&2
exit 1"#;

/// Where it listens.
const DELAY_PORT: u16 = 18429;

/// Says when the node has lost its address `$1`: the driver takes its time until it acts. The link's name is
/// another one each time that it comes back.
const UNPLUGGED: &str = r#"link=$(ip -o -4 addr show to "$1" | { read -r _ name _ && echo "$name"; })
if [ -z "$link" ]; then echo "no link has the address $1" >&2; exit 1; fi
echo armed
while [ -e "/sys/class/net/$link" ]; do sleep 0.01; done
echo gone"#;

/// The API server dies; with `$1` = away its manifest goes as well, to where [`MEND`] finds it. The kubelet
/// starts a container later each time that it dies, and the controllers give up meanwhile: one that was
/// itself started anew has forgotten the earlier deaths.
const API_SERVER: &str = r#"pid=$(pidof kube-apiserver) || { echo "no kube-apiserver runs here" >&2; exit 1; }
if systemctl restart kubelet 2>/dev/null; then
  for try in $(seq 100); do
    if curl -sf http://127.0.0.1:10248/healthz >/dev/null 2>&1; then break; fi
    sleep 0.1
  done
fi
echo armed
read -r go
if [ "$1" = away ]; then
  mv /etc/kubernetes/manifests/kube-apiserver.yaml /etc/kubernetes/kube-apiserver.opsctl-drill.yaml
fi
kill -s KILL $pid
echo done"#;

/// Takes back all that a drill does on a node, whatever of it is there; a line for each. The file `$1` names the
/// processes that it stopped: others that are stopped are no matter of a drill's.
const MEND: &str = r#"for table in filter nat; do
  iptables-save -t $table 2>/dev/null | grep -e '--comment opsctl-drill' | while read -r add rule; do
    eval "iptables -w -t $table -D $rule" && echo "a rule of iptables: $rule"
  done
done
parked=/etc/kubernetes/kube-apiserver.opsctl-drill.yaml
if [ -e $parked ]; then
  mv $parked /etc/kubernetes/manifests/kube-apiserver.yaml
  echo "the API server's manifest is back"
fi
still() { set -- "$2" $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null); [ "${2-}" = T ] && [ "${21-}" = "$1" ]; }
if [ -e "$1" ]; then
  while read -r pid began; do
    if still "$pid" "$began"; then
      kill -s CONT "$pid" && echo "a stopped process goes on: $(cat "/proc/$pid/comm" 2>/dev/null)"
    fi
  done < "$1"
  rm -f "$1"
fi"#;

/// Where a node notes the processes that a drill stopped.
const STOPPED: &str = "/run/opsctl-drill.stopped";

enum Act {
    Script(Talk),
    Tool(Run),
    Unplug(Run, Talk),
    Delete(World, String),
    DeleteLease(Api<Lease>),
}

/// A fault, ready to happen.
pub struct Armed {
    act: Act,
    machine: String,
    /// The proxy, where there is one; dropped, it ends.
    _proxy: Option<Talk>,
}

/// Prepares a fault of the master; what takes time is done now.
pub async fn arm(cx: &Context, world: &World, fault: Fault, master: &Member) -> Result<Armed> {
    let primary = &world.settings.primary;
    let machine = match fault {
        Fault::ApiserverKill | Fault::ApiserverAway => primary.clone(),
        _ => master.node.clone(),
    };
    let script = async |script: &str, args: &[&str]| -> Result<Act> {
        let mut talk = node::script(cx, &machine, script, args)?.talk()?;
        let said = talk.hear().await?;
        if said == "armed" { Ok(Act::Script(talk)) } else { anyhow::bail!("{machine} said: {said}") }
    };
    let (uid, ip) = (master.uid.as_str(), master.ip.as_str());
    let mut proxy = None;
    let act = match fault {
        Fault::Delete => Act::Delete(world.clone(), master.name.clone()),
        Fault::Kill => script(SIGNAL, &[uid, "KILL", "opsctl", STOPPED]).await?,
        Fault::Freeze => script(SIGNAL, &[uid, "STOP", "opsctl redis-server", STOPPED]).await?,
        Fault::FreezeElector => script(SIGNAL, &[uid, "STOP", "opsctl", STOPPED]).await?,
        Fault::FreezeRedis => script(SIGNAL, &[uid, "STOP", "redis-server", STOPPED]).await?,
        Fault::Pause => {
            if state(cx, &machine).await?.paused {
                anyhow::bail!("the node {machine} is paused already");
            }
            mark(cx, &machine)?;
            Act::Tool(tool(cx, &["pause", &machine])?)
        }
        Fault::Unplug => {
            if !state(cx, &machine).await?.plugged {
                anyhow::bail!("the node {machine} is not connected to its network");
            }
            mark(cx, &machine)?;
            let network = cx.profile_name()?;
            let run = tool(cx, &["network", "disconnect", "--force", network, &machine])?;
            let address = &node_of(&cx.profile()?, &machine)?.ip;
            let mut watch = node::script(cx, &machine, UNPLUGGED, &[address])?.talk()?;
            let said = watch.hear().await?;
            if said != "armed" {
                anyhow::bail!("{machine} said: {said}");
            }
            Act::Unplug(run, watch)
        }
        Fault::Partition => script(PARTITION, &[ip, &api_port(&cx.profile()?)]).await?,
        Fault::LossLight | Fault::LossHeavy => {
            let (loss, delay) = if fault == Fault::LossLight { ("0.05", "50ms") } else { ("0.30", "200ms") };
            let (talk, at, service) = slow_way(cx, world, &machine, delay).await?;
            proxy = Some(talk);
            script(LOSS, &[ip, loss, &service, &at]).await?
        }
        Fault::ApiserverKill => script(API_SERVER, &["dies"]).await?,
        Fault::ApiserverAway => script(API_SERVER, &["away"]).await?,
        Fault::LeaseDeleted => Act::DeleteLease(Api::namespaced(world.client.clone(), NAMESPACE)),
    };
    Ok(Armed { act, machine, _proxy: proxy })
}

/// The port of the API server on its node, where a pod's connections to the service come out.
fn api_port(profile: &Profile) -> String {
    profile.primary().map(|node| node.port).filter(|port| *port != 0).unwrap_or(8443).to_string()
}

fn node_of(profile: &Profile, machine: &str) -> Result<ProfileNode> {
    let node = profile.nodes.iter().find(|n| profile.machine(n) == machine);
    node.cloned().with_context(|| format!("{machine} is not a node of the profile"))
}

/// Starts the proxy to the API server; its address, and the API's usual one.
async fn slow_way(cx: &Context, world: &World, machine: &str, delay: &str) -> Result<(Talk, String, String)> {
    let profile = cx.profile()?;
    let here = node_of(&profile, machine)?;
    let there = profile.primary().context("no control plane")?;
    let services: Api<Service> = Api::namespaced(world.client.clone(), "default");
    let service = services.get("kubernetes").await?.spec.and_then(|s| s.cluster_ip);
    let (at, to) = (format!("{}:{DELAY_PORT}", here.ip), format!("{}:{}", there.ip, there.port));
    let mut talk = node::script(cx, machine, DELAY, &[&at, &to, delay])?.talk()?;
    talk.hear().await?;
    Ok((talk, at, service.context("the API server has no service")?))
}

impl Armed {
    /// Lets it happen; when it did.
    pub async fn fire(&mut self) -> Result<Time> {
        let at = clock::now();
        match &mut self.act {
            Act::Script(talk) => {
                talk.say("go").await?;
                let said = talk.hear().await?;
                if said != "done" {
                    anyhow::bail!("{} said: {said}", self.machine);
                }
            }
            Act::Tool(run) => drop(run.ok().await?),
            Act::Unplug(run, watch) => {
                let gone = async { watch.hear().await.map(|_| clock::now()) };
                let (_, gone) = tokio::try_join!(run.ok(), gone)?;
                return Ok(gone);
            }
            Act::Delete(world, pod) => world.delete(pod).await?,
            Act::DeleteLease(api) => {
                api.delete(NAME, &DeleteParams::default()).await.context("could not delete the Lease")?;
            }
        }
        Ok(at)
    }

    /// Takes it back, as far as there is something to take back.
    pub async fn undo(self, cx: &Context) -> Result<()> {
        mend_machine(cx, &cx.profile()?, &self.machine).await.map(drop)
    }
}

/// How the driver keeps a node.
struct State {
    paused: bool,
    plugged: bool,
}

async fn state(cx: &Context, machine: &str) -> Result<State> {
    let format = format!(
        "{{{{.State.Paused}}}} {{{{if index .NetworkSettings.Networks {:?}}}}}plugged{{{{end}}}}",
        cx.profile_name()?
    );
    let said = tool(cx, &["inspect", "--format", &format, machine])?.text().await?;
    Ok(State { paused: said.starts_with("true"), plugged: said.ends_with("plugged") })
}

/// The file that says that a drill pauses or disconnects this node: what somebody else did is not a drill's to mend.
fn marked(cx: &Context, machine: &str) -> Result<PathBuf> {
    Ok(cx.paths.state.join("drill").join(cx.profile_name()?).join(machine))
}

fn mark(cx: &Context, machine: &str) -> Result<()> {
    write_whole(&marked(cx, machine)?, b"")
}

/// The driver's own command.
fn tool(cx: &Context, args: &[&str]) -> Result<Run> {
    let profile = cx.profile()?;
    match profile.driver.as_str() {
        engine @ ("docker" | "podman") => Ok(Run::new(engine).args(args)),
        other => Err(problem!(
            Usage,
            "nodes of the driver \"{other}\" are not containers, so opsctl cannot pause or disconnect them"
        )
        .next(opsctl("election drill --fault kill --fault freeze"))
        .into()),
    }
}

/// Takes back whatever a drill has left on any node, found by what it looks like.
pub async fn mend(cx: &Context) -> Result<Vec<String>> {
    let profile = cx.profile()?;
    let mut all = Vec::new();
    for machine in node::machines(&profile) {
        for line in mend_machine(cx, &profile, &machine).await? {
            all.push(format!("{machine}: {line}"));
        }
    }
    Ok(all)
}

async fn mend_machine(cx: &Context, profile: &Profile, machine: &str) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let mark = marked(cx, machine)?;
    if mark.exists() {
        let State { paused, plugged } = state(cx, machine).await?;
        if paused {
            tool(cx, &["unpause", machine])?.ok().await?;
            lines.push("the node is unpaused".to_owned());
        }
        if !plugged && let Some(node) = profile.nodes.iter().find(|n| profile.machine(n) == machine) {
            // With its own address: the cluster knows it by that.
            tool(cx, &["network", "connect", "--ip", &node.ip, &profile.name, machine])?.ok().await?;
            lines.push("the node is reconnected to its network".to_owned());
        }
        remove_if_there(&mark)?;
    }
    let said = node::script(cx, machine, MEND, &[STOPPED])?.ok().await?;
    lines.extend(said.stdout.lines().map(str::to_owned));
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::*;

    /// What a script says on this machine.
    fn said(script: &str, args: &[&str]) -> String {
        let output = Command::new("sh").args(["-euc", script, "opsctl"]).args(args).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn stopped(child: &Child) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
        stat.rsplit_once(") ").unwrap().1.starts_with('T')
    }

    fn until(what: &str, done: impl Fn() -> bool) {
        let began = Instant::now();
        while !done() {
            assert!(began.elapsed() < Duration::from_secs(30), "{what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn only_what_a_drill_stopped_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("stopped");
        let sleep = |time: &str| Command::new("sleep").arg(time).stdin(Stdio::null()).spawn().unwrap();
        let [mut drills, mut others, mut later] = ["601", "602", "603"].map(sleep);
        for child in [&drills, &others, &later] {
            assert!(
                Command::new("kill").args(["-STOP", &child.id().to_string()]).status().unwrap().success()
            );
            until("it stops", || stopped(child));
        }
        let began = |child: &Child| {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
            stat.rsplit_once(") ").unwrap().1.split(' ').nth(19).unwrap().to_owned()
        };
        // The second was stopped by somebody else; the third has the number of one that the drill had stopped.
        let lines = format!("{} {}\n{} 1\n999999999 7\n", drills.id(), began(&drills), later.id());
        std::fs::write(&file, lines).unwrap();
        let said = said(MEND, &[file.to_str().unwrap()]);
        until("it goes on", || !stopped(&drills));
        assert!(stopped(&others) && stopped(&later), "{said}");
        assert!(said.contains("a stopped process goes on: sleep") && said.lines().count() == 1, "{said}");
        assert!(!file.exists());
        for child in [&mut drills, &mut others, &mut later] {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    #[test]
    fn the_partition_is_from_the_port_on_which_the_api_server_listens() {
        let of = |port: u16| {
            let node = json!({"IP": "192.0.2.2", "Port": port, "ControlPlane": true});
            api_port(&serde_json::from_value(json!({"Name": "p", "Nodes": [node]})).unwrap())
        };
        assert_eq!([of(8443), of(9443), of(0)], ["8443", "9443", "8443"]);
        assert!(PARTITION.contains(r#""443,$2""#));
    }
}
