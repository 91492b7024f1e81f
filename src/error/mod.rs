//! The one shape of error a person sees: what was tried, what came back, what to type next.

mod code;
mod next;

use std::any::Any;
use std::fmt;
use std::sync::Arc;

pub use self::code::Code;
pub use self::next::{Next, Typed, advice, again, eval_dev_vars, kubectl, opsctl, shell, sudo_opsctl};

/// Why a command ended without success. The numbers are the documented exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Something was tried and did not work.
    Failure = 1,
    /// The command line, or the input it named, is wrong.
    Usage = 2,
    /// A prerequisite is missing.
    Missing = 3,
    /// A wait ran out of time.
    Timeout = 4,
    /// Something in the way is not ours: a foreign object, another cluster, a held lock.
    Conflict = 5,
    /// Part of the work is done; the rest is recorded.
    Partial = 6,
    /// Ctrl-C.
    Interrupted = 130,
}

impl Class {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// An error for a person: carried inside [`anyhow::Error`], found again by `main`.
#[derive(Debug)]
pub struct Problem {
    /// What kind it is.
    pub code: Code,
    /// What was tried and what came back, one sentence.
    pub what: String,
    /// Details, one a line: the tool's last words, an event, a log line.
    pub found: Vec<String>,
    /// What to do next, most useful first.
    pub next: Vec<Next>,
    /// What lower layers know of it, for whoever can act on it; see [`cause`].
    causes: Vec<Arc<dyn Any + Send + Sync>>,
}

/// A [`Problem`] of that kind, its sentence written as for [`format!`]: `problem!(NotUp, "{name} is not up")`.
macro_rules! problem {
    ($code:ident, $($what:tt)+) => {
        $crate::error::Problem::new($crate::error::Code::$code, std::fmt::format(format_args!($($what)+)))
    };
}
pub(crate) use problem;

impl Problem {
    /// A problem of this kind.
    pub fn new(code: Code, what: impl Into<String>) -> Self {
        Self { code, what: what.into(), found: Vec::new(), next: Vec::new(), causes: Vec::new() }
    }

    /// Something failed that is of no other kind.
    pub fn failure(what: impl Into<String>) -> Self {
        Self::new(Code::Failure, what)
    }

    /// The command line or its input is wrong.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Code::Usage, what)
    }

    /// A prerequisite is missing.
    pub fn missing(what: impl Into<String>) -> Self {
        Self::new(Code::Missing, what)
    }

    /// A wait ran out.
    pub fn timeout(what: impl Into<String>) -> Self {
        Self::new(Code::Timeout, what)
    }

    /// Something that is not ours stands in the way.
    pub fn conflict(what: impl Into<String>) -> Self {
        Self::new(Code::Conflict, what)
    }

    /// Adds a line of detail; empty text adds none.
    #[must_use]
    pub fn found(mut self, line: impl Into<String>) -> Self {
        let text = line.into();
        self.found.extend(text.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned));
        self
    }

    /// Adds its cause: its words, what that found, and the ways on that it names, behind this one's.
    ///
    /// As context around the cause, a problem would be lost as soon as another one is put around both.
    #[must_use]
    pub fn because(self, cause: &anyhow::Error) -> Self {
        let mut whole = self.found(said(cause));
        for problem in problems(cause) {
            whole.found.extend(problem.found.iter().cloned());
            whole.next.extend(problem.next.iter().cloned());
            whole.causes.extend(problem.causes.iter().cloned());
        }
        whole
    }

    /// Adds what a lower layer knows of it as data. It is not printed: the words stand in `what` and `found`.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Any + Send + Sync) -> Self {
        self.causes.push(Arc::new(cause));
        self
    }

    /// Adds a way on.
    #[must_use]
    pub fn next(mut self, next: Next) -> Self {
        self.next.push(next);
        self
    }

    /// Adds a way on that no single command is.
    #[must_use]
    pub fn advice(self, text: impl Into<String>) -> Self {
        self.next(advice(text))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Problem {}

/// The places of what is wrong, each as data for whoever reads documents: a cause of a [`Problem`].
#[derive(Debug)]
pub struct Places(pub Vec<serde_json::Value>);

/// The problems that an error carries, outermost first: one put around it as context, then the cause's.
pub fn problems(error: &anyhow::Error) -> impl Iterator<Item = &Problem> {
    // The chain shows a context as a wrapper that is no `Problem`; only the error itself sees into it.
    let around = error.downcast_ref::<Problem>();
    let inside = error.chain().filter_map(|e| e.downcast_ref::<Problem>());
    around.into_iter().chain(inside.filter(move |p| around.is_none_or(|a| !std::ptr::eq(a, *p))))
}

/// What a lower layer knows of an error, if it is of that type.
pub fn cause<T: Any>(error: &anyhow::Error) -> Option<&T> {
    problems(error).flat_map(|p| &p.causes).find_map(|cause| cause.downcast_ref())
}

/// The error with what a layer knows of it as data, where it carries a problem.
#[must_use]
pub fn with_cause(mut error: anyhow::Error, cause: impl Any + Send + Sync) -> anyhow::Error {
    if let Some(problem) = error.downcast_mut::<Problem>() {
        problem.causes.push(Arc::new(cause));
    }
    error
}

/// The error with one more way on, where it carries a problem.
#[must_use]
pub fn with_next(error: anyhow::Error, next: Next) -> anyhow::Error {
    with_ways(error, next, Vec::push)
}

/// The same, before all others.
#[must_use]
pub fn with_next_first(error: anyhow::Error, next: Next) -> anyhow::Error {
    with_ways(error, next, |ways, next| ways.insert(0, next))
}

fn with_ways(mut error: anyhow::Error, next: Next, add: impl FnOnce(&mut Vec<Next>, Next)) -> anyhow::Error {
    if !ways_on(&error).contains(&&next)
        && let Some(problem) = error.downcast_mut::<Problem>()
    {
        add(&mut problem.next, next);
    }
    error
}

/// What to do next, the outermost problem's first. Two problems of one chain often name the same.
pub fn ways_on(error: &anyhow::Error) -> Vec<&Next> {
    let mut ways: Vec<&Next> = Vec::new();
    for next in problems(error).flat_map(|p| &p.next) {
        if !ways.contains(&next) {
            ways.push(next);
        }
    }
    ways
}

/// An error's words, the outermost first, none of them twice: many an error ends with those of its cause.
pub fn said(error: &anyhow::Error) -> String {
    let mut said: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if !said.iter().any(|before| before.ends_with(&text)) {
            said.push(text);
        }
    }
    said.join(": ")
}

/// What kind of problem an error is: that of its outermost [`Problem`], else plain failure.
pub fn code_of(error: &anyhow::Error) -> Code {
    problems(error).next().map_or(Code::Failure, |p| p.code)
}

/// The class of an error, which decides the exit code.
pub fn class_of(error: &anyhow::Error) -> Class {
    code_of(error).class()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn the_class_survives_added_context() {
        let error = Err::<(), anyhow::Error>(Problem::conflict("taken").into())
            .context("redis up")
            .context("up")
            .unwrap_err();
        assert_eq!(class_of(&error).code(), 5);
        assert_eq!(class_of(&anyhow::anyhow!("plain")).code(), 1);
    }

    #[test]
    fn a_problem_with_a_cause_is_found_whole_whatever_is_put_around_it() {
        let cause = anyhow::Error::from(Problem::timeout("silent").found("why").next(opsctl("b")));
        let problem = Problem::failure("not kept").next(opsctl("a")).because(&cause);
        let error = anyhow::Error::from(problem).context("step").context(Problem::new(Code::Partial, "run"));
        assert_eq!(ways_on(&error), [&opsctl("a"), &opsctl("b")]);
        let found: Vec<_> = problems(&error).flat_map(|p| p.found.clone()).collect();
        assert_eq!(found, ["silent", "why"]);
    }

    #[test]
    fn a_problem_put_around_another_one_decides_and_both_are_found() {
        let error = Err::<(), anyhow::Error>(Problem::timeout("inner").into())
            .context("in between")
            .context(Problem::new(Code::Partial, "outer"))
            .context("around")
            .unwrap_err();
        assert_eq!(class_of(&error), Class::Partial);
        assert_eq!(problems(&error).map(|p| p.what.as_str()).collect::<Vec<_>>(), ["outer", "inner"]);
    }

    #[test]
    fn no_words_are_said_twice() {
        #[derive(Debug)]
        struct Service(std::io::Error);
        impl fmt::Display for Service {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "service error: {}", self.0)
            }
        }
        impl std::error::Error for Service {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                Some(&self.0)
            }
        }
        let error =
            anyhow::Error::new(Service(std::io::Error::other("refused"))).context("asking").context("asking");
        assert_eq!(format!("{error:#}"), "asking: asking: service error: refused: refused");
        assert_eq!(said(&error), "asking: service error: refused");
    }

    #[test]
    fn what_lower_layers_know_and_what_upper_ones_advise_survives_what_is_put_around() {
        let lower = anyhow::Error::from(Problem::timeout("silent").next(opsctl("b")));
        let step = with_cause(lower, 7_u8);
        let around = anyhow::Error::from(Problem::failure("not kept").because(&step)).context("step");
        let error = with_next_first(around.context(Problem::new(Code::Partial, "run")), opsctl("a"));
        assert!(cause::<u8>(&error) == Some(&7));
        assert!(cause::<u16>(&error).is_none());
        assert_eq!(ways_on(&error), [&opsctl("a"), &opsctl("b")]);
        let error = with_next(error, opsctl("b"));
        assert_eq!(ways_on(&error), [&opsctl("a"), &opsctl("b")], "named once");
    }

    #[test]
    fn a_way_on_that_two_problems_name_is_named_once() {
        let error =
            Err::<(), anyhow::Error>(Problem::timeout("inner").next(opsctl("a")).next(opsctl("b")).into())
                .context(Problem::new(Code::Partial, "outer").next(opsctl("b")))
                .unwrap_err();
        assert_eq!(ways_on(&error), [&opsctl("b"), &opsctl("a")]);
    }
}
