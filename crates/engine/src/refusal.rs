/// Why a command or question is refused. The server turns each into the contract's status, code and body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No connection with this id is known to the caller.
    #[error("Connection {0} does not exist.")]
    UnknownConnection(String),
    /// No queue with this name exists.
    #[error("There is no queue named {0}.")]
    UnknownQueue(String),
    /// No elastic resource pool with this name exists.
    #[error("There is no elastic resource pool named {0}.")]
    UnknownPool(String),
    /// No VPC with this id is registered in the project.
    #[error("VPC {0} does not exist.")]
    UnknownVpc(String),
    /// No subnet with this id is registered in the project.
    #[error("Subnet {0} does not exist.")]
    UnknownSubnet(String),
    /// No route table with this id is registered in the project.
    #[error("Route table {0} does not exist.")]
    UnknownRouteTable(String),
    /// Something else that is named does not exist; the text says what.
    #[error("{0}")]
    Unknown(String),
    /// The caller has no right to it.
    #[error("{0}")]
    Forbidden(String),
    /// A value breaks a rule.
    #[error("{0}")]
    Invalid(String),
    /// A subnet is not inside its VPC's addresses.
    #[error("{0}")]
    Outside(String),
    /// A subnet overlaps another one of its VPC.
    #[error("{0}")]
    Overlaps(String),
    /// The thing exists already.
    #[error("{0}")]
    Exists(String),
    /// The operation is not possible as things stand.
    #[error("{0}")]
    NotSupported(String),
    /// It would exceed a documented limit.
    #[error("{0}")]
    Exceeds(String),
    /// It is in use and can't go.
    #[error("{0}")]
    InUse(String),
    /// Too much is waiting: try again.
    #[error("The service is overloaded, try again in a moment.")]
    Overloaded,
    /// The store does not answer: try again.
    #[error("The store is out of reach, try again in a moment.")]
    Unavailable,
    /// Whoever reports has been succeeded by another node.
    #[error("Another node acts for the plane by now.")]
    Deposed,
    /// The disk is full: reads go on, changes don't.
    #[error("The service can't store changes now; reads go on.")]
    StorageFull,
    /// A fault inside; the log says more.
    #[error("The service failed to carry out the request.")]
    Internal,
}
