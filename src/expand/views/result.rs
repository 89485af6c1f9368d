//! The result itself.

use super::ViewInfo;

pub(super) const VIEW: ViewInfo = ViewInfo {
    id: "result",
    label: "Result",
    description: "The expanded picture in the output colour space.",
    raw: false,
    needs_mask: false,
    shade: |_, _| (),
};
