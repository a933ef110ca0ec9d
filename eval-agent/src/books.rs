//! Which containers are this run's: entered before the engine hears of them, struck out once they are gone. The
//! reaper removes whatever carries our label and is not in here.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug, Clone, Default)]
pub struct Books {
    names: Arc<Mutex<BTreeSet<String>>>,
}

/// Keeps a name in the books; struck out on drop.
#[derive(Debug)]
pub struct Entry {
    name: String,
    books: Books,
}

impl Books {
    #[must_use]
    pub fn enter(&self, name: &str) -> Entry {
        self.lock().insert(name.to_owned());
        Entry { name: name.to_owned(), books: self.clone() }
    }

    #[must_use]
    pub fn hold(&self, name: &str) -> bool {
        self.lock().contains(name)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.books.lock().remove(&self.name);
    }
}
