//! Test: openfx-sys lays the structures out as the C compiler does (`c/layout.c`).
//!
//! openfx-sys carries its own headers, which another crate's build cannot reach,
//! so `c/layout.c` writes the structures down a second time.

#[cfg(test)]
mod tests {
    #![allow(unsafe_code)]

    use crate::*;
    use std::mem::{offset_of, size_of};

    unsafe extern "C" {
        static headroom_ofx_layout: [usize; 26];
        static headroom_ofx_layout_len: usize;
    }

    fn expected() -> [usize; 26] {
        [
            size_of::<OfxHost>(),
            offset_of!(OfxHost, fetchSuite),
            size_of::<OfxPlugin>(),
            offset_of!(OfxPlugin, apiVersion),
            offset_of!(OfxPlugin, pluginIdentifier),
            offset_of!(OfxPlugin, pluginVersionMajor),
            offset_of!(OfxPlugin, pluginVersionMinor),
            offset_of!(OfxPlugin, setHost),
            offset_of!(OfxPlugin, mainEntry),
            size_of::<OfxRectD>(),
            offset_of!(OfxRectD, x2),
            size_of::<OfxRectI>(),
            offset_of!(OfxRectI, x2),
            size_of::<OfxRangeD>(),
            size_of::<OfxPointD>(),
            size_of::<OfxPropertySuiteV1>(),
            size_of::<OfxImageEffectSuiteV1>(),
            size_of::<OfxParameterSuiteV1>(),
            size_of::<OfxMemorySuiteV1>(),
            size_of::<OfxMultiThreadSuiteV1>(),
            size_of::<OfxMessageSuiteV1>(),
            size_of::<OfxMessageSuiteV2>(),
            size_of::<OfxProgressSuiteV1>(),
            size_of::<OfxProgressSuiteV2>(),
            size_of::<OfxTimeLineSuiteV1>(),
            size_of::<OfxOpenCLProgramSuiteV1>(),
        ]
    }

    #[test]
    fn rust_and_c_agree_on_every_size_and_offset() {
        // SAFETY: both are constants defined in c/layout.c, which this crate links; the length
        // is compared before the table is read.
        unsafe {
            assert_eq!(headroom_ofx_layout_len, 26);
            assert_eq!(expected(), headroom_ofx_layout);
        }
    }
}
