#!/usr/bin/env python3
"""Editability (ERM) of a made picture, by NumPy, colour-science and xxhash.

The edits and what is drawn for them are written from docs/training/loss.md and eval.md, apart from the
trainer; pictures, PU21 and ACEScct are those of tests/golden/metrics.py. Writes erm.json beside itself.
"""

import json
import pathlib
import sys

import numpy as np
import xxhash

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "tests" / "golden"))
import metrics  # noqa: E402

EACH = 2


def draw(seed, place, low, high):
    """Uniform in [low, high): 53 bits of XXH3 of the place, seeded."""
    bits = xxhash.xxh3_64(place.to_bytes(8, "little"), seed=seed).intdigest() >> 11
    return low + (high - low) * bits / 2**53


def exposure(x, seed):
    return x * 2 ** draw(seed, 0, -2, 2)


def white_balance(x, seed):
    return x * 2 ** np.array([draw(seed, channel, -0.5, 0.5) for channel in range(3)])


def contrast(x, seed):
    power, grey = 0.7 * 2 ** draw(seed, 0, 0, 1), 0.18
    toe = grey / 256
    curve = lambda v: grey * (v / grey) ** power
    return np.where(x > toe, curve(np.maximum(x, toe)), x * curve(toe) / toe)


def saturation(x, seed):
    y = metrics.luminance(x)[..., None]
    return y + draw(seed, 0, 0.5, 1.5) * (x - y)


def composite(x, seed):
    left, right = draw(seed, 0, 0, 1), draw(seed, 1, 0, 1)
    if draw(seed, 2, 0, 1) < 0.5:
        right = left
    colour = np.array([draw(seed, place, 0, 2) for place in (3, 4, 5)])
    matte = np.linspace(left, right, x.shape[1])[None, :, None]
    return matte * x + (1 - matte) * colour


EDITS = [exposure, white_balance, contrast, saturation, composite]
SPACES = {
    "erm_pu21": lambda x: metrics.pu21(metrics.nits(x)),
    "erm_acescct": lambda x: metrics.acescct(metrics.to_space(x, "ACEScct")),
}


def main():
    test, truth = metrics.pictures()
    out = {}
    for name, space in SPACES.items():
        cases = [(edit(test, seed), edit(truth, seed)) for edit in EDITS for seed in range(EACH)]
        out[name] = float(np.mean([np.abs(space(a) - space(b)).mean() for a, b in cases]))
    (HERE / "erm.json").write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
