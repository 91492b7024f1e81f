//! A refusal of the API server, known by its code, reason and causes.

use std::fmt;

use crate::error::{self, Problem, problem};

/// What the API server said when it refused a request.
#[derive(Debug)]
pub struct Refused {
    /// Its HTTP code; none where no answer came.
    code: Option<u16>,
    /// Its reason, such as `AlreadyExists`.
    reason: String,
    /// The fields that it names.
    fields: Vec<String>,
    /// Its words.
    message: String,
}

impl Refused {
    /// The refusal that a client's error holds.
    pub fn new(error: &kube::Error) -> Self {
        let kube::Error::Api(status) = error else {
            return Self { code: None, reason: String::new(), fields: Vec::new(), message: words(error) };
        };
        let causes = status.details.iter().flat_map(|d| &d.causes);
        Self {
            code: Some(status.code),
            reason: status.reason.clone(),
            fields: causes.map(|c| c.field.clone()).collect(),
            message: status.message.clone(),
        }
    }

    /// What the API server would say of a kind that it does not know.
    pub fn unknown_kind(api_version: &str, kind: &str) -> Self {
        let message = format!("it has no kind {kind} in {api_version}");
        Self { code: Some(404), reason: "NotFound".into(), fields: Vec::new(), message }
    }

    /// The refusal that an error carries; none where it was no refusal.
    pub fn of(error: &anyhow::Error) -> Option<&Self> {
        error::cause(error)
    }

    /// The error that tells it: `what` was refused.
    pub fn problem(self, what: &str) -> Problem {
        let verb = if self.code.is_some() { "refused" } else { "did not answer for" };
        problem!(Refused, "the API server {verb} {what}").found(self.message.clone()).caused_by(self)
    }

    /// Whether an object of that name exists already.
    pub fn is_name_taken(&self) -> bool {
        self.reason == "AlreadyExists"
    }

    /// Whether a `NodePort` cannot be had: it is in use, or out of the cluster's range.
    pub fn is_of_node_port(&self) -> bool {
        self.reason == "Invalid" && self.fields.iter().any(|f| f.ends_with("nodePort"))
    }

    /// Whether the same request may pass later: the API server, or a webhook that it asks, is not up.
    pub fn is_for_now(&self) -> bool {
        matches!(self.code, Some(429 | 500 | 502 | 503 | 504))
    }

    /// Whether the API server does not serve this kind, as right after its definition came or went.
    pub fn is_of_kind(&self) -> bool {
        self.code == Some(404)
    }

    /// Its words.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refused {}

/// An error and its causes, each once: the last one is what a person can do something about.
fn words(error: &kube::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use kube::core::Status;
    use serde_json::json;

    use super::*;

    fn refused(status: serde_json::Value) -> Refused {
        let status: Status = serde_json::from_value(status).unwrap();
        Refused::new(&kube::Error::Api(Box::new(status)))
    }

    #[test]
    fn a_refusal_is_known_by_reason_and_field_whatever_its_words() {
        let taken = refused(json!({"code": 409, "reason": "AlreadyExists", "message": "x"}));
        assert!(taken.is_name_taken() && !taken.is_of_node_port() && !taken.is_for_now());
        let port = refused(json!({"code": 422, "reason": "Invalid", "message": "x", "details":
            {"causes": [{"reason": "FieldValueInvalid", "message": "x", "field": "spec.ports[0].nodePort"}]}}));
        assert!(port.is_of_node_port() && !port.is_name_taken());
        assert!(refused(json!({"code": 500, "reason": "InternalError", "message": "x"})).is_for_now());
        assert!(
            !refused(json!({"code": 403, "reason": "Forbidden", "message": "already exists"}))
                .is_name_taken()
        );
    }

    #[test]
    fn what_got_no_answer_is_not_called_refused_and_names_the_last_cause() {
        let io = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let error =
            kube::Error::Service(Box::new(std::io::Error::other(anyhow::Error::from(io).context("connect"))));
        let problem = Refused::new(&error).problem("deployment.apps/web");
        assert_eq!(problem.to_string(), "the API server did not answer for deployment.apps/web");
        assert_eq!(problem.found, ["ServiceError: connect: connection refused"]);
    }

    #[test]
    fn a_refusal_is_found_in_the_error_that_tells_it() {
        let status = json!({"code": 409, "reason": "AlreadyExists", "message": "it is there"});
        let error = anyhow::Error::from(refused(status).problem("service/x")).context("around");
        assert!(Refused::of(&error).is_some_and(Refused::is_name_taken));
        assert!(Refused::of(&anyhow::anyhow!("plain")).is_none());
    }
}
