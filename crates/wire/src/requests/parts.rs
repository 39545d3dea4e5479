//! Parts that several bodies share: host records and tags, read and written.

use linkspan_model::{Host, Hosts, Invalid, Tags};
use serde::{Serialize, Serializer};

use crate::error::ApiError;
use crate::json::Fields;

/// `[{"name","ip"}]` under `hosts`; absent or null = none (dli_02_0187, dli_02_0200).
pub(super) fn hosts(fields: &Fields<'_, '_>) -> Result<Hosts, ApiError> {
    let records = fields.objects("hosts", |host| Ok((host.required_text("name")?, host.required_text("ip")?)))?;
    Hosts::parse(&records).map_err(refused)
}

/// `[{"key","value"}]` under `tags`; an absent value is empty, since golangsdk leaves an empty one out.
pub(super) fn tags(fields: &Fields<'_, '_>) -> Result<Tags, ApiError> {
    let pairs =
        fields.objects("tags", |tag| Ok((tag.required_text("key")?, tag.text("value")?.unwrap_or_default())))?;
    Tags::parse(&pairs).map_err(refused)
}

/// A fault of the model whose text already names the path.
fn refused(why: Invalid) -> ApiError {
    ApiError::invalid(why.to_string())
}

#[derive(Serialize)]
struct HostBody<'a> {
    name: &'a str,
    ip: std::net::Ipv4Addr,
}

#[derive(Serialize)]
struct TagBody<'a> {
    key: &'a str,
    value: &'a str,
}

pub(super) fn write_hosts<S: Serializer>(hosts: &Hosts, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(hosts.as_slice().iter().map(|Host { name, ip }| HostBody { name, ip: *ip }))
}

pub(crate) fn write_tags<S: Serializer>(tags: &Tags, serializer: S) -> Result<S::Ok, S::Error> {
    let tags = tags.as_slice().iter();
    serializer.collect_seq(tags.map(|tag| TagBody { key: tag.key.as_str(), value: tag.value.as_str() }))
}

pub(super) fn no_tags(tags: &Tags) -> bool {
    tags.as_slice().is_empty()
}
