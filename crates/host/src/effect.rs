//! A loaded plug-in with one instance, ready to render: what users of the host hold.

use crate::{
    action,
    binary::{self, Loaded},
    change::{self, Reason},
    config::{ColourStyle, Depth, HostConfig},
    describe::{self, Description},
    device,
    error::HostError,
    image::Sources,
    object::{Node, Role},
    param::ParamSet,
    propset::{Lifetime, PropSet},
    registry, render,
    request::{Context, RenderRequest, Rendered},
    schema,
    session::{Message, lock},
    violation::{Report, Violation, ViolationKind},
};
use headroom_ofx_sys::{self as sys, OfxStatus};
use std::{
    ffi::CStr,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A plug-in, loaded, described and with one instance.
///
/// All its methods belong to the thread that opened it, the plug-in's main thread; rendering
/// makes threads of its own.
pub struct Effect {
    pub(crate) instance: Option<Arc<Node>>,
    pub(crate) context_node: Option<Arc<Node>>,
    descriptor: Option<Arc<Node>>,
    description: Description,
    pub(crate) context: Context,
    pub(crate) depth: Depth,
    bundle: PathBuf,
    instances_made: usize,
    pub(crate) loaded: Loaded,
}

impl Effect {
    /// Loads a bundle (or a bare binary), describes the plug-in and makes an instance.
    ///
    /// # Errors
    ///
    /// When there is no binary or no such plug-in, when it lacks the context or every sample
    /// format of the host, or when an action fails.
    pub fn open(
        bundle: &Path,
        plugin_id: Option<&str>,
        config: HostConfig,
        context: Context,
    ) -> Result<Self, HostError> {
        let loaded = Loaded::open(bundle, plugin_id, config)?;
        let description = Description {
            identifier: loaded.plugin.identifier.clone(),
            version: [0, 0],
            plugins: loaded.plugins.clone(),
            context,
            properties: Vec::new(),
            clips: Vec::new(),
            params: Vec::new(),
        };
        let mut effect = Self {
            instance: None,
            context_node: None,
            descriptor: None,
            description,
            context,
            depth: Depth::Float,
            bundle: bundle.to_owned(),
            instances_made: 0,
            loaded,
        };
        effect.start()?;
        Ok(effect)
    }

    /// Load, Describe, DescribeInContext, CreateInstance.
    fn start(&mut self) -> Result<(), HostError> {
        self.loaded.start()?;
        let node = self.description_node(Role::Description, None);
        self.expect_ok(sys::kOfxActionDescribe, &node, None)?;
        self.descriptor = Some(Arc::clone(&node));
        let contexts = node.props.strings(sys::kOfxImageEffectPropSupportedContexts);
        let wanted = self.context.name().to_str().unwrap_or_default();
        if !contexts.iter().any(|context| context == wanted) {
            return Err(HostError::NoContext { wanted, found: contexts });
        }
        let depths = node.props.strings(sys::kOfxImageEffectPropSupportedPixelDepths);
        self.depth = self
            .loaded
            .session
            .config
            .depths
            .iter()
            .copied()
            .find(|depth| depths.iter().any(|name| depth.name().to_str() == Ok(name)))
            .ok_or(HostError::NoDepth { found: depths })?;
        let node = self.description_node(Role::Context, Some(&node));
        let arguments = self.arguments(sys::kOfxImageEffectActionDescribeInContext);
        arguments.host(sys::kOfxImageEffectPropContext, [self.context.name()]);
        self.expect_ok(sys::kOfxImageEffectActionDescribeInContext, &node, Some(&arguments))?;
        describe::check(&self.loaded.session, &node, self.context);
        let takes = |name| node.props.string(name).is_some_and(|told| told == "true");
        let memory = self.loaded.session.config.memory;
        if memory.property().is_some_and(takes)
            && let Some(gpu) = device::open(memory)?
        {
            let _ = self.loaded.session.gpu.set(gpu);
        }
        self.description = Description::new(&node, &self.loaded.plugins, self.context);
        self.context_node = Some(node);
        self.instance = Some(self.create_instance()?);
        Ok(())
    }

    /// True when images lie on a device.
    pub(crate) fn lends(&self) -> bool {
        self.loaded.session.gpu.get().is_some()
    }

    fn description_node(&self, role: Role, base: Option<&Arc<Node>>) -> Arc<Node> {
        let session = &self.loaded.session;
        let label = if role == Role::Context { "the context" } else { "the description" };
        let props = match base {
            Some(base) => base.props.copy(session, label, Lifetime::Description),
            None => {
                let props = PropSet::new(session, label, Lifetime::Description);
                let file = self.bundle.to_string_lossy();
                schema::effect_descriptor(&props, &session.config, &file);
                props
            }
        };
        let params = ParamSet::new(session, label);
        Node::new(session, &self.loaded.plugin, role, label, props, params)
    }

    fn arguments(&self, action: &CStr) -> Arc<PropSet> {
        let label = format!("the in arguments of {}", action.to_string_lossy());
        PropSet::new(&self.loaded.session, &label, Lifetime::Action)
    }

    /// Calls an action that must succeed.
    fn expect_ok(
        &self,
        action: &CStr,
        node: &Arc<Node>,
        arguments: Option<&Arc<PropSet>>,
    ) -> Result<(), HostError> {
        let status = self.call(action, node, arguments);
        match status {
            sys::kOfxStatOK | sys::kOfxStatReplyDefault => Ok(()),
            status => Err(self.loaded.failed(action, status)),
        }
    }

    fn call(&self, action: &CStr, node: &Arc<Node>, arguments: Option<&Arc<PropSet>>) -> OfxStatus {
        let status = action::call(
            &self.loaded.session,
            self.loaded.plugin.raw(),
            action,
            Some(node),
            (arguments, None),
            None,
        );
        if let Some(arguments) = arguments {
            registry::retire(arguments.handle, &self.loaded.session);
        }
        status
    }

    /// Makes an instance at the description's defaults.
    pub(crate) fn create_instance(&mut self) -> Result<Arc<Node>, HostError> {
        let Some(base) = self.context_node.clone() else {
            return Err(HostError::Request("the effect is closed".into()));
        };
        let session = Arc::clone(&self.loaded.session);
        self.instances_made += 1;
        let label = format!("instance {}", self.instances_made);
        let props = PropSet::new(&session, &label, Lifetime::Action);
        let offered = base
            .props
            .string(sys::kOfxImageEffectPropColourManagementStyle)
            .map_or(ColourStyle::None, |style| ColourStyle::from_name(&style));
        let style = offered.min(session.config.colour_style);
        schema::effect_instance(&props, &session.config, self.context.name(), style);
        let params = base.params.instantiate(&label);
        let plugin = Arc::clone(&self.loaded.plugin);
        let node = Node::new(&session, &plugin, Role::Instance, &label, props, params);
        *lock(&node.slaves) = base.props.strings(sys::kOfxImageEffectPropClipPreferencesSlaveParam);
        for clip in base.all_clips() {
            let clip = clip.instantiate(&node);
            schema::clip_instance(&clip.props, &session.config, style);
            lock(&node.clips).push(clip);
        }
        match self.expect_ok(sys::kOfxActionCreateInstance, &node, None) {
            Ok(()) => Ok(node),
            Err(error) => {
                node.retire();
                Err(error)
            }
        }
    }

    /// Ends an instance.
    pub(crate) fn destroy_instance(&self, node: &Arc<Node>) {
        self.call(sys::kOfxActionDestroyInstance, node, None);
        for handle in lock(&node.memory).drain(..) {
            self.loaded
                .session
                .violate(ViolationKind::LeakedMemory, "image memory of a destroyed instance");
            registry::retire(handle, &self.loaded.session);
        }
        node.retire();
    }

    /// Labels, parameters and clips, as described.
    #[must_use]
    pub fn describe(&self) -> &Description {
        &self.description
    }

    /// The binary that was loaded.
    #[must_use]
    pub fn binary(&self) -> &Path {
        &self.loaded.path
    }

    /// The sample format that host and plug-in agreed on.
    #[must_use]
    pub fn depth(&self) -> Depth {
        self.depth
    }

    fn instance(&self) -> Result<&Arc<Node>, HostError> {
        self.instance.as_ref().ok_or_else(|| HostError::Request("the effect is closed".into()))
    }

    fn param(&self, name: &str) -> Result<Arc<crate::param::Param>, HostError> {
        self.instance()?
            .params
            .find(name)
            .ok_or_else(|| HostError::NoParam { name: name.to_owned() })
    }

    /// Sets a parameter as a user does, keyframes included in what is replaced. Numbers of a
    /// vector are separated by commas; a choice takes an option or its number.
    ///
    /// # Errors
    ///
    /// When there is no such parameter or it cannot take the value.
    pub fn set(&mut self, param: &str, value: &str) -> Result<(), HostError> {
        let param = self.param(param)?;
        let value = param.parse(value)?;
        param.delete_keys(None);
        param.set_value(value);
        change::param_changed(self.instance()?, &param, Reason::User);
        Ok(())
    }

    /// Sets a keyframe as a user does.
    ///
    /// # Errors
    ///
    /// As [`Effect::set`].
    pub fn set_key(&mut self, param: &str, time: f64, value: &str) -> Result<(), HostError> {
        let param = self.param(param)?;
        let value = param.parse(value)?;
        param.set_key(time, value);
        change::param_changed(self.instance()?, &param, Reason::User);
        Ok(())
    }

    /// The value of a parameter now, as [`Effect::set`] takes it.
    ///
    /// # Errors
    ///
    /// When there is no such parameter.
    pub fn get(&self, param: &str) -> Result<String, HostError> {
        let param = self.param(param)?;
        let time = *lock(&self.loaded.session.time);
        Ok(param.print(&param.value(time)))
    }

    /// True when a user may change the parameter now.
    ///
    /// # Errors
    ///
    /// When there is no such parameter.
    pub fn is_enabled(&self, param: &str) -> Result<bool, HostError> {
        Ok(self.param(param)?.props.int(sys::kOfxParamPropEnabled) != Some(0))
    }

    /// True when a user does not see the parameter now.
    ///
    /// # Errors
    ///
    /// When there is no such parameter.
    pub fn is_secret(&self, param: &str) -> Result<bool, HostError> {
        Ok(self.param(param)?.props.int(sys::kOfxParamPropSecret) == Some(1))
    }

    /// Presses a push button.
    ///
    /// # Errors
    ///
    /// When there is no such button.
    pub fn press(&mut self, button: &str) -> Result<(), HostError> {
        let param = self.param(button)?;
        if !param.is_button() {
            return Err(HostError::NoParam { name: format!("{button} (as a push button)") });
        }
        change::param_changed(self.instance()?, &param, Reason::User);
        Ok(())
    }

    /// Moves the time line; animated parameters are reported to the plug-in.
    ///
    /// # Errors
    ///
    /// When the effect is closed.
    pub fn go_to(&mut self, time: f64) -> Result<(), HostError> {
        *lock(&self.loaded.session.time) = time;
        change::time_changed(self.instance()?);
        Ok(())
    }

    /// Renders one frame.
    ///
    /// # Errors
    ///
    /// When an action fails; a broken rule is no error but in the report.
    pub fn render(
        &mut self,
        request: &RenderRequest,
        sources: &dyn Sources,
    ) -> Result<Rendered, HostError> {
        let mut rendered = self.render_frames(std::slice::from_ref(request), sources)?;
        rendered.pop().ok_or_else(|| HostError::Request("no frame was rendered".into()))
    }

    /// Renders several frames at once: the threads and instances of the first request make the
    /// render calls of all of them, in turns. Each frame's report and messages are those of all.
    ///
    /// # Errors
    ///
    /// As [`Effect::render`].
    pub fn render_frames(
        &mut self,
        requests: &[RenderRequest],
        sources: &dyn Sources,
    ) -> Result<Vec<Rendered>, HostError> {
        let earlier = self.loaded.session.take_violations();
        let result = render::render(self, requests, sources);
        self.loaded.session.restore_violations(earlier);
        result
    }

    /// Asks the plug-in to let go of its caches.
    ///
    /// # Errors
    ///
    /// When the action fails.
    pub fn purge(&mut self) -> Result<(), HostError> {
        self.plain(sys::kOfxActionPurgeCaches)
    }

    /// Asks the plug-in to store its private data in parameters.
    ///
    /// # Errors
    ///
    /// When the action fails.
    pub fn sync(&mut self) -> Result<(), HostError> {
        self.plain(sys::kOfxActionSyncPrivateData)
    }

    /// Opens the plug-in's controls.
    ///
    /// # Errors
    ///
    /// When the action fails.
    pub fn begin_edit(&mut self) -> Result<(), HostError> {
        self.plain(sys::kOfxActionBeginInstanceEdit)
    }

    /// Closes the plug-in's controls.
    ///
    /// # Errors
    ///
    /// When the action fails.
    pub fn end_edit(&mut self) -> Result<(), HostError> {
        self.plain(sys::kOfxActionEndInstanceEdit)
    }

    /// Calls an action that no standard defines; the plug-in must not mind.
    pub fn call_unknown_action(&mut self) {
        if let Some(node) = self.instance.clone() {
            self.call(action::UNKNOWN_ACTION, &node, None);
        }
    }

    fn plain(&mut self, action: &CStr) -> Result<(), HostError> {
        let node = Arc::clone(self.instance()?);
        self.expect_ok(action, &node, None)
    }

    /// Makes and ends another instance.
    ///
    /// # Errors
    ///
    /// When CreateInstance fails.
    pub fn create_and_destroy(&mut self) -> Result<(), HostError> {
        let node = self.create_instance()?;
        self.destroy_instance(&node);
        Ok(())
    }

    /// Unloads the plug-in and loads it again without closing its binary, as some hosts do. The
    /// new instance has the old one's values.
    ///
    /// # Errors
    ///
    /// As [`Effect::open`].
    pub fn reload(&mut self) -> Result<(), HostError> {
        let old = self.instance.clone();
        self.stop();
        self.start()?;
        if let (Some(old), Some(new)) = (old, &self.instance) {
            new.params.copy_values(&old.params);
        }
        Ok(())
    }

    /// DestroyInstance, Unload.
    fn stop(&mut self) {
        if let Some(node) = self.instance.take() {
            self.destroy_instance(&node);
        }
        self.loaded.stop();
        for node in [self.context_node.take(), self.descriptor.take()].into_iter().flatten() {
            node.retire();
        }
    }

    /// What the plug-in said since the last render.
    pub fn take_messages(&mut self) -> Vec<Message> {
        self.loaded.session.take_messages()
    }

    /// The message that stands on the node, if any.
    #[must_use]
    pub fn persistent_message(&self) -> Option<Message> {
        self.loaded.session.persistent_message()
    }

    /// What was noticed outside renders so far.
    #[must_use]
    pub fn report(&self) -> Report {
        Report { violations: self.loaded.session.violations() }
    }

    /// Ends the instance, unloads the plug-in, closes its binary; returns all that was noticed
    /// outside renders.
    ///
    /// # Errors
    ///
    /// None today; what the plug-in does wrong at the end is in the list.
    pub fn close(mut self) -> Result<Vec<Violation>, HostError> {
        self.stop();
        Ok(self.loaded.session.take_violations())
    }

    /// The error of an action that failed.
    pub(crate) fn failed(&self, action: &CStr, status: OfxStatus) -> HostError {
        binary::failed(&self.loaded.session, action, status)
    }
}

impl Drop for Effect {
    fn drop(&mut self) {
        self.stop();
    }
}
