"""Makes metrics.json: what other people's packages say about the pictures that
src/metrics/tests.rs makes.

    pip install numpy scipy scikit-image colour-science
    python3 tests/golden/metrics.py > tests/golden/metrics.json

PSNR and SSIM are scikit-image's, ACEScct, PQ, ICtCp and CIE Y colour-science's, percentiles and the
cubic curve numpy's, the disc blur scipy's. PU21 is the formula of Mantiuk and Azimi 2021
(banding_glare), typed in from the paper's table.
"""

import json

import colour
import numpy as np
import scipy
import skimage
from scipy import ndimage
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

WIDTH, HEIGHT = 160, 64


def pictures():
    y, x, c = np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), np.arange(3), indexing="ij")
    truth = ((x * 7 + y * 13 + c * 5) % 64 + 1.0) ** 2 / 1024
    truth[20:23, 30:33] *= 16  # a lamp, so that the greatest value is not a percentile
    test = truth * ((x * 3 + y * 5 + c) % 9 + 28) / 32
    return test, truth


def pu21(nits):
    p = [0.353487901, 0.3734658629, 8.277049286e-05, 0.9062562627, 0.09150303166, 0.9099517204,
         596.3148142]
    v = nits ** p[3]
    return np.maximum(p[6] * (((p[0] + p[1] * v) / (1 + p[2] * v)) ** p[4] - p[5]), 0)


def nits(light):
    return np.clip(light * 100, 0.005, 10000)


REC709 = colour.RGB_COLOURSPACES["ITU-R BT.709"]
MATRIX = colour.normalised_primary_matrix(REC709.primaries, np.array([0.3127, 0.3290]))


def luminance(light):
    return light @ MATRIX[1]


def to_space(light, name):
    target = colour.RGB_COLOURSPACES[name]
    source = colour.RGB_Colourspace("Rec.709", REC709.primaries, np.array([0.3127, 0.3290]), "D65")
    matrix = colour.matrix_RGB_to_RGB(source, target, chromatic_adaptation_transform="Bradford")
    # The package's printed matrices are rounded; these are derived.
    source.use_derived_transformation_matrices(True)
    target.use_derived_transformation_matrices(True)
    matrix = colour.matrix_RGB_to_RGB(source, target, chromatic_adaptation_transform="Bradford")
    return light @ matrix.T


def acescct(light):
    return colour.models.log_encoding_ACEScct(light)


def pq(light):
    return colour.models.eotf_inverse_ST2084(nits(light), 10000)


def defocused(light):
    """Mean over a disc with a radius of 2 % of the width, and over pixels of the picture alone."""
    radius = 0.02 * WIDTH
    reach = int(radius)
    y, x = np.mgrid[-reach:reach + 1, -reach:reach + 1]
    disc = (x * x + y * y <= radius * radius).astype(float)
    count = ndimage.convolve(np.ones(light.shape[:2]), disc, mode="constant")
    sums = [ndimage.convolve(light[..., c], disc, mode="constant") for c in range(3)]
    return np.stack(sums, axis=-1) / count[..., None]


def clipped(truth):
    return (truth >= 1.0).any(axis=2)


def measure(test, truth, mask):
    out = {}
    scales = {
        "linear": (1.0, lambda v: v, lambda y: y),
        "acescct": (1.0, lambda v: acescct(to_space(v, "ACEScct")), acescct),
        "pu21": (256.0, lambda v: pu21(nits(v)), lambda y: pu21(nits(y))),
        "pq": (1.0, lambda v: pq(to_space(v, "ITU-R BT.2020")), pq),
        "norm": (1.0, lambda v: np.clip(v / truth.max(), 0, 1), None),
        "norm_p995": (1.0, lambda v: np.clip(v / np.percentile(truth, 99.5), 0, 1), None),
        "log": (1.0, lambda v: np.clip(np.log1p(np.maximum(v, 0)) / np.log1p(truth.max()), 0, 1),
                None),
    }
    for name, (peak, colour_scale, grey_scale) in scales.items():
        grey_scale = grey_scale or colour_scale
        a, b = colour_scale(test), colour_scale(truth)
        if mask is None:
            out[f"psnr_{name}"] = peak_signal_noise_ratio(b, a, data_range=peak)
        else:
            out[f"psnr_{name}"] = peak_signal_noise_ratio(b[mask], a[mask], data_range=peak)
        mean, full = structural_similarity(
            grey_scale(luminance(truth)), grey_scale(luminance(test)), data_range=peak,
            gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True)
        if mask is None:
            out[f"ssim_{name}"] = mean
        else:
            inner = np.zeros_like(mask)
            inner[5:-5, 5:-5] = mask[5:-5, 5:-5]
            out[f"ssim_{name}"] = full[inner].mean()
        part = (lambda v: v) if mask is None else (lambda v: v[mask])
        if name in ("linear", "acescct", "pu21", "pq"):
            out[f"mae_{name}"] = np.abs(part(a) - part(b)).mean()
        if name == "acescct":
            out["rmse_acescct"] = np.sqrt(((part(a) - part(b)) ** 2).mean())
    part = (lambda v: v) if mask is None else (lambda v: v[mask])
    stops = lambda v: np.log2(np.clip(luminance(part(v)), 2.0 ** -10, 100))
    out["rmse_stops"] = np.sqrt(((stops(test) - stops(truth)) ** 2).mean())
    out["bias_stops"] = (stops(test) - stops(truth)).mean()
    itp = lambda v: colour.RGB_to_ICtCp(nits(to_space(part(v), "ITU-R BT.2020")), L_p=10000)
    out["itp"] = colour.difference.delta_E_ITP(itp(test), itp(truth)).mean()
    out["energy"] = np.log2(luminance(part(test)).sum() / luminance(part(truth)).sum())
    out["peak"] = np.log2(luminance(part(test)).max() / luminance(part(truth)).max())
    a, b = (part(pu21(nits(defocused(v)))) for v in (test, truth))
    out["defocus"] = peak_signal_noise_ratio(b, a, data_range=256.0)
    return {key: float(value) for key, value in out.items()}


def curve(test, truth, trusted):
    """numpy's cubic through log2 of the channels, and what it makes of some light."""
    inside = trusted[..., None] & (test >= 2.0 ** -10) & (test <= 100)
    inside &= (truth >= 2.0 ** -10) & (truth <= 100)
    x, y = np.log2(test[inside]), np.log2(truth[inside])
    cubic = np.polynomial.Polynomial.fit(x, y - x, 3)
    light = [0.0, 1e-4, 0.01, 0.05, 0.3, 0.9, 4.0, 60.0]
    stops = np.clip(np.log2(np.maximum(light, 1e-30)), x.min(), x.max())
    return {"light": light, "aligned": [float(v) for v in light * 2.0 ** cubic(stops)]}


def flicker(test, truth, mask):
    """Between the pictures and themselves upside down and brighter, the truth by less."""
    both = mask & mask[::-1]
    stops = lambda v: np.log2(np.clip(luminance(v), 2.0 ** -10, 100))[both]
    frames = lambda v, gain: (stops(v), stops(v[::-1] * gain))
    test, truth = frames(test, 1.5), frames(truth, 1.25)
    change = lambda frames: np.abs(frames[1] - frames[0]).mean()
    level = lambda frames: np.abs(frames[1].mean() - frames[0].mean())
    return {"flicker": float(change(test) - change(truth)), "flicker_absolute": float(change(test)),
            "breathing": float(level(test) - level(truth)), "breathing_absolute": float(level(test))}


MOTION = [[0.99, -0.01, 1.25], [0.02, 1.01, -0.75], [1e-4, -2e-4, 1.0]]


def warping(test, truth, mask):
    """The same frames, followed by a projective motion, bilinear in stops."""
    height, width = mask.shape
    y, x = np.mgrid[:height, :width]
    u, v, w = np.einsum("ij,jyx->iyx", np.array(MOTION), np.stack([x, y, np.ones_like(x)]))
    u, v = u / w, v / w
    left, top = np.floor(u).astype(int), np.floor(v).astype(int)
    inside = (left >= 0) & (left < width - 1) & (top >= 0) & (top < height - 1)
    left, top = np.clip(left, 0, width - 2), np.clip(top, 0, height - 2)
    four = mask[top, left] & mask[top, left + 1] & mask[top + 1, left] & mask[top + 1, left + 1]
    both = inside & mask[::-1] & four
    stops = lambda v: np.log2(np.clip(luminance(v), 2.0 ** -10, 100))

    def change(light, gain, where):
        before = scipy.ndimage.map_coordinates(stops(light), [v, u], order=1, mode="nearest")
        return float(np.abs(stops(light[::-1] * gain) - before)[where].mean())

    found = change(test, 1.5, both)
    return {"warping": found - change(truth, 1.25, both), "warping_absolute": found,
            "warping_picture": change(test, 1.5, inside),
            "warping_picture_beyond": change(test, 1.5, inside) - change(truth, 1.25, inside)}


def main():
    test, truth = pictures()
    mask = clipped(truth)
    packages = (np, scipy, skimage, colour)
    print(json.dumps({"versions": {p.__name__: p.__version__ for p in packages},
                      "whole": measure(test, truth, None), "clipped": measure(test, truth, mask),
                      "curve": curve(test, truth, ~mask), "clip": flicker(test, truth, mask) | warping(test, truth, mask)},
                     indent=2))


if __name__ == "__main__":
    main()
