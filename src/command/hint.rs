//! What to do next about a redis: lower layers say what happened, and in which namespace; which stack that is,
//! and what it has for that, is known here.

use crate::error::{Code, Problem, again, cause, opsctl, problems, with_next, with_next_first};
use crate::redis::import::Unfinished;
use crate::redis::replace::Cramped;
use crate::stack::{self, Stack};
use crate::step::In;
use crate::step::dataset::Unserved;

/// The error with what fits the stack that it is about: the one in whose namespace a step failed, else the one
/// whose command was typed.
pub fn hinted(error: anyhow::Error, stacks: &[Stack], typed: Option<&str>) -> anyhow::Error {
    let failed = cause::<In>(&error).and_then(|place| {
        let brings = |stack: &&Stack| super::stack::namespaces(stack).contains(&place.0);
        stacks.iter().find(brings).map(|stack| stack.name.to_string())
    });
    let Some(name) = failed.or(typed.map(str::to_owned)) else {
        return if is_of_redis(&error) { with_next_first(error, opsctl("status")) } else { error };
    };
    let mut error = error;
    if let Some(unserved) = cause::<Unserved>(&error).copied() {
        let up = opsctl(format!("{name} up"));
        error = match unserved {
            Unserved::NoServer => with_next_first(error, up.then(again())),
            Unserved::OnlyCopy => {
                with_next_first(error, up.then(again()).remark("which restores what the copy has"))
            }
            Unserved::Lost => {
                let down = opsctl(format!("{name} down --discard-data"));
                with_next(error, down.then(up).to("start without it"))
            }
        };
    }
    if is_of_redis(&error) {
        error = with_next_first(error, opsctl(format!("{name} status")));
    }
    // Only this stack has commands for its data.
    if name != stack::redis::PART {
        return error;
    }
    if let Some(cramped) = cause::<Cramped>(&error).copied() {
        let room = match cramped {
            Cramped::Databases => opsctl("redis cli -- INFO keyspace"),
            Cramped::Memory => opsctl("redis cli -- CONFIG SET maxmemory 900mb").then(again()),
        };
        error = with_next_first(error, room);
    }
    match cause::<Unfinished>(&error) {
        // What was written stays written: the same file again would push and count once more.
        Some(Unfinished::Rejected) => {
            with_next_first(error, opsctl("undo").then(again()).remark("once the file is fixed"))
        }
        Some(Unfinished::BrokenOff) => with_next(error, again().to("go on from there")),
        None => error,
    }
}

/// Whether a redis did not do what was asked of it, and who said so did not know which one it was.
fn is_of_redis(error: &anyhow::Error) -> bool {
    let untold = |p: &Problem| p.code.is_of_redis() && (p.next.is_empty() || p.code == Code::DataNotKept);
    problems(error).any(untold)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ways_on, with_cause};

    fn ways(error: Problem, namespace: Option<&str>, typed: Option<&str>) -> Vec<String> {
        let mut error = anyhow::Error::from(error);
        if let Some(namespace) = namespace {
            error = with_cause(error, In(namespace.to_owned()));
        }
        let error = hinted(error.context("data"), &stack::all(), typed);
        ways_on(&error).into_iter().map(ToString::to_string).collect()
    }

    fn silent() -> Problem {
        Problem::new(Code::RedisSilent, "no redis master answers")
    }

    #[test]
    fn a_silent_redis_is_looked_at_by_the_stack_that_it_belongs_to() {
        assert_eq!(ways(silent(), Some("redis-single"), None), ["opsctl redis-single status"]);
        assert_eq!(ways(silent(), Some("redis"), Some("redis-single")), ["opsctl redis status"]);
        assert_eq!(ways(silent(), None, Some("election")), ["opsctl election status"]);
        assert_eq!(ways(silent(), None, None), ["opsctl status"]);
        let told = silent().next(opsctl("redis up"));
        assert_eq!(ways(told, None, None), ["opsctl redis up"], "who said so knew more");
        let other = Problem::new(Code::PortTaken, "taken");
        assert_eq!(ways(other, Some("redis"), Some("redis")), Vec::<String>::new());
    }

    #[test]
    fn data_that_could_not_be_kept_is_looked_at_before_it_is_let_go() {
        let problem = Problem::new(Code::DataNotKept, "not kept").next(again().with("--discard-data"));
        let unserved = problem.caused_by(Unserved::NoServer);
        assert_eq!(
            ways(unserved, Some("redis-single"), None),
            [
                "opsctl redis-single status",
                "opsctl redis-single up && the same command again",
                "the same command --discard-data"
            ]
        );
    }

    #[test]
    fn lost_data_is_looked_for_before_it_is_given_up() {
        let lost = |code| Problem::new(code, "lost").caused_by(Unserved::Lost);
        let start = "opsctl redis down --discard-data && opsctl redis up  # to start without it";
        let none = lost(Code::DataNotBack).next(opsctl("snapshots list"));
        assert_eq!(ways(none, Some("redis"), None), ["opsctl snapshots list", start]);
        assert_eq!(ways(lost(Code::DataNotKept), Some("redis"), None), ["opsctl redis status", start]);
    }

    #[test]
    fn an_import_in_part_is_begun_anew_only_where_there_is_a_clean() {
        let problem = || Problem::new(Code::ImportedInPart, "2 of 4").caused_by(Unfinished::Rejected);
        let undo = "opsctl undo && the same command again  # once the file is fixed";
        assert_eq!(ways(problem(), Some("redis"), None), [undo]);
        assert_eq!(ways(problem(), Some("redis-single"), None), Vec::<String>::new());
        let full = Problem::new(Code::RedisRefused, "no room").caused_by(Cramped::Memory);
        assert_eq!(
            ways(full, Some("redis"), None),
            [
                "opsctl redis cli -- CONFIG SET maxmemory 900mb && the same command again",
                "opsctl redis status"
            ]
        );
    }
}
