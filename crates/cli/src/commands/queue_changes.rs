//! What `linkspan queue` changes about queues that exist.

use clap::Args;
use linkspan_client::{ProjectClient, QueueProperty};
use linkspan_wire::{QueueAction, QueueActionKind, RemoveQueueProperties, SetQueueProperties, UpdateQueueCidr};
use serde::Serialize;
use serde_json::{Value, json};

use super::{pairs, parsed};
use crate::failure::Failure;
use crate::output::{Cell, Output, Row};

/// By how much to scale.
#[derive(Debug, Args)]
pub(crate) struct Scale {
    /// Its name
    pub(crate) queue: String,
    #[command(flatten)]
    by: By,
}

/// Exactly one direction.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct By {
    /// So many compute units more, a multiple of 16
    #[arg(long = "out", value_name = "N")]
    more: Option<u32>,
    /// So many compute units fewer, a multiple of 16
    #[arg(long = "in", value_name = "N")]
    fewer: Option<u32>,
}

/// Properties to look at or to change.
#[derive(Debug, Args)]
pub(crate) struct Properties {
    /// Its name
    queue: String,
    /// A property to set, such as job.maxConcurrent=2; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pairs::pair)]
    set: Vec<(String, String)>,
    /// A property to remove; may be given several times
    #[arg(long = "unset", value_name = "KEY")]
    unset: Vec<String>,
}

impl Scale {
    fn action(&self) -> QueueAction {
        let (action, cu_count) = match (self.by.more, self.by.fewer) {
            (None, fewer) => (QueueActionKind::ScaleIn, fewer),
            (more, _) => (QueueActionKind::ScaleOut, more),
        };
        QueueAction { action, force: false, cu_count }
    }

    pub(crate) async fn run(&self, project: &ProjectClient) -> Result<(), Failure> {
        Ok(project.act_on_queue(&self.queue, &self.action()).await?)
    }
}

/// Restarts a queue.
pub(crate) async fn restart(project: &ProjectClient, queue: &str, force: bool) -> Result<(), Failure> {
    let action = QueueAction { action: QueueActionKind::Restart, force, cu_count: None };
    Ok(project.act_on_queue(queue, &action).await?)
}

/// Gives a queue another network.
pub(crate) async fn readdress(project: &ProjectClient, queue: &str, cidr: &str) -> Result<(), Failure> {
    let update = UpdateQueueCidr { cidr_in_vpc: parsed("the CIDR", cidr)? };
    Ok(project.set_queue_cidr(queue, &update).await?)
}

impl Properties {
    /// Removes first, then sets, then shows what there is.
    pub(crate) async fn run(&self, project: &ProjectClient, output: &Output) -> Result<(), Failure> {
        if !self.unset.is_empty() {
            project.remove_queue_properties(&self.queue, &RemoveQueueProperties { keys: self.unset.clone() }).await?;
        }
        if !self.set.is_empty() {
            project.set_queue_properties(&self.queue, &self.request()?).await?;
        }
        let properties = project.queue_properties(&self.queue).await?;
        output.list(&properties.into_iter().map(PropertyRow).collect::<Vec<_>>())
    }

    /// The request, which reads its own body and so names what is wrong with it.
    fn request(&self) -> Result<SetQueueProperties, Failure> {
        let set = self.set.iter().map(|(key, value)| (key.clone(), typed(value)));
        let body = json!({"properties": set.collect::<serde_json::Map<_, _>>()});
        SetQueueProperties::from_body(body.to_string().as_bytes()).map_err(|error| Failure::usage(error.message()))
    }
}

/// An integer or a truth value as such, everything else as a text.
fn typed(text: &str) -> Value {
    match text {
        "true" => true.into(),
        "false" => false.into(),
        _ => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
    }
}

/// A property as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct PropertyRow(QueueProperty);

impl Row for PropertyRow {
    const PLURAL: &'static str = "properties";
    const COLUMNS: &'static [(&'static str, bool)] = &[("KEY", false), ("VALUE", false)];

    fn name(&self) -> String {
        self.0.key.clone()
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        vec![self.0.key.as_str().into(), Cell::or_dash(&self.0.value)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_type_they_look_like() {
        let set = [("a", "2"), ("b", "true"), ("c", "x"), ("d", "1.5")];
        let set = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let properties = Properties { queue: "q".into(), set, unset: Vec::new() };
        let body = serde_json::to_string(&properties.request().unwrap()).unwrap();
        assert_eq!(body, r#"{"properties":{"a":2,"b":true,"c":"x","d":"1.5"}}"#);
    }

    #[test]
    fn each_direction_is_an_action() {
        let action = |more, fewer| {
            let scale = Scale { queue: "q".into(), by: By { more, fewer } };
            serde_json::to_string(&scale.action()).unwrap()
        };
        assert_eq!(action(Some(32), None), r#"{"action":"scale_out","cu_count":32}"#);
        assert_eq!(action(None, Some(16)), r#"{"action":"scale_in","cu_count":16}"#);
    }
}
