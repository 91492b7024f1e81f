//! The pods of a stack, asked what they say of themselves. Through the API server's proxy: their addresses lead nowhere
//! from this host.

use std::time::Duration;

use anyhow::Result;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{GetParams, ListParams};
use kube::core::Request;
use kube::{Api, Client};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::k8s::has_ended;

/// Limit of each question: a pod that is well answers in milliseconds.
const LIMIT: Duration = Duration::from_secs(2);

/// A pod that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its name.
    pub pod: String,
    /// Its node, once it has one.
    pub node: Option<String>,
    /// Its address, once it has one.
    pub ip: Option<String>,
    /// It was told to end.
    pub ending: bool,
}

impl Place {
    /// What matters of a pod; none of one that has ended, and so has nothing to say.
    pub fn of(pod: &Pod) -> Option<Self> {
        let ip = pod.status.as_ref().and_then(|status| status.pod_ip.clone());
        Some(Self {
            pod: pod.metadata.name.clone().filter(|_| !has_ended(pod))?,
            node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
            ip: ip.filter(|ip| !ip.is_empty()),
            ending: pod.metadata.deletion_timestamp.is_some(),
        })
    }
}

/// The pods of that label that exist, by name.
pub async fn places(client: &Client, namespace: &str, selector: &str) -> Result<Vec<Place>> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let list = pods.list(&ListParams::default().labels(selector)).await?;
    let mut all: Vec<_> = list.items.iter().filter_map(Place::of).collect();
    all.sort_by(|a, b| a.pod.cmp(&b.pod));
    Ok(all)
}

/// The request for a path of a pod's port.
pub fn request(
    namespace: &str,
    pod: &str,
    port: u16,
    path: &str,
) -> Result<axum::http::Request<Vec<u8>>, String> {
    let proxy = format!("/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy");
    Request::new(proxy).get(path, &GetParams::default()).map_err(|error| error.to_string())
}

/// What a pod says there; else why it says nothing.
pub async fn ask<T: DeserializeOwned>(
    client: &Client,
    namespace: &str,
    place: &Place,
    port: u16,
    path: &str,
) -> Result<T, String> {
    if place.ip.is_none() {
        return Err("it has no address yet".into());
    }
    let request = request(namespace, &place.pod, port, path)?;
    match tokio::time::timeout(LIMIT, client.request(request)).await {
        Ok(answer) => answer.map_err(|error| why(&error)),
        Err(_) => Err(format!("nothing within {} s", LIMIT.as_secs())),
    }
}

/// What a failed question came to, without the way there.
pub fn why(error: &kube::Error) -> String {
    let text = match error {
        kube::Error::Api(status) => status.message.clone(),
        other => other.to_string(),
    };
    let text = text.rsplit("error trying to reach service: ").next().unwrap_or_default();
    text.trim().trim_end_matches('\'').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_pod_is_left_out_of_why_it_did_not_answer() {
        let status = kube::core::Status::failure(
            "error trying to reach service: dial tcp 10.244.0.5:8080: connect: connection refused",
            "ServiceUnavailable",
        );
        let error = kube::Error::Api(Box::new(status));
        assert_eq!(why(&error), "dial tcp 10.244.0.5:8080: connect: connection refused");
    }

    #[test]
    fn pods_are_asked_through_the_api_server() {
        let request = request("election", "redis-1", 8080, "master").unwrap();
        assert_eq!(request.uri(), "/api/v1/namespaces/election/pods/redis-1:8080/proxy/master");
    }
}
