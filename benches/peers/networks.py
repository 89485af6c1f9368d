"""Times Headroom's networks beside PyTorch and ONNX Runtime: same weights, same pictures, in turns.

    python networks.py SERVER --folder DIR [--networks residual,unet,grid] [--sizes 960x544,1920x1080]

SERVER is the built `benches/networks.rs`: it obeys lines of JSON on its standard input, so that all
engines run one after the other in one process group on the same cores. Results are compared first;
then every turn runs each engine once, and medians of the turns are reported as Markdown. Times hold
for one machine; ratios hold better. `cargo xtask bench` runs this.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy
import torch

from graph_torch import GraphModule

# Between runs, so that threads of the last engine that still spin for work are asleep.
PAUSE = 0.15


class Server:
    """The Rust side."""

    def __init__(self, program, folder, threads):
        self.process = subprocess.Popen(
            [program, "--serve", str(folder), str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.hello = json.loads(self.process.stdout.readline())

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"the server ended at {request}")
        answer = json.loads(answer)
        if "error" in answer:
            sys.exit(f"{request}: {answer['error']}")
        return answer


class Arrays:
    """Float arrays of a dump: one file of numbers and a list of shapes."""

    def __init__(self, folder, name, index):
        numbers = numpy.fromfile(folder / f"{name}.bin", dtype="<f4")
        self.values = {}
        at = 0
        for key, shape in index:
            count = int(numpy.prod(shape))
            self.values[key] = numbers[at : at + count].reshape(shape)
            at += count


def nchw(array):
    """Channels-last picture to NCHW, memory as it was."""
    return torch.from_numpy(array.copy())[None].permute(0, 3, 1, 2)


class Peer:
    """A dumped network in PyTorch and ONNX Runtime."""

    def __init__(self, folder, threads):
        about = json.loads((folder / "network.json").read_text())
        weights = Arrays(folder, "weights", about["weights"]).values
        weights = {name: torch.from_numpy(value.copy()) for name, value in weights.items()}
        self.given = {k: nchw(v) for k, v in Arrays(folder, "inputs", about["inputs"]).values.items()}
        self.expected = Arrays(folder, "outputs", about["outputs"]).values
        self.stages = []
        for stage in about["stages"]:
            module = GraphModule(stage["graph"], weights, stage["name"] + ".").eval()
            module = module.to(memory_format=torch.channels_last)
            self.stages.append((stage, module))
        self.threads = threads
        self.sessions = None

    def names(self, stage):
        return list(stage["graph"]["inputs"]), list(stage["graph"]["outputs"])

    def torch(self, half=False):
        values = dict(self.given)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=half):
            for stage, module in self.stages:
                inputs, outputs = self.names(stage)
                out = module(*[values[name] for name in inputs])
                values.update(zip(outputs, out, strict=True))
        return values

    def export(self, folder):
        """One ONNX session per stage, as `torch.onnx` exports the module."""
        import onnxruntime

        self.sessions = []
        values = self.torch()
        for index, (stage, module) in enumerate(self.stages):
            inputs, outputs = self.names(stage)
            path = folder / f"{index}.onnx"
            example = tuple(values[name].contiguous() for name in inputs)
            torch.onnx.export(
                module, example, str(path), input_names=inputs, output_names=outputs, dynamo=True,
                opset_version=20, verbose=False, external_data=False,
            )
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = self.threads
            session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
            self.sessions.append((session, inputs, outputs))
        self.numpy = {k: numpy.ascontiguousarray(v.numpy()) for k, v in self.given.items()}

    def onnx(self):
        values = dict(self.numpy)
        for session, inputs, outputs in self.sessions:
            out = session.run(outputs, {name: values[name] for name in inputs})
            values.update(zip(outputs, out, strict=True))
        return values

    def differences(self, values):
        """Largest difference relative to the largest value, and relative root mean square."""
        worst, square = 0.0, 0.0
        for name, want in self.expected.items():
            got = values[name]
            got = got.float().numpy() if isinstance(got, torch.Tensor) else got
            got = numpy.moveaxis(got[0], 0, -1)
            scale = max(1e-9, float(numpy.abs(want).max()))
            difference = got.astype("f8") - want
            worst = max(worst, float(numpy.abs(difference).max()) / scale)
            norm = max(1e-12, float(numpy.square(want.astype("f8")).mean()))
            square = max(square, float(numpy.square(difference).mean()) / norm)
        return worst, square**0.5


def clock(work):
    time.sleep(PAUSE)
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def measure(server, name, height, width, threads, turns, folder):
    place = folder / f"{name}-{width}x{height}"
    place.mkdir(parents=True, exist_ok=True)
    server.ask(do="dump", network=name, height=height, width=width, folder=str(place))
    peer = Peer(place, threads)
    peer.export(place)
    agree_torch = peer.differences(peer.torch())
    agree_onnx = peer.differences(peer.onnx())
    for who, (worst, _) in (("PyTorch", agree_torch), ("ONNX Runtime", agree_onnx)):
        if worst > 1e-4:
            sys.exit(f"{name}: {who} differs from Headroom by {worst:.2e} of the largest value")

    def own(isa, precision):
        def run():
            time.sleep(PAUSE)
            return server.ask(
                do="run", network=name, height=height, width=width, isa=isa, precision=precision
            )["ms"]

        return run

    engines = {
        "Headroom": own("best", "full"),
        "ONNX Runtime": lambda: clock(peer.onnx),
        "PyTorch": lambda: clock(peer.torch),
        "Headroom AVX2": own("avx2", "full"),
        "Headroom fast": own("best", "fast"),
        "PyTorch bf16": lambda: clock(lambda: peer.torch(half=True)),
    }
    if name == "grid":
        def effect():
            time.sleep(PAUSE)
            return server.ask(do="effect", network=name, height=height, width=width)

        engines["Headroom whole effect"] = lambda: effect()["ms"]
        engines["copy in and out"] = lambda: server.ask(
            do="copy", height=height, width=width
        )["ms"]
    times = {engine: [] for engine in engines}
    for turn in range(turns + 1):
        for engine, run in engines.items():
            ms = run()
            if turn > 0:
                times[engine].append(ms)
    result = {engine: statistics.median(ms) for engine, ms in times.items()}
    print(name, f"{width}x{height}", {k: round(v, 1) for k, v in result.items()}, file=sys.stderr)
    server.ask(do="forget")
    return result, agree_torch, agree_onnx, peer.differences(peer.torch(half=True))


def memory(server):
    """What the executor plans for a whole frame as one tile, per megapixel."""
    names = ["grid", "residual", "unet", "unet-linear", "unet-attention", "diff-hdrtv"]
    width, height = 1920, 1080
    lines = [
        "",
        "Memory of a frame that runs as one tile (activations and scratch in one block that is used over "
        "and over; the node bounds it by *Memory limit* and runs larger frames in tiles; `grid` needs "
        "none of it in the node, where its full-size part is fused):",
        "",
        "| network | MB per megapixel |",
        "|---|---|",
    ]
    for name in names:
        planned = server.ask(do="memory", network=name, height=height, width=width)["bytes"]
        lines.append(f"| `{name}` | {planned / (width * height):.0f} |")
        server.ask(do="forget")
    return lines


def main():
    import onnxruntime  # not there where only a GPU's driver imports this

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--networks", default="residual,unet,grid")
    parser.add_argument("--sizes", default="960x544,1920x1080")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--report", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    server = Server(arguments.server, arguments.folder, arguments.threads)
    hello = server.hello
    head = (
        f"{hello['processor']}, {arguments.threads} threads; Headroom full: {hello['full']}, fast: "
        f"{hello['fast']}; ONNX Runtime {onnxruntime.__version__}; PyTorch {torch.__version__} "
        f"({torch.backends.cpu.get_cpu_capability()}), channels last. Medians of {arguments.turns} "
        "turns, milliseconds."
    )
    lines = [
        head,
        "",
        "| network | size | Headroom | ONNX Runtime | PyTorch | times ORT | times PyTorch |"
        " AVX2 only, times ORT | fast | PyTorch bf16 | times PyTorch bf16 | fast, times ORT |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    agreement, grid = [], []
    for name in arguments.networks.split(","):
        for size in arguments.sizes.split(","):
            width, height = map(int, size.split("x"))
            t, torch_off, onnx_off, half_off = measure(
                server, name, height, width, arguments.threads, arguments.turns, arguments.folder
            )
            own, ort, pt = t["Headroom"], t["ONNX Runtime"], t["PyTorch"]
            fast, half = t["Headroom fast"], t["PyTorch bf16"]
            lines.append(
                f"| `{name}` | {size} | {own:.1f} | {ort:.1f} | {pt:.1f} | {ort / own:.2f} |"
                f" {pt / own:.2f} | {ort / t['Headroom AVX2']:.2f} | {fast:.1f} | {half:.1f} |"
                f" {half / fast:.2f} | {ort / fast:.2f} |"
            )
            error = server.ask(do="error", network=name, height=height, width=width)
            agreement.append(
                f"| `{name}` | {size} | {torch_off[0]:.1e} | {onnx_off[0]:.1e} |"
                f" {error['rms']:.1e} | {half_off[1]:.1e} |"
            )
            if name == "grid":
                effect, copy = t["Headroom whole effect"], t["copy in and out"]
                grid.append(
                    f"| {size} | {effect:.1f} | {pt:.1f} | {pt / effect:.1f} | {copy:.1f} |"
                    f" {effect / copy:.2f} |"
                )
    lines += [
        "",
        "Largest difference from Headroom's result, of the largest value; and what fast precision "
        "and PyTorch's bf16 lose against full precision (relative root mean square):",
        "",
        "| network | size | PyTorch | ONNX Runtime | fast | PyTorch bf16 |",
        "|---|---|---|---|---|---|",
        *agreement,
    ]
    if grid:
        lines += [
            "",
            "The whole effect with `grid` (look, network, clip mask, placing, colour, picture in and "
            "out) against the network alone in PyTorch and against copying the frame:",
            "",
            "| size | whole effect | PyTorch, network alone | times | copy in and out | effect in "
            "copies |",
            "|---|---|---|---|---|---|",
            *grid,
        ]
    lines += memory(server)
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.report:
        arguments.report.write_text(text)


if __name__ == "__main__":
    main()
