//! Reads from a 64-bit little-endian ELF library what matters for shipping it: which symbols it
//! exports and which symbol versions it asks of the system.
//!
//! Layout: System V ABI, "Symbol Table"; versions: Linux Standard Base, "Symbol Versioning".

use std::collections::BTreeSet;

/// What a library offers and asks for.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Dynamic {
    /// Defined global or weak symbols, sorted.
    pub(crate) exports: BTreeSet<String>,
    /// Version names it asks for, such as `GLIBC_2.17`.
    pub(crate) versions: BTreeSet<String>,
    /// Libraries it needs.
    pub(crate) needed: BTreeSet<String>,
}

struct Section {
    kind: u32,
    offset: usize,
    size: usize,
    link: usize,
    entries: usize,
}

const DYNAMIC: u32 = 6;
const DYNSYM: u32 = 11;
const VERNEED: u32 = 0x6fff_fffe;
const DT_NEEDED: u64 = 1;

/// Reads the dynamic part of a library.
///
/// # Errors
/// The bytes are no 64-bit little-endian ELF file, or offsets in it lead outside.
pub(crate) fn read(bytes: &[u8]) -> Result<Dynamic, String> {
    if bytes.get(..6) != Some(b"\x7fELF\x02\x01") {
        return Err("not a 64-bit little-endian ELF file".to_owned());
    }
    let file = File(bytes);
    let sections = file.sections()?;
    let mut found = Dynamic::default();
    for section in &sections {
        let strings = sections.get(section.link).map_or(0, |s| s.offset);
        match section.kind {
            DYNSYM => file.exports(section, strings, &mut found)?,
            VERNEED => file.versions(section, strings, &mut found)?,
            DYNAMIC => file.needed(section, strings, &mut found)?,
            _ => {}
        }
    }
    Ok(found)
}

struct File<'a>(&'a [u8]);

impl File<'_> {
    fn bytes<const N: usize>(&self, at: usize) -> Result<[u8; N], String> {
        let end = at.checked_add(N).ok_or("an offset is out of range")?;
        let part = self.0.get(at..end).ok_or_else(|| format!("the file ends before byte {end}"))?;
        part.try_into().map_err(|_| "an offset is out of range".to_owned())
    }

    fn half(&self, at: usize) -> Result<usize, String> {
        Ok(usize::from(u16::from_le_bytes(self.bytes(at)?)))
    }

    fn word(&self, at: usize) -> Result<usize, String> {
        Ok(u32::from_le_bytes(self.bytes(at)?) as usize)
    }

    fn long(&self, at: usize) -> Result<u64, String> {
        Ok(u64::from_le_bytes(self.bytes(at)?))
    }

    fn size(&self, at: usize) -> Result<usize, String> {
        usize::try_from(self.long(at)?).map_err(|_| "an offset is out of range".to_owned())
    }

    fn text(&self, at: usize) -> Result<String, String> {
        let rest = self.0.get(at..).ok_or("a name lies outside the file")?;
        let end = rest.iter().position(|&byte| byte == 0).ok_or("a name has no end")?;
        Ok(String::from_utf8_lossy(&rest[..end]).into_owned())
    }

    fn sections(&self) -> Result<Vec<Section>, String> {
        let (table, stride, count) = (self.size(0x28)?, self.half(0x3a)?, self.half(0x3c)?);
        (0..count)
            .map(|index| {
                let at = table + index * stride;
                Ok(Section {
                    kind: u32::from_le_bytes(self.bytes(at + 4)?),
                    offset: self.size(at + 0x18)?,
                    size: self.size(at + 0x20)?,
                    link: self.word(at + 0x28)?,
                    entries: self.word(at + 0x2c)?,
                })
            })
            .collect()
    }

    fn exports(
        &self,
        section: &Section,
        strings: usize,
        found: &mut Dynamic,
    ) -> Result<(), String> {
        for at in (section.offset..section.offset + section.size).step_by(24) {
            let [info] = self.bytes(at + 4)?;
            let defined = self.half(at + 6)? != 0;
            let visible = matches!(info >> 4, 1 | 2);
            if defined && visible {
                found.exports.insert(self.text(strings + self.word(at)?)?);
            }
        }
        Ok(())
    }

    fn versions(
        &self,
        section: &Section,
        strings: usize,
        found: &mut Dynamic,
    ) -> Result<(), String> {
        let mut at = section.offset;
        for _ in 0..section.entries {
            let count = self.half(at + 2)?;
            let mut auxiliary = at + self.word(at + 8)?;
            for _ in 0..count {
                found.versions.insert(self.text(strings + self.word(auxiliary + 8)?)?);
                auxiliary += self.word(auxiliary + 12)?;
            }
            at += self.word(at + 12)?;
        }
        Ok(())
    }

    fn needed(&self, section: &Section, strings: usize, found: &mut Dynamic) -> Result<(), String> {
        for at in (section.offset..section.offset + section.size).step_by(16) {
            if self.long(at)? == DT_NEEDED {
                found.needed.insert(self.text(strings + self.size(at + 8)?)?);
            }
        }
        Ok(())
    }
}

/// The largest `GLIBC_a.b` among version names, as (a, b).
///
/// # Errors
/// Names a requirement that is no number: `GLIBC_ABI_DT_RELR` (glibc 2.36 and newer) and
/// `GLIBC_PRIVATE` tie a library to other systems than its numbers say.
pub(crate) fn newest_glibc(versions: &BTreeSet<String>) -> Result<Option<(u32, u32)>, String> {
    let ours = versions.iter().filter(|name| name.starts_with("GLIBC_"));
    let numbers: Result<Vec<_>, String> =
        ours.map(|name| glibc(name).ok_or_else(|| name.clone())).collect();
    Ok(numbers?.into_iter().max())
}

fn glibc(name: &str) -> Option<(u32, u32)> {
    let mut parts = name.strip_prefix("GLIBC_")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glibc_versions_are_ordered_as_numbers() {
        let names = ["GLIBC_2.2.5", "GLIBC_2.28", "GLIBC_2.4", "GCC_3.0"];
        let names = names.into_iter().map(str::to_owned).collect();
        assert_eq!(newest_glibc(&names), Ok(Some((2, 28))));
    }

    #[test]
    fn requirements_that_are_no_numbers_do_not_pass_unseen() {
        let names = ["GLIBC_2.2.5".to_owned(), "GLIBC_ABI_DT_RELR".to_owned()].into();
        assert_eq!(newest_glibc(&names), Err("GLIBC_ABI_DT_RELR".to_owned()));
    }

    #[test]
    fn anything_but_a_whole_elf_file_is_refused() {
        assert!(read(b"MZ").is_err());
        assert!(read(b"\x7fELF\x02\x01 and no more").is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_very_program_needs_the_c_library() {
        let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let found = read(&bytes).unwrap();
        assert!(found.needed.iter().any(|name| name.starts_with("libc.so")), "{found:?}");
        assert!(newest_glibc(&found.versions) >= Ok(Some((2, 2))), "{found:?}");
    }
}
