//! The plan's codes as words for people.

use taproot_channels::advisor::plan::{
    Complexity, Confidence, DustImpact, FeerateOrigin, HealthStatus, PrerequisiteStatus, RemedyKind, Role,
};
use taproot_channels::advisor::snapshot::{CommitmentKind, Knowledge};

/// What kind of remedy.
pub(crate) const fn remedy(kind: RemedyKind) -> &'static str {
    match kind {
        RemedyKind::SetFee => "set fee",
        RemedyKind::Rebalance => "rebalance",
        RemedyKind::SpliceIn => "splice in",
        RemedyKind::SpliceOut => "splice out",
        RemedyKind::CrossSplice => "cross-splice",
        RemedyKind::Open => "open",
        RemedyKind::Consolidate => "consolidate",
        RemedyKind::Close => "close",
        RemedyKind::CloseReopen => "close and reopen",
        RemedyKind::RaiseLimits => "raise limits",
        RemedyKind::DoNothing => "leave alone",
        _ => "other",
    }
}

/// How far a figure can be trusted.
pub(crate) const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::None => "none",
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

/// What a channel is used for.
pub(crate) const fn role(role: Role) -> &'static str {
    match role {
        Role::Sink => "sink",
        Role::Source => "source",
        Role::Router => "router",
        Role::Dormant => "dormant",
        _ => "–",
    }
}

/// A class of health.
pub(crate) const fn health(status: HealthStatus) -> &'static str {
    match status {
        HealthStatus::Healthy => "healthy",
        HealthStatus::AttentionNeeded => "attention",
        HealthStatus::Unhealthy => "unhealthy",
        HealthStatus::Unknown => "unknown",
    }
}

/// Whether a prerequisite holds.
pub(crate) const fn prerequisite(status: PrerequisiteStatus) -> &'static str {
    match status {
        PrerequisiteStatus::Met => "met",
        PrerequisiteStatus::Unmet => "not met",
        PrerequisiteStatus::Unknown => "unknown",
    }
}

/// How hard an action is.
pub(crate) const fn complexity(complexity: Complexity) -> &'static str {
    match complexity {
        Complexity::Low => "low",
        Complexity::Medium => "medium",
        Complexity::High => "high",
    }
}

/// What an action does to dust.
pub(crate) const fn dust_impact(impact: DustImpact) -> &'static str {
    match impact {
        DustImpact::Reduce => "less dust",
        DustImpact::Increase => "more dust",
        DustImpact::Neutral => "no change",
    }
}

/// Where the feerate came from.
pub(crate) const fn origin(origin: FeerateOrigin) -> &'static str {
    match origin {
        FeerateOrigin::Given => "given",
        FeerateOrigin::Estimated => "the node's estimate",
        FeerateOrigin::Assumed => "assumed, --feerate sets it",
    }
}

/// The commitment type.
pub(crate) const fn commitment(kind: CommitmentKind) -> &'static str {
    match kind {
        CommitmentKind::Legacy => "legacy",
        CommitmentKind::StaticRemoteKey => "static remote key",
        CommitmentKind::Anchors => "anchors",
        CommitmentKind::Lease => "lease",
        CommitmentKind::Taproot => "taproot",
        CommitmentKind::ZeroFee => "zero fee",
        CommitmentKind::TaprootZeroFee => "taproot, zero fee",
        _ => "unknown",
    }
}

/// Yes, no or unknown.
pub(crate) const fn knowledge(knowledge: Knowledge) -> &'static str {
    match knowledge {
        Knowledge::Yes => "yes",
        Knowledge::No => "no",
        Knowledge::Unknown => "unknown",
    }
}

/// The name of a health part, its underscores as spaces.
pub(crate) fn part(name: &str) -> String {
    name.replace('_', " ")
}
