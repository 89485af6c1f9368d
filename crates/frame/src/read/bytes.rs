//! A cursor over a file in memory whose every step is checked.

use crate::error::{Refusal, Step};

/// Reads numbers and slices one after another.
#[derive(Clone)]
pub(super) struct Bytes<'a> {
    all: &'a [u8],
    position: usize,
    big_endian: bool,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(all: &'a [u8], big_endian: bool) -> Self {
        Self { all, position: 0, big_endian }
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Continues at `position`, which may lie anywhere; the next step will notice.
    pub(super) fn at(&self, position: u64) -> Self {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        Self { position, ..self.clone() }
    }

    /// The next `count` bytes, for the field of that name.
    pub(super) fn take(&mut self, count: usize, field: &str) -> Step<&'a [u8]> {
        let end = self.position.checked_add(count);
        let slice = end.and_then(|end| self.all.get(self.position..end));
        let slice = slice.ok_or_else(|| {
            Refusal::new(
                field,
                format!("the end of the file ({} bytes)", self.all.len()),
                format!("{count} bytes at offset {}", self.position),
            )
        })?;
        self.position += count;
        Ok(slice)
    }

    /// Bytes up to a zero byte, which is skipped; at most `longest`.
    pub(super) fn take_string(&mut self, longest: usize, field: &str) -> Step<&'a [u8]> {
        let rest = self.all.get(self.position..).unwrap_or_default();
        let window = &rest[..rest.len().min(longest + 1)];
        let length = window.iter().position(|&byte| byte == 0).ok_or_else(|| {
            Refusal::new(
                field,
                format!("no end within {} bytes at offset {}", window.len(), self.position),
                format!("a name of at most {longest} bytes"),
            )
        })?;
        self.position += length + 1;
        Ok(&window[..length])
    }

    fn number<const N: usize>(&mut self, field: &str) -> Step<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N, field)?);
        if self.big_endian {
            bytes.reverse();
        }
        Ok(bytes)
    }

    pub(super) fn u8(&mut self, field: &str) -> Step<u8> {
        self.number(field).map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self, field: &str) -> Step<u16> {
        self.number(field).map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self, field: &str) -> Step<u32> {
        self.number(field).map(u32::from_le_bytes)
    }

    pub(super) fn i32(&mut self, field: &str) -> Step<i32> {
        self.number(field).map(i32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, field: &str) -> Step<u64> {
        self.number(field).map(u64::from_le_bytes)
    }

    pub(super) fn f32(&mut self, field: &str) -> Step<f32> {
        self.number(field).map(f32::from_le_bytes)
    }
}
