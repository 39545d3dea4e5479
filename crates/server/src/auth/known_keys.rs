use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use linkspan_engine::State;
use linkspan_model::{AccessKeyId, SealedSecret};
use linkspan_signing::SigningKey;

/// Most keys that are kept ready.
const MOST_KEYS: usize = 4096;

/// An access key that is ready to verify signatures.
pub(crate) struct KnownKey {
    pub(crate) id: AccessKeyId,
    pub(crate) signing: SigningKey,
    sealed: SealedSecret,
}

/// Keys that were used lately, so that a request neither opens a seal nor hashes a secret. Read without a lock.
///
/// An entry counts only while the store holds the same sealed secret: a key that was made anew is opened anew, and one
/// that is gone is not found. Whether a key is enabled is not looked at here.
#[derive(Default)]
pub(super) struct KnownKeys {
    keys: ArcSwap<HashMap<Box<str>, Arc<KnownKey>>>,
}

impl KnownKeys {
    /// The key with this public half as the state has it; `open` makes the signing key of a secret.
    pub(super) fn get<E>(
        &self,
        id: &str,
        state: &State,
        open: impl FnOnce(&SealedSecret) -> Result<SigningKey, E>,
    ) -> Result<Option<Arc<KnownKey>>, E> {
        if let Some(known) = self.keys.load().get(id)
            && state.key(&known.id).is_some_and(|stored| stored.secret == known.sealed)
        {
            return Ok(Some(Arc::clone(known)));
        }
        let Some(stored) = id.parse().ok().and_then(|id| state.key(&id)) else { return Ok(None) };
        let signing = open(&stored.secret)?;
        let known = Arc::new(KnownKey { id: stored.id.clone(), signing, sealed: stored.secret.clone() });
        self.keys.rcu(|keys| {
            let mut keys = if keys.len() < MOST_KEYS { HashMap::clone(keys) } else { HashMap::new() };
            keys.insert(id.into(), Arc::clone(&known));
            keys
        });
        Ok(Some(known))
    }
}
