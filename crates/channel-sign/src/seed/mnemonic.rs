//! The words a seed is kept as (BIP 39).

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use core::fmt;

use bip39::Language;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use super::Seed;

/// The English words of a seed: 12, 15, 18, 21 or 24 of them.
///
/// They are erased from memory when dropped, do not print themselves and cannot be cloned; [`phrase`](Self::phrase) and
/// [`words`](Self::words) show them on purpose.
pub struct Mnemonic(bip39::Mnemonic);

/// Words are not a mnemonic. The words themselves are not in the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MnemonicError {
    /// Entropy of another length than 16, 20, 24, 28 or 32 bytes.
    #[error("entropy of {bytes} bytes makes no mnemonic; take 16 bytes for 12 words, 32 for 24")]
    EntropyLength {
        /// The bytes given.
        bytes: usize,
    },
    /// Another number of words than 12, 15, 18, 21 or 24.
    #[error("a mnemonic has 12, 15, 18, 21 or 24 words, not {words}")]
    WordCount {
        /// The words given.
        words: usize,
    },
    /// A word that is not in the English list.
    #[error("word {position} is not in the English list")]
    UnknownWord {
        /// Which word, counted from 1.
        position: usize,
    },
    /// The words are all known but do not belong together: one is wrong or in the wrong place.
    #[error("the checksum of the words is wrong: a word is wrong or in the wrong place")]
    Checksum,
}

impl Mnemonic {
    /// The words for these random bytes: 16 bytes give 12 words, 32 give 24.
    ///
    /// # Errors
    /// [`MnemonicError::EntropyLength`].
    pub fn from_entropy(entropy: &[u8]) -> Result<Self, MnemonicError> {
        let words = bip39::Mnemonic::from_entropy_in(Language::English, entropy);
        words.map(Self).map_err(|_| MnemonicError::EntropyLength { bytes: entropy.len() })
    }

    /// Reads words separated by white space, in lower case.
    ///
    /// # Errors
    /// Any of [`MnemonicError`] but the length of the entropy.
    pub fn parse(words: &str) -> Result<Self, MnemonicError> {
        // English words are ASCII, so there is nothing to normalise.
        bip39::Mnemonic::parse_in_normalized(Language::English, words).map(Self).map_err(
            |error| match error {
                bip39::Error::BadWordCount(words) => MnemonicError::WordCount { words },
                bip39::Error::UnknownWord(index) => MnemonicError::UnknownWord { position: index + 1 },
                _ => MnemonicError::Checksum,
            },
        )
    }

    /// The words, one by one.
    pub fn words(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.words()
    }

    /// The words with a space between them. The string is erased when dropped.
    pub fn phrase(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string())
    }

    /// The seed. Another passphrase gives another seed, never an error, so a mistyped one shows no channels. An empty
    /// passphrase is none.
    pub fn to_seed(&self, passphrase: &str) -> Seed {
        let mut normalized = Cow::Borrowed(passphrase);
        bip39::Mnemonic::normalize_utf8_cow(&mut normalized);
        let seed = Zeroizing::new(self.0.to_seed_normalized(&normalized));
        if let Cow::Owned(mut copy) = normalized {
            copy.zeroize();
        }
        Seed::from_bytes(seed)
    }
}

impl fmt::Debug for Mnemonic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mnemonic").field("words", &self.0.word_count()).finish_non_exhaustive()
    }
}
