//! What a resource stands for: its objects, from the resource alone.

use kube::ResourceExt as _;
use kube::api::ApiResource;
use kube::core::Resource as _;
use serde_json::{Value, json};

use crate::peering::definition::{Amounts, Resources};
use crate::peering::{Config, KEY, LABEL, Peer, Peering, time};

/// Who writes the objects, as the API server notes it and as their label says.
pub const MANAGER: &str = "peering-operator";
/// The label that says who writes an object.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// The annotation of a pod that names its account, by UID.
const ACCOUNT: &str = "peering.opsctl.dev/account";

/// The kinds of the objects, in the order in which they are written: first what the peers read, then what their
/// pods need, then the pods.
pub const KINDS: [(&str, &str, &str); 8] = [
    ("v1", "ConfigMap", "configmaps"),
    ("v1", "ServiceAccount", "serviceaccounts"),
    ("rbac.authorization.k8s.io/v1", "Role", "roles"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"),
    ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
    ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
    ("v1", "Service", "services"),
    ("apps/v1", "StatefulSet", "statefulsets"),
];

/// How the API names a kind of [`KINDS`].
pub fn resource((version, kind, plural): (&str, &str, &str)) -> ApiResource {
    let (group, number) = version.split_once('/').unwrap_or(("", version));
    ApiResource {
        group: group.to_owned(),
        version: number.to_owned(),
        api_version: version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
    }
}

/// The labels that select what belongs to a resource.
pub fn selector(name: &str) -> String {
    format!("{LABEL}={name}")
}

/// The configuration of all its peers. It follows from the resource alone: no pod has to exist, or to have an
/// address, for its name to stand here, so nothing that befalls a pod changes the list.
pub fn config(peering: &Peering) -> Result<Config, String> {
    let (name, spec) = (peering.name_any(), &peering.spec);
    let port = |port: i32| u16::try_from(port).map_err(|_| format!("port: {port} is no port"));
    let own = port(spec.port)?;
    let mut peers: std::collections::BTreeSet<Peer> =
        (0..spec.replicas).map(|i| Peer { host: format!("{name}-{i}.{name}"), port: own }).collect();
    for peer in &spec.external_peers {
        peers.insert(Peer { host: peer.host.clone(), port: port(peer.port)? });
    }
    let interval = time::within("interval", &spec.interval, time::INTERVAL)?;
    let timeout = time::within("timeout", &spec.timeout, time::TIMEOUT)?;
    let generation = peering.metadata.generation.unwrap_or(0);
    Ok(Config { generation, interval, timeout, peers })
}

/// Its objects, in the order of [`KINDS`]; `image` is for peers without one of their own.
pub fn objects(peering: &Peering, image: &str) -> Result<Vec<Value>, String> {
    let (name, namespace) = (peering.name_any(), peering.namespace().unwrap_or_default());
    let mut owner = json!([peering.controller_owner_ref(&()).ok_or("the resource has no UID")?]);
    // Whoever deletes the resource in the foreground waits for them.
    owner[0]["blockOwnerDeletion"] = json!(true);
    let comment = format!("Written by the operator from peering/{name}; it overwrites changes.");
    let labels = json!({
        LABEL: name, MANAGED_BY: MANAGER, "app.kubernetes.io/name": "peer", "app.kubernetes.io/instance": name,
    });
    let of_pods = json!({LABEL: name});
    let port = peering.spec.port;
    let bodies = [
        json!({"data": {KEY: config(peering)?.written(&comment)}}),
        json!({"automountServiceAccountToken": false}),
        // One object, by its name: to list and to watch are granted for it as well.
        json!({"rules": [{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": [name],
            "verbs": ["get", "list", "watch"]}]}),
        json!({
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
        }),
        json!({"spec": {"podSelector": {"matchLabels": of_pods}, "policyTypes": ["Ingress"],
            "ingress": [{"ports": [{"port": port, "protocol": "TCP"}]}]}}),
        json!({"spec": {"maxUnavailable": 1, "selector": {"matchLabels": of_pods}}}),
        // Also of pods that are not ready: readiness is no reason to forget a name, and the peers judge for
        // themselves who answers.
        json!({"spec": {"clusterIP": "None", "publishNotReadyAddresses": true, "selector": of_pods,
            "ports": [{"name": "http", "port": port, "targetPort": port, "protocol": "TCP"}]}}),
        json!({"spec": {
            "replicas": peering.spec.replicas, "serviceName": name, "podManagementPolicy": "Parallel",
            "revisionHistoryLimit": 2, "selector": {"matchLabels": of_pods},
            "template": {"metadata": {"labels": labels}, "spec": pod(peering, &name, image)},
        }}),
    ];
    let all = KINDS.iter().zip(bodies).map(|((version, kind, _), mut body)| {
        body["apiVersion"] = json!(version);
        body["kind"] = json!(kind);
        body["metadata"] =
            json!({"name": name, "namespace": namespace, "labels": labels, "ownerReferences": owner});
        body
    });
    Ok(all.collect())
}

fn pod(peering: &Peering, name: &str, image: &str) -> Value {
    let port = peering.spec.port;
    let probe = |path: &str, period: u8, failures: u8| {
        json!({"httpGet": {"path": path, "port": port}, "periodSeconds": period, "timeoutSeconds": 2,
            "failureThreshold": failures})
    };
    json!({
        "serviceAccountName": name,
        // The token of this account, which reads one ConfigMap.
        "automountServiceAccountToken": true,
        "enableServiceLinks": false,
        "terminationGracePeriodSeconds": 10,
        "securityContext": {"runAsNonRoot": true, "runAsUser": 65532, "runAsGroup": 65532,
            "seccompProfile": {"type": "RuntimeDefault"}},
        "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {"matchLabels": {LABEL: name}}}],
        "containers": [{
            "name": "peer",
            "image": peering.spec.image.as_deref().unwrap_or(image),
            "imagePullPolicy": "IfNotPresent",
            "args": ["serve", "peer", format!("--listen=0.0.0.0:{port}"), format!("--config-map={name}")],
            "env": [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
            "ports": [{"name": "http", "containerPort": port, "protocol": "TCP"}],
            "readinessProbe": probe("/readyz", 1, 3),
            "livenessProbe": probe("/healthz", 5, 6),
            "resources": resources(&peering.spec.resources),
            "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]}},
        }],
    })
}

/// Notes in the pods' template of which account they are. A token ends with its account, and a pod gets no other one
/// for most of an hour: so another account of that name rolls the pods.
pub fn with_account(set: &mut Value, account: &Value) {
    if let Some(uid) = account["metadata"]["uid"].as_str() {
        set["spec"]["template"]["metadata"]["annotations"][ACCOUNT] = json!(uid);
    }
}

/// What a container gets; if nothing is said, little is reserved and memory is limited.
fn resources(said: &Resources) -> Value {
    if said.requests.is_none() && said.limits.is_none() {
        return json!({"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}});
    }
    let amounts = |amounts: &Option<Amounts>| {
        let Amounts { cpu, memory } = amounts.clone().unwrap_or_default();
        let both = [("cpu", cpu), ("memory", memory)].into_iter();
        Value::Object(both.filter_map(|(name, amount)| Some((name.to_owned(), json!(amount?)))).collect())
    };
    let both = [("requests", amounts(&said.requests)), ("limits", amounts(&said.limits))].into_iter();
    Value::Object(
        both.filter(|(_, value)| value != &json!({})).map(|(name, value)| (name.to_owned(), value)).collect(),
    )
}

/// Whether a live value has all that is wanted: what the API server adds by itself is no difference.
pub fn holds(live: &Value, wanted: &Value) -> bool {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| holds(live.get(key).unwrap_or(&Value::Null), wanted))
        }
        (Value::Array(live), Value::Array(wanted)) => {
            live.len() == wanted.len() && live.iter().zip(wanted).all(|(live, wanted)| holds(live, wanted))
        }
        _ => live == wanted,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::peering::PeeringSpec;

    /// A resource with that spec, as the API server would have completed it.
    pub fn peering(spec: Value) -> Peering {
        let spec: PeeringSpec = serde_json::from_value(spec).unwrap();
        let mut peering = Peering::new("ring", spec);
        peering.metadata.namespace = Some("place".into());
        peering.metadata.uid = Some("u-1".into());
        peering.metadata.generation = Some(3);
        peering
    }

    fn of_kind(peering: &Peering, kind: &str) -> Value {
        let all = objects(peering, "own:1").unwrap();
        all.into_iter().find(|object| object["kind"] == kind).unwrap()
    }

    #[test]
    fn the_list_follows_from_the_resource_alone_and_the_lowest_numbers_stay() {
        let hosts = |spec: Value| {
            config(&peering(spec)).unwrap().peers.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let five = hosts(json!({"replicas": 5}));
        assert_eq!(five[0], "ring-0.ring:8080");
        assert_eq!(five.len(), 5);
        assert_eq!(hosts(json!({"replicas": 2}))[..], five[..2]);
        assert_eq!(hosts(json!({"replicas": 0})), Vec::<String>::new());
        let external =
            json!({"replicas": 1, "port": 9000, "externalPeers": [{"host": "10.0.0.9", "port": 80}]});
        assert_eq!(hosts(external), ["10.0.0.9:80", "ring-0.ring:9000"]);
    }

    #[test]
    fn what_is_written_is_a_configuration_that_a_peer_reads() {
        let peering = peering(json!({"replicas": 3, "interval": "90s", "timeout": "250ms"}));
        let map = of_kind(&peering, "ConfigMap");
        let read = Config::parse(map["data"][KEY].as_str().unwrap()).unwrap();
        assert_eq!(read, config(&peering).unwrap());
        assert_eq!(read.generation, 3);
    }

    #[test]
    fn each_object_belongs_to_the_resource_and_its_deletion_waits_for_them() {
        for object in objects(&peering(json!({})), "own:1").unwrap() {
            let owner = &object["metadata"]["ownerReferences"][0];
            assert_eq!((&owner["kind"], &owner["uid"]), (&json!("Peering"), &json!("u-1")), "{object}");
            assert_eq!((&owner["controller"], &owner["blockOwnerDeletion"]), (&json!(true), &json!(true)));
            assert!(object["metadata"]["finalizers"].is_null());
        }
    }

    /// The table in docs/peering.md: each field of the spec, and whether a change of it rolls pods.
    fn table() -> Vec<(String, bool)> {
        let page = include_str!("../../../docs/peering.md");
        let (_, rest) = page.split_once("## What reloads in place, and what rolls pods").unwrap();
        let (section, _) = rest.split_once("\n## ").unwrap();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
        let row = |row: &str| {
            let (field, rest) = row.split_once('`').unwrap();
            let rolls = match rest.rsplit_once("| ").unwrap().1 {
                "rolls pods" => true,
                "in place" => false,
                other => panic!("{field}: {other}"),
            };
            (field.to_owned(), rolls)
        };
        rows.map(row).collect()
    }

    #[test]
    fn each_field_rolls_pods_or_is_read_in_place_as_the_table_of_the_page_says() {
        use kube::CustomResourceExt as _;

        let template = |spec: Value| of_kind(&peering(spec), "StatefulSet")["spec"]["template"].clone();
        let config = |spec: Value| of_kind(&peering(spec), "ConfigMap")["data"].clone();
        let (usual, usual_config) = (template(json!({})), config(json!({})));
        let others = [
            ("replicas", json!(8)),
            ("interval", json!("5s")),
            ("timeout", json!("1s")),
            ("externalPeers", json!([{"host": "a", "port": 1}])),
            ("image", json!("other:2")),
            ("port", json!(9000)),
            ("resources", json!({"limits": {"memory": "32Mi"}})),
        ];
        let table = table();
        let crd = serde_json::to_value(Peering::crd()).unwrap();
        let schema = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
        let mut fields: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        let mut told: Vec<_> = table.iter().map(|(field, _)| field).collect();
        fields.sort();
        told.sort();
        assert_eq!(told, fields);
        for (field, rolls) in table {
            let (_, other) = others.iter().find(|(name, _)| *name == field).unwrap();
            assert_eq!(template(json!({&field: other})) != usual, rolls, "{field}");
            // Its port a peer learns from its arguments as well.
            let is_read = config(json!({&field: other})) != usual_config;
            assert!(is_read != rolls || field == "port", "{field}");
        }
    }

    #[test]
    fn a_pod_is_guaranteed_exactly_if_its_limits_are_its_requests() {
        let both = json!({"cpu": "100m", "memory": "32Mi"});
        let of = |resources: Value| {
            let set = of_kind(&peering(json!({"resources": resources})), "StatefulSet");
            set["spec"]["template"]["spec"]["containers"][0]["resources"].clone()
        };
        assert_eq!(of(json!({"requests": both, "limits": both})), json!({"requests": both, "limits": both}));
        assert_eq!(of(json!({"limits": {"memory": "32Mi"}})), json!({"limits": {"memory": "32Mi"}}));
        assert_eq!(of(json!({}))["limits"], json!({"memory": "64Mi"}));
    }

    #[test]
    fn what_the_server_adds_is_no_difference_and_what_somebody_changed_is() {
        let wanted = json!({"a": {"b": 1, "list": [{"c": 2}]}});
        assert!(holds(&json!({"a": {"b": 1, "list": [{"c": 2, "d": 3}], "e": 0}, "f": {}}), &wanted));
        for live in [
            json!({"a": {"b": 2, "list": [{"c": 2}]}}),
            json!({"a": {"b": 1, "list": []}}),
            json!({"a": {"b": 1, "list": [{"c": 2}, {"c": 4}]}}),
            json!({"a": {"b": 1}}),
            json!({}),
        ] {
            assert!(!holds(&live, &wanted), "{live}");
        }
    }
}
