//! The command line as data: clap types, no behaviour.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::context::PROFILE;
use crate::minikube::Wish;
use crate::stack::election::{Asked, Sample};
use crate::ui::{Color, Format};

/// Examples stand before the options: most people read no further.
const EXAMPLES_FIRST: &str = "\
{about-with-newline}
{usage-heading} {usage}

{before-help}{all-args}{after-help}";

const EXAMPLES: &str = "\
Examples:
  opsctl check                    what is missing here, and what mends it
  opsctl up                       everything: cluster, redis, sample data
  eval \"$(opsctl dev-vars)\"       its addresses for this terminal
  opsctl redis status             who is master, who follows, how far behind
  opsctl undo                     takes the last command back";

const EXIT_CODES: &str = "\
Exit codes:
  0 done   1 failure   2 usage   3 prerequisite missing   4 timeout
  5 conflict (not ours, lock held)   6 partly done   130 interrupted

Variables that set an option: OPSCTL_PROFILE, OPSCTL_CONTEXT, OPSCTL_TIMEOUT,
OPSCTL_YES. NO_COLOR and OPSCTL_EMOJI=0 make the output plain.";

/// Brings a development environment on a local Kubernetes up, proves that it works, takes it back.
#[derive(Debug, Parser)]
#[command(name = "opsctl", version, about, max_term_width = 100,
          help_template = EXAMPLES_FIRST, before_help = EXAMPLES, after_help = EXIT_CODES)]
pub struct Cli {
    /// Settings that every command understands.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Settings that every command understands.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Global {
    /// minikube profile to act on
    #[arg(short, long, global = true, env = "OPSCTL_PROFILE", hide_env = true, default_value = PROFILE, value_name = "NAME",
          add = clap_complete::ArgValueCandidates::new(crate::candidates::profiles))]
    pub profile: String,
    /// Act on this context of the kubeconfig instead
    #[arg(long, global = true, env = "OPSCTL_CONTEXT", hide_env = true, value_name = "NAME")]
    pub context: Option<String>,
    /// kubeconfig file
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// table, json, yaml or name
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORM",
        // Their descriptions would stretch the help of every command to twice its length.
        hide_possible_values = true
    )]
    pub output: Format,
    /// Errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also each step's shell command, and the tools' output
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Show what would be done, and touch nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Answer every question with yes
    #[arg(short, long, global = true, env = "OPSCTL_YES", hide_env = true, value_parser = clap::builder::FalseyValueParser::new(), num_args = 0)]
    pub yes: bool,
    /// Never ask; a question is an error
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Do not wait for what was applied
    #[arg(long, global = true)]
    pub no_wait: bool,
    /// Limit of each wait, as 90s or 1h; minikube's start has 10m at least
    #[arg(long, global = true, env = "OPSCTL_TIMEOUT", hide_env = true, default_value = "5m", value_parser = duration, value_name = "TIME")]
    pub timeout: Duration,
    /// Colours: auto, always or never
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        hide_possible_values = true
    )]
    pub color: Color,
}

/// A time such as `90s`, `5m`, `1h` or a number of seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("use a number with s, m or h, such as 90s or 5m".into()),
    };
    match number.parse::<u32>() {
        Ok(n) if n > 0 => Ok(Duration::from_secs(u64::from(n) * factor)),
        _ => Err("use a number with s, m or h, such as 90s or 5m".into()),
    }
}

/// What to do. In the order of the scripts that opsctl replaces.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Name every missing prerequisite at once, with the command that mends it
    #[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl check                    what a cluster needs
  opsctl check redis              what redis needs: two ready nodes
  opsctl check --fix              installs and starts what is missing")]
    Check(Check),
    /// Bring everything up: cluster, redis, info-cron, sample data
    #[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl up                       safe to repeat: changes only what differs
  opsctl up --dry-run             what it would do
  opsctl up --memory 2g -- --wait=all")]
    Up(MinikubeUp),
    /// Take everything down again
    Down(Down),
    /// Show all parts and their endpoints
    Status,
    /// The two-node cluster
    #[command(subcommand)]
    Minikube(Minikube),
    /// A redis master and its replica
    #[command(subcommand, help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl redis up
  opsctl redis import data.txt    a redis command on each line
  opsctl redis cli -- get greeting
  opsctl redis verify             writes to the master, reads it on the replica")]
    Redis(Redis),
    /// Print INFO replication every minute (alone: `up`)
    #[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl info-cron                the same as `opsctl info-cron up`
  opsctl info-cron run            once, now
  opsctl info-cron logs -f        what each run printed")]
    InfoCron(InfoCronArgs),
    /// Print the variables for this terminal: eval "$(opsctl dev-vars)"
    #[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  eval \"$(opsctl dev-vars)\"                      bash, zsh, sh
  opsctl dev-vars --shell fish | source          fish
  opsctl dev-vars -- printenv                    for one command only
  opsctl dev-vars -o dotenv > .env
  eval \"$(opsctl dev-vars --unset)\"              takes them away again")]
    DevVars(DevVars),
    /// One redis pod with one volume
    #[command(subcommand)]
    RedisSingle(RedisSingle),
    /// One master among identical pods
    #[command(subcommand, help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl election up --replicas 10
  opsctl election up --sample web    no redis: a page that names the master
  opsctl election status --watch     each change, as it happens
  opsctl election drill              break the master on purpose, and measure")]
    Election(Election),
    /// Take the last run back
    #[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl undo                     shows what it takes back, and asks
  opsctl undo --dry-run           shows it only
  opsctl undo --all               all that opsctl made, the cluster too")]
    Undo(Undo),
    /// Show what was run
    History(History),
    /// Data kept before it was deleted or replaced
    #[command(subcommand)]
    Snapshots(Snapshots),
    /// Print the completion script of a shell
    #[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  source <(opsctl completions bash)              a fixed script
  source <(COMPLETE=bash opsctl)                 also knows the profiles here
  opsctl completions fish > ~/.config/fish/completions/opsctl.fish")]
    Completions(Completions),
    /// Remove what `check --fix` installed, state and caches
    Uninstall,
    /// Advanced: a minikube made from package registries
    #[command(subcommand, hide = true)]
    Bundle(Bundle),
    /// Advanced: what runs in pods
    #[command(subcommand, hide = true)]
    Serve(crate::serve::cli::Serve),
    /// `minikube up`
    #[command(hide = true)]
    MinikubeUp(MinikubeUp),
    /// `minikube down`
    #[command(hide = true)]
    MinikubeDown(Down),
    /// `redis up`
    #[command(hide = true)]
    RedisUp,
    /// `redis down`
    #[command(hide = true)]
    RedisDown(Down),
    /// `redis import`
    #[command(hide = true)]
    RedisImport(Import),
    /// `redis clean`
    #[command(hide = true)]
    RedisClean,
    /// `info-cron up`
    #[command(hide = true)]
    InfoCronUp,
    /// `info-cron down`
    #[command(hide = true)]
    InfoCronDown,
}

/// A part of the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stack {
    /// The cluster.
    Minikube,
    /// Master and replica.
    Redis,
    /// The recurring info task.
    InfoCron,
    /// One pod, one volume.
    RedisSingle,
    /// One master among identical pods.
    Election,
}

/// `check`.
#[derive(Args, Debug, Default)]
pub struct Check {
    /// Only what this needs: minikube (default), redis, info-cron, redis-single or election
    #[arg(hide_possible_values = true)]
    pub stack: Option<Stack>,
    /// Mend what is safe to mend, after asking
    #[arg(long)]
    pub fix: bool,
}

/// `minikube up`, and `up` as a whole.
#[derive(Args, Clone, Debug)]
pub struct MinikubeUp {
    /// Number of nodes
    #[arg(long, env = "OPSCTL_NODES", default_value_t = 2, value_parser = clap::value_parser!(u8).range(2..=9))]
    pub nodes: u8,
    /// CPUs of each node
    #[arg(long, env = "OPSCTL_CPUS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(2..))]
    pub cpus: u16,
    /// Memory of each node
    #[arg(long, env = "OPSCTL_MEMORY", default_value = "3g")]
    pub memory: String,
    /// Driver
    #[arg(long, env = "OPSCTL_DRIVER", default_value = "docker")]
    pub driver: String,
    /// Options handed to minikube as they are
    #[arg(last = true, value_name = "MINIKUBE OPTIONS")]
    pub rest: Vec<OsString>,
}

impl MinikubeUp {
    /// The cluster that this asks for.
    pub fn wish(&self) -> Wish {
        let Self { nodes, cpus, memory, driver, rest } = self.clone();
        Wish { nodes, cpus, memory, driver, rest }
    }
}

/// `down` of anything that holds data.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Down {
    /// Let data go that could not be kept as a snapshot
    #[arg(long)]
    pub discard_data: bool,
}

/// `minikube …`.
#[derive(Debug, Subcommand)]
pub enum Minikube {
    /// Start the cluster, or mend it
    Up(MinikubeUp),
    /// Delete the cluster; the kubeconfig's former context becomes current again
    Down(Down),
    /// Show the nodes
    Status,
}

/// `redis …`.
#[derive(Debug, Subcommand)]
pub enum Redis {
    /// Master and replica, on separate nodes
    Up,
    /// Remove both, the data too; a snapshot is kept for `undo`
    Down(Down),
    /// Roles, link and lag, endpoints
    Status,
    /// Prove that writes on the master reach the replica
    Verify(Verify),
    /// Load files of redis commands
    #[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl redis import                  the sample data
  opsctl redis import a.txt b.txt      in this order; all are checked first
  opsctl redis import --dry-run a.txt  checks the file, writes nothing")]
    Import(Import),
    /// Delete all data; a snapshot is kept for `undo`
    Clean,
    /// Run redis-cli in the master's pod
    Cli(RedisCli),
}

/// `redis verify`.
#[derive(Args, Clone, Copy, Debug)]
pub struct Verify {
    /// Also delete both pods and prove that the data survived
    #[arg(long)]
    pub disruptive: bool,
}

/// `redis import`.
#[derive(Args, Clone, Debug, Default)]
pub struct Import {
    /// Files of redis commands, one a line [default: ./import/redis/data.txt, else the embedded one]
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Load files again that were imported before
    #[arg(long)]
    pub again: bool,
}

/// `redis cli`.
#[derive(Args, Clone, Debug)]
pub struct RedisCli {
    /// Arguments of redis-cli
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub args: Vec<OsString>,
}

/// `redis-single …`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum RedisSingle {
    /// One redis pod on one volume
    Up,
    /// Remove it, the data too; a snapshot is kept for `undo`
    Down(Down),
}

/// `election …`.
#[derive(Debug, Subcommand)]
pub enum Election {
    /// N identical pods, and a master that all of them agree on
    Up(ElectionUp),
    /// Remove them, the data too; no snapshot is kept
    Down,
    /// Ask every pod who the master is; exit 1 unless all agree
    Status(ElectionStatus),
    /// Break the master on purpose, under writers, and measure what comes of it
    #[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl election drill                 deletes, kills, freezes it: 3 rounds
  opsctl election drill --fault pause --rounds 10
  opsctl election drill --fault all --yes -o json
  opsctl election drill --restore       after a drill that was killed itself")]
    Drill(Drill),
}

/// `election up`.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct ElectionUp {
    /// Number of pods [default: as many as there are, else 5]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    pub replicas: Option<u16>,
    /// What they run: redis (default) or web, a page that names the master
    #[arg(long, value_enum, value_name = "SAMPLE", hide_possible_values = true)]
    pub sample: Option<Sample>,
    /// Replicas that have a write before it counts [default: half of the pods]
    #[arg(long, value_name = "K")]
    pub confirmations: Option<u16>,
}

impl ElectionUp {
    /// What that asks for.
    pub fn asked(&self) -> Asked {
        Asked { sample: self.sample, replicas: self.replicas, confirmations: self.confirmations }
    }
}

/// `election status`.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct ElectionStatus {
    /// Go on with each change; Ctrl-C ends
    #[arg(short, long)]
    pub watch: bool,
}

/// `info-cron`, alone or with a verb.
#[derive(Args, Debug)]
pub struct InfoCronArgs {
    /// What to do; nothing means `up`.
    #[command(subcommand)]
    pub verb: Option<InfoCron>,
}

/// `info-cron …`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum InfoCron {
    /// Print INFO replication every minute, in the cluster
    Up,
    /// Remove it
    Down,
    /// Show the output of past runs
    Logs {
        /// Go on with each new run
        #[arg(short, long)]
        follow: bool,
    },
    /// Run it once, now
    Run,
}

/// `dev-vars`.
#[derive(Args, Clone, Debug)]
pub struct DevVars {
    /// bash, zsh, sh, fish or powershell [default: detected]
    #[arg(long, value_enum, value_name = "SHELL", hide_possible_values = true)]
    pub shell: Option<crate::dev_vars::Shell>,
    /// Print the inverse
    #[arg(long)]
    pub unset: bool,
    /// Run a command with the variables set
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// `undo`.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Undo {
    /// Everything that opsctl made here
    #[arg(long)]
    pub all: bool,
    /// Let data go that could not be kept as a snapshot
    #[arg(long)]
    pub discard_data: bool,
}

/// `history`.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct History {
    /// Set a damaged journal aside and keep its readable lines
    #[arg(long)]
    pub repair: bool,
}

/// `snapshots …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Snapshots {
    /// Show them
    List,
    /// Replace all data of the redis master by one; what is there is kept
    #[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl snapshots list                        what there is
  opsctl snapshots restore redis-20261120T175339232Z-fa77859f.rdb
  opsctl undo                                  what was there before")]
    Restore(Restore),
    /// Keep the 5 newest, at most 2 GB
    Prune,
}

/// `snapshots restore`.
#[derive(Args, Clone, Debug)]
pub struct Restore {
    /// One of `snapshots list`, by its name or its path
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath,
          add = clap_complete::ArgValueCandidates::new(crate::candidates::snapshots))]
    pub file: PathBuf,
}

/// `completions`.
#[derive(Args, Clone, Copy, Debug)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `election drill`.
#[derive(Args, Clone, Debug)]
pub struct Drill {
    /// What to do to the master; may be repeated. `all`, or of: delete, kill, freeze, freeze-elector,
    /// freeze-redis, pause, unplug, partition, loss-5, loss-30, apiserver-kill, apiserver-away,
    /// lease-deleted
    #[arg(long, value_name = "NAME", hide_possible_values = true, hide_default_value = true,
          default_values = ["delete", "kill", "freeze"])]
    pub fault: Vec<FaultChoice>,
    /// How often each
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rounds: u32,
    /// How long a fault lasts, as 8s [default: its own time, 10 s to 60 s]
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub hold: Option<Duration>,
    /// Clients that write meanwhile
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=50))]
    pub writers: u8,
    /// Only take back what a drill that was killed has left
    #[arg(long)]
    pub restore: bool,
}

/// A fault by name, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultChoice {
    /// Every fault.
    All,
    /// This one.
    One(crate::drill::fault::Fault),
}

impl ValueEnum for FaultChoice {
    fn value_variants<'a>() -> &'a [Self] {
        use crate::drill::fault::Fault as F;
        &[
            Self::All,
            Self::One(F::Delete),
            Self::One(F::Kill),
            Self::One(F::Freeze),
            Self::One(F::FreezeElector),
            Self::One(F::FreezeRedis),
            Self::One(F::Pause),
            Self::One(F::Unplug),
            Self::One(F::Partition),
            Self::One(F::LossLight),
            Self::One(F::LossHeavy),
            Self::One(F::ApiserverKill),
            Self::One(F::ApiserverAway),
            Self::One(F::LeaseDeleted),
        ]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        match self {
            Self::All => Some(clap::builder::PossibleValue::new("all").help("Every fault")),
            Self::One(fault) => fault.to_possible_value(),
        }
    }
}

/// `bundle …`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Bundle {
    /// Build what is missing or outdated
    Build,
    /// Show the pieces
    Status,
    /// Remove it
    Remove,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_are_read_with_their_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("5m"), Ok(Duration::from_mins(5)));
        assert_eq!(duration("7"), Ok(Duration::from_secs(7)));
        for bad in ["", "0s", "5x", "m", "-1s", "99999999999s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_fault_can_be_asked_for() {
        for fault in crate::drill::fault::Fault::all() {
            let line = ["opsctl", "election", "drill", "--fault", &fault.to_string()];
            Cli::try_parse_from(line).unwrap_or_else(|e| panic!("{fault}: {e}"));
        }
    }

    #[test]
    fn both_spellings_of_each_script_are_accepted() {
        for line in [
            "minikube-up",
            "minikube up",
            "redis-import f",
            "redis import f",
            "info-cron",
            "info-cron-down",
            "redis-down",
        ] {
            let words = std::iter::once("opsctl").chain(line.split(' '));
            Cli::try_parse_from(words).unwrap_or_else(|e| panic!("{line}: {e}"));
        }
    }
}
