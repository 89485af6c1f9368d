//! The arguments of an action: property sets that end with it.

use crate::{
    action,
    job::Job,
    object::Node,
    propset::{Lifetime, PropSet},
    registry,
    session::Session,
};
use headroom_ofx_sys::{OfxRectD, OfxStatus};
use std::{
    ffi::{CStr, CString},
    sync::Arc,
};

/// Property sets of an action's arguments; they end with the action.
pub(crate) struct Arguments {
    pub(crate) input: Arc<PropSet>,
    output: Option<Arc<PropSet>>,
    session: Arc<Session>,
}

impl Arguments {
    pub(crate) fn new(session: &Arc<Session>, action: &CStr, with_output: bool) -> Self {
        let set = |which: &str| {
            let label = format!("the {which} arguments of {}", action.to_string_lossy());
            PropSet::new(session, &label, Lifetime::Action)
        };
        Self {
            input: set("in"),
            output: with_output.then(|| set("out")),
            session: Arc::clone(session),
        }
    }

    pub(crate) fn output(&self) -> &PropSet {
        self.output.as_ref().unwrap_or(&self.input)
    }

    pub(crate) fn call(
        &self,
        node: &Arc<Node>,
        action: &CStr,
        job: Option<&Arc<Job>>,
    ) -> OfxStatus {
        for missing in &self.session.config.missing_arguments {
            if let Ok(name) = CString::new(missing.as_str()) {
                self.input.remove(&name);
            }
        }
        let arguments = (Some(&self.input), self.output.as_ref());
        action::call(&self.session, node.plugin.raw(), action, Some(node), arguments, job)
    }
}

impl Drop for Arguments {
    fn drop(&mut self) {
        registry::retire(self.input.handle, &self.session);
        if let Some(output) = &self.output {
            registry::retire(output.handle, &self.session);
        }
    }
}

pub(crate) fn named(prefix: &CStr, clip: &str) -> CString {
    CString::new(format!("{}{clip}", prefix.to_string_lossy())).unwrap_or_default()
}

pub(crate) fn rect(values: &[f64]) -> Option<OfxRectD> {
    let &[x1, y1, x2, y2] = values else { return None };
    Some(OfxRectD { x1, y1, x2, y2 })
}
