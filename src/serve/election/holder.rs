//! Who holds a lease: one life of one pod's container.

use std::fmt;
use std::str::FromStr;

use crate::election::protocol::{Name, Time};

/// One life of one pod's container, and where to reach it.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The pod.
    pub pod: String,
    /// Its address.
    pub address: String,
    /// The pod's UID: a name may come back as another pod.
    pub uid: String,
    /// When this life began, on its node's clock.
    pub life: Time,
    /// Whether the elector is the container's first process: then a later life proves this one's end.
    pub init: bool,
}

impl PartialEq for Holder {
    fn eq(&self, other: &Self) -> bool {
        self.uid == other.uid && self.life == other.life && self.pod == other.pod
    }
}

impl Eq for Holder {}

impl Name for Holder {
    fn outlived(&self, other: &Self) -> bool {
        self.init && !self.uid.is_empty() && self.uid == other.uid && self.life > other.life
    }

    /// Who names a pod it has not spoken to knows none of its lives.
    fn inherits(&self, heir: &Self) -> bool {
        self.pod == heir.pod && self.uid == heir.uid && (heir.life == 0 || self.life == heir.life)
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.pod, self.address, self.uid, self.life)
    }
}

impl FromStr for Holder {
    type Err = std::convert::Infallible;

    /// Anything is a holder: somebody may have written another name by hand, and then it is respected.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('/').collect();
        if let [pod, address, uid, life] = parts[..]
            && let Ok(life) = life.parse()
        {
            return Ok(Self { pod: pod.into(), address: address.into(), uid: uid.into(), life, init: false });
        }
        Ok(Self { pod: text.into(), address: String::new(), uid: String::new(), life: 0, init: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(text: &str) -> Holder {
        text.parse().unwrap_or_else(|e| match e {})
    }

    #[test]
    fn a_holder_survives_the_lease() {
        let one = holder("redis-7f-x/10.244.0.7/3b0c/812345");
        assert_eq!((one.address.as_str(), one.life), ("10.244.0.7", 812_345));
        assert_eq!(holder(&one.to_string()), one);
        assert_eq!(holder("written by hand").pod, "written by hand");
    }

    #[test]
    fn an_heir_is_meant_as_a_pod_or_as_one_of_its_lives() {
        let me = holder("a/10.0.0.1/u1/100");
        assert!(me.inherits(&holder("a/10.0.0.1/u1/0")) && me.inherits(&me));
        assert!(!me.inherits(&holder("a/10.0.0.1/u1/99")));
        assert!(!me.inherits(&holder("a/10.0.0.1/u2/0")));
    }

    #[test]
    fn only_a_later_life_of_the_same_pod_as_first_process_proves_an_end() {
        let before = holder("a/10.0.0.1/u1/100");
        let mut after = holder("a/10.0.0.1/u1/200");
        assert!(!after.outlived(&before));
        after.init = true;
        assert!(after.outlived(&before));
        assert!(!after.outlived(&holder("a/10.0.0.1/u2/100")));
        assert!(!after.outlived(&holder("a/10.0.0.1/u1/200")));
    }
}
