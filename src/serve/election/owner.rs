//! Whom the Lease belongs to: the service account that its writer acts as.
//!
//! The Lease is made by pods, so nobody who deletes what they applied would know of it. With the account as
//! its owner the cluster's garbage collector takes it along. To be told who one is needs no right, and the
//! account lives exactly as long as anybody may renew the Lease: its pods and `ReplicaSet`s do not.

use k8s_openapi::api::authentication::v1::{SelfSubjectReview, UserInfo};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::api::PostParams;
use kube::{Api, Client};

/// The service account that this client acts as; none where it acts as somebody else.
pub async fn account(client: &Client) -> kube::Result<Option<OwnerReference>> {
    let api: Api<SelfSubjectReview> = Api::all(client.clone());
    let review = api.create(&PostParams::default(), &SelfSubjectReview::default()).await?;
    Ok(review.status.and_then(|s| s.user_info).as_ref().and_then(reference))
}

fn reference(user: &UserInfo) -> Option<OwnerReference> {
    // system:serviceaccount:<namespace>:<name>
    let (_, name) = user.username.as_deref()?.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    Some(OwnerReference {
        api_version: "v1".into(),
        kind: "ServiceAccount".into(),
        name: name.to_owned(),
        uid: user.uid.clone().filter(|uid| !uid.is_empty())?,
        // To hold up the account's deletion would need a right to the account.
        ..OwnerReference::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_service_account_owns() {
        let user = |name: &str, uid: &str| UserInfo {
            username: Some(name.into()),
            uid: Some(uid.into()),
            ..UserInfo::default()
        };
        let owner = reference(&user("system:serviceaccount:election:elector", "u1")).expect("an owner");
        assert_eq!(
            (owner.kind.as_str(), owner.name.as_str(), owner.uid.as_str()),
            ("ServiceAccount", "elector", "u1")
        );
        assert_eq!(owner.block_owner_deletion, None);
        assert_eq!(reference(&user("system:serviceaccount:election:elector", "")), None);
        assert_eq!(reference(&user("kubernetes-admin", "u2")), None);
    }
}
