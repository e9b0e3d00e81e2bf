//! From a stream to the text of a document: unpacks gzip, refuses early what cannot be a listing.
//!
//! The first block decides: a gigabyte of zeros or a program file is refused after its first byte. Leading blanks are
//! dropped (at most a mebibyte of them), an I/O error is kept apart from damaged data.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use super::{DocumentProblem, ImportError};

/// The longest document, in bytes after unpacking: 2 GiB. The mainnet graph of 2026 has 46 MB.
pub const DOCUMENT_LIMIT: u64 = 2 << 30;

/// The most leading blanks a document may have, in bytes.
const BLANK_LIMIT: usize = 1 << 20;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Reads a document to its end, unpacking gzip. `name` stands in errors.
///
/// # Errors
/// [`ImportError::Io`] when reading fails, [`ImportError::Document`] when the content cannot be a listing: empty,
/// binary, a damaged gzip stream, or longer than [`DOCUMENT_LIMIT`].
pub fn read_document(name: &str, stream: impl Read) -> Result<Vec<u8>, ImportError> {
    read_limited(name, stream, DOCUMENT_LIMIT)
}

fn read_limited(name: &str, stream: impl Read, limit: u64) -> Result<Vec<u8>, ImportError> {
    let mut watched = BufReader::new(Watched { stream, failure: None });
    let packed = match starts_with_gzip(&mut watched) {
        Ok(packed) => packed,
        Err(source) => return Err(ImportError::Io { document: name.into(), source }),
    };
    if !packed {
        let read = collect(&mut watched, limit);
        return read.map_err(|failure| failure.named(name, watched.get_mut().failure.take()));
    }
    let mut unpacked = BufReader::new(MultiGzDecoder::new(watched));
    let read = collect(&mut unpacked, limit);
    read.map_err(|failure| failure.named(name, unpacked.get_mut().get_mut().get_mut().failure.take()))
}

/// Bytes that are already in memory, unpacked when they are gzip, otherwise `None`.
pub(super) fn unpack(name: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, ImportError> {
    if bytes.starts_with(&GZIP_MAGIC) { read_document(name, bytes).map(Some) } else { Ok(None) }
}

/// Remembers the error of the stream itself, which a decoder would hand on as its own.
struct Watched<R> {
    stream: R,
    failure: Option<io::Error>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer).map_err(|error| {
            let copy = io::Error::new(error.kind(), error.to_string());
            if error.kind() != io::ErrorKind::Interrupted {
                self.failure = Some(error);
            }
            copy
        })
    }
}

enum Failure {
    Reading,
    Data(DocumentProblem),
}

impl Failure {
    /// The stream's own error wins; a decoder's error without one means damaged data.
    fn named(self, name: &str, stream: Option<io::Error>) -> ImportError {
        let document = name.into();
        match (self, stream) {
            (_, Some(source)) => ImportError::Io { document, source },
            (Self::Reading, None) => ImportError::Document { document, problem: DocumentProblem::Gzip },
            (Self::Data(problem), None) => ImportError::Document { document, problem },
        }
    }
}

fn starts_with_gzip(stream: &mut impl BufRead) -> io::Result<bool> {
    loop {
        match stream.fill_buf() {
            // One byte is enough to tell: no text starts with 0x1f.
            Ok(block) => return Ok(block.first() == Some(&GZIP_MAGIC[0])),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn collect(stream: &mut impl BufRead, limit: u64) -> Result<Vec<u8>, Failure> {
    skip_blanks(stream)?;
    let mut bytes = Vec::new();
    stream.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|_| Failure::Reading)?;
    if bytes.len() as u64 > limit {
        return Err(Failure::Data(DocumentProblem::TooLarge { limit }));
    }
    Ok(bytes)
}

/// Consumes leading blanks and checks the first byte that is none, without consuming it. Line feeds are few in
/// practice, so that the line numbers of errors count from the first line with content.
fn skip_blanks(stream: &mut impl BufRead) -> Result<(), Failure> {
    let mut skipped = 0;
    loop {
        let block = match stream.fill_buf() {
            Ok(block) => block,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return Err(Failure::Reading),
        };
        if block.is_empty() || skipped > BLANK_LIMIT {
            return Err(Failure::Data(DocumentProblem::Empty));
        }
        let blanks = block.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let first = block.get(blanks).copied();
        stream.consume(blanks);
        skipped += blanks;
        if let Some(first) = first {
            return check_first(first).map_err(Failure::Data);
        }
    }
}

/// An object, a list, a comment line of a listing kept by hand, or the byte order mark some editors write.
pub(super) fn check_first(first: u8) -> Result<(), DocumentProblem> {
    match first {
        b'{' | b'[' | b'#' | 0xef => Ok(()),
        _ => Err(DocumentProblem::NotJson { first }),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// Hands out `block` for ever and counts how often it was asked.
    struct Endless {
        block: u8,
        reads: usize,
    }

    impl Read for &mut Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.reads += 1;
            buffer.fill(self.block);
            Ok(buffer.len())
        }
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn zeros_and_binary_are_refused_after_the_first_block() {
        for block in [0, 0x7f, b'P', 0xff] {
            let mut endless = Endless { block, reads: 0 };
            let error = read_document("zeros", &mut endless).unwrap_err();
            assert!(
                matches!(error, ImportError::Document { problem: DocumentProblem::NotJson { first }, .. } if first == block),
                "{error}"
            );
            assert_eq!(endless.reads, 1, "{block:#x}");
        }
    }

    #[test]
    fn packed_zeros_are_refused_as_plain_ones() {
        let error = read_document("zeros.gz", packed(&vec![0; 1 << 20]).as_slice()).unwrap_err();
        assert_eq!(error.to_string(), "zeros.gz: not JSON: the first byte is 0x00");
    }

    #[test]
    fn endless_blanks_count_as_empty() {
        let mut endless = Endless { block: b' ', reads: 0 };
        let error = read_document("blanks", &mut endless).unwrap_err();
        assert_eq!(error.to_string(), "blanks: the file is empty");
        assert!(endless.reads < 400, "{}", endless.reads);
        assert_eq!(
            read_document("nothing", io::empty()).unwrap_err().to_string(),
            "nothing: the file is empty"
        );
    }

    #[test]
    fn gzip_is_unpacked_and_damage_is_told_from_io() {
        let text = b"\n {\"channels\": []}";
        let archive = packed(text);
        assert_eq!(read_document("a.gz", archive.as_slice()).unwrap(), b"{\"channels\": []}");
        let cut = read_document("a.gz", &archive[..archive.len() - 9]).unwrap_err();
        assert!(matches!(cut, ImportError::Document { problem: DocumentProblem::Gzip, .. }), "{cut:?}");
        let gone = read_document("a.gz", archive[..12].chain(Broken)).unwrap_err();
        assert!(matches!(gone, ImportError::Io { .. }), "{gone:?}");
        let gone = read_document("a", b"{".chain(Broken)).unwrap_err();
        assert!(matches!(gone, ImportError::Io { .. }), "{gone:?}");
    }

    #[test]
    fn the_limit_is_exact_before_and_after_unpacking() {
        let text = b"{\"channels\":[]}";
        let size = text.len() as u64;
        assert!(read_limited("at the limit", text.as_slice(), size).is_ok());
        for bytes in [text.to_vec(), packed(text)] {
            let error = read_limited("over", bytes.as_slice(), size - 1).unwrap_err();
            assert!(
                matches!(error, ImportError::Document { problem: DocumentProblem::TooLarge { limit }, .. } if limit == size - 1)
            );
        }
    }
}
