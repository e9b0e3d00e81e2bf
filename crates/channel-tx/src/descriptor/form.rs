//! The forms a channel is funded with, recognised by their structure.

use alloc::string::String;
use core::fmt;

use bitcoin::XOnlyPublicKey;
use bitcoin::secp256k1::PublicKey;
use miniscript::descriptor::{Tr, Wsh, WshInner};
use miniscript::{Descriptor, Miniscript, ScriptContext, Terminal};

use crate::script::UNSPENDABLE_KEY;

/// The point H of BIP 341.
const BIP341_NUMS: [u8; 32] = [
    0x50, 0x92, 0x9b, 0x74, 0xc1, 0xa0, 0x49, 0x54, 0xb7, 0x8b, 0x4b, 0x60, 0x35, 0xe9, 0x7a, 0x5e, 0x07,
    0x8a, 0x5a, 0x0f, 0x28, 0xec, 0x96, 0xd5, 0x47, 0xbf, 0xee, 0x9a, 0xce, 0x80, 0x3a, 0xc0,
];

/// A point nobody has a private key for, so that the key path is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NumsPoint {
    /// `02dca094…a279` of the simple Taproot channels (BOLT).
    Bolt,
    /// `50929b74…3ac0`, the point H of BIP 341.
    Bip341,
}

impl NumsPoint {
    /// The x coordinate.
    pub fn key(self) -> XOnlyPublicKey {
        let bytes = match self {
            Self::Bolt => &UNSPENDABLE_KEY[1..],
            Self::Bip341 => &BIP341_NUMS,
        };
        XOnlyPublicKey::from_slice(bytes).expect("both points are on the curve")
    }

    /// Which of them a key is.
    pub fn of(key: XOnlyPublicKey) -> Option<Self> {
        [Self::Bolt, Self::Bip341].into_iter().find(|nums| nums.key() == key)
    }
}

/// A form of funding output that needs both parties, whatever happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FundingForm {
    /// `tr(MuSig2(A,B))`: one key, no scripts. What Taproot channels use.
    KeyPathMuSig2 {
        /// The aggregate before its tweak.
        internal_key: XOnlyPublicKey,
    },
    /// `tr(NUMS,multi_a(2,A,B))`: two signatures in a script.
    NumsMultiA {
        /// The internal key.
        nums: NumsPoint,
        /// The two keys, in the order of the script.
        keys: [XOnlyPublicKey; 2],
    },
    /// `tr(NUMS,and_v(v:pk(A),pk(B)))`: two signatures in a script.
    NumsAndV {
        /// The internal key.
        nums: NumsPoint,
        /// The two keys, in the order of the script.
        keys: [XOnlyPublicKey; 2],
    },
    /// `wsh(multi(2,A,B))` with sorted keys: the segwit funding output of BOLT 3.
    WshMulti {
        /// The two keys, in the order of the script.
        keys: [PublicKey; 2],
    },
}

impl FundingForm {
    /// A stable word for it, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::KeyPathMuSig2 { .. } => "key_path_musig2",
            Self::NumsMultiA { .. } => "nums_multi_a",
            Self::NumsAndV { .. } => "nums_and_v",
            Self::WshMulti { .. } => "wsh_multi",
        }
    }
}

impl fmt::Display for FundingForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyPathMuSig2 { .. } => "tr(MuSig2(A,B)): both parties sign as one key",
            Self::NumsMultiA { .. } => "tr(NUMS,multi_a(2,A,B)): both parties sign, in a script",
            Self::NumsAndV { .. } => "tr(NUMS,and_v(v:pk(A),pk(B))): both parties sign, in a script",
            Self::WshMulti { .. } => "wsh(multi(2,A,B)): both parties sign, segwit version 0",
        })
    }
}

/// How a descriptor is built, before its keys are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape<'d> {
    /// `tr(K)`
    KeyPath(&'d str),
    /// `tr(N,multi_a(2,A,B))`
    MultiA(&'d str, [&'d str; 2]),
    /// `tr(N,and_v(v:pk(A),pk(B)))`
    AndV(&'d str, [&'d str; 2]),
    /// `wsh(multi(2,A,B))`
    Multi([&'d str; 2]),
    /// `wsh(sortedmulti(2,A,B))`
    SortedMulti([&'d str; 2]),
    /// Something else of `tr()`, with its internal key.
    OtherTr(&'d str),
    /// Something else of `wsh()`.
    OtherWsh,
    /// Another type of output.
    Output(&'static str),
}

impl<'d> Shape<'d> {
    pub(super) fn of(descriptor: &'d Descriptor<String>) -> Self {
        match descriptor {
            Descriptor::Tr(tr) => Self::of_tr(tr),
            Descriptor::Wsh(wsh) => Self::of_wsh(wsh),
            Descriptor::Bare(_) => Self::Output("bare script"),
            Descriptor::Pkh(_) => Self::Output("pkh"),
            Descriptor::Wpkh(_) => Self::Output("wpkh"),
            Descriptor::Sh(_) => Self::Output("sh"),
        }
    }

    fn of_tr(tr: &'d Tr<String>) -> Self {
        let internal = tr.internal_key().as_str();
        let mut leaves = tr.leaves();
        match (leaves.next(), leaves.next()) {
            (None, _) => Self::KeyPath(internal),
            (Some(leaf), None) => match leaf.miniscript().as_inner() {
                Terminal::MultiA(keys) if keys.k() == 2 => {
                    pair(keys.data()).map_or(Self::OtherTr(internal), |keys| Self::MultiA(internal, keys))
                }
                Terminal::AndV(left, right) => match (verified(left), checked(right)) {
                    (Some(first), Some(second)) => Self::AndV(internal, [first, second]),
                    _ => Self::OtherTr(internal),
                },
                _ => Self::OtherTr(internal),
            },
            _ => Self::OtherTr(internal),
        }
    }

    fn of_wsh(wsh: &'d Wsh<String>) -> Self {
        match wsh.as_inner() {
            WshInner::SortedMulti(keys) if keys.k() == 2 => {
                pair(keys.pks()).map_or(Self::OtherWsh, Self::SortedMulti)
            }
            WshInner::Ms(script) => match script.as_inner() {
                Terminal::Multi(keys) if keys.k() == 2 => {
                    pair(keys.data()).map_or(Self::OtherWsh, Self::Multi)
                }
                _ => Self::OtherWsh,
            },
            WshInner::SortedMulti(_) => Self::OtherWsh,
        }
    }

    /// The key of the key path, if there is one.
    pub(super) const fn internal_key(&self) -> Option<&'d str> {
        match self {
            Self::KeyPath(key) | Self::MultiA(key, _) | Self::AndV(key, _) | Self::OtherTr(key) => Some(key),
            Self::Multi(_) | Self::SortedMulti(_) | Self::OtherWsh | Self::Output(_) => None,
        }
    }
}

fn pair(keys: &[String]) -> Option<[&str; 2]> {
    match keys {
        [first, second] => Some([first, second]),
        _ => None,
    }
}

/// `v:pk(K)`
fn verified<Ctx: ScriptContext>(script: &Miniscript<String, Ctx>) -> Option<&str> {
    match script.as_inner() {
        Terminal::Verify(inner) => checked(inner),
        _ => None,
    }
}

/// `pk(K)`
fn checked<Ctx: ScriptContext>(script: &Miniscript<String, Ctx>) -> Option<&str> {
    match script.as_inner() {
        Terminal::Check(inner) => match inner.as_inner() {
            Terminal::PkK(key) => Some(key),
            _ => None,
        },
        _ => None,
    }
}
