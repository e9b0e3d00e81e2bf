//! What durability costs whoever pays for it: bytes written to a file, and a sync of its data.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

/// Room of a file that does not grow, in bytes: as much as SQLite's log takes before it starts again, and more.
const ROOM: u64 = 16 << 20;

/// A file, and the least that making something durable in it takes.
pub(crate) struct Floor {
    file: File,
    bytes: Vec<u8>,
    /// Where a file of fixed size starts again; `None` for one that grows.
    end: Option<u64>,
    at: u64,
}

impl Floor {
    /// A file that grows: each sync writes its new length, too.
    pub(crate) fn growing(path: &Path) -> Self {
        Self {
            file: File::create(path).expect("the folder is empty"),
            bytes: vec![0x5a; 1 << 16],
            end: None,
            at: 0,
        }
    }

    /// A file that was filled with zeros before: the stricter floor.
    pub(crate) fn filled(path: &Path) -> Self {
        let mut floor = Self { end: Some(ROOM), ..Self::growing(path) };
        let zeros = vec![0; 1 << 20];
        for _ in 0..ROOM / (1 << 20) {
            floor.file.write_all(&zeros).expect("there is room");
        }
        floor.file.sync_all().expect("the disk works");
        floor.file.rewind().expect("a file can be rewound");
        floor
    }

    /// Writes `length` bytes behind the last and waits until they are on the disk.
    pub(crate) fn write(&mut self, length: usize) {
        if self.end.is_some_and(|end| self.at + length as u64 > end) {
            self.at = self.file.seek(SeekFrom::Start(0)).expect("a file can be rewound");
        }
        self.file.write_all(&self.bytes[..length]).expect("there is room");
        self.file.sync_data().expect("the disk works");
        self.at += length as u64;
    }
}
