//! The whole store into a state: at the start, and when the history that is known is gone.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use tokio::task::spawn_blocking;

use crate::record::Record;
use crate::state::{LoadError, Loader, RenderRow, State};
use crate::store::{Loc, RECORD_FORMAT, Store, StoreError, StoredRecord};

/// Records that are handed to the decoder at a time.
const BATCH: usize = 1024;
/// Batches that wait for it at most: what bounds the memory if the store is faster.
const WAITING: usize = 8;

/// Why a store could not be read into a state.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The store does not answer, is damaged, or is of a newer release.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its records make no state.
    #[error(transparent)]
    Load(#[from] LoadError),
}

impl ReadError {
    /// Whether trying again can't help: nobody may go on writing to such a store.
    pub(super) fn is_final(&self) -> bool {
        !matches!(self, Self::Store(StoreError::Unavailable(_)))
    }
}

/// Reads every record into a state.
///
/// Decoding takes longer than reading, and both together can be spread over two processors: a second thread takes the
/// records over and decodes them, and the one that reads lends a hand whenever the other is behind.
pub(super) async fn load(store: &dyn Store, render: RenderRow) -> Result<State, ReadError> {
    let (batches, waiting) = sync_channel(WAITING);
    let taking_over = spawn_blocking(move || take_over(&waiting, Loader::new(render)));
    let mut feed = Feed { batch: Vec::with_capacity(BATCH), batches, fault: None };
    let read = store.load(&mut |stored| feed.push(stored)).await;
    feed.hand_over();
    let fault = feed.fault.take();
    drop(feed);
    let loader = taking_over.await.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()));
    // A store that broke off tells why; what was decoded of it then does not count.
    let (head, loader) = (read?, loader?);
    if let Some(fault) = fault {
        return Err(fault.into());
    }
    if head.format > RECORD_FORMAT {
        return Err(StoreError::Format { found: head.format, known: RECORD_FORMAT }.into());
    }
    Ok(loader.finish(head)?)
}

/// Neighbouring records on their way to the loader.
enum Batch {
    Stored(Vec<StoredRecord>),
    Decoded(Vec<(Loc, Record)>),
}

struct Feed {
    batch: Vec<StoredRecord>,
    batches: SyncSender<Batch>,
    /// Why decoding here ended; nothing is handed over any more.
    fault: Option<LoadError>,
}

impl Feed {
    fn push(&mut self, stored: StoredRecord) {
        self.batch.push(stored);
        if self.batch.len() == BATCH {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        if self.fault.is_some() {
            return;
        }
        let Err(TrySendError::Full(Batch::Stored(batch))) = self.batches.try_send(Batch::Stored(batch)) else {
            // Taken; or the loader is gone, since it met a record that can't be read, and tells that itself.
            return;
        };
        match batch.iter().map(decoded).collect() {
            Ok(batch) => drop(self.batches.send(Batch::Decoded(batch))),
            Err(fault) => self.fault = Some(fault),
        }
    }
}

fn decoded(stored: &StoredRecord) -> Result<(Loc, Record), LoadError> {
    Ok((stored.at, Record::from_stored(&stored.key, &stored.body)?))
}

fn take_over(batches: &Receiver<Batch>, mut loader: Loader) -> Result<Loader, LoadError> {
    for batch in batches {
        match batch {
            Batch::Stored(batch) => batch.iter().try_for_each(|stored| loader.add(stored))?,
            Batch::Decoded(batch) => batch.into_iter().for_each(|(at, record)| loader.put(record, at)),
        }
    }
    Ok(loader)
}
