//! How the host behaves towards a plug-in: whose name it gives, what it offers, what it withholds.

use crate::device::{DeviceRows, ImageMemory};
use headroom_ofx_sys as sys;
use std::ffi::CStr;

/// Sample format of the images that the host hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Depth {
    /// 16-bit IEEE floating point.
    Half,
    /// 32-bit IEEE floating point.
    Float,
}

impl Depth {
    /// The OpenFX name.
    #[must_use]
    pub const fn name(self) -> &'static CStr {
        match self {
            Self::Half => sys::kOfxBitDepthHalf,
            Self::Float => sys::kOfxBitDepthFloat,
        }
    }

    /// Bytes of one component.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Half => 2,
            Self::Float => 4,
        }
    }
}

/// Components of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Components {
    /// Red, green, blue, alpha.
    Rgba,
    /// Red, green, blue.
    Rgb,
    /// Alpha alone.
    Alpha,
}

impl Components {
    /// The OpenFX name.
    #[must_use]
    pub const fn name(self) -> &'static CStr {
        match self {
            Self::Rgba => sys::kOfxImageComponentRGBA,
            Self::Rgb => sys::kOfxImageComponentRGB,
            Self::Alpha => sys::kOfxImageComponentAlpha,
        }
    }

    /// How many.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::Rgba => 4,
            Self::Rgb => 3,
            Self::Alpha => 1,
        }
    }

    /// The components of an OpenFX name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Rgba, Self::Rgb, Self::Alpha]
            .into_iter()
            .find(|components| components.name().to_str() == Ok(name))
    }
}

/// Colour management of OpenFX 1.5, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ColourStyle {
    /// The host knows nothing of colour (every host before 1.5).
    None,
    /// Five generic spaces.
    Basic,
    /// The common spaces of the native configuration.
    Core,
    /// Every space of the native configuration.
    Full,
}

impl ColourStyle {
    /// The OpenFX name.
    #[must_use]
    pub const fn name(self) -> &'static CStr {
        match self {
            Self::None => sys::kOfxImageEffectColourManagementNone,
            Self::Basic => sys::kOfxImageEffectColourManagementBasic,
            Self::Core => sys::kOfxImageEffectColourManagementCore,
            Self::Full => sys::kOfxImageEffectColourManagementFull,
        }
    }

    /// The style of an OpenFX name; OCIO counts as Full, which such a plug-in also understands.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        if name == sys::kOfxImageEffectColourManagementOCIO.to_string_lossy() {
            return Self::Full;
        }
        [Self::Basic, Self::Core, Self::Full]
            .into_iter()
            .find(|style| style.name().to_str() == Ok(name))
            .unwrap_or(Self::None)
    }
}

/// What the host offers of the message suite's second version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageSuite {
    /// Versions 1 and 2.
    Full,
    /// Version 2 is there, but its persistent functions are null (Resolve 14).
    NullPersistent,
    /// Version 1 only.
    V1,
    /// None.
    Absent,
}

/// What the host offers of the multi-thread suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadSuite {
    /// Threads.
    Real,
    /// The suite is there and runs everything on the calling thread (Resolve).
    Dummy,
    /// None.
    Absent,
}

/// How thoroughly each render is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
    /// Everything.
    Full,
    /// Nothing that costs a pass over the pixels; handles, statuses and order are still watched.
    Cheap,
}

/// The project that an instance lives in.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// Width and height, canonical coordinates.
    pub size: [f64; 2],
    /// Bottom left corner, canonical coordinates.
    pub offset: [f64; 2],
    /// Pixel aspect ratio.
    pub pixel_aspect: f64,
    /// Frames per second.
    pub frame_rate: f64,
    /// First and last frame.
    pub frames: [f64; 2],
}

impl Default for Project {
    fn default() -> Self {
        Self {
            size: [1920.0, 1080.0],
            offset: [0.0, 0.0],
            pixel_aspect: 1.0,
            frame_rate: 24.0,
            frames: [1.0, 100.0],
        }
    }
}

/// Every choice that differs between hosts. Start from a [profile](HostConfig::profile) or from
/// [`HostConfig::default`] (a full and well-behaved 1.4 host) and change fields.
#[derive(Clone, Debug, PartialEq)]
pub struct HostConfig {
    /// `kOfxPropName` of the host.
    pub name: String,
    /// `kOfxPropLabel` of the host.
    pub label: String,
    /// `kOfxPropVersion` of the host.
    pub version: [i32; 3],
    /// `kOfxPropAPIVersion`; none: the property is absent (Fusion).
    pub api_version: Option<[i32; 2]>,
    /// Sample formats, preferred first.
    pub depths: Vec<Depth>,
    /// Components.
    pub components: Vec<Components>,
    /// Whether the host renders tiles.
    pub tiles: bool,
    /// Whether images of one effect may have different sizes.
    pub multi_resolution: bool,
    /// Whether images of other frames can be fetched.
    pub temporal_access: bool,
    /// Whether clips of one effect may differ in depth.
    pub multiple_clip_depths: bool,
    /// Whether clips of one effect may differ in pixel aspect.
    pub multiple_clip_pars: bool,
    /// Strongest colour management style offered; none also withholds its properties.
    pub colour_style: ColourStyle,
    /// What the host asks for in GetOutputColourspace, preferred first.
    pub output_colourspaces: Vec<String>,
    /// Suites that fetchSuite denies, whatever their version.
    pub missing_suites: Vec<String>,
    /// Properties that no property set of the host has.
    pub missing_properties: Vec<String>,
    /// Properties absent from the arguments of actions.
    pub missing_arguments: Vec<String>,
    /// Properties absent from images.
    pub missing_image_properties: Vec<String>,
    /// What there is of the message suite.
    pub messages: MessageSuite,
    /// What there is of the multi-thread suite.
    pub threads: ThreadSuite,
    /// `kOfxImageClipPropConnected` is 1 even on clips without input (Resolve).
    pub unconnected_look_connected: bool,
    /// Out arguments hold the default before the action (openfx-runner does not do so).
    pub preset_out_arguments: bool,
    /// Images say a render scale of 1 whatever the render's (Resolve, Fusion, Vegas).
    pub images_lie_about_scale: bool,
    /// No image is given any more once the render is to stop.
    pub aborted_images_fail: bool,
    /// The source's picture is handed out in the memory of the output.
    pub in_place: bool,
    /// Every frame is rendered on an instance of its own (Baselight, MLT).
    pub per_frame_instances: bool,
    /// 1 when the host has no user interface.
    pub background: bool,
    /// Where images lie.
    pub memory: ImageMemory,
    /// What images on a device say of their row bytes.
    pub device_rows: DeviceRows,
    /// The project.
    pub project: Project,
    /// How much is checked.
    pub checks: Checks,
}

impl Default for HostConfig {
    fn default() -> Self {
        Self {
            name: "fx.headroom.Host".into(),
            label: "Headroom Host".into(),
            version: [1, 0, 0],
            api_version: Some([1, 4]),
            depths: vec![Depth::Float, Depth::Half],
            components: vec![Components::Rgba, Components::Rgb, Components::Alpha],
            tiles: true,
            multi_resolution: true,
            temporal_access: true,
            multiple_clip_depths: false,
            multiple_clip_pars: false,
            colour_style: ColourStyle::None,
            output_colourspaces: Vec::new(),
            missing_suites: Vec::new(),
            missing_properties: Vec::new(),
            missing_arguments: Vec::new(),
            missing_image_properties: Vec::new(),
            messages: MessageSuite::Full,
            threads: ThreadSuite::Real,
            unconnected_look_connected: false,
            preset_out_arguments: true,
            images_lie_about_scale: false,
            aborted_images_fail: false,
            in_place: false,
            per_frame_instances: false,
            background: true,
            memory: ImageMemory::Cpu,
            device_rows: DeviceRows::Told,
            project: Project::default(),
            checks: Checks::Full,
        }
    }
}

/// The names of the ready profiles, as [`HostConfig::profile`] takes them.
pub const PROFILES: &[&str] =
    &["plain", "nuke", "resolve", "fusion", "natron", "baselight", "bare", "strict15"];

fn names(list: &[&CStr]) -> Vec<String> {
    list.iter().map(|name| name.to_string_lossy().into_owned()).collect()
}

impl HostConfig {
    /// A ready profile by name, none when there is no such profile. Facts behind them:
    /// `docs/HOSTS.md` and the host property dumps of openfx-misc.
    #[must_use]
    pub fn profile(name: &str) -> Option<Self> {
        let plain = Self::default();
        Some(match name {
            "plain" => plain,
            "nuke" => Self {
                name: "uk.co.thefoundry.nuke".into(),
                label: "nuke".into(),
                version: [15, 1, 0],
                api_version: Some([1, 2]),
                depths: vec![Depth::Float],
                components: vec![Components::Rgba, Components::Alpha],
                missing_suites: names(&[sys::kOfxOpenGLRenderSuite]),
                background: false,
                ..plain
            },
            "resolve" => Self {
                name: "DaVinciResolve".into(),
                label: "DaVinci Resolve".into(),
                version: [19, 0, 0],
                api_version: Some([1, 4]),
                depths: vec![Depth::Float],
                components: vec![Components::Rgba, Components::Alpha],
                tiles: false,
                multi_resolution: false,
                missing_properties: names(&[
                    sys::kOfxPropPluginDescription,
                    sys::kOfxImageEffectInstancePropSequentialRender,
                    sys::kOfxImageEffectPropPluginHandle,
                    sys::kOfxPropHostOSHandle,
                ]),
                missing_image_properties: names(&[
                    sys::kOfxImageEffectPropRenderScale,
                    sys::kOfxImagePropField,
                ]),
                messages: MessageSuite::NullPersistent,
                threads: ThreadSuite::Dummy,
                unconnected_look_connected: true,
                images_lie_about_scale: true,
                background: false,
                ..plain
            },
            "fusion" => Self {
                name: "com.blackmagicdesign.Fusion".into(),
                label: "Fusion".into(),
                version: [19, 0, 0],
                api_version: None,
                depths: vec![Depth::Float, Depth::Half],
                components: vec![Components::Rgba],
                tiles: false,
                multiple_clip_depths: true,
                missing_properties: names(&[sys::kOfxPropVersionLabel]),
                messages: MessageSuite::V1,
                images_lie_about_scale: true,
                background: false,
                ..plain
            },
            "natron" => Self {
                name: "fr.inria.Natron".into(),
                label: "Natron".into(),
                version: [2, 5, 0],
                api_version: Some([1, 4]),
                depths: vec![Depth::Float],
                multiple_clip_pars: true,
                background: false,
                ..plain
            },
            "baselight" => Self {
                name: "Baselight".into(),
                label: "Baselight".into(),
                version: [6, 0, 0],
                depths: vec![Depth::Half, Depth::Float],
                components: vec![Components::Rgba],
                tiles: false,
                per_frame_instances: true,
                ..plain
            },
            "bare" => Self {
                name: "fx.headroom.BareHost".into(),
                label: "Bare".into(),
                api_version: Some([1, 0]),
                depths: vec![Depth::Float],
                components: vec![Components::Rgba],
                tiles: false,
                multi_resolution: false,
                temporal_access: false,
                missing_suites: names(&[
                    sys::kOfxMemorySuite,
                    sys::kOfxProgressSuite,
                    sys::kOfxTimeLineSuite,
                ]),
                missing_properties: names(&[
                    sys::kOfxPropPluginDescription,
                    sys::kOfxPropVersion,
                    sys::kOfxPropVersionLabel,
                    sys::kOfxPluginPropFilePath,
                    sys::kOfxImageEffectPropPluginHandle,
                    sys::kOfxImageEffectPropOpenGLRenderSupported,
                    sys::kOfxImageEffectPropCudaRenderSupported,
                    sys::kOfxImageEffectPropOpenCLRenderSupported,
                    sys::kOfxImageEffectPropMetalRenderSupported,
                    sys::kOfxImageEffectPropClipPreferencesSlaveParam,
                    sys::kOfxParamPropScriptName,
                    sys::kOfxParamPropCanUndo,
                ]),
                missing_arguments: names(&[
                    sys::kOfxImageEffectPropSequentialRenderStatus,
                    sys::kOfxImageEffectPropInteractiveRenderStatus,
                    sys::kOfxImageEffectPropRenderQualityDraft,
                    sys::kOfxImageEffectPropFieldToRender,
                    sys::kOfxImageEffectPropThumbnailRender,
                    sys::kOfxImageEffectPropNoSpatialAwareness,
                ]),
                missing_image_properties: names(&[
                    sys::kOfxImagePropUniqueIdentifier,
                    sys::kOfxImagePropField,
                    sys::kOfxImageEffectPropRenderScale,
                    sys::kOfxImagePropRegionOfDefinition,
                    sys::kOfxImagePropPixelAspectRatio,
                ]),
                messages: MessageSuite::Absent,
                threads: ThreadSuite::Absent,
                preset_out_arguments: false,
                ..plain
            },
            "strict15" => Self {
                name: "fx.headroom.StrictHost".into(),
                label: "Strict".into(),
                api_version: Some([1, 5]),
                colour_style: ColourStyle::Full,
                ..plain
            },
            _ => return None,
        })
    }

    /// True when the host speaks at least this version.
    #[must_use]
    pub fn speaks(&self, major: i32, minor: i32) -> bool {
        self.api_version.is_some_and(|version| version >= [major, minor])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_profile_exists_and_no_other() {
        for name in PROFILES {
            assert!(HostConfig::profile(name).is_some(), "{name}");
        }
        assert!(HostConfig::profile("photoshop").is_none());
    }

    #[test]
    fn styles_are_ordered_as_the_standard_orders_them() {
        assert!(ColourStyle::Full > ColourStyle::Core && ColourStyle::Core > ColourStyle::Basic);
        assert_eq!(ColourStyle::from_name("OfxImageEffectColourManagementOCIO"), ColourStyle::Full);
        assert_eq!(ColourStyle::from_name("nonsense"), ColourStyle::None);
    }
}
