//! Draws the inputs of the heuristic rows: channels at, just below and just above every limit the scoring reads.
//!
//! Inputs hold non-negative integers only, and the sum over one case stays below 2^53, so that dividing two sums as
//! doubles gives the same result in every language.

use serde_json::{Map, Value, json};

use super::random::SplitMix64;

/// The seed of the committed fixture.
pub(crate) const SEED: u64 = 20_261_120;

/// More satoshi than can exist, the largest amount a case holds.
const ALL_BITCOIN: u64 = 2_100_000_000_000_000;
/// Sums below this are exact as doubles.
pub(crate) const EXACT_LIMIT: u64 = 1 << 53;
const DUST_LIMITS: [u64; 7] = [0, 1, 294, 330, 354, 546, 1000];
const CAPACITIES: [u64; 9] =
    [1, 2, 999, 20_000, 100_000, 1_000_003, 16_777_215, 5_000_000_000, ALL_BITCOIN / 4];
const DEFAULT_DUST_LIMIT: u64 = 546;

/// The five functions that answer for one channel.
const CHANNEL_FUNCTIONS: [&str; 5] = [
    "analyze_channel_health",
    "generate_rebalancing_recommendations",
    "generate_splicing_recommendations",
    "optimize_dust_allocation",
    "generate_channel_recommendations",
];
const PLAN_FUNCTION: &str = "create_management_plan";
/// Cases drawn for each of the five functions; every family of channels comes up several times.
const CASES_PER_FUNCTION: usize = 120;
const PLAN_CASES: usize = 40;

/// One call: a function and its input.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Case {
    pub(crate) function: &'static str,
    pub(crate) input: Value,
}

/// Every case of a seed, in the order of the fixture.
pub(crate) fn draw(seed: u64) -> Vec<Case> {
    let mut drawer = Drawer { random: SplitMix64::new(seed) };
    let mut cases = Vec::with_capacity(CHANNEL_FUNCTIONS.len() * CASES_PER_FUNCTION + PLAN_CASES);
    for index in 0..CASES_PER_FUNCTION {
        for function in CHANNEL_FUNCTIONS {
            cases.push(Case { function, input: drawer.channel_input(index) });
        }
    }
    for index in 0..PLAN_CASES {
        cases.push(Case { function: PLAN_FUNCTION, input: drawer.plan_input(index) });
    }
    cases
}

/// A channel as the heuristic reads it; a `None` is a key that is left out.
#[derive(Debug, Clone, Copy, Default)]
struct Channel {
    local_balance: Option<u64>,
    remote_balance: Option<u64>,
    capacity: Option<u64>,
    local_dust: Option<u64>,
    remote_dust: Option<u64>,
    dust_limit: Option<u64>,
    fee_rate: Option<u64>,
}

impl Channel {
    const fn split(local: u64, remote: u64, capacity: u64) -> Self {
        Self {
            local_balance: Some(local),
            remote_balance: Some(remote),
            capacity: Some(capacity),
            local_dust: None,
            remote_dust: None,
            dust_limit: None,
            fee_rate: None,
        }
    }

    const fn with_dust(mut self, local: u64, remote: u64) -> Self {
        self.local_dust = Some(local);
        self.remote_dust = Some(remote);
        self
    }

    const fn fields(&self) -> [(&'static str, Option<u64>); 7] {
        [
            ("local_balance", self.local_balance),
            ("remote_balance", self.remote_balance),
            ("capacity", self.capacity),
            ("local_dust", self.local_dust),
            ("remote_dust", self.remote_dust),
            ("dust_limit", self.dust_limit),
            ("fee_rate", self.fee_rate),
        ]
    }

    fn into_json(self, id: &str) -> Value {
        let mut object = Map::new();
        object.insert("channel_id".to_owned(), json!(id));
        for (name, value) in self.fields() {
            if let Some(value) = value {
                object.insert(name.to_owned(), json!(value));
            }
        }
        Value::Object(object)
    }
}

/// Draws one family of channels.
type Family = fn(&mut Drawer) -> Channel;

/// The families in turn, so that each boundary is met by each function.
const FAMILIES: [Family; 12] = [
    Drawer::ordinary,
    Drawer::at_balance_ratio,
    Drawer::at_dust_ratio,
    Drawer::at_utilisation,
    Drawer::at_score,
    Drawer::at_dust_limits,
    Drawer::at_potential,
    Drawer::with_htlcs_in_flight,
    Drawer::over_full,
    Drawer::with_missing_fields,
    Drawer::extreme,
    Drawer::tiny,
];

struct Drawer {
    random: SplitMix64,
}

impl Drawer {
    /// Input of a one-channel function: mostly the channel alone, at times among others, repeated or unknown.
    fn channel_input(&mut self, index: usize) -> Value {
        let id = self.id();
        let mut channels = vec![self.family(index).into_json(&id)];
        let mut asked = id.clone();
        match index % 14 {
            5 => channels.push(self.ordinary().into_json("another")),
            9 => channels.push(self.small_of_any_family().into_json(&id)),
            13 => asked.push_str("-unknown"),
            _ => {}
        }
        json!({ "channels": channels, "channel_id": asked })
    }

    /// Input of the plan: 0 to 25 channels; later cases repeat ids or make ties.
    fn plan_input(&mut self, index: usize) -> Value {
        let count = if index < 26 { index } else { usize::try_from(self.random.between(1, 6)).unwrap_or(1) };
        let tied = (index % 7 == 3).then(|| self.small_of_any_family());
        let mut channels = Vec::with_capacity(count);
        for place in 0..count {
            let channel = tied.unwrap_or_else(|| self.small_of_any_family());
            let repeated = index % 5 == 2 && place > 0 && self.random.once_in(3);
            let number = if repeated { self.random.below(place as u64) } else { place as u64 };
            channels.push(channel.into_json(&format!("channel_{number}")));
        }
        if index % 9 == 4 {
            channels.push(self.extreme().into_json("everything"));
        }
        json!({ "channels": channels, "now": self.now() })
    }

    fn family(&mut self, index: usize) -> Channel {
        FAMILIES[index % FAMILIES.len()](self)
    }

    /// Any family, but bounded so that 25 of them stay exact as doubles.
    fn small_of_any_family(&mut self) -> Channel {
        loop {
            let index = usize::try_from(self.random.below(FAMILIES.len() as u64)).unwrap_or(0);
            let channel = self.family(index);
            let sum: u64 = channel.fields().iter().filter_map(|(_, value)| *value).sum();
            if sum < EXACT_LIMIT / 128 {
                return channel;
            }
        }
    }

    fn id(&mut self) -> String {
        match self.random.below(5) {
            0 => "channel_1".to_owned(),
            1 => {
                format!("{}x{}x{}", self.random.below(900_000), self.random.below(3000), self.random.below(4))
            }
            2 => format!("{:016x}", self.random.next()),
            3 => "Kanal \u{fc}ber \"\u{20bf}\"\\".to_owned(),
            _ => String::new(),
        }
    }

    fn now(&mut self) -> String {
        let (month, day) = (self.random.between(1, 12), self.random.between(1, 28));
        let (hour, minute, second) = (self.random.below(24), self.random.below(60), self.random.below(60));
        format!("2026-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }

    /// `value`, in one of two draws, or its neighbours.
    fn near(&mut self, value: u64) -> u64 {
        match self.random.below(4) {
            0 => value.saturating_sub(1),
            1 => value + 1,
            _ => value,
        }
    }

    fn capacity(&mut self) -> u64 {
        if self.random.once_in(3) {
            self.random.pick(&CAPACITIES)
        } else {
            self.random.between(20_000, 40_000_000)
        }
    }

    fn small_dust(&mut self) -> u64 {
        self.random.below(3000)
    }

    /// A channel whose balances add up to its capacity, with a little dust.
    fn ordinary(&mut self) -> Channel {
        let capacity = self.capacity();
        let local = self.random.between(0, capacity);
        let mut channel =
            Channel::split(local, capacity - local, capacity).with_dust(self.small_dust(), self.small_dust());
        channel.dust_limit = (!self.random.once_in(3)).then(|| self.random.pick(&DUST_LIMITS));
        channel.fee_rate = self.random.once_in(2).then(|| self.random.below(500));
        channel
    }

    /// The smaller balance is a fifth of the larger one, give or take one satoshi.
    fn at_balance_ratio(&mut self) -> Channel {
        let small = self.random.between(1, 2_000_000);
        let large = self.near(small * 5);
        let (local, remote) = if self.random.once_in(2) { (small, large) } else { (large, small) };
        Channel::split(local, remote, local + remote)
    }

    /// Dust is a tenth of the capacity, give or take one satoshi.
    fn at_dust_ratio(&mut self) -> Channel {
        let tenth = self.random.between(1, 4_000_000);
        let dust = self.near(tenth);
        let local_dust = self.random.between(0, dust);
        let local = self.random.between(0, tenth * 10);
        Channel::split(local, tenth * 10 - local, tenth * 10).with_dust(local_dust, dust - local_dust)
    }

    /// Balances are three or nine tenths of the capacity, give or take one satoshi.
    fn at_utilisation(&mut self) -> Channel {
        let tenth = self.random.between(1, 4_000_000);
        let tenths = self.random.pick(&[3, 9, 10]);
        let used = self.near(tenth * tenths);
        let local = self.random.between(0, used);
        Channel::split(local, used - local, tenth * 10).with_dust(self.small_dust(), 0)
    }

    /// The score is exactly 4/10 or 7/10 as a fraction, or beside it: 4 b + 3 (1 - d) + 3 u = 4 or 7.
    ///
    /// Balance ratio b = n/4 and utilisation u = k/10 are chosen, the dust ratio d follows in thirtieths.
    fn at_score(&mut self) -> Channel {
        loop {
            let (ratio, tenths) = (self.random.between(0, 4), self.random.between(1, 10));
            let target = self.random.pick(&[4, 7]);
            let Some(dust_thirtieths) = (30 + 3 * tenths + 10 * ratio).checked_sub(10 * target) else {
                continue;
            };
            let unit = self.random.between(1, 50_000) * (4 + ratio);
            let used = unit * 3 * tenths;
            let remote = used / (4 + ratio) * ratio;
            let dust = self.near(unit * dust_thirtieths);
            return Channel::split(used - remote, remote, unit * 30).with_dust(dust, 0);
        }
    }

    /// Dust at one, two and three dust limits, at the splice threshold and at the fee budget's ceiling.
    fn at_dust_limits(&mut self) -> Channel {
        let limit = self.random.pick(&DUST_LIMITS);
        let edges =
            [0, limit, 2 * limit, 3 * limit, DEFAULT_DUST_LIMIT, limit + 10_000, DEFAULT_DUST_LIMIT + 10_000];
        let (local_edge, remote_edge) = (self.random.pick(&edges), self.random.pick(&edges));
        let (local_dust, remote_dust) = (self.near(local_edge), self.near(remote_edge));
        let mut channel = self.ordinary().with_dust(local_dust, remote_dust);
        channel.dust_limit = (limit != DEFAULT_DUST_LIMIT || self.random.once_in(2)).then_some(limit);
        channel
    }

    /// A healthy channel whose dust is 15 % of its capacity, where the medium priority begins.
    fn at_potential(&mut self) -> Channel {
        let unit = self.random.between(1, 300_000);
        let half = unit * 10;
        let dust = self.near(unit * 3);
        Channel::split(half, half, half * 2).with_dust(0, dust)
    }

    /// Much is in flight: the larger balance is below half of the capacity, so the amount turns negative.
    fn with_htlcs_in_flight(&mut self) -> Channel {
        let capacity = self.capacity().max(100);
        let large = self.random.between(1, capacity / 2);
        let small = self.random.between(0, large / 5);
        let (local, remote) = if self.random.once_in(2) { (small, large) } else { (large, small) };
        Channel::split(local, remote, capacity)
    }

    /// Balances or dust beyond the capacity.
    fn over_full(&mut self) -> Channel {
        let capacity = self.random.between(0, 1_000_000);
        let local = self.random.between(0, capacity * 3);
        let remote = self.random.between(0, capacity * 3);
        let dust = if self.random.once_in(2) { self.random.between(capacity * 5, capacity * 12) } else { 0 };
        Channel::split(local, remote, capacity).with_dust(dust, self.small_dust())
    }

    fn with_missing_fields(&mut self) -> Channel {
        let full = self.ordinary();
        let mut keep = |value: Option<u64>| if self.random.once_in(2) { value } else { None };
        Channel {
            local_balance: keep(full.local_balance),
            remote_balance: keep(full.remote_balance),
            capacity: keep(full.capacity),
            local_dust: keep(full.local_dust),
            remote_dust: keep(full.remote_dust),
            dust_limit: keep(full.dust_limit),
            fee_rate: keep(full.fee_rate),
        }
    }

    /// All bitcoin on one side, or amounts around powers of two.
    fn extreme(&mut self) -> Channel {
        let large = [ALL_BITCOIN / 2, ALL_BITCOIN - 1, ALL_BITCOIN, 1 << 32, (1 << 31) - 1, 1 << 50, 0, 1];
        let (local, remote) = (self.random.pick(&large), self.random.pick(&large) / 2);
        let capacity = if self.random.once_in(2) { local + remote } else { self.random.pick(&large) };
        let dust = self.random.pick(&[0, 546, 547, 1 << 33]);
        Channel::split(local, remote, capacity).with_dust(dust, self.small_dust())
    }

    /// A few satoshi, down to none.
    fn tiny(&mut self) -> Channel {
        let (local, remote) = (self.random.below(4), self.random.below(4));
        let capacity = self.random.below(8);
        let mut channel =
            Channel::split(local, remote, capacity).with_dust(self.random.below(3), self.random.below(3));
        channel.dust_limit = self.random.once_in(2).then(|| self.random.below(3));
        channel
    }
}

#[cfg(test)]
mod tests {
    use super::{CHANNEL_FUNCTIONS, EXACT_LIMIT, PLAN_FUNCTION, SEED, draw};
    use serde_json::Value;

    fn sum_of_integers(value: &Value) -> u64 {
        match value {
            Value::Number(number) => number.as_u64().expect("cases hold non-negative integers only"),
            Value::Array(items) => items.iter().map(sum_of_integers).sum(),
            Value::Object(fields) => fields.values().map(sum_of_integers).sum(),
            _ => 0,
        }
    }

    #[test]
    fn a_seed_names_its_cases() {
        assert_eq!(draw(SEED), draw(SEED));
        assert_ne!(draw(SEED), draw(SEED + 1));
    }

    #[test]
    fn every_function_is_drawn_and_all_sums_are_exact_as_doubles() {
        let cases = draw(SEED);
        assert!(cases.len() >= 400, "{} cases", cases.len());
        for function in CHANNEL_FUNCTIONS.into_iter().chain([PLAN_FUNCTION]) {
            assert!(cases.iter().filter(|case| case.function == function).count() >= 40, "{function}");
        }
        for case in &cases {
            assert!(sum_of_integers(&case.input) < EXACT_LIMIT, "{case:?}");
        }
    }

    #[test]
    fn plans_reach_from_no_channel_to_twenty_five() {
        let counts: Vec<usize> = draw(SEED)
            .iter()
            .filter(|case| case.function == PLAN_FUNCTION)
            .map(|case| case.input["channels"].as_array().map_or(0, Vec::len))
            .collect();
        assert!([0, 1, 2, 10, 11, 25].iter().all(|count| counts.contains(count)), "{counts:?}");
    }
}
