"""Makes metrics.json: what other people's packages say about the pictures that
src/metrics/tests.rs makes.

    pip install numpy scikit-image colour-science
    python3 tests/golden/metrics.py > tests/golden/metrics.json

PSNR and SSIM are scikit-image's, ACEScct, ICtCp and CIE Y colour-science's. PU21 is the formula of
Mantiuk and Azimi 2021 (banding_glare), typed in from the paper's table.
"""

import json

import colour
import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

WIDTH, HEIGHT = 48, 32


def pictures():
    y, x, c = np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), np.arange(3), indexing="ij")
    truth = ((x * 7 + y * 13 + c * 5) % 64 + 1.0) ** 2 / 1024
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


def clipped(truth):
    return (truth >= 1.0).any(axis=2)


def measure(test, truth, mask):
    out = {}
    scales = {
        "linear": (1.0, lambda v: v, lambda y: y),
        "acescct": (1.0, lambda v: acescct(to_space(v, "ACEScct")), acescct),
        "pu21": (256.0, lambda v: pu21(nits(v)), lambda y: pu21(nits(y))),
    }
    for name, (peak, colour_scale, grey_scale) in scales.items():
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
    return {key: float(value) for key, value in out.items()}


def main():
    test, truth = pictures()
    print(json.dumps({"whole": measure(test, truth, None),
                      "clipped": measure(test, truth, clipped(truth))}, indent=2))


if __name__ == "__main__":
    main()
