//! Telling an instance that something changed.

use crate::{
    action,
    object::{Clip, Node},
    param::Param,
    propset::{Lifetime, PropSet},
    registry,
    session::lock,
};
use headroom_ofx_sys as sys;
use std::{
    ffi::CStr,
    sync::{Arc, atomic::Ordering},
};

/// Who made the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    User,
    Plugin,
    Time,
}

impl Reason {
    fn name(self) -> &'static CStr {
        match self {
            Self::User => sys::kOfxChangeUserEdited,
            Self::Plugin => sys::kOfxChangePluginEdited,
            Self::Time => sys::kOfxChangeTime,
        }
    }
}

/// A plug-in that answers each change with another would never end.
const DEEPEST: usize = 8;

/// A parameter changed: its value is already the new one.
pub(crate) fn param_changed(node: &Arc<Node>, param: &Param, reason: Reason) {
    if lock(&node.slaves).contains(&param.name) {
        node.preferences_stale.store(true, Ordering::Relaxed);
    }
    let creating = action::current_name().as_bytes() == sys::kOfxActionCreateInstance.to_bytes();
    if !creating && node.session.on_main_thread() {
        changed(node, sys::kOfxTypeParameter, &param.name, reason);
    }
}

/// A clip was connected, disconnected or changed its format.
pub(crate) fn clip_changed(node: &Arc<Node>, clip: &Clip) {
    node.preferences_stale.store(true, Ordering::Relaxed);
    changed(node, sys::kOfxTypeClip, &clip.name, Reason::User);
}

/// The time line moved.
pub(crate) fn time_changed(node: &Arc<Node>) {
    for param in node.params.all() {
        if !param.keys().is_empty() {
            changed(node, sys::kOfxTypeParameter, &param.name, Reason::Time);
        }
    }
}

fn changed(node: &Arc<Node>, kind: &CStr, name: &str, reason: Reason) {
    let depth = node.changing.fetch_add(1, Ordering::Relaxed);
    if depth < DEEPEST {
        bracket(node, sys::kOfxActionBeginInstanceChanged, reason);
        let arguments = arguments(node, sys::kOfxActionInstanceChanged);
        arguments.host(sys::kOfxPropType, [kind]);
        arguments.host(sys::kOfxPropName, [name]);
        arguments.host(sys::kOfxPropChangeReason, [reason.name()]);
        arguments.host(sys::kOfxPropTime, [*lock(&node.session.time)]);
        arguments.host(sys::kOfxImageEffectPropRenderScale, [1.0, 1.0]);
        call(node, sys::kOfxActionInstanceChanged, &arguments);
        bracket(node, sys::kOfxActionEndInstanceChanged, reason);
    }
    node.changing.fetch_sub(1, Ordering::Relaxed);
}

fn bracket(node: &Arc<Node>, action: &CStr, reason: Reason) {
    let arguments = arguments(node, action);
    arguments.host(sys::kOfxPropChangeReason, [reason.name()]);
    call(node, action, &arguments);
}

fn arguments(node: &Arc<Node>, action: &CStr) -> Arc<PropSet> {
    let label = format!("the in arguments of {}", action.to_string_lossy());
    PropSet::new(&node.session, &label, Lifetime::Action)
}

fn call(node: &Arc<Node>, action: &CStr, arguments: &Arc<PropSet>) {
    action::call(
        &node.session,
        node.plugin.raw(),
        action,
        Some(node),
        (Some(arguments), None),
        None,
    );
    registry::retire(arguments.handle, &node.session);
}
