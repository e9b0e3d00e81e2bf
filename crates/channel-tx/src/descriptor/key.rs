//! What stands where a key should: a key, an extended key with its path, or something else.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use bitcoin::bip32::Fingerprint;
use bitcoin::secp256k1::Secp256k1;
use bitcoin::{Network, NetworkKind, PrivateKey};
use miniscript::descriptor::{DescriptorPublicKey, DescriptorXKey, SinglePubKey, Wildcard};

use super::{FundingKey, IndefiniteKey, KeyFault};

/// Digits from which a hexadecimal text is a mistyped key rather than a word such as `bad` or `face`.
const LOOKS_LIKE_KEY: usize = 40;

/// Reads the key `text`, which starts at `position`.
pub(super) fn read(text: &str, position: usize, network: Network) -> Result<FundingKey, KeyFault> {
    if is_private(text) {
        return Err(KeyFault::Private { position });
    }
    let Ok(key) = text.parse::<DescriptorPublicKey>() else {
        return Err(unreadable(text, position));
    };
    if let DescriptorPublicKey::Single(single) = &key {
        return match single.key {
            SinglePubKey::XOnly(key) => Ok(FundingKey::XOnly(key)),
            SinglePubKey::FullKey(key) if key.compressed => Ok(FundingKey::Whole(key.inner)),
            SinglePubKey::FullKey(key) => Err(KeyFault::Uncompressed { compressed: key.inner, position }),
        };
    }
    if let Some(key_network) = key.xkey_network()
        && key_network != NetworkKind::from(network)
    {
        return Err(KeyFault::Network { key_network, network, position });
    }
    if let Some(reason) = indefinite(&key) {
        return Err(KeyFault::Indefinite { reason, position });
    }
    let definite = key
        .at_derivation_index(0)
        .map_err(|_| KeyFault::Indefinite { reason: IndefiniteKey::TooDeep, position })?;
    Ok(FundingKey::Whole(definite.derive_public_key(&Secp256k1::verification_only()).inner))
}

fn indefinite(key: &DescriptorPublicKey) -> Option<IndefiniteKey> {
    match key.wildcard() {
        _ if key.is_multipath() => Some(IndefiniteKey::Multipath),
        Some(Wildcard::Hardened) => Some(IndefiniteKey::HardenedRange),
        Some(Wildcard::Unhardened) => Some(IndefiniteKey::Range),
        _ if key.has_hardened_step() => Some(IndefiniteKey::HardenedStep),
        _ => None,
    }
}

/// Whether a text holds a private key: an extended one, or one in wallet import format, mistyped or not: most of a secret
/// is no less to be hidden.
pub(super) fn is_private(text: &str) -> bool {
    let key = text.rsplit(']').next().unwrap_or(text);
    let start = key.get(..4).unwrap_or_default();
    matches!(start, "xprv" | "tprv" | "yprv" | "zprv" | "uprv" | "vprv")
        || PrivateKey::from_wif(key).is_ok()
        || looks_like_wif(key)
}

/// 51 or 52 digits of base58 with the first digit of a private key on mainnet (`5`, `K`, `L`) or elsewhere (`9`, `c`).
fn looks_like_wif(text: &str) -> bool {
    let base58 = |byte: u8| byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'O' | b'I' | b'l');
    matches!(text.len(), 51 | 52) && text.starts_with(['5', 'K', 'L', '9', 'c']) && text.bytes().all(base58)
}

/// The master and parent keys a key is known to come from. Keys that share one come from one wallet.
pub(super) fn sources(text: &str) -> Vec<Fingerprint> {
    let Ok(key) = text.parse::<DescriptorPublicKey>() else { return Vec::new() };
    let found = match &key {
        DescriptorPublicKey::Single(single) => single.origin.iter().map(|(master, _)| *master).collect(),
        DescriptorPublicKey::XPub(DescriptorXKey { origin, xkey, .. }) => {
            let parent = (xkey.depth > 0).then_some(xkey.parent_fingerprint);
            let master = origin.iter().map(|(master, _)| *master);
            master.chain(parent).chain([xkey.fingerprint()]).collect()
        }
        DescriptorPublicKey::MultiXPub(_) => Vec::new(),
    };
    // Zeros stand for what is not known.
    let known = |fingerprint: &Fingerprint| *fingerprint != Fingerprint::default();
    Vec::into_iter(found).filter(known).collect()
}

fn unreadable(text: &str, position: usize) -> KeyFault {
    let key: String = text.to_owned();
    let hexadecimal = text.len() >= LOOKS_LIKE_KEY && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let extended = text.contains("pub") && text.len() > 100;
    let word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    if hexadecimal || extended || !word || text.is_empty() {
        KeyFault::Malformed { key, position }
    } else {
        KeyFault::Placeholder { key, position }
    }
}
