//! The part of the VPC service that Terraform and the SDKs need to make a data source's network: VPCs and subnets.
//!
//! Invariants: faults have the VPC service's codes and its body, `code` and `message`; what Linkspan does not keep of
//! a network (gateway, name servers) is answered with what follows from its addresses.
//!
//! It must not hold route tables: Linkspan keeps only their ids.
//!
//! To add one more operation: its request in `requests.rs`, its answer in `responses.rs`, a golden sample for both.

mod requests;
mod responses;

pub use requests::{CreateSubnet, CreateVpc, ListNetworksQuery};
pub use responses::{list_subnets, list_vpcs, no_tags, show_subnet, show_vpc, show_vpc_v3};
