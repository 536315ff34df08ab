//! Small types that every area uses. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// What every entity has: id, address, name, description, comment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Identified {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
}

/// A name and its value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Property {
    pub name: Option<String>,
    pub value: Option<String>,
}

/// A custom property of a VM or NIC, with the expression that its value must match.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CustomProperty {
    pub name: Option<String>,
    pub regexp: Option<String>,
    pub value: Option<String>,
}

/// Bytes allowed in each period of milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    pub bytes: Option<i64>,
    pub period: Option<i64>,
}

/// A range of MAC addresses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Range {
    pub from: Option<String>,
    pub to: Option<String>,
}

/// A version number, such as a compatibility level.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Version {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub build: Option<i64>,
    pub full_version: Option<String>,
    pub major: Option<i64>,
    pub minor: Option<i64>,
    pub revision: Option<i64>,
}

/// One measured value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Value {
    pub datum: Option<f64>,
    pub detail: Option<String>,
}

/// A way to sign on to a guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Method {
    pub id: Option<SsoMethod>,
}

words! {
    /// What `method.id` may say.
    SsoMethod {
        GuestAgent = "guest_agent",
    }
}
