//! What is asked of redis, as commands, and what their answers mean.
//!
//! One sorted set holds all of it. Its members are `NAME TIME`, all of score 0, so redis keeps them in the order
//! of the names: a blank sorts before whatever a name can go on with. So every question is about one key, and each
//! of them is answered as of one moment.

use redis::{Cmd, Value};

use super::super::stamp::{Moment, Name};

/// The key of the sorted set.
pub const KEY: &str = "timestamps";

/// A question, or a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The time of that name.
    Get(Name),
    /// As many as that, in the order of their names, after that one.
    Page {
        /// The name to begin after.
        after: Option<Name>,
        /// How many at most.
        limit: usize,
    },
    /// Gives a name that time.
    Set(Name, Moment),
    /// Removes a name, and returns its time.
    Reset(Name),
}

/// A name with its time, as redis holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: String,
    /// Its time, in RFC 3339.
    pub time: String,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The entry of that name, or what it was before it was reset.
    Entry(Option<Entry>),
    /// A page.
    Page(Vec<Entry>),
    /// It was set; whether there was none of that name before.
    Set {
        /// There was none.
        created: bool,
    },
}

impl Ask {
    /// Whether it changes something.
    pub fn writes(&self) -> bool {
        matches!(self, Self::Set(..) | Self::Reset(_))
    }

    /// The commands, which have to be executed together.
    pub fn commands(&self) -> Vec<Cmd> {
        match self {
            Self::Get(name) => vec![of_name("ZRANGE", name, true)],
            Self::Page { after, limit } => {
                let from = after.as_ref().map_or("-".to_owned(), |name| format!("({name}!"));
                let mut range = redis::cmd("ZRANGE");
                range.arg(KEY).arg(from).arg("+").arg("BYLEX").arg("LIMIT").arg(0).arg(*limit);
                vec![range]
            }
            Self::Set(name, moment) => {
                let mut add = redis::cmd("ZADD");
                add.arg(KEY).arg(0).arg(format!("{name} {moment}"));
                vec![of_name("ZREMRANGEBYLEX", name, false), add]
            }
            Self::Reset(name) => vec![of_name("ZRANGE", name, true), of_name("ZREMRANGEBYLEX", name, false)],
        }
    }

    /// What the answers to its commands mean; none where they are not what they should be.
    pub fn read(&self, answers: &[Value]) -> Option<Answer> {
        match (self, answers) {
            (Self::Get(_), [found]) | (Self::Reset(_), [found, Value::Int(_)]) => {
                Some(Answer::Entry(entries(found)?.pop()))
            }
            (Self::Page { .. }, [found]) => Some(Answer::Page(entries(found)?)),
            (Self::Set(..), [Value::Int(removed), Value::Int(1)]) => {
                Some(Answer::Set { created: *removed == 0 })
            }
            _ => None,
        }
    }
}

/// A command about the members of one name.
fn of_name(command: &str, name: &Name, by_lex: bool) -> Cmd {
    let mut range = redis::cmd(command);
    // Whatever begins with the name and a blank: an exclamation mark is the next character.
    range.arg(KEY).arg(format!("[{name} ")).arg(format!("({name}!"));
    if by_lex {
        range.arg("BYLEX");
    }
    range
}

fn entries(found: &Value) -> Option<Vec<Entry>> {
    let members: Vec<String> = redis::from_redis_value_ref(found).ok()?;
    let entry = |member: &String| {
        let (name, time) = member.split_once(' ')?;
        Some(Entry { name: name.to_owned(), time: time.to_owned() })
    };
    members.iter().map(entry).collect()
}
