"""JOD of ColorVideoVDP (Mantiuk et al., SIGGRAPH 2024) for pictures that `headroom-train eval --write-exr` left.

    pip install cvvdp openexr
    python3 benches/peers/jod.py scores/exr [--only srgb_c5]

Prints, per condition and method, the median over the pictures. The display is the protocol's: linear,
4000 nits, 1.0 shown as 100 nits, standard_4k geometry. Predictions are taken as they are: scaled by one
factor per picture, the mean difference of log2 luminance where the input's codes all lie in 13 to 249,
as the other figures are.
"""
import argparse
import pathlib
import statistics

import numpy as np
import OpenEXR
import pycvvdp
import torch
from PIL import Image

LUMINANCE = np.array([0.212639, 0.715169, 0.072192])
NITS = 100.0


def light(path):
    channels = OpenEXR.File(str(path)).channels()
    for name in ("RGB", "RGBA"):
        if name in channels:
            return channels[name].pixels[..., :3].astype(np.float32)
    return np.stack([channels[c].pixels for c in "RGB"], -1).astype(np.float32)


def aligned(prediction, truth, codes):
    judged = ((codes >= 13) & (codes <= 249)).all(-1)
    stops = lambda rgb: np.log2(np.maximum(rgb @ LUMINANCE, 2.0**-10))[judged]
    return prediction * np.exp2((stops(truth) - stops(prediction)).mean())


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("folder", type=pathlib.Path, help="exr/ of an evaluation")
    arguments.add_argument("--only", help="one condition")
    given = arguments.parse_args()
    photometry = pycvvdp.vvdp_display_photo_eotf(Y_peak=4000, contrast=1_000_000, EOTF="linear")
    judge = pycvvdp.cvvdp(display_name="standard_4k", display_photometry=photometry, device=torch.device("cpu"))
    methods = sorted(p for p in given.folder.iterdir() if p.name not in ("input", "truth"))
    for truths in sorted((given.folder / "truth").iterdir()):
        if given.only not in (None, truths.name):
            continue
        for method in methods:
            scores = []
            for path in sorted(truths.glob("*.exr")):
                truth, prediction = light(path), light(method / truths.name / path.name)
                codes = np.asarray(Image.open(given.folder / "input" / truths.name / f"{path.stem}.png"))[..., :3]
                shown = [np.clip(x * NITS, 0.005, 10000).astype(np.float32) for x in (aligned(prediction, truth, codes), truth)]
                score, _ = judge.predict(*shown, dim_order="HWC")
                scores.append(float(score))
            print(f"{truths.name} {method.name}: {statistics.median(scores):.3f} JOD, {len(scores)} pictures", flush=True)


main()
