//! What kinds of problems there are, each under a code that stays the same when its words change.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Class;

macro_rules! codes {
    ($($name:ident $code:literal $class:ident $meaning:literal)*) => {
        /// The kind of a problem. The first digit of its code is that of the exit code; 9 is Ctrl-C.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $meaning] $name,)*
        }

        impl Code {
            /// All of them, in the order of their codes.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Such as `OP501`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The class that it belongs to, which decides the exit code.
            pub fn class(self) -> Class {
                match self { $(Self::$name => Class::$class),* }
            }

            /// What it stands for, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),* }
            }
        }
    };
}

impl Code {
    /// Whether a redis did not do what was asked of it: how its stack is tells more.
    pub fn is_of_redis(self) -> bool {
        matches!(
            self,
            Self::RedisAway
                | Self::RedisSilent
                | Self::RedisRefused
                | Self::Unwell
                | Self::NotAcknowledged
                | Self::DataNotKept
        )
    }
}

codes! {
    Failure "OP100" Failure "Something failed that has no code of its own."
    NotConfirmed "OP101" Failure "A question was answered with no; nothing was touched."
    NotUp "OP102" Failure "A profile or a stack that the command needs is not up."
    ClusterSilent "OP103" Failure "The API server, or a node, does not answer."
    Kubeconfig "OP104" Failure "The kubeconfig, or its context, is missing or damaged."
    Refused "OP105" Failure "The API server refused a request."
    Unready "OP106" Failure "An object reports that it will not become ready."
    Unwell "OP107" Failure "A stack is up, but unhealthy."
    ToolFailed "OP110" Failure "A tool that opsctl runs failed."
    Minikube "OP111" Failure "minikube could not start, join or delete a node."
    Image "OP112" Failure "An image could not be built, found, loaded onto the nodes or removed."
    Bundle "OP113" Failure "A piece of the bundle could not be built."
    Docker "OP114" Failure "Docker refused a request."
    RedisAway "OP120" Failure "No redis answers, or it closed the connection."
    RedisRefused "OP121" Failure "redis refused a command, or answered with something else."
    DataNotKept "OP122" Failure "Data could not be saved, so it stays."
    DataNotBack "OP123" Failure "Saved data could not be restored."
    Snapshot "OP124" Failure "A snapshot is damaged, or of a newer version."
    State "OP130" Failure "The state folder or the journal cannot be written."
    Profile "OP131" Failure "The file of a minikube profile, or of its ports, is damaged or incomplete."
    StepUnknown "OP132" Failure "The journal holds a step that this opsctl does not know."
    Promise "OP140" Failure "A drill found a promise broken."
    Usage "OP200" Usage "The command line or a setting is wrong."
    Input "OP201" Usage "A file named on the command line cannot be used."
    Unanswered "OP202" Usage "A question needs an answer, and there is no terminal to ask on."
    Missing "OP300" Missing "A prerequisite is missing; `opsctl check` names it."
    NoTool "OP301" Missing "A tool is not installed, or not on PATH."
    Unbuildable "OP302" Missing "A prerequisite for building the bundle or an image is missing."
    Timeout "OP400" Timeout "A wait ran out of time."
    NotReady "OP401" Timeout "An object, a node or a stack was not ready in time."
    RedisSilent "OP402" Timeout "redis did not answer in time."
    StillThere "OP403" Timeout "A deleted object still exists."
    ToolHangs "OP404" Timeout "A tool did not end in time."
    NotAcknowledged "OP405" Timeout "Replicas did not acknowledge a write in time."
    PortHeld "OP406" Timeout "A `NodePort` is taken, though no service has it."
    Conflict "OP500" Conflict "Something that opsctl leaves alone blocks the command."
    Foreign "OP501" Conflict "Something of that name exists, and opsctl did not make it."
    PortTaken "OP502" Conflict "A `NodePort` belongs to another service."
    Locked "OP503" Conflict "Another opsctl is running."
    JournalDamaged "OP504" Conflict "The journal is damaged."
    JournalNewer "OP505" Conflict "A newer opsctl wrote the journal."
    OtherCluster "OP506" Conflict "The context or the profile belongs to a different cluster than expected."
    HoldsForeign "OP507" Conflict "What would be removed contains something that opsctl did not make."
    InUse "OP508" Conflict "What would be removed is still in use."
    Partial "OP600" Partial "Part of the work is done, and the rest is recorded."
    ImportedInPart "OP601" Partial "Only some commands of an import, or keys of a snapshot, were written."
    Interrupted "OP900" Interrupted "Ctrl-C."
}

/// As its code.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_up_and_begin_with_the_digit_of_their_exit_code() {
        assert!(Code::ALL.windows(2).all(|pair| pair[0].name() < pair[1].name()));
        for code in Code::ALL {
            let digit = match code.class() {
                Class::Interrupted => 9,
                class => class.code(),
            };
            assert!(code.name().starts_with(&format!("OP{digit}")), "{code}: {:?}", code.class());
            assert_eq!(code.name().len(), 5, "{code}");
        }
    }
}
