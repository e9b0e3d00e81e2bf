//! State digests: what both parties sign at a checkpoint.

use bitcoin::secp256k1::schnorr;

use super::{ChannelSigner, StateRefusal};

impl ChannelSigner {
    /// Signs a state digest with the state key (BIP 340). The same digest may be signed again; another one at the same
    /// sequence number, or at an earlier one, never.
    ///
    /// # Errors
    /// [`StateRefusal`].
    pub fn sign_state(&mut self, seq: u64, digest: [u8; 32]) -> Result<schnorr::Signature, StateRefusal> {
        self.record.check_state(seq, digest)?;
        self.record.state = Some((seq, digest));
        let signature = self.secrets.state_key().keypair().sign_schnorr_no_aux_rand(&digest);
        let signature = schnorr::Signature::from_slice(signature.as_byte_array());
        Ok(signature.expect("a signature has 64 bytes in both libraries"))
    }
}
