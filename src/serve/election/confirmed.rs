//! A write as a client of an elected redis sends it, and the rule for what counts as acknowledged:
//! the newest epoch that the client has ever seen, and enough replicas.

use redis::{Cmd, Pipeline, Value};

use super::redis::EPOCH;

/// These commands in one packet: the epoch and they in one transaction, then the replicas' word, for which
/// `wait` milliseconds are spent at most.
pub fn packet<'a>(commands: impl IntoIterator<Item = &'a Cmd>, confirmations: usize, wait: u64) -> Pipeline {
    let mut pipe = redis::pipe();
    pipe.cmd("MULTI");
    pipe.cmd("GET").arg(EPOCH);
    for command in commands {
        pipe.add_command(command.clone());
    }
    pipe.cmd("EXEC");
    pipe.cmd("WAIT").arg(confirmations).arg(wait);
    pipe
}

/// A packet that was executed.
#[derive(Clone, Debug, PartialEq)]
pub struct Executed {
    /// The epoch that the transaction read; 0 where there was none.
    pub epoch: u64,
    /// What each command was answered.
    pub answers: Vec<Value>,
    /// Replicas that have it; none where the wait was refused, as a master does that was demoted meanwhile.
    pub replicas: usize,
}

impl Executed {
    /// Reads the replies to a [`packet`]. None: it was not executed.
    pub fn read(replies: &[Value]) -> Option<Self> {
        let [.., Value::Array(executed), wait] = replies else { return None };
        let (epoch, answers) = executed.split_first()?;
        // The transaction's commands are each only queued.
        if replies.len() != answers.len() + 4 {
            return None;
        }
        let epoch: Option<u64> = redis::from_redis_value_ref(epoch).ok()?;
        let replicas =
            if let Value::Int(replicas) = wait { usize::try_from(*replicas).unwrap_or(0) } else { 0 };
        Some(Self { epoch: epoch.unwrap_or(0), answers: answers.to_vec(), replicas })
    }

    /// Whether it counts, to a client that has seen this epoch and none that is newer.
    pub fn is_acknowledged(&self, newest: u64, confirmations: usize) -> bool {
        self.epoch >= newest && self.epoch > 0 && self.replicas >= confirmations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_whose_wait_was_refused_was_executed_and_is_confirmed_by_nobody() {
        let ok = || Value::Okay;
        let executed = || Value::Array(vec![Value::BulkString(b"7".to_vec()), Value::Int(1)]);
        let read = |replies: &[Value]| Executed::read(replies).map(|e| (e.epoch, e.replicas));
        assert_eq!(read(&[ok(), ok(), ok(), executed(), Value::Int(2)]), Some((7, 2)));
        assert_eq!(read(&[ok(), ok(), ok(), executed(), Value::Nil]), Some((7, 0)));
        assert_eq!(read(&[ok(), ok(), ok(), Value::Nil, Value::Int(2)]), None);
        assert_eq!(read(&[ok(), ok(), executed(), Value::Int(2)]), None, "an answer is missing");
    }

    #[test]
    fn only_the_newest_epoch_with_enough_replicas_counts() {
        let executed = |epoch, replicas| Executed { epoch, answers: Vec::new(), replicas };
        assert!(executed(7, 2).is_acknowledged(7, 2));
        assert!(executed(8, 3).is_acknowledged(7, 2));
        assert!(!executed(6, 2).is_acknowledged(7, 2), "an older epoch");
        assert!(!executed(7, 1).is_acknowledged(7, 2), "too few");
        assert!(!executed(0, 2).is_acknowledged(0, 2), "no epoch at all");
    }
}
