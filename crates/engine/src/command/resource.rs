/// What bears tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceKind {
    /// An enhanced datasource connection.
    Connection,
    /// A queue.
    Queue,
    /// An elastic resource pool.
    Pool,
    /// A VPC of the directory.
    Vpc,
    /// A subnet of the directory.
    Subnet,
}

/// One thing that bears tags, as a caller names it: a connection, VPC or subnet by its id; a queue or pool by the number
/// of the list, by its `resource_id`, or by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRef {
    /// What it is.
    pub kind: ResourceKind,
    /// Which one.
    pub id: Box<str>,
}
