"""Whole steps of training in Headroom's trainer and in PyTorch (f32), turn by turn.

A step is forward, loss (hybrid: half L1, half L1 of log(1 + x)), backward, clipping of the gradient's
norm, AdamW and the moving average of the weights, on one batch of whole frames made by formula. The
other side is the trainer itself: an example around its learner that writes its graphs, weights and
tensors into a folder and then does one step for every line that comes in: "LOSS CPU_MS WALL_MS".
PyTorch runs the same graphs (graph_torch.py) from the same numbers, in its default memory layout and
in channels last; the faster of the two counts.

    cargo build --release -p headroom-train --example training_step
    pip install -r requirements.txt
    python3 training.py [--networks grid residual] [--steps 7] [--threads 1] [--example PROGRAM]
"""

import argparse
import json
import math
import os
import statistics
import struct
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RATE, BETAS, EPSILON, DECAY, CLIP, EMA = 2e-3, (0.9, 0.999), 1e-8, 1e-4, 1.0, 0.998


def arguments():
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    networks = ["grid", "residual"]
    parser.add_argument("--networks", nargs="+", choices=networks, default=networks)
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--report", type=Path)
    parser.add_argument("--example", type=Path, default=target / "release/examples/training_step")
    return parser.parse_args()


ARGUMENTS = arguments()
os.environ["OMP_NUM_THREADS"] = str(ARGUMENTS.threads)

import numpy as np  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

import graph_torch  # noqa: E402


def bilateral_slice(grid, guide, bins):
    """graph_torch's, for a batch."""
    batch, _, height, width = guide.shape
    volume = grid.unflatten(1, (-1, bins))
    y = (torch.arange(height, dtype=torch.float32) * 2 + 1) / height - 1
    x = (torch.arange(width, dtype=torch.float32) * 2 + 1) / width - 1
    x = x[None, None, :].expand(batch, height, width)
    y = y[None, :, None].expand(batch, height, width)
    at = torch.stack([x, y, guide[:, 0] * 2 - 1], -1)[:, None]
    return F.grid_sample(volume, at, "bilinear", "border", align_corners=False)[:, :, 0]


graph_torch.bilateral_slice = bilateral_slice


def read_weights(path):
    """Tensors of a safetensors file of F32."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    weights = {}
    for name, entry in header.items():
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        values = np.frombuffer(data[start:end], "<f4").reshape(entry["shape"])
        weights[name] = torch.from_numpy(values.copy())
    return weights


def read_tensor(folder, name, shape, layout):
    """Channels last in the file, NCHW here."""
    values = np.fromfile(folder / f"{name}.f32", "<f4").reshape(shape)
    return torch.from_numpy(values).permute(0, 3, 1, 2).contiguous(memory_format=layout)


class Trainer:
    """The same loop in PyTorch."""

    def __init__(self, folder, layout):
        case = json.loads((folder / "case.json").read_text())
        weights = read_weights(folder / "weights.safetensors")
        self.domain = case["domain"]
        self.stages = []
        for stage in case["stages"]:
            module = graph_torch.GraphModule(stage["graph"], weights, f"{stage['name']}.")
            module.requires_grad_(True)
            # A value that the gradient needs must not be overwritten.
            module.alone = [False] * len(module.nodes)
            self.stages.append((stage["graph"], module.to(memory_format=layout)))
        parameters = [p for _, module in self.stages for p in module.parameters()]
        decayed = [p for p in parameters if p.dim() > 1]
        spared = [p for p in parameters if p.dim() <= 1]
        groups = [{"params": decayed, "weight_decay": DECAY}, {"params": spared, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, RATE, BETAS, EPSILON, fused=True)
        self.parameters = parameters
        self.average = [p.detach().clone() for p in parameters]
        self.count = 0
        tensors = case["tensors"]
        self.given = {name: read_tensor(folder, name, shape, layout) for name, shape in tensors.items()}

    def run(self):
        values = dict(self.given)
        for graph, module in self.stages:
            made = module(*(values[name] for name in graph["inputs"]))
            values.update(zip(graph["outputs"], made, strict=True))
        result = values["result"]
        if self.domain == "stops":
            return values["base"] * torch.exp2(result.clamp(-24.0, 24.0))
        return result

    def step(self):
        """One step; gives the loss, CPU and wall milliseconds."""
        cpu, wall = time.process_time(), time.perf_counter()
        self.optimiser.zero_grad(set_to_none=True)
        prediction, truth = self.run(), self.given["truth"]
        linear = (prediction - truth).abs().mean()
        logs = torch.log1p(prediction.clamp(min=0.0)) - torch.log1p(truth)
        loss = 0.5 * linear + 0.5 * logs.abs().mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, CLIP, foreach=True)
        self.optimiser.step()
        self.count += 1
        decay = min(EMA, (1.0 + self.count) / (10.0 + self.count))
        with torch.no_grad():
            torch._foreach_lerp_(self.average, self.parameters, 1.0 - decay)
        value = loss.item()
        return value, (time.process_time() - cpu) * 1e3, (time.perf_counter() - wall) * 1e3


def compare(network):
    """A network on both sides, turn by turn; gives the report's row."""
    with tempfile.TemporaryDirectory() as folder:
        command = [ARGUMENTS.example, network, folder, str(ARGUMENTS.threads)]
        # Candle's own threads wait by spinning; the work is on the executor's.
        ours = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                env=os.environ | {"RAYON_NUM_THREADS": "1"})
        assert ours.stdout.readline().strip() == "ready"
        layouts = {"default": torch.contiguous_format, "channels last": torch.channels_last}
        peers = {name: Trainer(Path(folder), layout) for name, layout in layouts.items()}

        def own_step():
            ours.stdin.write("step\n")
            ours.stdin.flush()
            return tuple(float(word) for word in ours.stdout.readline().split())

        sides = {"headroom": own_step} | {name: peer.step for name, peer in peers.items()}
        times = {name: [] for name in sides}
        first = {}
        for index in range(ARGUMENTS.steps + 1):
            for name, step in sides.items():
                loss, cpu, wall = step()
                assert math.isfinite(loss), name
                print(f"{network} {index:3} {name:14} loss {loss:.7f}  CPU {cpu:8.1f} ms"
                      f"  wall {wall:8.1f} ms")
                if index == 0:  # the first step warms up; the losses are of the same weights
                    first[name] = loss
                else:
                    times[name].append((cpu, wall))
        ours.stdin.close()
        ours.wait()
    medians = {name: [statistics.median(t) for t in zip(*all, strict=True)] for name, all in times.items()}
    best = min(peers, key=lambda name: medians[name][0])
    (own_cpu, own_wall), (cpu, wall) = medians["headroom"], medians[best]
    difference = abs(first["headroom"] - first[best]) / abs(first[best])
    print(f"{network}: PyTorch ({best}) takes {cpu / own_cpu:.2f} times the CPU and {wall / own_wall:.2f}"
          f" times the wall time of Headroom; first losses differ by {difference:.1e}")
    assert difference < 1e-4
    return (f"| `{network}` | {ARGUMENTS.threads} | {own_cpu:.0f} | {cpu:.0f} ({best}) |"
            f" {cpu / own_cpu:.2f} | {wall / own_wall:.2f} | {difference:.0e} |\n")


def main():
    torch.set_num_threads(ARGUMENTS.threads)
    rows = [compare(network) for network in ARGUMENTS.networks]
    if ARGUMENTS.report:
        ARGUMENTS.report.write_text(
            f"| network | threads | Headroom, CPU ms per step | PyTorch {torch.__version__}, CPU ms |"
            " times, CPU | times, wall | first losses differ by |\n"
            "|---|---|---|---|---|---|---|\n" + "".join(rows)
        )


if __name__ == "__main__":
    main()
