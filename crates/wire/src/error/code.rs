/// Every pair of status and code that a vendor path of Linkspan answers (dli_02_0056, gateway error codes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// 400 `DLI.0001`: a malformed parameter or body; also an unknown connection everywhere but on show.
    InvalidInput,
    /// 404 `DLI.0001`: an unknown connection on show.
    ConnectionNotFound,
    /// 400 `DLI.0002`: a queue, pool, route, task or network that does not exist.
    NotFound,
    /// 404 `DLI.0002`: an unknown pool on v3 pool calls other than delete.
    PoolNotFound,
    /// 403 `DLI.0003`: the project or the action is not the caller's.
    Forbidden,
    /// 400 `DLI.0006`: a name that is taken.
    Exists,
    /// 400 `DLI.0007`: a state or kind that the action does not support.
    NotSupported,
    /// 400 `DLI.0009`: a documented limit of Linkspan is reached.
    LimitReached,
    /// 500 `DLI.0999`: an internal fault.
    Internal,
    /// 404 `APIGW.0101`: no such path, or not with this method.
    NoSuchApi,
    /// 400 `APIGW.0201`: a content encoding other than identity, or a request that breaks HTTP.
    BadRequest,
    /// 413 `APIGW.0201`: a body over 12 MiB.
    BodyTooLarge,
    /// 503 `APIGW.0201`: overload, or the store is out of reach; sent with `Retry-After`.
    Unavailable,
    /// 401 `APIGW.0301`: no credentials, a wrong signature or a wrong token.
    Unauthenticated,
    /// 401 `APIGW.0303`: `X-Sdk-Date` more than 15 minutes off.
    ClockSkew,
    /// 400 `VPC.0101`: a malformed VPC, route table or parameter of a list.
    VpcInvalid,
    /// 404 `VPC.0003`: no such VPC.
    VpcNotFound,
    /// 400 `VPC.0201`: a malformed subnet.
    SubnetInvalid,
    /// 400 `VPC.0203`: a subnet that is not inside its VPC's addresses.
    SubnetOutside,
    /// 400 `VPC.0204`: a subnet that overlaps another one of its VPC.
    SubnetOverlaps,
    /// 404 `VPC.0202`: no such subnet, or no such route table: the service's code for whatever an id does not find.
    SubnetNotFound,
    /// 409 `VPC.0104`: a VPC or subnet to which a peer leads, a VPC that still holds something, a route table in use.
    ///
    /// Clients look at the status; which number the service gives here is not documented for peers.
    NetworkInUse,
    /// 404 `IAM.0004`: a token that is to be looked at and is not good (iam_30_0004).
    TokenNotFound,
}

impl ErrorCode {
    /// Every variant, in the order of the declaration.
    pub const ALL: [Self; 23] = [
        Self::InvalidInput,
        Self::ConnectionNotFound,
        Self::NotFound,
        Self::PoolNotFound,
        Self::Forbidden,
        Self::Exists,
        Self::NotSupported,
        Self::LimitReached,
        Self::Internal,
        Self::NoSuchApi,
        Self::BadRequest,
        Self::BodyTooLarge,
        Self::Unavailable,
        Self::Unauthenticated,
        Self::ClockSkew,
        Self::VpcInvalid,
        Self::VpcNotFound,
        Self::SubnetInvalid,
        Self::SubnetOutside,
        Self::SubnetOverlaps,
        Self::SubnetNotFound,
        Self::NetworkInUse,
        Self::TokenNotFound,
    ];

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.parts().0
    }

    /// `error_code` on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.parts().1
    }

    /// Whether the cloud's gateway answers it, whose bodies also carry `request_id`.
    #[must_use]
    pub const fn is_gateway(self) -> bool {
        matches!(
            self,
            Self::NoSuchApi
                | Self::BadRequest
                | Self::BodyTooLarge
                | Self::Unavailable
                | Self::Unauthenticated
                | Self::ClockSkew
        )
    }

    /// Whether the VPC service answers it, whose bodies hold `code` and `message`.
    #[must_use]
    pub const fn is_vpc(self) -> bool {
        matches!(
            self,
            Self::VpcInvalid
                | Self::VpcNotFound
                | Self::SubnetInvalid
                | Self::SubnetOutside
                | Self::SubnetOverlaps
                | Self::SubnetNotFound
                | Self::NetworkInUse
        )
    }

    const fn parts(self) -> (u16, &'static str) {
        match self {
            Self::InvalidInput => (400, "DLI.0001"),
            Self::ConnectionNotFound => (404, "DLI.0001"),
            Self::NotFound => (400, "DLI.0002"),
            Self::PoolNotFound => (404, "DLI.0002"),
            Self::Forbidden => (403, "DLI.0003"),
            Self::Exists => (400, "DLI.0006"),
            Self::NotSupported => (400, "DLI.0007"),
            Self::LimitReached => (400, "DLI.0009"),
            Self::Internal => (500, "DLI.0999"),
            Self::NoSuchApi => (404, "APIGW.0101"),
            Self::BadRequest => (400, "APIGW.0201"),
            Self::BodyTooLarge => (413, "APIGW.0201"),
            Self::Unavailable => (503, "APIGW.0201"),
            Self::Unauthenticated => (401, "APIGW.0301"),
            Self::ClockSkew => (401, "APIGW.0303"),
            Self::VpcInvalid => (400, "VPC.0101"),
            Self::VpcNotFound => (404, "VPC.0003"),
            Self::SubnetInvalid => (400, "VPC.0201"),
            Self::SubnetOutside => (400, "VPC.0203"),
            Self::SubnetOverlaps => (400, "VPC.0204"),
            Self::SubnetNotFound => (404, "VPC.0202"),
            Self::NetworkInUse => (409, "VPC.0104"),
            Self::TokenNotFound => (404, "IAM.0004"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_complete_and_each_pair_is_its_own() {
        for (place, code) in ErrorCode::ALL.into_iter().enumerate() {
            assert_eq!(code as usize, place, "{code:?} is out of place");
        }
        // The last variant: a new one behind it makes this fail until ALL holds it.
        assert_eq!(ErrorCode::TokenNotFound as usize + 1, ErrorCode::ALL.len());
        let pairs: std::collections::HashSet<_> = ErrorCode::ALL.iter().map(|c| (c.status(), c.as_str())).collect();
        assert_eq!(pairs.len(), ErrorCode::ALL.len());
    }

    #[test]
    fn a_code_s_prefix_says_who_answers_it() {
        for code in ErrorCode::ALL {
            assert_eq!(code.is_gateway(), code.as_str().starts_with("APIGW."), "{code:?}");
            assert_eq!(code.is_vpc(), code.as_str().starts_with("VPC."), "{code:?}");
        }
    }
}
