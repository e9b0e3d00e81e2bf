//! One channel as the heuristic sees it: six amounts and a name.

use bitcoin::Amount;
use serde_json::Value;

use super::{AmountField, HeuristicError};
use crate::snapshot::{ChannelKey, ChannelSnapshot, HtlcDirection};

/// A channel record. Amounts need not agree with each other: an over-full channel is judged as the seed judges it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeuristicChannel {
    /// The channel's name.
    pub id: ChannelKey,
    /// Our balance.
    pub local_balance: Amount,
    /// The peer's balance.
    pub remote_balance: Amount,
    /// Funding amount.
    pub capacity: Amount,
    /// Dust on our side.
    pub local_dust: Amount,
    /// Dust on the peer's side.
    pub remote_dust: Amount,
    /// The dust limit that the dust strategies keep back on each side.
    pub dust_limit: Amount,
}

impl HeuristicChannel {
    /// The dust limit of a record that states none: 546 sat, the relay dust of a p2pkh output.
    pub const DEFAULT_DUST_LIMIT: Amount = Amount::from_sat(546);

    /// The largest amount taken: 2^52 - 1 sat, over twice all bitcoin. Up to here the sum of two amounts is exact in
    /// a double, so every quotient is rounded once and equals the seed's.
    pub const MAX_AMOUNT: Amount = Amount::from_sat((1 << 52) - 1);

    /// A channel of which nothing but the name is known: all amounts 0, the default dust limit.
    pub const fn new(id: ChannelKey) -> Self {
        Self {
            id,
            local_balance: Amount::ZERO,
            remote_balance: Amount::ZERO,
            capacity: Amount::ZERO,
            local_dust: Amount::ZERO,
            remote_dust: Amount::ZERO,
            dust_limit: Self::DEFAULT_DUST_LIMIT,
        }
    }

    /// Reads a record `{"channel_id": …, "local_balance": …, …}`. Missing amounts are 0, a missing `dust_limit` is
    /// 546; other fields (`fee_rate`) are not read. `row` is the place in the list, for the error.
    ///
    /// # Errors
    /// [`HeuristicError`] for a record without id, or with an amount that is negative, broken or too large.
    pub fn from_row(row: usize, record: &Value) -> Result<Self, HeuristicError> {
        let id = record.get("channel_id").and_then(Value::as_str);
        let id = ChannelKey::new(id.ok_or(HeuristicError::NoChannelId { row })?);
        let amount = |field: AmountField, missing| match record.get(field.as_str()) {
            Some(value) => read_amount(value, field, &id),
            None => Ok(missing),
        };
        let channel = Self {
            local_balance: amount(AmountField::LocalBalance, Amount::ZERO)?,
            remote_balance: amount(AmountField::RemoteBalance, Amount::ZERO)?,
            capacity: amount(AmountField::Capacity, Amount::ZERO)?,
            local_dust: amount(AmountField::LocalDust, Amount::ZERO)?,
            remote_dust: amount(AmountField::RemoteDust, Amount::ZERO)?,
            dust_limit: amount(AmountField::DustLimit, Self::DEFAULT_DUST_LIMIT)?,
            id,
        };
        channel.check()?;
        Ok(channel)
    }

    /// The channel of a listing, in whole satoshi rounded down.
    ///
    /// Balances are the ones the listing printed. Dust is the table's own where it has any. Otherwise it is counted
    /// on the side that would lose it: HTLCs that the listing marks trimmed, or without a mark those below the dust
    /// limit of our commitment, go to the side that offered them, and a balance below the limit goes to its owner.
    /// Where HTLCs are not listed, what the commitment fee hides is put on our side.
    pub fn from_snapshot(channel: &ChannelSnapshot) -> Self {
        let limit = channel.dust_limit_local.unwrap_or(Self::DEFAULT_DUST_LIMIT);
        let (local_dust, remote_dust) = channel.table_dust.unwrap_or_else(|| listed_dust(channel, limit));
        Self {
            id: channel.key.clone(),
            local_balance: channel.local_reported.to_sat_floor(),
            remote_balance: channel.remote_reported.to_sat_floor(),
            capacity: channel.capacity.to_sat_floor(),
            local_dust,
            remote_dust,
            dust_limit: limit,
        }
    }

    /// Checks that no amount exceeds [`Self::MAX_AMOUNT`].
    ///
    /// # Errors
    /// [`HeuristicError::AmountTooLarge`] for the first that does.
    pub fn check(&self) -> Result<(), HeuristicError> {
        let too_large = self.amounts().into_iter().find(|(_, amount)| *amount > Self::MAX_AMOUNT);
        match too_large {
            Some((field, _)) => Err(HeuristicError::AmountTooLarge { channel: self.id.clone(), field }),
            None => Ok(()),
        }
    }

    const fn amounts(&self) -> [(AmountField, Amount); 6] {
        [
            (AmountField::LocalBalance, self.local_balance),
            (AmountField::RemoteBalance, self.remote_balance),
            (AmountField::Capacity, self.capacity),
            (AmountField::LocalDust, self.local_dust),
            (AmountField::RemoteDust, self.remote_dust),
            (AmountField::DustLimit, self.dust_limit),
        ]
    }
}

fn read_amount(value: &Value, field: AmountField, id: &ChannelKey) -> Result<Amount, HeuristicError> {
    if let Some(sat) = value.as_u64() {
        return Ok(Amount::from_sat(sat));
    }
    let channel = id.clone();
    match value.as_f64() {
        Some(number) if number < 0.0 => Err(HeuristicError::NegativeAmount { channel, field }),
        // Whole numbers above u64 arrive here as doubles.
        Some(number) if number.fract() == 0.0 && number > 1e18 => {
            Err(HeuristicError::AmountTooLarge { channel, field })
        }
        _ => Err(HeuristicError::NotWhole { channel, field }),
    }
}

/// Dust of a real listing, (ours, the peer's).
fn listed_dust(channel: &ChannelSnapshot, limit: Amount) -> (Amount, Amount) {
    let Some(htlcs) = &channel.htlcs else {
        return (channel.hidden_dust.unwrap_or_default().to_sat_floor(), Amount::ZERO);
    };
    let trimmed_balance = |balance: Amount| if balance < limit { balance } else { Amount::ZERO };
    let mut ours = trimmed_balance(channel.local_reported.to_sat_floor());
    let mut theirs = trimmed_balance(channel.remote_reported.to_sat_floor());
    for htlc in htlcs {
        let amount = htlc.amount.to_sat_floor();
        if htlc.trimmed_local.unwrap_or(amount < limit) {
            let side = match htlc.direction {
                HtlcDirection::Outgoing => &mut ours,
                HtlcDirection::Incoming => &mut theirs,
            };
            // A sum past the range is past MAX_AMOUNT too, which `check` refuses.
            *side = side.checked_add(amount).unwrap_or(Amount::from_sat(u64::MAX));
        }
    }
    (ours, theirs)
}

#[cfg(test)]
mod tests {
    use channel_core::Msat;
    use serde_json::json;

    use super::*;
    use crate::snapshot::HtlcSnapshot;

    fn sat(sat: u64) -> Amount {
        Amount::from_sat(sat)
    }

    fn msat(sat: u64) -> Msat {
        Msat::from_sat(sat).unwrap()
    }

    #[test]
    fn missing_fields_are_zero_and_546() {
        let channel = HeuristicChannel::from_row(0, &json!({ "channel_id": "a", "fee_rate": -3 })).unwrap();
        assert_eq!(channel, HeuristicChannel::new(ChannelKey::new("a")));
        assert_eq!(channel.dust_limit, sat(546));
    }

    #[test]
    fn bad_records_are_refused_by_name() {
        let refuse = |record| HeuristicChannel::from_row(4, &record).unwrap_err();
        let (channel, field) = (ChannelKey::new("a"), AmountField::RemoteDust);
        assert_eq!(refuse(json!({ "capacity": 5 })), HeuristicError::NoChannelId { row: 4 });
        assert_eq!(refuse(json!([])), HeuristicError::NoChannelId { row: 4 });
        assert_eq!(
            refuse(json!({ "channel_id": "a", "remote_dust": -1 })),
            HeuristicError::NegativeAmount { channel: channel.clone(), field }
        );
        for broken in [json!(0.5), json!("7"), json!(null), json!(true)] {
            assert_eq!(
                refuse(json!({ "channel_id": "a", "remote_dust": broken })),
                HeuristicError::NotWhole { channel: channel.clone(), field }
            );
        }
        let beyond = serde_json::from_str::<Value>("18446744073709551616").unwrap();
        for large in [json!(1_u64 << 52), json!(u64::MAX), beyond] {
            assert_eq!(
                refuse(json!({ "channel_id": "a", "remote_dust": large })),
                HeuristicError::AmountTooLarge { channel: channel.clone(), field }
            );
        }
        assert!(
            HeuristicChannel::from_row(0, &json!({ "channel_id": "a", "capacity": (1_u64 << 52) - 1 }))
                .is_ok()
        );
    }

    #[test]
    fn a_tables_own_dust_wins() {
        let mut listed = ChannelSnapshot::new(ChannelKey::new("a"), msat(1000), msat(500), msat(500));
        listed.table_dust = Some((sat(7), sat(8)));
        listed.htlcs = Some(vec![HtlcSnapshot::new(HtlcDirection::Outgoing, msat(100))]);
        let channel = HeuristicChannel::from_snapshot(&listed);
        assert_eq!((channel.local_dust, channel.remote_dust), (sat(7), sat(8)));
        assert_eq!(channel.dust_limit, HeuristicChannel::DEFAULT_DUST_LIMIT);
    }

    #[test]
    fn dust_of_a_listing_lies_with_the_side_that_would_lose_it() {
        let mut listed = ChannelSnapshot::new(ChannelKey::new("a"), msat(100_000), msat(353), msat(354));
        listed.dust_limit_local = Some(sat(354));
        listed.local_reported = Msat::from_msat(353_999);
        let mut marked = HtlcSnapshot::new(HtlcDirection::Incoming, msat(9_000));
        marked.trimmed_local = Some(true);
        listed.htlcs = Some(vec![
            HtlcSnapshot::new(HtlcDirection::Outgoing, Msat::from_msat(353_999)),
            HtlcSnapshot::new(HtlcDirection::Outgoing, msat(354)),
            HtlcSnapshot::new(HtlcDirection::Incoming, msat(100)),
            marked,
        ]);
        let channel = HeuristicChannel::from_snapshot(&listed);
        assert_eq!((channel.local_dust, channel.remote_dust), (sat(353 + 353), sat(9_100)));
    }

    #[test]
    fn without_htlcs_the_hidden_dust_is_ours() {
        let mut listed = ChannelSnapshot::new(ChannelKey::new("a"), msat(1000), msat(1), msat(1));
        listed.hidden_dust = Some(Msat::from_msat(600_900));
        let channel = HeuristicChannel::from_snapshot(&listed);
        assert_eq!((channel.local_dust, channel.remote_dust), (sat(600), Amount::ZERO));
        assert_eq!(channel.capacity, sat(1000));
    }
}
