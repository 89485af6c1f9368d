//! Writes Protocol Buffers messages: TensorBoard events and ONNX files.
//!
//! Encoding after <https://protobuf.dev/programming-guides/encoding/>: fields are written in the order
//! of the calls; a field written twice is repeated. Zero, false and empty values are written too, which
//! every reader takes.

/// A message being written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    bytes: Vec<u8>,
}

/// What follows a field's number.
#[derive(Clone, Copy)]
enum Wire {
    Varint = 0,
    Fixed64 = 1,
    Delimited = 2,
    Fixed32 = 5,
}

impl Message {
    /// An empty message.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The message so far.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The whole message.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// A field of type `uint32`, `uint64` or an enumeration.
    pub fn unsigned(&mut self, field: u32, value: u64) -> &mut Self {
        self.key(field, Wire::Varint);
        varint(&mut self.bytes, value);
        self
    }

    /// A field of type `int32` or `int64`; negative numbers take ten bytes.
    pub fn integer(&mut self, field: u32, value: i64) -> &mut Self {
        self.unsigned(field, value.cast_unsigned())
    }

    /// A field of type `bool`.
    pub fn boolean(&mut self, field: u32, value: bool) -> &mut Self {
        self.unsigned(field, u64::from(value))
    }

    /// A field of type `float`.
    pub fn float(&mut self, field: u32, value: f32) -> &mut Self {
        self.fixed32(field, value.to_bits())
    }

    /// A field of type `double`.
    pub fn double(&mut self, field: u32, value: f64) -> &mut Self {
        self.fixed64(field, value.to_bits())
    }

    /// A field of type `fixed32`.
    pub fn fixed32(&mut self, field: u32, value: u32) -> &mut Self {
        self.key(field, Wire::Fixed32);
        self.bytes.extend(value.to_le_bytes());
        self
    }

    /// A field of type `fixed64`.
    pub fn fixed64(&mut self, field: u32, value: u64) -> &mut Self {
        self.key(field, Wire::Fixed64);
        self.bytes.extend(value.to_le_bytes());
        self
    }

    /// A field of type `string`.
    pub fn string(&mut self, field: u32, value: &str) -> &mut Self {
        self.data(field, value.as_bytes())
    }

    /// A field of type `bytes`.
    pub fn data(&mut self, field: u32, value: &[u8]) -> &mut Self {
        self.key(field, Wire::Delimited);
        varint(&mut self.bytes, value.len() as u64);
        self.bytes.extend(value);
        self
    }

    /// A field that is a message of its own.
    pub fn message(&mut self, field: u32, value: &Self) -> &mut Self {
        self.data(field, &value.bytes)
    }

    /// A packed `repeated float`.
    pub fn floats(&mut self, field: u32, values: &[f32]) -> &mut Self {
        self.key(field, Wire::Delimited);
        varint(&mut self.bytes, values.len() as u64 * 4);
        self.bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        self
    }

    /// A packed `repeated int64`, or `repeated int32`.
    pub fn integers(&mut self, field: u32, values: &[i64]) -> &mut Self {
        let mut packed = Vec::with_capacity(values.len());
        for value in values {
            varint(&mut packed, value.cast_unsigned());
        }
        self.data(field, &packed)
    }

    fn key(&mut self, field: u32, wire: Wire) {
        varint(&mut self.bytes, u64::from(field) << 3 | wire as u64);
    }
}

fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_are_as_the_encoding_guide_shows_them() {
        // The guide's own examples: 150 in field 1, "testing" in field 2, {1: 150} in field 3,
        // [3, 270, 86942] packed in field 6, -2 in field 1.
        assert_eq!(Message::new().unsigned(1, 150).bytes(), [0x08, 0x96, 0x01]);
        assert_eq!(Message::new().string(2, "testing").bytes(), b"\x12\x07testing");
        let inner = Message::new().integer(1, 150).clone();
        assert_eq!(Message::new().message(3, &inner).bytes(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
        let packed = [0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05];
        assert_eq!(Message::new().integers(6, &[3, 270, 86942]).bytes(), packed);
        let negative = [0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(Message::new().integer(1, -2).bytes(), negative);
    }

    #[test]
    fn floats_are_little_endian_and_of_their_own_wire_types() {
        assert_eq!(Message::new().float(2, 1.0).bytes(), [0x15, 0, 0, 0x80, 0x3f]);
        assert_eq!(Message::new().double(1, 1.0).bytes(), [0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
        assert_eq!(
            Message::new().floats(4, &[1.0, 2.0]).bytes(),
            [0x22, 0x08, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]
        );
        assert_eq!(Message::new().boolean(16, true).bytes(), [0x80, 0x01, 0x01]);
    }
}
