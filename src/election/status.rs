//! Whether all pods agree: what each says, and what follows from all of it.

use serde::{Deserialize, Serialize};

/// What a pod's elector believes; the answer to `GET /master`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Master {
    /// The master's pod; empty when none is known.
    pub pod: String,
    /// Its address.
    pub ip: String,
    /// Its epoch.
    pub epoch: u64,
    /// Since when this pod has known it, as RFC 3339.
    pub since: String,
    /// Milliseconds since the record was last seen to change.
    pub fresh_ms: u64,
    /// Whether it is this pod, and its right has not ended.
    pub leading: bool,
    /// Whether this pod leads, or its service follows the master.
    pub agreed: bool,
    /// This pod.
    pub me: String,
    /// This pod's role: `leading`, `following`, `elected` or `idle`.
    pub role: String,
}

/// One pod that exists, and its answer or why there is none.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The pod.
    pub pod: String,
    /// What it said.
    pub answer: Result<Master, String>,
}

/// What follows from all answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everybody names this master, it says so itself, and everybody follows it.
    Agreed {
        /// The master's pod.
        pod: String,
        /// Its address.
        ip: String,
        /// Its epoch.
        epoch: u64,
    },
    /// They do not agree; each reason is one sentence.
    Divided(Vec<String>),
}

/// Judges all answers together. One pod that did not answer is enough to be divided.
pub fn judge(asked: &[Asked]) -> Verdict {
    let mut reasons = Vec::new();
    let mut said = Vec::new();
    for one in asked {
        match &one.answer {
            Ok(master) => said.push((one.pod.as_str(), master)),
            Err(why) => reasons.push(format!("{} did not answer: {why}", one.pod)),
        }
    }
    let leaders: Vec<_> = said.iter().filter(|(_, master)| master.leading).collect();
    let leader = match leaders[..] {
        [(_, master)] => *master,
        [] => {
            reasons.push("no pod says that it leads".into());
            return Verdict::Divided(reasons);
        }
        _ => {
            let names: Vec<_> =
                leaders.iter().map(|(pod, master)| format!("{pod} (epoch {})", master.epoch)).collect();
            reasons.push(format!("more than one says that it leads: {}", names.join(", ")));
            return Verdict::Divided(reasons);
        }
    };
    for (pod, master) in said {
        if (&master.pod, &master.ip, master.epoch) != (&leader.pod, &leader.ip, leader.epoch) {
            let known = if master.pod.is_empty() { "nobody" } else { &master.pod };
            reasons.push(format!("{pod} knows {known}, epoch {}, as the master", master.epoch));
        } else if !master.agreed {
            reasons.push(format!("{pod} knows the master, and does not follow it yet"));
        }
    }
    if reasons.is_empty() {
        Verdict::Agreed { pod: leader.pod.clone(), ip: leader.ip.clone(), epoch: leader.epoch }
    } else {
        Verdict::Divided(reasons)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(me: &str, master: &str, epoch: u64) -> Asked {
        let leading = me == master;
        let answer = Master {
            pod: master.into(),
            ip: format!("ip-{master}"),
            epoch,
            leading,
            agreed: true,
            me: me.into(),
            ..Master::default()
        };
        Asked { pod: me.into(), answer: Ok(answer) }
    }

    #[test]
    fn all_must_name_the_same_master_and_it_must_say_so_itself() {
        let all = [says("a", "b", 3), says("b", "b", 3), says("c", "b", 3)];
        assert_eq!(judge(&all), Verdict::Agreed { pod: "b".into(), ip: "ip-b".into(), epoch: 3 });
        assert!(matches!(judge(&all[..1]), Verdict::Divided(_)), "nobody says that it leads");
        assert!(matches!(judge(&[]), Verdict::Divided(_)), "nobody was asked");
    }

    #[test]
    fn two_masters_an_older_epoch_or_silence_divide() {
        let two = judge(&[says("a", "a", 2), says("b", "b", 3)]);
        assert_eq!(
            two,
            Verdict::Divided(vec!["more than one says that it leads: a (epoch 2), b (epoch 3)".into()])
        );
        let old = judge(&[says("a", "b", 2), says("b", "b", 3)]);
        assert_eq!(old, Verdict::Divided(vec!["a knows b, epoch 2, as the master".into()]));
        let silent = Asked { pod: "c".into(), answer: Err("connection refused".into()) };
        let silent = judge(&[says("b", "b", 3), silent]);
        assert_eq!(silent, Verdict::Divided(vec!["c did not answer: connection refused".into()]));
    }

    #[test]
    fn who_knows_the_master_without_following_it_does_not_agree() {
        let mut lazy = says("a", "b", 3);
        if let Ok(answer) = &mut lazy.answer {
            answer.agreed = false;
        }
        let verdict = judge(&[lazy, says("b", "b", 3)]);
        assert_eq!(verdict, Verdict::Divided(vec!["a knows the master, and does not follow it yet".into()]));
    }
}
