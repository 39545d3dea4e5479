//! Settings before they are read: flags over environment over file over defaults, each value with where it came from.
//!
//! It must not know what a value means.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;

use super::options::ServeOptions;
use super::settings::{self, SETTINGS};
use crate::environment::Environment;
use crate::failure::Failure;

/// The file that is read if no other is named.
const DEFAULT_FILE: &str = "linkspan.toml";

/// Every value that somebody gave, and the defaults behind them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers {
    values: BTreeMap<&'static str, Value>,
}

/// A value and where it came from.
#[derive(Debug, Clone)]
struct Value {
    text: String,
    origin: String,
}

impl Layers {
    /// Collects what flags, environment and file say.
    pub(crate) fn collect(options: &ServeOptions, environment: &Environment) -> Result<Self, Failure> {
        let mut layers = Self::defaults();
        let named = options.config.clone().or_else(|| environment.get("LINKSPAN_CONFIG").map(Into::into));
        let path = environment.at(named.clone().unwrap_or_else(|| DEFAULT_FILE.into()));
        if named.is_some() || path.exists() {
            layers.put_file(&path)?;
        }
        for setting in SETTINGS {
            let variable = setting.variable();
            if let Some(text) = environment.get(&variable) {
                layers.put(setting.key, text, &variable);
            }
        }
        layers.put_flags(options);
        Ok(layers)
    }

    /// The defaults and the flags alone, whatever the surroundings say.
    pub(crate) fn isolated(options: &ServeOptions) -> Self {
        let mut layers = Self::defaults();
        layers.put_flags(options);
        layers
    }

    fn defaults() -> Self {
        let mut layers = Self::default();
        for setting in SETTINGS.iter().filter(|setting| !setting.default.is_empty()) {
            layers.put(setting.key, setting.default, "the default");
        }
        layers
    }

    fn put_flags(&mut self, options: &ServeOptions) {
        for (key, text) in &options.given {
            let flag = settings::by_key(key).map(settings::Setting::flag).unwrap_or_default();
            self.put(key, text, &flag);
        }
    }

    fn put(&mut self, key: &'static str, text: &str, origin: &str) {
        self.values.insert(key, Value { text: text.to_owned(), origin: origin.to_owned() });
    }

    fn put_file(&mut self, path: &Path) -> Result<(), Failure> {
        let shown = path.display();
        let fault = |why: &dyn Display| Failure::usage(format!("{shown}: {why}"));
        let text = std::fs::read_to_string(path).map_err(|error| fault(&error))?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| fault(&error))?;
        for (key, value) in table {
            let Some(setting) = settings::by_key(&key) else {
                let known: Vec<_> = SETTINGS.iter().map(|setting| setting.key).collect();
                return Err(fault(&format!("unknown key `{key}`; there are {}", known.join(", "))));
            };
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(flag) => flag.to_string(),
                other => {
                    let why = format!("`{key}` must be a text, a number or true or false, not {}", other.type_str());
                    return Err(fault(&why));
                }
            };
            self.put(setting.key, &text, &format!("`{key}` in {shown}"));
        }
        Ok(())
    }

    /// Reads a value; none if nobody gave one and it has no default.
    ///
    /// # Errors
    /// What `read` says, with where the value came from.
    pub(crate) fn optional<T, E: Display>(
        &self,
        key: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Failure> {
        let Some(value) = self.values.get(key).filter(|value| !value.text.is_empty()) else { return Ok(None) };
        let fault = |why: E| Failure::usage(format!("{}: {why}", value.origin));
        read(&value.text).map(Some).map_err(fault)
    }

    /// Reads a value that has a default.
    pub(crate) fn required<T, E: Display>(
        &self,
        key: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Failure> {
        self.optional(key, read)?.ok_or_else(|| Failure::usage(format!("`{key}` is empty")))
    }
}
