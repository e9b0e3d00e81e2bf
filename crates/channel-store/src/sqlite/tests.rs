//! The SQLite backend: the suite, damage, and power cuts.
use super::*;
use crate::conformance::{self, run};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("channels.db")
    }
}

impl conformance::Place for Folder {
    type Store = SqliteStore;

    fn open(&self) -> Result<SqliteStore, OpenError> {
        SqliteStore::open(self.path())
    }
}

fn created() -> Folder {
    let folder = Folder::new();
    drop(SqliteStore::create(folder.path()).unwrap());
    folder
}

#[test]
fn sqlite_conforms() {
    run(created);
}
