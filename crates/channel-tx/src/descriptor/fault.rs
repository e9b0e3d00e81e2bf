//! What can be wrong with a funding descriptor, one enum for each kind of thing. Positions are byte offsets into the
//! text as it was given.

use alloc::string::String;
use alloc::vec::Vec;

use bitcoin::secp256k1::PublicKey;
use bitcoin::{Network, NetworkKind, XOnlyPublicKey};
use thiserror::Error;

use super::{Participant, SpendRight, Standing};

/// One thing that is wrong with a funding descriptor.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DescriptorFault {
    /// It is not written as a descriptor is.
    #[error(transparent)]
    Syntax(#[from] SyntaxFault),
    /// A key is not a usable public key.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// A time lock does not do what it seems to.
    #[error(transparent)]
    Lock(#[from] LockFault),
    /// The wrong people can spend.
    #[error(transparent)]
    Spend(#[from] SpendFault),
    /// It is none of the forms a channel is funded with.
    #[error(transparent)]
    Form(#[from] FormFault),
}

impl DescriptorFault {
    /// A stable word for it, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Syntax(fault) => fault.code(),
            Self::Key(fault) => fault.code(),
            Self::Lock(fault) => fault.code(),
            Self::Spend(fault) => fault.code(),
            Self::Form(fault) => fault.code(),
        }
    }

    /// Where in the text it is, if it is in one place.
    pub const fn position(&self) -> Option<usize> {
        match self {
            Self::Syntax(fault) => fault.position(),
            Self::Key(fault) => Some(fault.position()),
            Self::Lock(fault) => fault.position(),
            Self::Spend(_) | Self::Form(_) => None,
        }
    }
}

/// The text is not written as a descriptor is (BIP 380, BIP 386).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SyntaxFault {
    /// Longer than any funding descriptor.
    #[error("{bytes} bytes; a funding descriptor has at most {max}")]
    TooLong {
        /// Bytes there are.
        bytes: usize,
        /// Bytes there may be.
        max: usize,
    },
    /// A character descriptors do not have.
    #[error("the character {character:?} does not occur in descriptors")]
    Character {
        /// Which.
        character: char,
        /// Where.
        position: usize,
    },
    /// A word or nothing where a descriptor should be.
    #[error(
        "{word:?} is not a descriptor: a descriptor is written like `tr(KEY)`, key and parentheses included"
    )]
    NotDescriptor {
        /// What there is.
        word: String,
    },
    /// The checksum after `#` does not fit.
    #[error(
        "the checksum is {given}, the text before it has {expected}: one of the two was mistyped; compare with the source"
    )]
    Checksum {
        /// What is written.
        given: String,
        /// What the text before has.
        expected: String,
        /// Where the given one starts.
        position: usize,
    },
    /// One leaf in braces.
    #[error(
        "a single leaf in braces: `{{X,Y}}` is a branch of exactly two; a single leaf is written without braces"
    )]
    SingleLeafBraces {
        /// Where the brace is.
        position: usize,
    },
    /// Braces around nothing.
    #[error("braces around nothing: a key without scripts is `tr(KEY)`")]
    EmptyBraces {
        /// Where the brace is.
        position: usize,
    },
    /// A branch with more than two children.
    #[error("a branch of {children}: a branch has exactly two; nest them as `{{X,{{Y,Z}}}}`")]
    BranchOf {
        /// Children there are.
        children: usize,
        /// Where the brace is.
        position: usize,
    },
    /// Nothing before or after a comma.
    #[error("nothing stands next to a comma")]
    EmptyArgument {
        /// Where something is missing.
        position: usize,
    },
    /// Parentheses without a name in front.
    #[error("parentheses without a name in front of them: leave them out")]
    NamelessParentheses {
        /// Where the parenthesis is.
        position: usize,
    },
    /// A parenthesis without its partner.
    #[error("`{character}` has no partner")]
    Unbalanced {
        /// Which.
        character: char,
        /// Where.
        position: usize,
    },
    /// Something stands where a comma, a closing parenthesis or the end should.
    #[error("unexpected {character:?}: a comma, a closing parenthesis or the end is due")]
    Unexpected {
        /// Which.
        character: char,
        /// Where.
        position: usize,
    },
    /// `musig()`, which the descriptor library cannot read.
    #[error(
        "`musig()` (BIP 390) is not read here: aggregate the keys first and give the aggregate as the key"
    )]
    MuSig {
        /// The keys in it, as written.
        keys: Vec<String>,
        /// Where it is.
        position: usize,
    },
    /// A name that is no fragment.
    #[error("`{name}` is no descriptor or miniscript fragment")]
    UnknownName {
        /// The name.
        name: String,
        /// Where it is, if found.
        position: Option<usize>,
    },
    /// A number that is no lock.
    #[error("`{fragment}({value})`: a lock is a number from 1 to 2147483647, without sign or leading zero")]
    LockRange {
        /// `after` or `older`.
        fragment: &'static str,
        /// What is written.
        value: String,
        /// Where.
        position: usize,
    },
    /// The descriptor library refuses it for another reason.
    #[error("it does not read as a descriptor: {reason}")]
    Refused {
        /// The library's words.
        reason: String,
    },
}

impl SyntaxFault {
    const fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too_long",
            Self::Character { .. } => "character",
            Self::NotDescriptor { .. } => "not_descriptor",
            Self::Checksum { .. } => "checksum",
            Self::SingleLeafBraces { .. } => "single_leaf_braces",
            Self::EmptyBraces { .. } => "empty_braces",
            Self::BranchOf { .. } => "branch_of",
            Self::EmptyArgument { .. } => "empty_argument",
            Self::NamelessParentheses { .. } => "nameless_parentheses",
            Self::Unbalanced { .. } => "unbalanced",
            Self::Unexpected { .. } => "unexpected",
            Self::MuSig { .. } => "musig",
            Self::UnknownName { .. } => "unknown_name",
            Self::LockRange { .. } => "lock_range",
            Self::Refused { .. } => "refused",
        }
    }

    const fn position(&self) -> Option<usize> {
        match self {
            Self::TooLong { .. } | Self::NotDescriptor { .. } | Self::Refused { .. } => None,
            Self::UnknownName { position, .. } => *position,
            Self::Character { position, .. }
            | Self::Checksum { position, .. }
            | Self::SingleLeafBraces { position }
            | Self::EmptyBraces { position }
            | Self::BranchOf { position, .. }
            | Self::EmptyArgument { position }
            | Self::NamelessParentheses { position }
            | Self::Unbalanced { position, .. }
            | Self::Unexpected { position, .. }
            | Self::MuSig { position, .. }
            | Self::LockRange { position, .. } => Some(*position),
        }
    }
}

/// A key is not a usable public key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyFault {
    /// A word that stands for a key.
    #[error(
        "`{key}` is a placeholder, not a key: put a public key there (64 or 66 hexadecimal digits, or an xpub with its path)"
    )]
    Placeholder {
        /// The word.
        key: String,
        /// Where.
        position: usize,
    },
    /// Looks like a key and is none.
    #[error("`{key}` is no public key: wrong length, mistyped, or no point of the curve")]
    Malformed {
        /// What is written.
        key: String,
        /// Where.
        position: usize,
    },
    /// 65 bytes. Segwit and Taproot scripts take compressed keys only.
    #[error("an uncompressed key: segwit and Taproot refuse it; its compressed form is {compressed}")]
    Uncompressed {
        /// The same key in 33 bytes.
        compressed: PublicKey,
        /// Where.
        position: usize,
    },
    /// A secret. Its text is not repeated.
    #[error("a private key stands where a public key should: treat it as leaked and use another one")]
    Private {
        /// Where.
        position: usize,
    },
    /// 32 bytes where 33 are needed.
    #[error("`{key}` is an x coordinate of 32 bytes: scripts of segwit version 0 need the 33 bytes")]
    XOnlyInSegwit {
        /// The key, as written.
        key: String,
        /// Where.
        position: usize,
    },
    /// An extended key of another network.
    #[error("an extended key of {} is not for {network}", network_name(*.key_network))]
    Network {
        /// What the key is for.
        key_network: NetworkKind,
        /// What was asked for.
        network: Network,
        /// Where.
        position: usize,
    },
    /// It stands for many keys or none.
    #[error("the extended key does not name one public key: {reason}")]
    Indefinite {
        /// Why not.
        reason: IndefiniteKey,
        /// Where.
        position: usize,
    },
}

const fn network_name(kind: NetworkKind) -> &'static str {
    match kind {
        NetworkKind::Main => "mainnet",
        NetworkKind::Test => "the test networks",
    }
}

/// Why an extended key does not name one public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum IndefiniteKey {
    /// `/*`
    #[error("`/*` is a range; put the index in its place")]
    Range,
    /// `/*'` or `/*h`
    #[error("`/*h` is a hardened range, and nobody without the private key can follow a hardened step")]
    HardenedRange,
    /// A hardened step after the key.
    #[error("nobody without the private key can follow a hardened step; give the xpub below it")]
    HardenedStep,
    /// `<0;1>`
    #[error("`<..;..>` is several paths; choose one")]
    Multipath,
    /// More than 255 steps below the master key.
    #[error("it is deeper than the 255 steps of BIP 32")]
    TooDeep,
}

impl KeyFault {
    const fn code(&self) -> &'static str {
        match self {
            Self::Placeholder { .. } => "placeholder_key",
            Self::Malformed { .. } => "malformed_key",
            Self::Uncompressed { .. } => "uncompressed_key",
            Self::Private { .. } => "private_key",
            Self::XOnlyInSegwit { .. } => "x_only_key",
            Self::Network { .. } => "key_network",
            Self::Indefinite { .. } => "indefinite_key",
        }
    }

    const fn position(&self) -> usize {
        match self {
            Self::Placeholder { position, .. }
            | Self::Malformed { position, .. }
            | Self::Uncompressed { position, .. }
            | Self::XOnlyInSegwit { position, .. }
            | Self::Private { position }
            | Self::Network { position, .. }
            | Self::Indefinite { position, .. } => *position,
        }
    }
}

/// A time lock does not do what it seems to (BIP 65, BIP 68).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LockFault {
    /// A block height, where a delay is usually meant.
    #[error("`after({height})` is the absolute block height {height}, not a delay{}; a delay counted from confirmation is `older(n)`", standing_words(*.standing))]
    Absolute {
        /// The height.
        height: u32,
        /// Where it stands.
        standing: Standing,
        /// Where in the text.
        position: Option<usize>,
    },
    /// A time of day.
    #[error(
        "`after({timestamp})` is a time (seconds since 1970; from 500000000 on), not a block height; channels count blocks"
    )]
    AbsoluteTime {
        /// The time, in seconds since 1970.
        timestamp: u32,
        /// Where in the text.
        position: Option<usize>,
    },
    /// No delay at all.
    #[error(
        "`older({value})` is no delay at all: only the lowest 16 bits count, and they are 0; valid are 1 to 65535 blocks"
    )]
    NoDelay {
        /// The value.
        value: u32,
        /// Where in the text.
        position: Option<usize>,
    },
    /// Units of 512 seconds.
    #[error("`older({value})` counts time ({seconds} seconds), not blocks; valid are 1 to 65535 blocks")]
    RelativeTime {
        /// The value.
        value: u32,
        /// The delay, in seconds.
        seconds: u32,
        /// Where in the text.
        position: Option<usize>,
    },
    /// Some bits are ignored by consensus.
    #[error(
        "`older({value})` is a delay of {blocks} blocks only: nothing above the lowest 16 bits counts; write `older({blocks})`"
    )]
    IgnoredBits {
        /// The value.
        value: u32,
        /// What it means, in blocks.
        blocks: u32,
        /// Where in the text.
        position: Option<usize>,
    },
}

const fn standing_words(standing: Standing) -> &'static str {
    match standing {
        Standing::Past => ", and the chain is past it: it locks nothing",
        Standing::Ahead { .. } => ", and still ahead",
        Standing::Unknown => "",
    }
}

impl LockFault {
    const fn code(&self) -> &'static str {
        match self {
            Self::Absolute { .. } => "absolute_height",
            Self::AbsoluteTime { .. } => "absolute_time",
            Self::NoDelay { .. } => "no_delay",
            Self::RelativeTime { .. } => "relative_time",
            Self::IgnoredBits { .. } => "ignored_bits",
        }
    }

    const fn position(&self) -> Option<usize> {
        match self {
            Self::Absolute { position, .. }
            | Self::AbsoluteTime { position, .. }
            | Self::NoDelay { position, .. }
            | Self::RelativeTime { position, .. }
            | Self::IgnoredBits { position, .. } => *position,
        }
    }
}

/// The wrong people can spend.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpendFault {
    /// One party takes everything without the other.
    #[error("{0}: neither side's deposit is safe")]
    SingleParty(SpendRight),
    /// No signature is needed.
    #[error("{0}: no signature is needed")]
    Anybody(SpendRight),
    /// No set of keys can spend.
    #[error("nobody can spend: what is paid to it is lost")]
    Nobody,
    /// One key, or one wallet, stands for both parties.
    #[error("`{key}`, or another key of the same wallet, stands in both roles: its holder needs nobody else")]
    OneKey {
        /// The key, as written.
        key: String,
    },
    /// A key belongs to neither party.
    #[error("`{key}` is the key of neither participant")]
    Stranger {
        /// The key, as written.
        key: String,
    },
    /// A party has no key in it.
    #[error("{participant} has no key in it")]
    Absent {
        /// Which.
        participant: Participant,
    },
}

impl SpendFault {
    const fn code(&self) -> &'static str {
        match self {
            Self::SingleParty(_) => "single_party_spend",
            Self::Anybody(_) => "anybody_spends",
            Self::Nobody => "nobody_spends",
            Self::OneKey { .. } => "one_key",
            Self::Stranger { .. } => "stranger_key",
            Self::Absent { .. } => "absent_participant",
        }
    }
}

/// It is none of the forms a channel is funded with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FormFault {
    /// Not `tr()` and not `wsh()`.
    #[error(
        "an output of type `{kind}` funds no channel; `tr` does, or `wsh(multi(2,A,B))` for segwit channels"
    )]
    Output {
        /// The outermost fragment.
        kind: &'static str,
    },
    /// A bare key may or may not be an aggregate.
    #[error(
        "whether `{key}` is the MuSig2 aggregate of both parties cannot be seen from the key; give both participants' keys"
    )]
    UnprovenAggregate {
        /// The key, as written.
        key: String,
    },
    /// The internal key is somebody's.
    #[error(
        "the internal key `{key}` is neither the MuSig2 aggregate of both parties nor a known point without a private key: whoever holds it spends by the key path and needs no script"
    )]
    InternalKey {
        /// The key, as written.
        key: String,
        /// The aggregate that should be there, if both keys are known.
        expected: Option<XOnlyPublicKey>,
    },
    /// The output key stands where the internal key should.
    #[error(
        "the key is the aggregate after its tweak (the output key): `tr()` would tweak it again; the internal key is {expected}"
    )]
    AlreadyTweaked {
        /// The internal key.
        expected: XOnlyPublicKey,
    },
    /// Both parties sign, in another way than the accepted ones.
    #[error(
        "it is not one of the accepted forms: `tr(MuSig2(A,B))`, `tr(NUMS,multi_a(2,A,B))`, `tr(NUMS,and_v(v:pk(A),pk(B)))`, `wsh(multi(2,A,B))` with sorted keys"
    )]
    OtherForm,
    /// `wsh(multi())` with keys out of order.
    #[error(
        "BOLT 3 sorts the two keys of `wsh(multi(2,A,B))` by their bytes; here they are the other way round, and the peer would look for another output"
    )]
    KeyOrder,
    /// A script that cannot be analysed.
    #[error("{path} cannot be analysed: {reason}", path = .path)]
    Opaque {
        /// Which.
        path: super::FundingPath,
        /// Why.
        reason: OpaqueScript,
    },
}

/// Why a script cannot be analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum OpaqueScript {
    /// One way to satisfy it needs a height and a time at once.
    #[error("one way to satisfy it needs a block height and a time at once")]
    MixedLocks,
    /// Too large to be spent, or to be analysed in reasonable time.
    #[error("it exceeds what a script may use, or has too many keys and locks to be analysed")]
    Resources,
    /// Another reason.
    #[error("its meaning cannot be derived")]
    Unknown,
}

impl FormFault {
    const fn code(&self) -> &'static str {
        match self {
            Self::Output { .. } => "output_type",
            Self::UnprovenAggregate { .. } => "unproven_aggregate",
            Self::InternalKey { .. } => "internal_key",
            Self::AlreadyTweaked { .. } => "already_tweaked",
            Self::OtherForm => "other_form",
            Self::KeyOrder => "key_order",
            Self::Opaque { .. } => "opaque_script",
        }
    }
}
