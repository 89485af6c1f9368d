//! Memory, kernels that are kept, and errors.

use crate::bench::{gpu, memory};
use headroom_gpu::layout::View;
use headroom_gpu::source::Precision;
use headroom_gpu::{Gpu, GpuError, Launch, devices};

fn view(start: i32, channels: i32) -> View {
    View { start, height: 1, width: 1, channels, stride: channels }
}

/// `copy` of four numbers to behind them, by a device.
pub(crate) fn copied(gpu: &Gpu) -> Vec<f32> {
    let arena = memory(gpu, &[1.0, 2.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0]);
    let arguments = vec![(&arena).into(), view(0, 4).into(), view(4, 4).into(), 0.into()];
    gpu.launch(&Launch {
        kernel: "copy",
        precision: Precision::Float,
        groups: [1, 1, 1],
        group: [64, 1, 1],
        arguments,
    })
    .expect("runs");
    gpu.read_floats(&arena, 8).expect("reads")
}

#[test]
fn memory_is_written_and_read_from_any_place() {
    let Some(gpu) = gpu() else { return };
    let memory = gpu.allocate(64).expect("memory");
    assert_eq!(memory.bytes(), 64);
    let given = [1.5f32, -2.5].map(f32::to_ne_bytes).concat();
    gpu.write(&memory, 8, &given).expect("writes");
    let mut found = [0; 4];
    gpu.read(&memory, 12, &mut found).expect("reads");
    assert_eq!(f32::from_ne_bytes(found), -2.5);
    let error = gpu.allocate(usize::MAX / 2).expect_err("more than there is");
    assert!(error.is_memory(), "{error}");
    assert!(error.to_string().starts_with("GPU memory: found less than"), "{error}");
    assert!(gpu.allocate(0).is_ok());
}

#[test]
fn kernels_that_are_not_there_are_an_error() {
    let Some(gpu) = gpu() else { return };
    let launch = Launch {
        kernel: "no_such_kernel",
        precision: Precision::Float,
        groups: [1, 1, 1],
        group: [1, 1, 1],
        arguments: Vec::new(),
    };
    let error = gpu.launch(&launch).expect_err("none");
    let names = ["clCreateKernel", "cuModuleGetFunction"];
    assert!(matches!(error, GpuError::Call { name, .. } if names.contains(&name)), "{error}");
    // And what comes after works.
    assert_eq!(copied(&gpu)[4..], [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn kernels_are_kept_and_damaged_ones_are_built_again() {
    let (found, _) = devices();
    let Some(device) = found.first() else {
        eprintln!("skipped: no device");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let kept = || {
        let files = std::fs::read_dir(folder.path()).expect("a folder");
        files.map(|file| file.expect("an entry").path()).collect::<Vec<_>>()
    };
    let run = || copied(&Gpu::new(device, Some(folder.path().to_owned())).expect("opens"));
    assert_eq!(run()[4..], [1.0, 2.0, 3.0, 4.0]);
    let [file] = &kept()[..] else { panic!("one file: {:?}", kept()) };
    let built = std::fs::read(file).expect("a file");
    assert_eq!(run()[4..], [1.0, 2.0, 3.0, 4.0], "from what was kept");
    for damage in [&built[..built.len() / 2], b"", b"nonsense"] {
        std::fs::write(file, damage).expect("writes");
        assert_eq!(run()[4..], [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(kept().len(), 1);
    }
    assert!(std::fs::metadata(file).expect("a file").len() > 8, "kept again");
}

#[test]
fn halves_are_rounded_to_the_nearest() {
    let Some(gpu) = gpu() else { return };
    let values = [1.0f32, 0.1, -2049.0, 65504.0, 1e-7, -0.0];
    let given = memory(&gpu, &values);
    let arena = gpu.allocate(64).expect("memory");
    let back = gpu.allocate(24).expect("memory");
    let both = [("fill", &given), ("take", &back)];
    for (kernel, floats) in both {
        let arguments = vec![(&arena).into(), floats.into(), 0.into(), view(2, 6).into()];
        gpu.launch(&Launch {
            kernel,
            precision: Precision::Half,
            groups: [1, 1, 1],
            group: [64, 1, 1],
            arguments,
        })
        .expect("runs");
    }
    let found = gpu.read_floats(&back, 6).expect("reads");
    let expected = values.map(|v| half::f16::from_f32(v).to_f32());
    assert_eq!(found, expected);
}

#[test]
fn threads_share_a_device() {
    let Some(gpu) = gpu() else { return };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(copied(&gpu)[4..], [1.0, 2.0, 3.0, 4.0]);
                }
            });
        }
    });
}

#[test]
fn pinned_memory_goes_there_and_back_by_queues_of_their_own() {
    let Some(gpu) = gpu() else { return };
    let (there, back) = (gpu.beside().expect("a queue"), gpu.beside().expect("a queue"));
    assert_eq!([there.context(), back.context()], [gpu.context(); 2]);
    let mut pinned = gpu.pinned(9).expect("memory");
    assert_eq!(pinned.bytes(), [0; 9]);
    pinned.bytes_mut().copy_from_slice(b"abcdefghi");
    let memory = gpu.upload(b"0123456789").expect("memory");
    there.wait_for(&gpu.mark().expect("marks")).expect("waits");
    let sent = there.send(&memory, 2, pinned, 6).expect("it is told");
    back.wait_for(sent.done()).expect("waits");
    let other = gpu.pinned(16).expect("memory");
    let received = back.receive(&memory, 1, other, 8).expect("it is told");
    assert_eq!(&received.wait().expect("arrives").bytes()[..9], b"1abcdef8\0");
    // What is dropped on its way is waited for; the memory is whole again.
    let pinned = sent.wait().expect("is over");
    assert_eq!(pinned.bytes(), b"abcdefghi");
    drop(there.send(&memory, 0, pinned, 9).expect("it is told"));
    let mut found = [0; 10];
    gpu.read(&memory, 0, &mut found).expect("reads");
    assert_eq!(&found, b"abcdefghi9");
}
