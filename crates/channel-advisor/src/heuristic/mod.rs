//! The heuristic profile: seed 001 as it was, number for number. For comparison, not for use: the `economic` profile is
//! what a node should act on.
//!
//! Function by function: `add_channel_state`, `analyze_channel_health`, `generate_rebalancing_recommendations`,
//! `generate_splicing_recommendations`, `optimize_dust_allocation`, `generate_channel_recommendations` and
//! `create_management_plan` are methods of [`HeuristicManager`] under these names; `ChannelManagementAction` is
//! [`Action`], `ChannelRecommendation` is [`ChannelRecommendation`], the dictionaries are [`ChannelHealth`],
//! [`DustAllocation`] and [`ManagementPlan`]. Serialised, each has the seed's keys in the seed's order, integers where
//! the seed prints integers ([`Number`]) and floats with the same 64 bits. [`columns`] computes the same figures for
//! large fleets without an object per channel.
//!
//! Two things differ from the seed. Amounts are unsigned and below 2^52 sat; others are a [`HeuristicError`]. And the
//! sort that fails in the seed as soon as there is an action is repaired ([`SortOrder`]).
//!
//! # What is wrong with it
//!
//! | row | what it does | why that misleads |
//! |---|---|---|
//! | B1 | the seed's plan sorts by a field that actions do not have | it fails unless nothing is to be done; here the channel's priority is looked up |
//! | B2 | "utilization" is both balances over capacity | balances always fill the channel but for pending HTLCs, so a quiet channel is "overutilized" and gets 0.3 of the score for free |
//! | B3 | "imbalanced" is smaller over larger balance under 0.2 | no direction, no reserves, no regard to where the flow goes; 80/20 passes, 84/16 does not |
//! | B4 | the score is said to lie in 0 to 1 | much dust makes it negative, over-full channels push it past 1, an empty record looks ill |
//! | B5 | status compares with `>`, priority with `<` | exactly 0.7 is neither healthy nor high priority, and which doubles equal 0.7 depends on rounding |
//! | B6 | dust is two free numbers, added | the two commitments exclude each other; only one side's dust can ever be lost |
//! | B7 | a rebalance moves half of half the gap | 90/10 ends at 70/30 |
//! | B8 | the amount is measured from half of capacity | pending HTLCs make it negative, with negative cost and benefit; an empty record gets a rebalance of 0 |
//! | B9 | costs 0.1 %, brings 5 % | constants without a route, a second channel, a reserve or an observed flow |
//! | B10 | dust over 546 sat earns a splice for 1,000 sat that brings back 80 % | a loss below 1,250 sat; the threshold is not the channel's; a splice cannot bring back trimmed HTLCs |
//! | B11 | an idle channel is to grow by half | it needs less capital, not more; chain fees go by weight, not by amount |
//! | B12 | "consolidate" pays our dust to the peer | a gift |
//! | B13 | "dust for fees" | trimmed value goes to fees by itself, and the opener pays the commitment fee from its balance |
//! | B14 | "sweeping" leaves one limit on each side | it creates dust on a side that had none, out of the other's money; the three strategies spend the same satoshi |
//! | B15 | the first strategy is the recommended one | that is the gift |
//! | B16 | "cost-benefit ratio" is benefit over cost | and a free action counts as worthless |
//! | B17 | priority 10, 7, 5 or 3 | by other rules than the status; the potential it reads is twice the dust ratio |
//! | B18 | recovery is 0.7 of all dust here, 0.8 in an action; the mean potential ignores size; the list stops at ten without a word | the figures of one plan do not fit together |
//! | B19 | an unknown id is an object, an empty list or an exception | here always [`ChannelNotFound`] |
//! | B20 | minimal and conservative thresholds, fee rate, history and prerequisites | never read; the plan computes dust strategies and drops them |
//! | B21 | money in floating point | sums depend on their order; here it is kept, and nowhere else in this crate |

mod action;
mod channel;
pub mod columns;
mod dust;
mod error;
mod health;
mod manager;
mod number;
mod plan;
mod ranking;
mod recommendation;

pub use action::{Action, ActionKind};
pub use channel::HeuristicChannel;
pub use dust::{DustAllocation, DustStrategy, SideDust};
pub use error::{AmountField, ChannelNotFound, HeuristicError};
pub use health::{ChannelHealth, HealthStatus, Issue, Issues};
pub use manager::HeuristicManager;
pub use number::{Number, SatTotal};
pub use plan::{FleetSummary, ManagementPlan};
pub use ranking::SortOrder;
pub use recommendation::{ChannelRecommendation, ImplementationPriority};
