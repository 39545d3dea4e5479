use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::error::ApiError;
use crate::json::{Fields, Json};
use crate::quote::Quoted;

/// `POST /v3/auth/tokens` of the identity service: by password or by another token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateToken {
    /// Who asks.
    pub identity: TokenIdentity,
    /// What the token is for.
    pub scope: TokenScope,
}

/// Who asks for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenIdentity {
    /// Method `password`.
    Password {
        /// The user.
        user: UserRef,
        /// The password.
        password: Secret,
    },
    /// Method `token`.
    Token {
        /// A token that is still valid; none if it is in `X-Auth-Token` alone.
        id: Option<Secret>,
    },
}

/// A user by id, or by name within a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRef {
    /// By id.
    Id(String),
    /// By name.
    Name {
        /// The user's name.
        name: String,
        /// The domain it is of.
        domain: NameOrId,
    },
}

/// A domain by one of its two handles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameOrId {
    /// By id.
    Id(String),
    /// By name.
    Name(String),
}

/// What a token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenScope {
    /// No `scope`: the user's domain.
    Unscoped,
    /// One project.
    Project {
        /// The project.
        project: NameOrId,
        /// Its domain, if given; else the user's.
        domain: Option<NameOrId>,
    },
    /// A domain.
    Domain(NameOrId),
}

/// A password or token, which `Debug` does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl CreateToken {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path; a fault never shows the secret.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            let read = fields.object("auth", |auth| {
                let identity = auth.object("identity", |fields| identity(&fields))?;
                let scope = auth.object("scope", |fields| scope(&fields))?;
                Ok(Self {
                    identity: identity.ok_or_else(|| auth.missing("identity"))?,
                    scope: scope.unwrap_or(TokenScope::Unscoped),
                })
            })?;
            read.ok_or_else(|| fields.missing("auth"))
        })
    }
}

fn identity(fields: &Fields<'_, '_>) -> Result<TokenIdentity, ApiError> {
    let place = fields.place().key("methods");
    let method = match fields.array("methods")? {
        [Json::Text(method)] => method.as_ref(),
        [other] => return Err(place.index(0).fault(format_args!("must be a text, got {other}"))),
        other => return Err(place.fault(format_args!("must name exactly one method, got {}", other.len()))),
    };
    match method {
        "password" => {
            let password = fields.object("password", |fields| {
                fields.object("user", |user| password(&user))?.ok_or_else(|| fields.missing("user"))
            })?;
            password.ok_or_else(|| fields.missing("password"))
        }
        "token" => {
            let id = fields.object("token", |token| secret(&token, "id"))?;
            Ok(TokenIdentity::Token { id: id.flatten() })
        }
        other => Err(place.index(0).fault(format_args!("must be password or token, got {}", Quoted(other)))),
    }
}

fn password(user: &Fields<'_, '_>) -> Result<TokenIdentity, ApiError> {
    let password = secret(user, "password")?.ok_or_else(|| user.missing("password"))?;
    let by_id = user.text("id")?.filter(|id| !id.is_empty());
    let user = match by_id {
        Some(id) => UserRef::Id(id.to_owned()),
        None => {
            let name = user.required_text("name")?.to_owned();
            let domain = user.object("domain", |fields| name_or_id(&fields))?;
            UserRef::Name { name, domain: domain.ok_or_else(|| user.missing("domain"))? }
        }
    };
    Ok(TokenIdentity::Password { user, password })
}

fn scope(fields: &Fields<'_, '_>) -> Result<TokenScope, ApiError> {
    let project = fields.object("project", |project| {
        let domain = project.object("domain", |fields| name_or_id(&fields))?;
        Ok(TokenScope::Project { project: name_or_id(&project)?, domain })
    })?;
    match project {
        Some(project) => Ok(project),
        None => {
            let domain = fields.object("domain", |fields| name_or_id(&fields))?;
            Ok(domain.map_or(TokenScope::Unscoped, TokenScope::Domain))
        }
    }
}

/// `id` wins over `name`, as it is the narrower of the two.
fn name_or_id(fields: &Fields<'_, '_>) -> Result<NameOrId, ApiError> {
    let given = |key| fields.text(key).map(|text| text.filter(|text| !text.is_empty()));
    match (given("id")?, given("name")?) {
        (Some(id), _) => Ok(NameOrId::Id(id.to_owned())),
        (None, Some(name)) => Ok(NameOrId::Name(name.to_owned())),
        (None, None) => Err(fields.place().fault("must hold a name or an id")),
    }
}

/// A secret text; the fault for another type must not show what was sent.
fn secret(fields: &Fields<'_, '_>, key: &str) -> Result<Option<Secret>, ApiError> {
    match fields.get(key) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(Secret(text.clone().into_owned()))),
        Some(_) => Err(fields.place().key(key).fault("must be a text")),
    }
}

/// One key with one value, nested as deep as the identity service wants it.
struct One<'a, T>(&'a str, T);

impl<T: Serialize> Serialize for One<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.0, &self.1)?;
        map.end()
    }
}

impl Serialize for NameOrId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Id(id) => One("id", id).serialize(serializer),
            Self::Name(name) => One("name", name).serialize(serializer),
        }
    }
}

impl Serialize for TokenIdentity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        match self {
            Self::Password { user, password } => {
                map.serialize_entry("methods", &["password"])?;
                let user = match user {
                    UserRef::Id(id) => serde_json::json!({"id": id, "password": password.expose()}),
                    UserRef::Name { name, domain } => {
                        serde_json::json!({"domain": domain, "name": name, "password": password.expose()})
                    }
                };
                map.serialize_entry("password", &One("user", user))?;
            }
            Self::Token { id } => {
                map.serialize_entry("methods", &["token"])?;
                if let Some(id) = id {
                    map.serialize_entry("token", &One("id", id.expose()))?;
                }
            }
        }
        map.end()
    }
}

impl Serialize for TokenScope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unscoped => serializer.serialize_map(Some(0))?.end(),
            Self::Project { project, domain: None } => One("project", project).serialize(serializer),
            Self::Project { project: NameOrId::Id(id), domain: Some(domain) } => {
                One("project", serde_json::json!({"id": id, "domain": domain})).serialize(serializer)
            }
            Self::Project { project: NameOrId::Name(name), domain: Some(domain) } => {
                One("project", serde_json::json!({"name": name, "domain": domain})).serialize(serializer)
            }
            Self::Domain(domain) => One("domain", domain).serialize(serializer),
        }
    }
}

impl Serialize for CreateToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Auth<'a> {
            identity: &'a TokenIdentity,
            #[serde(skip_serializing_if = "is_unscoped")]
            scope: &'a TokenScope,
        }
        One("auth", Auth { identity: &self.identity, scope: &self.scope }).serialize(serializer)
    }
}

fn is_unscoped(scope: &&TokenScope) -> bool {
    **scope == TokenScope::Unscoped
}

#[cfg(test)]
#[path = "create_token_tests.rs"]
mod tests;
