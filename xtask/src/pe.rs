//! Reads from a 64-bit Windows library what matters for shipping it: what it exports and which
//! libraries it needs.
//!
//! Layout: Microsoft, "PE Format", sections "Export Directory Table" and "Import Directory Table".

use crate::elf::Dynamic;
use std::collections::BTreeSet;

/// Reads exports and needed libraries; Windows has no symbol versions.
///
/// # Errors
/// The bytes are no 64-bit PE file, or offsets in it lead outside.
pub(crate) fn read(bytes: &[u8]) -> Result<Dynamic, String> {
    let image = Image::new(bytes)?;
    let (exports, imports) = (image.directory(0)?, image.directory(1)?);
    Ok(Dynamic {
        exports: image.exports(exports)?,
        versions: BTreeSet::new(),
        needed: image.imports(imports)?,
    })
}

struct Section {
    address: usize,
    size: usize,
    offset: usize,
}

struct Image<'a> {
    bytes: &'a [u8],
    optional: usize,
    sections: Vec<Section>,
}

impl<'a> Image<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, String> {
        let mut image = Self { bytes, optional: 0, sections: Vec::new() };
        let header = image.word(0x3c)?;
        let is_pe = bytes.starts_with(b"MZ") && bytes.get(header..header + 4) == Some(b"PE\0\0");
        if !is_pe || image.half(header + 24)? != 0x20b {
            return Err("not a 64-bit Windows library".to_owned());
        }
        image.optional = header + 24;
        let table = image.optional + image.half(header + 20)?;
        for index in 0..image.half(header + 6)? {
            let at = table + 40 * index;
            let section = Section {
                address: image.word(at + 12)?,
                size: image.word(at + 8)?.max(image.word(at + 16)?),
                offset: image.word(at + 20)?,
            };
            image.sections.push(section);
        }
        Ok(image)
    }

    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], String> {
        let part = self.bytes.get(at..).and_then(|rest| rest.first_chunk());
        part.copied().ok_or_else(|| format!("the file ends before byte {at}"))
    }

    fn half(&self, at: usize) -> Result<usize, String> {
        Ok(usize::from(u16::from_le_bytes(self.array(at)?)))
    }

    fn word(&self, at: usize) -> Result<usize, String> {
        Ok(u32::from_le_bytes(self.array(at)?) as usize)
    }

    /// Offset in the file of an address in memory.
    fn place(&self, address: usize) -> Result<usize, String> {
        let holds = |s: &&Section| (s.address..s.address + s.size).contains(&address);
        let section = self.sections.iter().find(holds);
        section
            .map(|s| address - s.address + s.offset)
            .ok_or_else(|| format!("address {address:#x} lies in no section"))
    }

    fn text(&self, address: usize) -> Result<String, String> {
        let rest = self.bytes.get(self.place(address)?..).ok_or("a name lies outside the file")?;
        let end = rest.iter().position(|&byte| byte == 0).ok_or("a name has no end")?;
        Ok(String::from_utf8_lossy(&rest[..end]).into_owned())
    }

    /// Address of a data directory; none where it is empty.
    fn directory(&self, index: usize) -> Result<Option<usize>, String> {
        let address = self.word(self.optional + 112 + 8 * index)?;
        Ok((address != 0).then_some(address))
    }

    fn exports(&self, directory: Option<usize>) -> Result<BTreeSet<String>, String> {
        let Some(directory) = directory else { return Ok(BTreeSet::new()) };
        let at = self.place(directory)?;
        let (count, names) = (self.word(at + 24)?, self.place(self.word(at + 32)?)?);
        (0..count).map(|index| self.text(self.word(names + 4 * index)?)).collect()
    }

    fn imports(&self, directory: Option<usize>) -> Result<BTreeSet<String>, String> {
        let Some(directory) = directory else { return Ok(BTreeSet::new()) };
        let mut found = BTreeSet::new();
        for at in (self.place(directory)?..).step_by(20) {
            match self.word(at + 12)? {
                0 => break,
                name => found.insert(self.text(name)?),
            };
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_but_a_whole_windows_library_is_refused() {
        assert!(read(b"\x7fELF\x02\x01").is_err());
        assert!(read(b"MZ").is_err());
        let mut cut = vec![0; 0x40];
        cut[..2].copy_from_slice(b"MZ");
        cut[0x3c] = 0x40;
        cut.extend_from_slice(b"PE\0\0");
        assert!(read(&cut).is_err());
    }
}
