"""Runs ONNX files in ONNX Runtime and compares with what the Candle executor made of the same pictures.

    pip install -r requirements.txt
    python3 check_onnx.py FOLDER

FOLDER is what trainer/tests/onnx.rs writes: per network a folder with model.onnx, case.json and tensors
as raw little-endian f32, channels last. Every output may differ by 1e-4 of its largest number.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

BOUND = 1e-4


def tensor(folder, name, shape):
    values = np.fromfile(folder / f"{name}.f32", "<f4").reshape(shape)
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2))


def check(folder):
    case = json.loads((folder / "case.json").read_text())
    path = folder / "model.onnx"
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    properties = {entry.key: entry.value for entry in model.metadata_props}
    header = json.loads(properties["headroom"])
    assert header["alignment"] == case["alignment"], header
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    wanted = {entry.name for entry in session.get_inputs()}
    assert wanted <= set(case["inputs"]), f"asks for {wanted}, given {sorted(case['inputs'])}"
    given = {name: tensor(folder, name, case["inputs"][name]) for name in wanted}
    names = [entry.name for entry in session.get_outputs()]
    assert "result" in names, names
    worst = 0.0
    for name, found in zip(names, session.run(names, given), strict=True):
        truth = tensor(folder, name, case["outputs"][name])
        assert found.shape == truth.shape, f"{name}: {found.shape}, expected {truth.shape}"
        assert np.isfinite(found).all(), name
        difference = float(np.abs(found - truth).max() / max(np.abs(truth).max(), 1e-30))
        assert difference <= BOUND, f"{name}: differs by {difference:.1e}, expected {BOUND:.0e}"
        worst = max(worst, difference)
    # Height and width are free: one more step of the alignment, one frame.
    sides = {"height": 3 * case["alignment"], "width": 5 * case["alignment"], "batch": 1}
    other = {}
    for entry in session.get_inputs():
        shape = [sides.get(side, side) for side in entry.shape]
        other[entry.name] = np.full(shape, 0.5, np.float32)
    result = session.run(["result"], other)[0]
    assert result.shape[2:] == (sides["height"], sides["width"]), result.shape
    return worst


def main():
    folders = sorted(path.parent for path in Path(sys.argv[1]).glob("*/case.json"))
    if not folders:
        sys.exit(f"{sys.argv[1]}: found no case.json, expected those of trainer/tests/onnx.rs")
    print(f"onnx {onnx.__version__}, ONNX Runtime {onnxruntime.__version__}")
    failed = 0
    for folder in folders:
        try:
            print(f"{folder.name}: differs by {check(folder):.1e}")
        except Exception as error:  # every network is tried
            failed += 1
            print(f"{folder.name}: {type(error).__name__}: {error}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
