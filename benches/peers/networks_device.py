"""Times Headroom's networks on a GPU beside PyTorch: same weights, same pictures, same device, in turns.

    python networks_device.py SERVER --folder DIR --device cuda [--networks residual,unet] [--sizes 3840x2160]

SERVER is as for networks.py. What is timed is the last stage, the one at full size, from tensors on the device to
tensors on the device. PyTorch runs channels last in half floats, with its compiler and without. Where PyTorch finds no
such device it runs on the CPU, which is said and says nothing of the device. `cargo xtask bench --device` runs this.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import numpy
import torch

from networks import Peer, Server


class OnDevice:
    """The last stage in PyTorch on a device."""

    def __init__(self, peer, device, kind):
        stage, module = peer.stages[-1]
        inputs, _ = peer.names(stage)
        values = peer.torch()
        to = dict(device=device, dtype=kind)
        self.given = [
            values[name].to(**to).contiguous(memory_format=torch.channels_last) for name in inputs
        ]
        self.module = module.to(**to).to(memory_format=torch.channels_last)
        self.device = device

    def compiled(self):
        """With PyTorch's compiler; none where that does not work here."""
        module = torch.compile(self.module, mode="max-autotune-no-cudagraphs", dynamic=False)
        try:
            self.run(module)
        except Exception as problem:  # whatever a compiler may say
            print(f"torch.compile: {str(problem).splitlines()[0]}", file=sys.stderr)
            return None
        return module

    def run(self, module):
        with torch.inference_mode():
            out = module(*self.given)[0]
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return out

    def clock(self, module):
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        start = time.perf_counter()
        self.run(module)
        return (time.perf_counter() - start) * 1e3


def measure(server, name, width, height, arguments, device):
    place = arguments.folder / f"{name}-{width}x{height}"
    place.mkdir(parents=True, exist_ok=True)
    server.ask(do="dump", network=name, height=height, width=width, folder=str(place))
    peer = Peer(place, 1)
    expected = next(iter(peer.expected.values()))
    theirs = OnDevice(peer, device, torch.float16 if device.type == "cuda" else torch.bfloat16)
    found = theirs.run(theirs.module).float().cpu().numpy()
    off = numpy.square(numpy.moveaxis(found[0], 0, -1) - expected).mean() ** 0.5
    off /= max(1e-12, numpy.square(expected).mean() ** 0.5)
    modules = {"PyTorch": theirs.module, "PyTorch compiled": theirs.compiled()}
    times, told = {}, {}
    for turn in range(arguments.turns + 1):
        for precision in ("full", "fast"):
            told[precision] = server.ask(
                do="device", network=name, height=height, width=width, device=arguments.device,
                precision=precision,
            )
            if turn > 0:
                times.setdefault(precision, []).append(told[precision]["ms"])
        for engine, module in modules.items():
            if module is not None and turn > 0:
                times.setdefault(engine, []).append(theirs.clock(module))
            elif module is not None:
                theirs.clock(module)
    ms = {engine: statistics.median(of) for engine, of in times.items()}
    server.ask(do="forget")
    show = lambda engine: f"{ms[engine]:.2f}" if engine in ms else "-"
    best = min(ms[engine] for engine in ms if engine.startswith("PyTorch"))
    print(
        f"| `{name}` | {width}x{height} | {show('full')} | {show('fast')} | {show('PyTorch')} | "
        f"{show('PyTorch compiled')} | {best / ms['fast']:.2f} | {told['full']['rms']:.1e} | "
        f"{told['fast']['rms']:.1e} | {off:.1e} |",
        flush=True,
    )
    return told["fast"]["device"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--device", required=True)
    parser.add_argument("--networks", default="residual,unet")
    parser.add_argument("--sizes", default="1920x1080,3840x2160")
    parser.add_argument("--turns", type=int, default=7)
    arguments = parser.parse_args()
    there = arguments.device.startswith("cuda") and torch.cuda.is_available()
    device = torch.device(arguments.device if there else "cpu")
    server = Server(arguments.server, arguments.folder, 0)
    on = torch.cuda.get_device_name(device) if there else "the CPU, for want of the device"
    print(
        f"\nNetworks alone, the stage at full size; PyTorch {torch.__version__} on {on}, channels last, half floats. "
        f"Medians of {arguments.turns} turns, milliseconds; errors are relative root mean squares.\n"
    )
    print(
        "| network | size | Headroom full | Headroom fast | PyTorch | PyTorch compiled | best of PyTorch / fast | error,"
        " full | error, fast | error, PyTorch |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in arguments.networks.split(","):
        for size in arguments.sizes.split(","):
            width, height = map(int, size.split("x"))
            measure(server, name, width, height, arguments, device)


if __name__ == "__main__":
    main()
