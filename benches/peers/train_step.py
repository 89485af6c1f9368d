"""Training steps of `residual` in Headroom and in PyTorch (f32, channels last), turn by turn.

Batch 8 x 128 x 128, the same weights, inputs and plain gradient descent; prints CPU milliseconds per
step of both, their ratio and whether the losses agree.

    cargo build --release -p headroom-candle --example train_step
    pip install -r requirements.txt
    python3 train_step.py [--steps 7] [--threads 2] [--example ../../target/release/examples/train_step]
"""
import argparse
import math
import os
import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BATCH, SIDE, RATE = 8, 128, 1e-3


def arguments():
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ops", choices=["fast", "stock"], default="fast")
    parser.add_argument("--report", type=Path)
    parser.add_argument("--example", type=Path, default=target / "release/examples/train_step")
    return parser.parse_args()


ARGUMENTS = arguments()
os.environ["OMP_NUM_THREADS"] = str(ARGUMENTS.threads)

import numpy as np  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402


def pattern(name, count):
    """src/model/pattern.rs."""
    h = 0x811C9DC5
    for byte in name.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = np.uint32(h) ^ (np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9))
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return (x >> np.uint32(8)).astype(np.float64) / 2**23 - 1


class Residual(torch.nn.Module):
    """src/model/residual.rs with its usual configuration."""

    def __init__(self, width=32, dilations=(1, 2, 4, 8, 4, 2)):
        super().__init__()
        self.dilations = dilations
        layer = torch.nn.Conv2d
        self.context = torch.nn.ModuleDict({
            "down1": layer(8, 16, 3, 2, 1), "down2": layer(16, 32, 3, 2, 1),
            "down3": layer(32, 32, 3, 2, 1), "context": torch.nn.Linear(32, 2 * width)})
        layers = {"enter1": layer(3, width, 3, 1, 1), "enter2": layer(width, width, 3, 1, 1),
                  "down": layer(width, 2 * width, 3, 2, 1), "up": layer(2 * width, width, 3, 1, 1),
                  "leave": layer(width, 3, 3, 1, 1)}
        for i, d in enumerate(dilations, 1):
            for part in "ab":
                layers[f"block{i}_{part}"] = layer(2 * width, 2 * width, 3, 1, d, d)
        self.restore = torch.nn.ModuleDict(layers)
        for name, values in self.named_parameters():
            drawn = pattern(name.replace("_", "."), values.numel())
            over = math.prod(values.shape[1:])
            drawn *= math.sqrt(3.0 / over) if values.dim() > 1 else 0.1
            values.data = torch.from_numpy(drawn.astype(np.float32)).reshape(values.shape)

    def forward(self, picture, look):
        context, restore = self.context, self.restore
        for name in ("down1", "down2", "down3"):
            look = F.relu(context[name](look))
        context = context["context"](look.mean((2, 3)))[:, :, None, None]
        x = F.relu(restore["enter1"](picture))
        skip = F.relu(restore["enter2"](x))
        x = F.relu(restore["down"](skip) + context)
        for i in range(1, len(self.dilations) + 1):
            x = x + restore[f"block{i}_b"](F.relu(restore[f"block{i}_a"](x)))
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        x = F.relu(restore["up"](x)) + skip
        return F.softplus(picture + restore["leave"](x), beta=32.0, threshold=80.0)


def tensor(name, side, channels):
    values = pattern(name, BATCH * side * side * channels) * 0.5 + 0.5
    values = values.astype(np.float32).reshape(BATCH, side, side, channels)
    return torch.from_numpy(values).permute(0, 3, 1, 2)  # channels last in memory


def main():
    torch.set_num_threads(ARGUMENTS.threads)
    net = Residual().to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(net.parameters(), lr=RATE)
    picture, look, truth = tensor("picture", SIDE, 3), tensor("look", 256, 8), tensor("truth", SIDE, 3)

    def torch_step():
        start = time.process_time()
        optimiser.zero_grad(set_to_none=True)
        loss = ((net(picture, look) - truth) ** 2).mean()
        loss.backward()
        optimiser.step()
        return loss.item(), (time.process_time() - start) * 1e3

    # Candle's own threads wait by spinning; the work is on the executor's.
    ours = subprocess.Popen([ARGUMENTS.example, ARGUMENTS.ops, str(ARGUMENTS.threads)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                            env=os.environ | {"RAYON_NUM_THREADS": "1"})

    def own_step():
        ours.stdin.write("step\n")
        ours.stdin.flush()
        loss, milliseconds = ours.stdout.readline().split()
        return float(loss), float(milliseconds)

    print("step  headroom ms  pytorch ms  headroom loss  pytorch loss")
    times = [[], []]
    worst = 0.0
    for index in range(ARGUMENTS.steps + 1):
        (own, own_ms), (peer, peer_ms) = own_step(), torch_step()
        assert math.isfinite(own) and math.isfinite(peer)
        worst = max(worst, abs(own - peer) / abs(peer))
        print(f"{index:4}  {own_ms:11.0f}  {peer_ms:10.0f}  {own:13.8f}  {peer:12.8f}")
        if index:  # the first step warms up
            times[0].append(own_ms)
            times[1].append(peer_ms)
    ours.stdin.close()
    ours.wait()
    own, peer = (statistics.median(t) for t in times)
    print(f"median CPU ms: headroom {own:.0f}, pytorch {peer:.0f}, ratio {peer / own:.2f}")
    print(f"losses differ by {worst:.1e} of their size")
    if ARGUMENTS.report:
        ARGUMENTS.report.write_text(
            f"| threads | Headroom, CPU ms per step | PyTorch {torch.__version__}, CPU ms per step | times |"
            f" losses differ by |\n|---|---|---|---|---|\n| {ARGUMENTS.threads} | {own:.0f} | {peer:.0f} |"
            f" {peer / own:.2f} | {worst:.1e} |\n"
        )
    assert worst < 1e-5


if __name__ == "__main__":
    main()
