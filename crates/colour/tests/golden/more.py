"""Makes more.json with OpenColorIO 2.6: rows beyond colour.json (near breaks, negatives, the way back from
displays, spaces that colour.json does not have). pip install opencolorio numpy."""
import json, os
import numpy as np
import PyOpenColorIO as ocio

here = os.path.dirname(os.path.abspath(__file__))
config = ocio.Config.CreateFromBuiltinConfig("studio-config-v5.0.0_aces-v2.1_ocio-v2.6")
golden = json.load(open(os.path.join(here, "colour.json")))["spaces"]
extra_scene = ["Gamma 2.2 Encoded AP1"]
displays = {
    "Rec.2100-PQ - Display": "REC.2100-PQ", "Rec.2100-HLG - Display": "REC.2100-HLG-1000nit",
    "sRGB - Display": "sRGB - MIRROR NEGS", "Rec.1886 Rec.709 - Display": "REC.1886-REC.709 - MIRROR NEGS",
    "Display P3 - Display": "DisplayP3", "Gamma 2.6 P3-D65 - Display": "G2.6-P3-D65 - MIRROR NEGS",
    "ST2084-P3-D65 - Display": "ST2084-P3-D65", "Rec.1886 Rec.2020 - Display": "REC.1886-REC.2020 - MIRROR NEGS",
}
rng = np.random.default_rng(11)
# Grey and coloured light around every toe, up to the hundreds; never far outside a gamut.
level = np.concatenate([10 ** rng.uniform(-4, 2.5, 40), np.linspace(-0.015, 0.03, 31)])
light = (level[:, None] * (1 + 0.2 * rng.uniform(-1, 1, (len(level), 3)))).astype(np.float32)
code = rng.uniform(0.0, 1.0, (50, 3))
code = np.concatenate([code, np.repeat(np.linspace(0.001, 0.2, 40)[:, None], 3, 1)]).astype(np.float32)
below = np.repeat(np.linspace(-0.1, -0.001, 6)[:, None], 3, 1).astype(np.float32)
tables = ["ACEScc", "Apple Log", "CanonLog2 CinemaGamut D55", "CanonLog3 CinemaGamut D55"]

def run(processor, rows):
    image = rows.copy()
    processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_NONE).applyRGB(image)
    short = lambda v: [float("%.9g" % x) for x in v]  # enough for any float32
    return [[short(a), short(b)] for a, b in zip(rows, image)]

out = {}
for name in [n for n, s in golden.items() if "view" not in s] + extra_scene:
    codes = code if name in tables else np.concatenate([code, below])
    out[name] = {
        "to_ap0": run(config.getProcessor(name, "ACES2065-1"), codes),
        "from_ap0": run(config.getProcessor("ACES2065-1", name), light),
    }
for name, style in displays.items():
    group = ocio.GroupTransform([
        ocio.BuiltinTransform("UTILITY - ACES-AP0_to_CIE-XYZ-D65_BFD"),
        ocio.BuiltinTransform("DISPLAY - CIE-XYZ-D65_to_" + style),
    ])
    out[name] = {
        "to_ap0": run(config.getProcessor(group, ocio.TRANSFORM_DIR_INVERSE), code),
        "from_ap0": run(config.getProcessor(group), light),
    }
json.dump({"spaces": out}, open(os.path.join(here, "more.json"), "w"))
