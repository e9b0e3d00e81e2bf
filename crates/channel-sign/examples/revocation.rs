//! One party revokes a thousand commitments; the other keeps what it needs to punish any of them, and refuses a secret
//! that is not the right one.

use std::error::Error;
use std::io::Write as _;

use channel_sign::bitcoin::Network;
use channel_sign::channel_core::CommitmentNumber;
use channel_sign::keys::FundingIndex;
use channel_sign::seed::{Account, ChannelIndex, Mnemonic};
use channel_sign::shachain::{PerCommitmentSecret, RevealedSecrets, ShachainSeed};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();

    // Fixed entropy so that the output is always the same. A real seed comes from the operating system.
    let words = Mnemonic::from_entropy(&[0x42; 16])?;
    let master = words.to_seed("").master_key(Network::Regtest)?;
    let secrets = master.channel(Account::ZERO, ChannelIndex::new(7))?;
    let basepoints = secrets.basepoints(FundingIndex::OPENING)?;
    writeln!(out, "funding key          {}", basepoints.funding)?;
    writeln!(out, "after a splice       {}", secrets.funding_public_key(FundingIndex::new(1))?)?;
    writeln!(out, "revocation basepoint {}", basepoints.revocation)?;

    // The other party's chain, made here from a bare seed. `ChannelSecrets` would keep its own inside.
    let peer = ShachainSeed::from_bytes([0x24; 32]);
    let mut revealed = RevealedSecrets::new();
    for number in 0..1000 {
        let number = CommitmentNumber::new(number)?;
        revealed.accept(number, &peer.secret(number), &peer.point(number)?)?;
    }
    let stored = revealed.to_bytes();
    writeln!(out, "1000 revoked commitments take {} bytes", stored.len())?;

    let restored = RevealedSecrets::from_bytes(&stored)?;
    let old = CommitmentNumber::new(123)?;
    let secret = restored.secret(old).ok_or("commitment 123 was revoked")?;
    writeln!(out, "the secret of commitment 123 is there again: {}", secret.point()? == peer.point(old)?)?;

    let next = CommitmentNumber::new(1000)?;
    if let Err(error) = revealed.accept(next, &PerCommitmentSecret::from_bytes([1; 32]), &peer.point(next)?) {
        writeln!(out, "refused: {error}")?;
    }
    Ok(())
}
