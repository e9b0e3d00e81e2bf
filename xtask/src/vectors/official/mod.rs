//! The fixtures of the official vectors: read from the specifications' files, written in our own schema.

mod anchors;
mod bip327;
mod bip327_sessions;
mod bip340;
mod bip341;
mod bip373;
mod channel;
mod hex;
mod secrets;
mod simple_taproot;
mod synthetic;
mod zero_fee;

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use thiserror::Error;

use super::canonical::in_key_order;

/// The vectors' folder, in the folder beside the project.
const SOURCES: &str = "vectors";
const SIGN: &str = "crates/channel-sign/tests/vectors";
const TX: &str = "crates/channel-tx/tests/vectors";

/// Why a fixture could not be derived or used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum OfficialError {
    #[error("cannot use {}", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} is not of the expected form", path.display())]
    Form {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    #[error("{file}: {what}")]
    Unexpected { file: &'static str, what: &'static str },
    #[error("import needs the vectors in the folder beside the project")]
    NoSource,
}

/// One fixture: where it lies, what it is made from, and how.
pub(crate) struct Fixture {
    /// Its name, which is also the name of its set or sets.
    pub(crate) name: &'static str,
    folder: &'static str,
    /// The file it is made from, below the vectors' folder.
    source: &'static str,
    /// Which specification the source belongs to, and its state.
    origin: &'static str,
    derive: fn(&Sources) -> Result<Value, OfficialError>,
}

/// Every fixture of official vectors.
pub(crate) const FIXTURES: [Fixture; 20] = [
    Fixture::new("bip327_key_sort", SIGN, bip327::KEY_SORT, BIP327, bip327::key_sort),
    Fixture::new("bip327_key_agg", SIGN, bip327::KEY_AGG, BIP327, bip327::key_agg),
    Fixture::new("bip327_nonce_gen", SIGN, bip327::NONCE_GEN, BIP327, bip327::nonce_gen),
    Fixture::new("bip327_nonce_agg", SIGN, bip327::NONCE_AGG, BIP327, bip327::nonce_agg),
    Fixture::new(
        "bip327_sign_verify",
        SIGN,
        bip327_sessions::SIGN_VERIFY,
        BIP327,
        bip327_sessions::sign_verify,
    ),
    Fixture::new("bip327_tweak", SIGN, bip327_sessions::TWEAK, BIP327, bip327_sessions::tweak),
    Fixture::new("bip327_det_sign", SIGN, bip327_sessions::DET_SIGN, BIP327, bip327_sessions::det_sign),
    Fixture::new("bip327_sig_agg", SIGN, bip327_sessions::SIG_AGG, BIP327, bip327_sessions::sig_agg),
    Fixture::new("bip328", SIGN, synthetic::FILE, "BIP328, bitcoin/bips 7ab43ce", synthetic::derive),
    Fixture::new("bip340", SIGN, bip340::FILE, "BIP340, bitcoin/bips 200f9b2", bip340::derive),
    Fixture::new("bip341_key_path", SIGN, bip341::FILE, BIP341, bip341::key_path),
    Fixture::new("bip341_outputs", TX, bip341::FILE, BIP341, bip341::outputs),
    Fixture::new("shachain", SIGN, secrets::SHACHAIN, "BOLT 3 appendix D @a377265", secrets::shachain),
    Fixture::new(
        "key_derivation",
        SIGN,
        secrets::KEY_DERIVATION,
        "BOLT 3 appendix E @a377265",
        secrets::key_derivation,
    ),
    Fixture::new(
        "commitments_simple_taproot",
        SIGN,
        simple_taproot::FILE,
        SIMPLE_TAPROOT,
        simple_taproot::commitments,
    ),
    Fixture::new(
        "commitments_taproot_zero_fee",
        SIGN,
        zero_fee::TAPROOT,
        "BOLTs #1330 @7e3e8f1",
        zero_fee::taproot,
    ),
    Fixture::new(
        "commitments_segwit_zero_fee",
        SIGN,
        zero_fee::SEGWIT,
        "BOLTs #1228 @b982ae7",
        zero_fee::segwit,
    ),
    Fixture::new(
        "commitments_anchors",
        SIGN,
        anchors::CASES,
        "BOLT 3 appendix F @a377265 with the keys and HTLCs of appendix C",
        anchors::derive,
    ),
    Fixture::new("bip373", TX, bip373::FILE, "BIP373, bitcoin/bips 24e96e8", bip373::derive),
    Fixture::new("scripts_simple_taproot", TX, simple_taproot::FILE, SIMPLE_TAPROOT, simple_taproot::scripts),
];

const BIP327: &str = "BIP327, bitcoin/bips 1c6ac0c";
const BIP341: &str = "BIP341, bitcoin/bips e35a46e";
const SIMPLE_TAPROOT: &str = "BOLTs #995 @13b2110";

impl Fixture {
    const fn new(
        name: &'static str,
        folder: &'static str,
        source: &'static str,
        origin: &'static str,
        derive: fn(&Sources) -> Result<Value, OfficialError>,
    ) -> Self {
        Self { name, folder, source, origin, derive }
    }

    /// Where the fixture lies in the workspace at `root`.
    pub(crate) fn path(&self, root: &Path) -> PathBuf {
        root.join(self.folder).join(self.name).with_extension("json")
    }

    /// Writes the fixture anew from its source.
    pub(crate) fn import(&self, root: &Path, sources: &Sources) -> Result<(), OfficialError> {
        let path = self.path(root);
        let text = self.text(sources)?;
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        written.map_err(|source| OfficialError::File { path, source })
    }

    /// True when the committed file is, byte for byte, what the source gives.
    pub(crate) fn agrees(&self, root: &Path, sources: &Sources) -> Result<bool, OfficialError> {
        let path = self.path(root);
        let committed = fs::read(&path).map_err(|source| OfficialError::File { path, source })?;
        Ok(committed == self.text(sources)?.into_bytes())
    }

    fn text(&self, sources: &Sources) -> Result<String, OfficialError> {
        let mut document = (self.derive)(sources)?;
        document["source"] = json!({ "file": self.source, "origin": self.origin });
        document["schema"] = json!(format!("taproot-channels/{}/v1", self.name.replace('_', "-")));
        let mut text = format!("{:#}", in_key_order(document));
        text.push('\n');
        Ok(text)
    }
}

/// The specifications' own files.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    folder: PathBuf,
}

impl Sources {
    /// The sources in `shared`, the folder beside the project, if they are there.
    pub(crate) fn in_folder(shared: Option<&Path>) -> Option<Self> {
        let folder = shared?.join(SOURCES);
        folder.is_dir().then_some(Self { folder })
    }

    fn text(&self, file: &str) -> Result<String, OfficialError> {
        let path = self.folder.join(file);
        fs::read_to_string(&path).map_err(|source| OfficialError::File { path, source })
    }

    fn json<T: DeserializeOwned>(&self, file: &str) -> Result<T, OfficialError> {
        serde_json::from_str(&self.text(file)?)
            .map_err(|source| OfficialError::Form { path: self.folder.join(file), source })
    }
}

/// Our labels with the cases they name; every case must have one.
fn labelled<'a, L: Copy, T>(
    file: &'static str,
    labels: &'a [L],
    cases: &'a [T],
) -> Result<impl Iterator<Item = (L, &'a T)>, OfficialError> {
    if labels.len() == cases.len() {
        Ok(labels.iter().copied().zip(cases))
    } else {
        Err(OfficialError::Unexpected { file, what: "another number of cases than labels" })
    }
}

#[cfg(test)]
mod tests {
    use super::{FIXTURES, labelled};
    use std::collections::BTreeSet;

    #[test]
    fn every_fixture_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = FIXTURES.iter().map(|fixture| fixture.name).collect();
        assert_eq!(names.len(), FIXTURES.len());
    }

    #[test]
    fn a_case_without_a_label_is_refused() {
        let labels = ["one", "two"];
        let pairs: Option<Vec<_>> = labelled("file", &labels, &[1, 2]).ok().map(Iterator::collect);
        assert_eq!(pairs, Some(vec![("one", &1), ("two", &2)]));
        assert!(labelled("file", &labels, &[1, 2, 3]).is_err());
        assert!(labelled("file", &labels, &[1]).is_err());
    }
}
