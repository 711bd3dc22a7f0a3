//! The object store, shared by threads.

use super::{Error, FETCH_ALL};
use crate::source::MAX_FILE_BYTES;
use gix_hash::{ObjectId, oid};
use gix_object::{Find, FindHeader, Kind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Most bytes of objects that a thread keeps, since others are written down as what differs from them.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

/// Objects by their ids.
pub(super) struct Objects {
    store: Arc<gix_odb::Store>,
    /// Handles that no thread uses just now: each keeps what it knows of the packs.
    idle: Mutex<Vec<gix_odb::HandleArc>>,
    pub(super) format: gix_hash::Kind,
    /// Whether the clone was made without some of the objects.
    pub(super) partial: bool,
    /// Whether the clone was made without some of the history.
    pub(super) shallow: bool,
}

/// Why an object was not read.
pub(super) enum Problem {
    Missing,
    TooLarge(u64),
    Damaged(String),
}

impl Objects {
    pub(super) fn open(folder: PathBuf, format: gix_hash::Kind, partial: bool, shallow: bool) -> std::io::Result<Self> {
        // What replaces objects (`git replace`) is not asked: the base is what its id says.
        let options = gix_odb::store::init::Options { alloc_limit_bytes: Some(2 * MAX_FILE_BYTES as usize), ..Default::default() };
        let store = gix_odb::Store::at_opts(folder, format, &mut std::iter::empty(), options)?;
        Ok(Self { store: Arc::new(store), idle: Mutex::default(), format, partial, shallow })
    }

    pub(super) fn with<T>(&self, use_it: impl FnOnce(&gix_odb::HandleArc) -> T) -> T {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let handle = idle.unwrap_or_else(|| {
            let mut handle = gix_odb::HandleArc::from(self.store.to_handle_arc());
            handle.set_pack_cache(|| Box::new(gix_pack::cache::lru::MemoryCappedHashmap::new(CACHE_BYTES)));
            handle
        });
        let done = use_it(&handle);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
        done
    }

    /// Kind and size in bytes; none where the object is not there.
    pub(super) fn header(&self, id: &oid) -> Result<(Kind, u64), Problem> {
        match self.with(|handle| handle.try_header(id)) {
            Ok(Some(header)) => Ok((header.kind, header.size)),
            Ok(None) => Err(Problem::Missing),
            Err(error) => Err(Problem::Damaged(error.to_string())),
        }
    }

    /// Kind and content of an object that is not too large.
    pub(super) fn read(&self, id: &oid) -> Result<(Kind, Vec<u8>), Problem> {
        let (kind, size) = self.header(id)?;
        if size > MAX_FILE_BYTES {
            return Err(Problem::TooLarge(size));
        }
        self.with(|handle| {
            let mut bytes = Vec::new();
            match handle.try_find(id, &mut bytes) {
                Ok(Some(_)) => Ok((kind, bytes)),
                Ok(None) => Err(Problem::Missing),
                Err(error) => Err(Problem::Damaged(error.to_string())),
            }
        })
    }

    /// The content of an object of that kind, which is what its id says: `what` names it.
    pub(super) fn verified(&self, id: &oid, kind: Kind, what: &dyn Fn() -> String) -> Result<Vec<u8>, Error> {
        let (found, bytes) = self.read(id).map_err(|problem| self.told(problem, what()))?;
        if found != kind {
            return Err(Error::Damaged { what: what(), reason: format!("it is a {found}") });
        }
        if self.id_of(kind, &bytes).as_ref() != Some(&id.to_owned()) {
            return Err(Error::Damaged { what: what(), reason: "its content does not have the digest that is its name".into() });
        }
        Ok(bytes)
    }

    /// The id that content has.
    pub(super) fn id_of(&self, kind: Kind, bytes: &[u8]) -> Option<ObjectId> {
        gix_object::compute_hash(self.format, kind, bytes).ok()
    }

    /// The objects whose ids begin so, if there is one.
    pub(super) fn beginning(&self, hex: &str) -> Option<Result<ObjectId, ()>> {
        let prefix = gix_hash::Prefix::from_hex(hex).ok()?;
        self.with(|handle| handle.lookup_prefix(prefix, None)).ok()?
    }

    pub(super) fn told(&self, problem: Problem, what: String) -> Error {
        match problem {
            Problem::Missing => Error::Missing { what, shallow: self.shallow, help: self.fetch() },
            Problem::TooLarge(bytes) => Error::Damaged { what, reason: format!("it has {bytes} bytes, the limit is {MAX_FILE_BYTES}") },
            Problem::Damaged(reason) => Error::Damaged { what, reason },
        }
    }

    /// How to get what is not there.
    pub(super) fn fetch(&self) -> String {
        match (self.shallow, self.partial) {
            (true, _) => FETCH_ALL.into(),
            (false, true) => {
                "fetch without a filter: leave `filter` and `sparse-checkout` of actions/checkout out, or `git fetch --refetch --no-filter`"
                    .into()
            }
            (false, false) => "fetch it, or clone the repository again".into(),
        }
    }
}
