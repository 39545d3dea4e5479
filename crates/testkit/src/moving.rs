//! Moving a store, broken off at every question and taken up again.

use linkspan_engine::store::{Head, StoreError};
use linkspan_engine::transfer::{Draft, Row, Rows, Table, transfer};

/// A source that gives no more answers after so many.
struct BreaksOff<'a> {
    rows: &'a mut dyn Rows,
    left: u32,
}

impl BreaksOff<'_> {
    fn rows(&mut self) -> Result<&mut dyn Rows, StoreError> {
        self.left = self.left.checked_sub(1).ok_or_else(|| StoreError::Unavailable("broken off".into()))?;
        Ok(self.rows)
    }
}

impl Rows for BreaksOff<'_> {
    fn head(&mut self) -> Result<Head, StoreError> {
        self.rows()?.head()
    }

    fn rows(&mut self, table: Table, behind: Option<i64>) -> Result<Vec<Row>, StoreError> {
        Self::rows(self)?.rows(table, behind)
    }

    fn audit_rows(&mut self) -> Result<u64, StoreError> {
        self.rows()?.audit_rows()
    }
}

/// Moves everything to what `begin` begins, with a break after no answer, then after one, and so on until nothing breaks.
/// `is_store` says whether the target can be opened, which it must not be before the end.
///
/// # Panics
/// It can be opened too early, or a row was moved twice.
pub fn in_pieces(source: &mut dyn Rows, begin: impl Fn(&Head) -> Box<dyn Draft>, is_store: impl Fn() -> bool) -> Head {
    let head = source.head().unwrap();
    let mut moved = 0;
    for left in 0.. {
        let mut breaking = BreaksOff { rows: source, left };
        match transfer(&mut breaking, begin(&head), Some(42), &mut |rows| moved += rows) {
            Err(error) => {
                assert!(error.to_string().contains("broken off"), "{error}");
                assert!(!is_store(), "a store after {left} answers");
            }
            Ok(head) => {
                let all = Table::ALL.map(|table| source.rows(table, None).unwrap().len() as u64);
                assert_eq!(moved, all.iter().sum::<u64>(), "{all:?}");
                return head;
            }
        }
    }
    unreachable!("there is an end to breaking off")
}
