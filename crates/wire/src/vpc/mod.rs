//! The part of the VPC service that clients need around a connection: VPCs, subnets and route tables, and the tags of the
//! former two.
//!
//! Invariants: faults have the VPC service's codes and its body, `code` and `message`; what was not said of a network
//! (gateway, name servers) is answered with what follows from its addresses.
//!
//! Requests are only read: no client of Linkspan's own sends them.
//!
//! To add one more operation: its request and its answer in the file of what it is about, a golden sample for both.

mod fields;
mod lists;
mod route_tables;
mod subnets;
mod tags;
mod vpcs;

pub use lists::ListNetworksQuery;
pub use route_tables::{AssociateRouteTable, CreateRouteTable, UpdateRouteTable, list_route_tables, show_route_table};
pub use subnets::{CreateSubnet, UpdateSubnet, list_subnets, show_subnet, subnet_changed};
pub use tags::{TagChange, show_tags};
pub use vpcs::{CreateVpc, Holdings, UpdateVpc, list_vpcs, show_vpc, show_vpc_v3};
