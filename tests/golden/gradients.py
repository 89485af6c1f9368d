"""Writes gradients.json: PyTorch's gradients of a loss by every weight of two small networks, in f64.

The networks, their weights and inputs are those of networks.py. The loss is the mean squared difference
from the pattern "truth" (halved, plus a half, as pictures are).

    pip install -r requirements-golden.txt && python3 gradients.py
"""
import json
from pathlib import Path

import numpy as np
import torch

import networks

SAMPLES = 24  # numbers kept of a gradient


class Recorder(networks.Weights):
    """Keeps what it draws, to ask for its gradient."""

    drawn = {}

    def draw(self, name, shape):
        weight = super().draw(name, shape).requires_grad_()
        self.drawn[f"{self.stage}.{name}"] = weight
        return weight


class Case(networks.Case):
    """Keeps what comes out as it is."""

    def keep(self, made, count):
        self.parameters += count
        self.outputs |= made


def gradients(network, run, config, inputs):
    Recorder.drawn = {}
    case = Case(network, config, inputs)
    run(case)
    result = case.outputs["result"]
    _, channels, height, width = result.shape
    truth = networks.pattern("truth", result.numel()).reshape(height, width, channels) * 0.5 + 0.5
    truth = truth.astype(np.float32).astype(np.float64)
    truth = torch.from_numpy(np.ascontiguousarray(truth.transpose(2, 0, 1)))[None]
    loss = ((result - truth) ** 2).mean()
    loss.backward()
    found = {}
    for name, weight in Recorder.drawn.items():
        flat = weight.grad.numpy().ravel()
        step = max(1, flat.size // SAMPLES)
        found[name] = {"step": step, "largest": float(f"{np.abs(flat).max():.9g}"),
                       "values": [float(f"{v:.9g}") for v in flat[::step]]}
    return {"network": network, "config": config, "inputs": inputs,
            "loss": float(f"{loss.item():.12g}"), "gradients": found}


def main():
    networks.Weights = Recorder
    cases = [
        gradients("residual", networks.residual, {"width": 5, "dilations": [1, 3, 2]},
                  networks.picture(10, 14) | {"look": networks.LOOK}),
        gradients("unet", networks.unet, {"base": 5, "levels": 3}, networks.picture(12, 20)),
    ]
    text = json.dumps(cases, indent=None, separators=(",", ":"))
    # One weight a line, so that a change can be read.
    text = text.replace('},"', '},\n"') + "\n"
    (Path(__file__).parent / "gradients.json").write_text(text)


if __name__ == "__main__":
    main()
