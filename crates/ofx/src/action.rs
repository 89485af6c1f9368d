//! What a host may ask for.

use headroom_ofx_sys as sys;
use std::ffi::CStr;

macro_rules! actions {
    ($($name:ident = $string:ident;)+) => {
        /// An action of the image effect API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum Action { $($name),+ }

        impl Action {
            /// The action of that name; none when this crate does not know it.
            #[must_use]
            pub fn from_name(name: &CStr) -> Option<Self> {
                [$((sys::$string, Self::$name)),+].into_iter().find(|(n, _)| *n == name).map(|f| f.1)
            }
        }
    };
}

actions! {
    Load = kOfxActionLoad;
    Unload = kOfxActionUnload;
    Describe = kOfxActionDescribe;
    DescribeInContext = kOfxImageEffectActionDescribeInContext;
    CreateInstance = kOfxActionCreateInstance;
    DestroyInstance = kOfxActionDestroyInstance;
    BeginInstanceChanged = kOfxActionBeginInstanceChanged;
    InstanceChanged = kOfxActionInstanceChanged;
    EndInstanceChanged = kOfxActionEndInstanceChanged;
    BeginInstanceEdit = kOfxActionBeginInstanceEdit;
    EndInstanceEdit = kOfxActionEndInstanceEdit;
    PurgeCaches = kOfxActionPurgeCaches;
    SyncPrivateData = kOfxActionSyncPrivateData;
    GetRegionOfDefinition = kOfxImageEffectActionGetRegionOfDefinition;
    GetRegionsOfInterest = kOfxImageEffectActionGetRegionsOfInterest;
    GetTimeDomain = kOfxImageEffectActionGetTimeDomain;
    GetFramesNeeded = kOfxImageEffectActionGetFramesNeeded;
    GetClipPreferences = kOfxImageEffectActionGetClipPreferences;
    GetOutputColourspace = kOfxImageEffectActionGetOutputColourspace;
    IsIdentity = kOfxImageEffectActionIsIdentity;
    BeginSequenceRender = kOfxImageEffectActionBeginSequenceRender;
    Render = kOfxImageEffectActionRender;
    EndSequenceRender = kOfxImageEffectActionEndSequenceRender;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_go_by_the_standards_names_and_others_are_unknown() {
        assert_eq!(Action::from_name(c"OfxActionLoad"), Some(Action::Load));
        assert_eq!(Action::from_name(c"OfxImageEffectActionRender"), Some(Action::Render));
        assert_eq!(Action::from_name(c"OfxActionOfNextYear"), None);
    }
}
