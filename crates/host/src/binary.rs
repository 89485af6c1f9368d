//! Finding a plug-in's binary in its bundle, loading it, and the life of the plug-in in it.

use crate::{
    action::{self},
    config::HostConfig,
    error::HostError,
    propset::{Lifetime, PropSet},
    registry, schema,
    session::{Session, Watched, lock},
    suite,
    violation::{Report, ViolationKind},
};
use headroom_ofx_sys::{self as sys, OfxHost, OfxPlugin, OfxStatus};
use libloading::Library;
use std::{
    ffi::{CStr, c_char, c_int},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Folders under `Contents` that hold binaries for this system, best first.
const ARCHITECTURES: &[&str] = if cfg!(target_os = "windows") {
    if cfg!(target_arch = "aarch64") { &["Win-arm64ec", "Win64"] } else { &["Win64"] }
} else if cfg!(target_os = "macos") {
    &["MacOS"]
} else if cfg!(target_arch = "aarch64") {
    &["Linux-aarch64"]
} else {
    &["Linux-x86-64"]
};

/// The binary of a bundle, or the path itself when it is a file.
pub fn find_binary(path: &Path) -> Result<PathBuf, HostError> {
    if path.is_file() {
        return Ok(path.to_owned());
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.strip_suffix(".bundle").unwrap_or(&name);
    let tried: Vec<PathBuf> = ARCHITECTURES
        .iter()
        .map(|architecture| path.join("Contents").join(architecture).join(stem))
        .collect();
    tried
        .iter()
        .find(|binary| binary.is_file())
        .cloned()
        .ok_or_else(|| HostError::NoBinary { path: path.to_owned(), tried })
}

/// A plug-in's structure, which its binary owns.
pub(crate) struct Plugin {
    raw: *const OfxPlugin,
    pub(crate) identifier: String,
}

// SAFETY: the structure is constant; the standard has render threads call its entry point.
unsafe impl Send for Plugin {}
// SAFETY: as above.
unsafe impl Sync for Plugin {}

impl Plugin {
    pub(crate) fn raw(&self) -> &OfxPlugin {
        // SAFETY: `Loaded` keeps the binary open for as long as any plug-in of it is in use.
        unsafe { &*self.raw }
    }
}

type SetHostFn = unsafe extern "C" fn(*const OfxHost) -> OfxStatus;
type CountFn = unsafe extern "C" fn() -> c_int;
type GetFn = unsafe extern "C" fn(c_int) -> *mut OfxPlugin;

/// A loaded binary and the one plug-in of it that is in use.
pub(crate) struct Loaded {
    pub(crate) session: Arc<Session>,
    pub(crate) plugin: Arc<Plugin>,
    /// Every plug-in of the binary: identifier, major and minor version.
    pub(crate) plugins: Vec<(String, u32, u32)>,
    pub(crate) path: PathBuf,
    host: *mut OfxHost,
    library: Option<Library>,
    running: bool,
}

/// A host structure that stays in memory for good, so that one used too late is noticed.
fn new_host(session: &Arc<Session>) -> *mut OfxHost {
    let props = session.host_props.get_or_init(|| {
        let props = PropSet::new(session, "the host", Lifetime::Action);
        schema::host(&props, &session.config);
        props
    });
    Box::into_raw(Box::new(OfxHost {
        host: props.as_handle(),
        fetchSuite: Some(suite::fetch_suite),
    }))
}

/// # Safety
///
/// `host` comes from [`new_host`], and no plug-in is running.
unsafe fn end_host(host: *mut OfxHost) {
    // SAFETY: never freed, by the caller's promise.
    unsafe { (*host).fetchSuite = Some(suite::stale_fetch_suite) };
}

impl Loaded {
    /// Opens the binary and picks a plug-in, the first without `wanted`. Does not start it.
    pub(crate) fn open(
        path: &Path,
        wanted: Option<&str>,
        config: HostConfig,
    ) -> Result<Self, HostError> {
        let binary = find_binary(path)?;
        let session = Session::new(config);
        // SAFETY: loading runs the binary's initialisers: that is what loading a plug-in means.
        let library = unsafe { Library::new(&binary) }
            .map_err(|source| HostError::Load { path: binary.clone(), source })?;
        Self::set_host_early(&session, &library, &binary)?;
        let symbol = |symbol| HostError::Symbol { path: binary.clone(), symbol };
        // SAFETY: the standard gives the symbols these types.
        let (count, get) = unsafe {
            (
                library
                    .get::<CountFn>(b"OfxGetNumberOfPlugins\0")
                    .map_err(|_| symbol("OfxGetNumberOfPlugins"))?,
                library.get::<GetFn>(b"OfxGetPlugin\0").map_err(|_| symbol("OfxGetPlugin"))?,
            )
        };
        let mut found = Vec::new();
        session.frame("OfxGetPlugin").run(|| {
            // SAFETY: the binary was just loaded; indices stay below the number it gave.
            unsafe {
                for index in 0..count() {
                    let plugin = get(index);
                    if plugin.is_null() {
                        session.violate(
                            ViolationKind::PluginStruct,
                            format!("OfxGetPlugin({index}) is null"),
                        );
                    } else if let Some(plugin) = inspect(&session, plugin) {
                        found.push(plugin);
                    }
                }
            }
        });
        let plugins: Vec<(String, u32, u32)> = found
            .iter()
            .map(|plugin| {
                let raw = plugin.raw();
                (plugin.identifier.clone(), raw.pluginVersionMajor, raw.pluginVersionMinor)
            })
            .collect();
        let plugin = found
            .into_iter()
            .find(|plugin| wanted.is_none_or(|wanted| plugin.identifier == wanted))
            .ok_or_else(|| HostError::NoPlugin {
                wanted: wanted.map(str::to_owned),
                found: plugins.iter().map(|(name, ..)| name.clone()).collect(),
            })?;
        if plugin.identifier.is_empty() || !plugin.identifier.chars().all(|c| c.is_ascii_graphic())
        {
            session.violate(
                ViolationKind::PluginStruct,
                format!("pluginIdentifier {:?} is not ASCII without blanks", plugin.identifier),
            );
        }
        let host = new_host(&session);
        Ok(Self {
            session,
            plugin: Arc::new(plugin),
            plugins,
            path: binary,
            host,
            library: Some(library),
            running: false,
        })
    }

    /// `OfxSetHost`, where the binary has it.
    fn set_host_early(
        session: &Arc<Session>,
        library: &Library,
        binary: &Path,
    ) -> Result<(), HostError> {
        // SAFETY: OpenFX 1.5 gives the symbol this type.
        let Ok(set_host) = (unsafe { library.get::<SetHostFn>(b"OfxSetHost\0") }) else {
            return Ok(());
        };
        let host = new_host(session);
        let status = session.frame("OfxSetHost").run(|| {
            // SAFETY: the structure is valid; it stays in memory for good.
            unsafe { set_host(host) }
        });
        // SAFETY: from `new_host`; the plug-in has returned, and may not use it again.
        unsafe { end_host(host) };
        match status {
            sys::kOfxStatOK => Ok(()),
            sys::kOfxStatFailed => Err(HostError::Skipped { path: binary.to_owned() }),
            other => {
                session.violate(
                    ViolationKind::IllegalStatus,
                    format!("OfxSetHost returned {}", sys::status_name(other)),
                );
                Ok(())
            }
        }
    }

    /// `setHost`, then the Load action.
    pub(crate) fn start(&mut self) -> Result<(), HostError> {
        if let Some(set_host) = self.plugin.raw().setHost {
            self.session.frame(suite::SET_HOST).run(|| {
                // SAFETY: the structure is valid until the plug-in is unloaded, and in memory for
                // good.
                unsafe { set_host(self.host) }
            });
        } else {
            self.session.violate(ViolationKind::PluginStruct, "setHost is null");
        }
        let status = self.call(sys::kOfxActionLoad);
        if status != sys::kOfxStatOK && status != sys::kOfxStatReplyDefault {
            return Err(self.failed(sys::kOfxActionLoad, status));
        }
        self.running = true;
        Ok(())
    }

    /// The Unload action. Afterwards [`Loaded::start`] may begin anew, with another host.
    pub(crate) fn stop(&mut self) {
        if !self.running {
            return;
        }
        self.running = false;
        self.session.check_strings();
        self.call(sys::kOfxActionUnload);
        self.session.check_strings();
        for (address, bytes) in lock(&self.session.memory).drain() {
            // The block is not freed: the plug-in may still have its address.
            self.session.violate(
                ViolationKind::LeakedMemory,
                format!("{bytes} bytes of the memory suite at {address:#x}"),
            );
        }
        // SAFETY: from `new_host`; the plug-in has returned.
        unsafe { end_host(self.host) };
        self.host = new_host(&self.session);
    }

    fn call(&self, action: &CStr) -> OfxStatus {
        action::call(&self.session, self.plugin.raw(), action, None, (None, None), None)
    }

    /// The error of an action that failed, with all that was said and noticed.
    pub(crate) fn failed(&self, action: &CStr, status: OfxStatus) -> HostError {
        failed(&self.session, action, status)
    }
}

/// The error of an action that failed, with all that was said and noticed.
pub(crate) fn failed(session: &Session, action: &CStr, status: OfxStatus) -> HostError {
    HostError::Action {
        action: action.to_string_lossy().into_owned(),
        status,
        messages: session.take_messages(),
        report: Report { violations: session.violations() },
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        self.stop();
        self.session.forget_strings();
        self.library.take();
        registry::forget(&self.session);
    }
}

/// Checks a plug-in's structure; none when it is no image effect.
///
/// # Safety
///
/// `plugin` comes from `OfxGetPlugin` of a loaded binary.
unsafe fn inspect(session: &Session, plugin: *mut OfxPlugin) -> Option<Plugin> {
    // SAFETY: the caller's promise; the standard has the structure live as long as the binary.
    let raw = unsafe { &*plugin };
    let read = |pointer: *const c_char, what: &str| {
        if pointer.is_null() {
            session.violate(ViolationKind::PluginStruct, format!("{what} is null"));
            return None;
        }
        // SAFETY: not null; the standard demands a C string.
        let text = unsafe { CStr::from_ptr(pointer) };
        session.watch(Watched::new(pointer.addr(), text.to_owned(), what.to_owned()));
        Some(text)
    };
    let api = read(raw.pluginApi, "pluginApi")?;
    let identifier = read(raw.pluginIdentifier, "pluginIdentifier")?;
    if api != sys::kOfxImageEffectPluginApi {
        return None;
    }
    if raw.apiVersion != sys::kOfxImageEffectPluginApiVersion {
        session.violate(
            ViolationKind::PluginStruct,
            format!("apiVersion is {}, expected 1", raw.apiVersion),
        );
        return None;
    }
    if raw.mainEntry.is_none() {
        session.violate(ViolationKind::PluginStruct, "mainEntry is null");
        return None;
    }
    Some(Plugin { raw: plugin, identifier: identifier.to_string_lossy().into_owned() })
}
