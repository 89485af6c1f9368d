//! Files that lie. Each is told from the others by what its refusal says: the field, what was found
//! and what was expected.

use super::super::{Dtype, Header, Model, ModelError, ModelErrorKind, store};
use super::sample::{ARCHITECTURES, sample};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// A sound file, in parts that can be spoilt.
#[derive(Clone)]
struct Parts {
    /// The safetensors header, metadata included.
    header: Value,
    document: Value,
    data: Vec<u8>,
}

fn sound_bytes() -> Vec<u8> {
    let (header, network, weights) = sample();
    Model::to_bytes(&header, &network, &weights, Dtype::F32).expect("fits")
}

impl Parts {
    fn sound() -> Self {
        let bytes = sound_bytes();
        let length = u64::from_le_bytes(bytes[..8].try_into().expect("8 bytes")) as usize;
        let header: Value = serde_json::from_slice(&bytes[8..8 + length]).expect("JSON");
        let document = header["__metadata__"]["headroom"].as_str().expect("text");
        let document = serde_json::from_str(document).expect("JSON");
        Self { header, document, data: bytes[8 + length..].to_vec() }
    }

    fn header_text(&self) -> String {
        let mut header = self.header.clone();
        if let Some(text) = header.pointer_mut("/__metadata__/headroom") {
            *text = self.document.to_string().into();
        }
        header.to_string()
    }

    fn bytes(&self) -> Vec<u8> {
        raw(&self.header_text(), &self.data)
    }

    /// With one place in the document replaced; `Null` takes it away.
    fn with(field: &str, value: Value) -> Vec<u8> {
        let mut parts = Self::sound();
        let document = parts.document.as_object_mut().expect("an object");
        match value {
            Value::Null => drop(document.shift_remove(field)),
            value => drop(document.insert(field.to_owned(), value)),
        }
        parts.bytes()
    }

    /// With one field of a tensor replaced; `Null` takes it away.
    fn tensor(name: &str, field: &str, value: Value) -> Vec<u8> {
        let mut parts = Self::sound();
        let tensor = parts.header[name].as_object_mut().expect("a tensor");
        match value {
            Value::Null => drop(tensor.shift_remove(field)),
            value => drop(tensor.insert(field.to_owned(), value)),
        }
        parts.bytes()
    }

    /// With text of the header replaced.
    fn text(from: &str, to: &str) -> Vec<u8> {
        let parts = Self::sound();
        let text = parts.header_text();
        assert!(text.contains(from), "{from} is not in {text}");
        raw(&text.replacen(from, to, 1), &parts.data)
    }

    /// With the document as this text.
    fn document(text: &str) -> Vec<u8> {
        let mut parts = Self::sound();
        parts.header["__metadata__"]["headroom"] = Value::Null;
        let mut header = parts.header.clone();
        header["__metadata__"]["headroom"] = text.into();
        raw(&header.to_string(), &parts.data)
    }

    /// With text of the document replaced.
    fn document_text(from: &str, to: &str) -> Vec<u8> {
        let text = Self::sound().document.to_string();
        assert!(text.contains(from), "{from} is not in {text}");
        Self::document(&text.replacen(from, to, 1))
    }

    /// With bytes of the data replaced.
    fn data(place: usize, bytes: &[u8]) -> Vec<u8> {
        let mut parts = Self::sound();
        parts.data[place..place + bytes.len()].copy_from_slice(bytes);
        parts.bytes()
    }
}

fn raw(header: &str, data: &[u8]) -> Vec<u8> {
    let length = header.len() as u64;
    [&length.to_le_bytes()[..], header.as_bytes(), data].concat()
}

/// The sound file with another header length.
fn length(length: u64) -> Vec<u8> {
    let mut bytes = sound_bytes();
    bytes[..8].copy_from_slice(&length.to_le_bytes());
    bytes
}

fn cut(end: impl Fn(usize, usize) -> usize) -> Vec<u8> {
    let bytes = sound_bytes();
    let header = u64::from_le_bytes(bytes[..8].try_into().expect("8 bytes")) as usize;
    bytes[..end(8 + header, bytes.len())].to_vec()
}

/// What each file is, its bytes, and what its refusal says.
type Case = (&'static str, Vec<u8>, &'static str);

fn layouts() -> Vec<Case> {
    let a = "main.a.weight";
    let nested = |depth: usize| "[".repeat(depth);
    let many: serde_json::Map<String, Value> = (0..16_385)
        .map(|i| (i.to_string(), json!({"dtype": "F32", "shape": [0], "data_offsets": [0, 0]})))
        .collect();
    let mut two_halves = Parts::sound();
    two_halves.header["main.a.bias"]["data_offsets"] = json!([440, 456]);
    two_halves.data.extend([0; 8]);
    vec![
        ("empty", vec![], "header length: found a file of 0 bytes, expected at least 8"),
        ("cut in the length", cut(|_, _| 7), "header length: found a file of 7 bytes"),
        ("cut after the length", cut(|_, _| 8), "in a file of 8 bytes, expected at most 0"),
        ("cut in the header", cut(|h, _| h - 20), "header length: found"),
        ("cut after the header", cut(|h, _| h), "the end at 432, expected at most 0"),
        ("cut in the first tensor", cut(|h, _| h + 10), "the end at 432, expected at most 10"),
        ("cut by a byte", cut(|_, all| all - 1), "the end at 508, expected at most 507"),
        (
            "a byte too many",
            [sound_bytes(), vec![0]].concat(),
            "file length: found 509 bytes after the header, expected 508, what the tensors hold",
        ),
        ("header length 0", length(0), "header: found EOF while parsing"),
        ("header length 1", length(1), "header: found EOF while parsing an object at byte 1"),
        ("header length that is all", length(u64::MAX), "found 18446744073709551615 in a file of"),
        ("header length beyond what counts", length(1 << 63), "found 9223372036854775808 in"),
        (
            "a header too long",
            raw(&" ".repeat((16 << 20) + 1), b""),
            "header length: found 16777217 in a file of 16777225 bytes, expected at most 16777216",
        ),
        ("not UTF-8", Parts::sound_with_byte(), "header: found a wrong byte at 2, expected UTF-8"),
        ("no JSON", raw("hello", b""), "header: found expected value at byte 1, expected sound"),
        ("a pickle", b"\x80\x02}q\x00.".repeat(9), "header length: found"),
        (
            "a list",
            raw("[]", b""),
            "header: found invalid type: sequence at byte 0, expected an object",
        ),
        ("JSON and more", raw("{} {}", b""), "header: found trailing characters at byte 4"),
        (
            "no tensors and no text",
            raw("{}", b""),
            "__metadata__: found nothing, expected the description",
        ),
        (
            "deep nesting in place of a tensor",
            raw(&format!("{{\"x\":{}", nested(100_000)), b""),
            "tensor \"x\": found invalid type: sequence",
        ),
        (
            "deep nesting in place of a shape",
            raw(&format!("{{\"x\":{{\"shape\":{}", nested(100_000)), b""),
            "tensor \"x\": shape: found invalid type: sequence",
        ),
        (
            "metadata twice",
            Parts::text("{\"__m", "{\"__metadata__\":{},\"__m"),
            "header: found a second \"__metadata__\"",
        ),
        (
            "a tensor twice",
            Parts::text(
                "{\"__m",
                "{\"main.a.bias\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},\"__m",
            ),
            "header: found a second \"main.a.bias\"",
        ),
        (
            "a field of a tensor twice",
            Parts::text("\"dtype\":\"F32\"", "\"dtype\":\"F32\",\"dtype\":\"F16\""),
            "tensor \"main.a.weight\": dtype: found a second \"dtype\"",
        ),
        (
            "the document twice",
            Parts::text("{\"headroom\"", "{\"headroom\":\"{}\",\"headroom\""),
            "__metadata__: found a second \"headroom\"",
        ),
        (
            "metadata that is no object",
            raw("{\"__metadata__\":[]}", b""),
            "__metadata__: found invalid type: sequence",
        ),
        (
            "metadata that is no text",
            raw("{\"__metadata__\":{\"a\":1}}", b""),
            "__metadata__: \"a\": found invalid type: integer `1`",
        ),
        (
            "no document",
            raw("{\"__metadata__\":{\"format\":\"pt\"}}", b""),
            "__metadata__: headroom: found nothing, expected the description of a network",
        ),
        (
            "doubles",
            Parts::tensor(a, "dtype", json!("F64")),
            "tensor \"main.a.weight\": dtype: found \"F64\"",
        ),
        (
            "a dtype that is a number",
            Parts::tensor(a, "dtype", json!(32)),
            "dtype: found invalid type: integer `32`",
        ),
        (
            "half as many bytes as numbers",
            Parts::tensor(a, "dtype", json!("BF16")),
            "data_offsets: found [0, 432], expected 216 bytes for shape [4, 3, 3, 3] of BF16",
        ),
        (
            "no dtype",
            Parts::tensor(a, "dtype", Value::Null),
            "tensor \"main.a.weight\": found no dtype",
        ),
        (
            "no shape",
            Parts::tensor(a, "shape", Value::Null),
            "tensor \"main.a.weight\": found no shape",
        ),
        (
            "no offsets",
            Parts::tensor(a, "data_offsets", Value::Null),
            "tensor \"main.a.weight\": found no data_offsets",
        ),
        (
            "a field that is unknown",
            Parts::tensor(a, "stride", json!([1])),
            "stride: found an unknown field",
        ),
        (
            "a negative side",
            Parts::tensor(a, "shape", json!([-4, 3, 3, 3])),
            "shape: found invalid value: integer `-4`",
        ),
        (
            "a side with a fraction",
            Parts::tensor(a, "shape", json!([4.5, 3])),
            "shape: found invalid type: floating point `4.5`",
        ),
        (
            "a side beyond 64 bits",
            Parts::text("\"shape\":[4,3,3,3]", "\"shape\":[99999999999999999999]"),
            "shape: found invalid type: floating point `1e+20`",
        ),
        (
            "a shape that is a text",
            Parts::tensor(a, "shape", json!("4")),
            "shape: found invalid type: string \"4\"",
        ),
        (
            "nine dimensions",
            Parts::tensor(a, "shape", json!([1, 1, 1, 1, 1, 1, 1, 1, 1])),
            "shape: found invalid length 9",
        ),
        (
            "a size beyond counting",
            Parts::tensor(a, "shape", json!([u32::MAX, u32::MAX, u32::MAX])),
            "shape: found [4294967295, 4294967295, 4294967295], expected a size that can be counted",
        ),
        (
            "a terabyte",
            Parts::tensor(a, "shape", json!([1u64 << 38])),
            "expected 1099511627776 bytes for shape [274877906944] of F32",
        ),
        (
            "negative offsets",
            Parts::tensor(a, "data_offsets", json!([-1, 431])),
            "data_offsets: found invalid value: integer `-1`",
        ),
        (
            "offsets with fractions",
            Parts::tensor(a, "data_offsets", json!([0.0, 432.0])),
            "data_offsets: found invalid type: floating point `0.0`",
        ),
        (
            "one offset",
            Parts::tensor(a, "data_offsets", json!([0])),
            "data_offsets: found 1 numbers at byte",
        ),
        (
            "three offsets",
            Parts::tensor(a, "data_offsets", json!([0, 432, 433])),
            "data_offsets: found invalid length 3",
        ),
        (
            "offsets that run backwards",
            Parts::tensor(a, "data_offsets", json!([432, 0])),
            "data_offsets: found [432, 0], expected",
        ),
        (
            "offsets at the end of counting",
            Parts::tensor(a, "data_offsets", json!([u64::MAX - 432, u64::MAX])),
            "data_offsets: found",
        ),
        (
            "an overlap",
            Parts::tensor("main.a.bias", "data_offsets", json!([428, 444])),
            "tensor \"main.a.bias\": data_offsets: found 428, an overlap, expected 432",
        ),
        (
            "a hole",
            two_halves.bytes(),
            "tensor \"main.a.bias\": data_offsets: found 440, a hole, expected 432",
        ),
        (
            "a tensor elsewhere",
            Parts::tensor("main.b.bias", "data_offsets", json!([5000, 5012])),
            "tensor \"main.b.bias\": data_offsets: found 5000, a hole",
        ),
        (
            "too many tensors",
            raw(&Value::Object(many).to_string(), b""),
            "header: found a tensor too many",
        ),
    ]
}

fn documents() -> Vec<Case> {
    let with = Parts::with;
    vec![
        (
            "a document that is no JSON",
            Parts::document("hello"),
            "headroom: found expected value at byte 1",
        ),
        (
            "a document that is empty",
            Parts::document(""),
            "headroom: found EOF while parsing a value",
        ),
        ("a document that is a list", Parts::document("[1]"), "headroom: found"),
        ("a document that goes on", Parts::document("{} x"), "headroom: found trailing characters"),
        (
            "a document that is cut",
            Parts::document("{\"version\":1"),
            "headroom: found EOF while parsing an object",
        ),
        (
            "a deep document",
            Parts::document(&"[".repeat(200_000)),
            "headroom: found recursion limit exceeded",
        ),
        ("no version", with("version", Value::Null), "headroom: found missing field `version`"),
        ("a later version", with("version", json!(2)), "headroom: version: found 2, expected 1"),
        (
            "a version that is a text",
            with("version", json!("1")),
            "headroom: version: found \"1\", expected 1",
        ),
        (
            "a version between",
            with("version", json!(1.5)),
            "headroom: version: found 1.5, expected 1",
        ),
        (
            "a later version with fields of its own",
            Parts::document("{\"version\":3,\"x\":1}"),
            "headroom: version: found 3, expected 1",
        ),
        (
            "a field that is unknown to the version",
            with("bias", json!(1)),
            "headroom: bias: found unknown field `bias`",
        ),
        (
            "a field that stands twice",
            Parts::document_text("\"width\":4", "\"width\":4,\"width\":5"),
            "headroom: found a second \"width\"",
        ),
        ("no licence", with("licence", Value::Null), "headroom: found missing field `licence`"),
        (
            "a licence that says nothing",
            with("licence", json!(" ")),
            "headroom: licence: found nothing",
        ),
        (
            "an unknown architecture",
            with("architecture", json!("gan")),
            "headroom: architecture: found \"gan\", expected one of: sample",
        ),
        (
            "an architecture that is a path",
            with("architecture", json!("../sample")),
            "architecture: found \"../sample\"",
        ),
        (
            "an architecture that is a number",
            with("architecture", json!(1)),
            "headroom: architecture: found invalid type: integer `1`",
        ),
        ("no configuration", with("config", Value::Null), "headroom: found missing field `config`"),
        (
            "a configuration that is a text",
            with("config", json!("width")),
            "config: width: found null, expected 1 to 64",
        ),
        (
            "a configuration out of range",
            with("config", json!({"width": 65})),
            "config: width: found 65, expected 1 to 64",
        ),
        (
            "a configuration beyond memory",
            with("config", json!({"width": u64::MAX})),
            "config: width: found 18446744073709551615",
        ),
        (
            "a configuration below zero",
            with("config", json!({"width": -4})),
            "config: width: found -4",
        ),
        (
            "a configuration of the wrong type",
            with("config", json!({"width": "4"})),
            "config: width: found \"4\"",
        ),
        (
            "a configuration of another network",
            with("config", json!({"width": 8})),
            "shape [4, 3, 3, 3], expected shape [8, 3, 3, 3]",
        ),
        (
            "a number beyond range",
            Parts::document_text("\"width\":4", "\"width\":1e999"),
            "headroom: found number out of range",
        ),
        (
            "a name that is a path",
            with("name", json!("../../etc/passwd")),
            "headroom: name: found \"../../etc/passwd\"",
        ),
        (
            "a name that is absolute",
            with("name", json!("/etc/passwd")),
            "headroom: name: found \"/etc/passwd\"",
        ),
        (
            "a name of another system",
            with("name", json!("C:\\x")),
            "headroom: name: found \"C:\\x\"",
        ),
        ("a name that is hidden", with("name", json!("..")), "headroom: name: found \"..\""),
        (
            "a name that clears the screen",
            with("name", json!("a\u{1b}[2J")),
            "headroom: name: found \"a\\u{1b}[2J\"",
        ),
        (
            "a name that goes on and on",
            with("name", json!("a".repeat(100_000))),
            "aaa...\", expected 1 to 64 letters",
        ),
        ("no name", with("name", json!("")), "headroom: name: found \"\""),
        (
            "an unknown encoding",
            with("encoding", json!("gamma")),
            "headroom: encoding: found unknown variant `gamma`",
        ),
        (
            "an encoding that clears the screen",
            with("encoding", json!("a\u{1b}[2J")),
            "headroom: encoding: found unknown variant `a\\u{1b}[2J`",
        ),
        (
            "an encoding that goes on and on",
            with("encoding", json!("g".repeat(100_000))),
            "headroom: encoding: found unknown variant `ggg",
        ),
        (
            "another encoding",
            with("encoding", json!("linear")),
            "headroom: encoding: found \"linear\", expected \"srgb\", what the network has",
        ),
        (
            "another domain",
            with("domain", json!("acescct")),
            "headroom: domain: found \"acescct\", expected \"stops\"",
        ),
        ("another reach", with("reach", json!(1)), "headroom: reach: found 1, expected "),
        (
            "a reach that is everything",
            with("reach", json!("everything")),
            "headroom: reach: found \"everything\"",
        ),
        (
            "a negative reach",
            with("reach", json!(-1)),
            "headroom: reach: found invalid type: integer `-1`",
        ),
        (
            "a reach in words",
            with("reach", json!("far")),
            "headroom: reach: found invalid value: string \"far\"",
        ),
        (
            "another alignment",
            with("alignment", json!(4)),
            "headroom: alignment: found 4, expected 1",
        ),
        ("an alignment of nothing", with("alignment", json!(0)), "headroom: alignment: found 0"),
        (
            "a normalisation",
            with("normalisation", json!("imagenet")),
            "headroom: normalisation: found unknown variant `imagenet`",
        ),
        (
            "training that ran backwards",
            with("training", json!({"steps": -5})),
            "headroom: training.steps: found invalid value: integer `-5`",
        ),
        (
            "a figure that is no number",
            with("evaluation", json!([{"metric": "PSNR", "data": "x", "value": "good"}])),
            "headroom: evaluation[0].value: found invalid type: string \"good\"",
        ),
    ]
}

fn weights() -> Vec<Case> {
    let renamed =
        |to: &str| Parts::text("\"main.a.bias\"", &serde_json::to_string(to).expect("text"));
    let mut missing = Parts::sound();
    let last = missing.header.as_object_mut().expect("an object");
    last.shift_remove("main.b.bias");
    missing.data.truncate(508 - 12);
    let mut extra = Parts::sound();
    extra.header["main.c.bias"] = json!({"dtype": "F32", "shape": [1], "data_offsets": [508, 512]});
    extra.data.extend([0; 4]);
    let mut half = Parts::sound();
    let mut end = 432;
    for (name, size) in [("main.a.bias", 8), ("main.b.weight", 48), ("main.b.bias", 12)] {
        half.header[name]["data_offsets"] = json!([end, end + size]);
        end += size;
    }
    half.header["main.a.bias"]["dtype"] = "F16".into();
    half.data.truncate(end);
    half.data[432..440].copy_from_slice(&[0, 0x7c, 0, 0, 0, 0, 0, 0]);
    let mut brain = half.clone();
    brain.header["main.a.bias"]["dtype"] = "BF16".into();
    brain.data[432..440].copy_from_slice(&[0, 0, 0, 0, 0xc0, 0x7f, 0, 0]);
    vec![
        (
            "a missing weight",
            missing.bytes(),
            "tensor \"main.b.bias\": found nothing, expected shape [3]",
        ),
        (
            "a weight left over",
            extra.bytes(),
            "tensor \"main.c.bias\": found a tensor, expected none of that name",
        ),
        (
            "a weight that is a path",
            renamed("../../main.a.bias"),
            "tensor \"../../main.a.bias\": found a tensor",
        ),
        ("a weight without a name", renamed(""), "tensor \"\": found a tensor"),
        (
            "a weight with control characters",
            renamed("\u{1b}]0;x\u{7}"),
            "tensor \"\\u{1b}]0;x\\u{7}\": found a tensor",
        ),
        ("a weight with a long name", renamed(&"n".repeat(1 << 20)), "nnn...\": found a tensor"),
        (
            "a weight turned over",
            Parts::tensor("main.b.weight", "shape", json!([4, 3, 1, 1])),
            "found shape [4, 3, 1, 1], expected shape [3, 4, 1, 1]",
        ),
        (
            "a weight of lower rank",
            Parts::tensor("main.b.weight", "shape", json!([3, 4])),
            "found shape [3, 4], expected shape [3, 4, 1, 1]",
        ),
        (
            "a weight that is a number",
            Parts::tensor("main.b.weight", "shape", json!([])),
            "expected 4 bytes for shape [] of F32",
        ),
        (
            "a weight that is not a number",
            Parts::data(4, &f32::NAN.to_le_bytes()),
            "tensor \"main.a.weight\": found NaN at index 1, expected finite numbers",
        ),
        (
            "an infinite weight",
            Parts::data(436, &f32::INFINITY.to_le_bytes()),
            "tensor \"main.a.bias\": found inf at index 1",
        ),
        (
            "a weight infinite below",
            Parts::data(504, &f32::NEG_INFINITY.to_le_bytes()),
            "tensor \"main.b.bias\": found -inf at index 2",
        ),
        (
            "an infinite half",
            half.bytes(),
            "tensor \"main.a.bias\": found inf at index 0, expected",
        ),
        (
            "a half that is not a number",
            brain.bytes(),
            "tensor \"main.a.bias\": found NaN at index 2",
        ),
    ]
}

impl Parts {
    fn sound_with_byte() -> Vec<u8> {
        let mut bytes = sound_bytes();
        bytes[10] = 0xff;
        bytes
    }
}

fn refusal(bytes: &[u8]) -> ModelError {
    Model::from_bytes_with(ARCHITECTURES, "x.safetensors", bytes).expect_err("refused")
}

#[test]
fn every_lie_has_a_message_of_its_own() {
    Model::from_bytes_with(ARCHITECTURES, "x", &Parts::sound().bytes()).expect("sound");
    let cases = [layouts(), documents(), weights()].concat();
    assert!(cases.len() >= 100, "{}", cases.len());
    let mut wrong = Vec::new();
    let mut messages = BTreeSet::new();
    for (what, bytes, says) in &cases {
        let error = match Model::from_bytes_with(ARCHITECTURES, "x.safetensors", bytes) {
            Ok(_) => {
                wrong.push(format!("{what}: was taken"));
                continue;
            }
            Err(error) => error,
        };
        let text = error.to_string();
        let shaped = text.starts_with("x.safetensors: ")
            && !error.field().is_empty()
            && !error.found().is_empty()
            && !error.expected().is_empty();
        let readable = text.len() < 600 && !text.contains(char::is_control);
        if !shaped || !readable || !text.contains(says) {
            wrong.push(format!("{what}: {text}\n    does not say: {says}"));
        }
        assert_eq!(error.kind(), ModelErrorKind::Refused);
        if !messages.insert(text.clone()) {
            wrong.push(format!("{what}: a message of another: {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let bytes = sound_bytes();
    (0..bytes.len()).for_each(|end| drop(refusal(&bytes[..end])));
}

#[test]
fn other_programs_may_add_texts_to_the_metadata_and_to_the_records() {
    let read = |bytes: &[u8]| Model::from_bytes_with(ARCHITECTURES, "x", bytes).expect("sound");
    read(&Parts::text("{\"headroom\"", "{\"format\":\"pt\",\"headroom\""));
    let training = json!({"steps": 5, "seed": u64::MAX, "optimiser": "a later field"});
    let header: Header = read(&Parts::with("training", training)).header;
    assert_eq!(header.training.map(|t| (t.steps, t.seed)), Some((5, u64::MAX)));
}

#[test]
fn what_is_no_regular_file_is_refused_without_waiting() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = |path: &Path| store::load(path).expect_err("refused").to_string();
    assert!(told(folder.path()).ends_with("file: found a folder, expected a regular file"));
    if cfg!(unix) {
        let device = "/dev/zero: file: found a pipe or a device, expected a regular file";
        assert_eq!(told(Path::new("/dev/zero")), device);
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        if made.is_ok_and(|status| status.success()) {
            assert!(told(&pipe).ends_with("found a pipe or a device, expected a regular file"));
        }
    }
}
