//! From a connection to a routed call and back.
