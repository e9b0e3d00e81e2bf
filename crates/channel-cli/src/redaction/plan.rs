//! Every text of a plan, so that none is forgotten: one function per type of the plan.

use std::borrow::Cow;

use taproot_channels::advisor::plan::{Action, ActionDetails, ChannelReport, Plan, Reason};
use taproot_channels::advisor::snapshot::PeerId;

use super::Redaction;

/// Replaces every id in `plan`.
pub(super) fn redact(plan: &mut Plan, redaction: &Redaction) {
    if let Some(id) = &mut plan.node.id {
        *id = PeerId::new(&redaction.text(id.as_str()));
    }
    for assumption in &mut plan.assumptions {
        text(&mut assumption.text, redaction);
    }
    for warning in &mut plan.warnings {
        text(&mut warning.text, redaction);
        if let Some(command) = &mut warning.command {
            text(command, redaction);
        }
    }
    for one in plan.actions.iter_mut().chain(&mut plan.if_supported) {
        action(one, redaction);
    }
    for one in &mut plan.channels {
        channel(one, redaction);
    }
}

fn sentence(text: &mut Cow<'static, str>, redaction: &Redaction) {
    *text = Cow::Owned(redaction.text(text));
}

fn text(text: &mut String, redaction: &Redaction) {
    *text = redaction.text(text);
}

fn texts(all: &mut [String], redaction: &Redaction) {
    for one in all {
        text(one, redaction);
    }
}

fn reasons(all: &mut [Reason], redaction: &Redaction) {
    for reason in all {
        sentence(&mut reason.text, redaction);
    }
}

fn action(action: &mut Action, redaction: &Redaction) {
    text(&mut action.id, redaction);
    for channel in &mut action.channels {
        *channel = redaction.channel(channel);
    }
    texts(&mut action.labels, redaction);
    for peer in &mut action.peers {
        *peer = PeerId::new(&redaction.text(peer.as_str()));
    }
    text(&mut action.summary, redaction);
    if let Some(reason) = &mut action.feasibility.reason {
        sentence(&mut reason.text, redaction);
    }
    for prerequisite in &mut action.prerequisites {
        if let Some(detail) = &mut prerequisite.detail {
            sentence(detail, redaction);
        }
    }
    details(&mut action.details, redaction);
    reasons(&mut action.why, redaction);
    texts(&mut action.commands, redaction);
}

fn details(details: &mut ActionDetails, redaction: &Redaction) {
    match details {
        ActionDetails::Rebalance { source, target, route, .. } => {
            text(source, redaction);
            text(target, redaction);
            texts(&mut route.path, redaction);
        }
        ActionDetails::CrossSplice { source, target, .. } => {
            text(source, redaction);
            text(target, redaction);
        }
        ActionDetails::Consolidate { keep, close } => {
            text(keep, redaction);
            texts(close, redaction);
        }
        _ => {}
    }
}

fn channel(channel: &mut ChannelReport, redaction: &Redaction) {
    channel.channel = redaction.channel(&channel.channel);
    if let Some(scid) = &mut channel.short_channel_id {
        text(scid, redaction);
    }
    text(&mut channel.label, redaction);
    if let Some(peer) = &mut channel.peer {
        *peer = PeerId::new(&redaction.text(peer.as_str()));
    }
    for part in &mut channel.health.parts {
        sentence(&mut part.evidence, redaction);
    }
    reasons(&mut channel.health.issues, redaction);
    reasons(&mut channel.dust.notes, redaction);
    for one in &mut channel.remedies {
        action(one, redaction);
    }
    texts(&mut channel.chosen, redaction);
    if let Some(reason) = &mut channel.no_action {
        sentence(&mut reason.text, redaction);
    }
}
