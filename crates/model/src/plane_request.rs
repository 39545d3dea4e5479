use serde::{Deserialize, Serialize};

use crate::stamp::Stamp;

/// Something that one node asks of whoever acts for a part of the plane, and the answer once there is one. It is kept for
/// moments only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaneRequest {
    /// When it was asked; its number is its id.
    pub created: Stamp,
    /// The part of the plane.
    pub scope: Box<str>,
    /// What is asked, in the words of those who ask and answer; at most [`PlaneRequest::LONGEST_QUESTION`] bytes.
    pub question: Box<str>,
    /// What was answered; none while it is being worked on. At most [`PlaneRequest::LONGEST_ANSWER`] bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Box<str>>,
}

impl PlaneRequest {
    /// The most bytes of a question.
    pub const LONGEST_QUESTION: usize = 256 * 1024;
    /// The most bytes of an answer.
    pub const LONGEST_ANSWER: usize = 256 * 1024;
}
