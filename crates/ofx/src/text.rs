//! Strings given to hosts. Some hosts keep the pointer (Nuke crashed on temporary strings in
//! another plug-in), so nothing given away may die with the call.

use std::collections::{HashSet, VecDeque};
use std::ffi::{CStr, CString};
use std::sync::{LazyLock, Mutex, PoisonError};

/// Texts that change (messages, info) are kept this long: the last so many of them.
const KEPT: usize = 256;

/// A C string equal to `text` that lives forever; each distinct text is leaked once. For names,
/// labels and hints, of which there is a fixed number; for anything else see [`keep`].
#[must_use]
pub fn intern(text: &str) -> &'static CStr {
    static TABLE: LazyLock<Mutex<HashSet<&'static CStr>>> = LazyLock::new(Mutex::default);
    let text = c_string(text);
    let mut table = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = table.get(text.as_c_str()) {
        return found;
    }
    let leaked: &'static CStr = Box::leak(text.into_boxed_c_str());
    table.insert(leaked);
    leaked
}

/// A C string that is kept until many more were asked for: bounded, and long enough for a host that
/// reads it late. The pointer is never null.
#[must_use]
pub(crate) fn keep(text: &str) -> *const std::ffi::c_char {
    static RING: Mutex<VecDeque<CString>> = Mutex::new(VecDeque::new());
    let mut ring = RING.lock().unwrap_or_else(PoisonError::into_inner);
    let text = c_string(text);
    // A message told again and again must not push the others out.
    let known = ring.iter().position(|kept| *kept == text);
    let text = known.and_then(|index| ring.remove(index)).unwrap_or(text);
    if ring.len() == KEPT {
        ring.pop_front();
    }
    let pointer = text.as_ptr(); // the heap block stays where it is when the CString moves
    ring.push_back(text);
    pointer
}

/// `text` without the NULs that would cut it short.
fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', " ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one_string() {
        let first = intern("a label");
        assert_eq!(first, c"a label");
        assert_eq!(first.as_ptr(), intern("a label").as_ptr());
        assert_eq!(intern("cut\0off"), c"cut off");
    }

    #[test]
    fn a_text_told_again_is_the_same_string() {
        let pointer = keep("again and again");
        for _ in 0..2 * KEPT {
            assert_eq!(keep("again and again"), pointer);
        }
    }

    #[test]
    fn kept_texts_outlive_the_next_hundred() {
        let pointer = keep("first");
        for i in 0..100 {
            let _ = keep(&format!("text {i}"));
        }
        // SAFETY: fewer than KEPT texts were kept since (other tests keep a handful).
        assert_eq!(unsafe { CStr::from_ptr(pointer) }, c"first");
    }
}
