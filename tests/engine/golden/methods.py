"""Writes methods.json: what the published methods make of some colours, in f64, from the formulas.

Sources: Report ITU-R BT.2446-1 (03/2021), table 4 (method A) and section 6 (method C, crosstalk
0.04); Akyuz et al. 2007 with gamma 1. Input and output are linear light in BT.709 primaries, 1
being diffuse white at 203 nits in the output. Needs numpy; run here: python3 methods.py
"""
import json
import numpy as np


def npm(primaries, white):
    xyz = np.array([[x, y, 1 - x - y] for x, y in primaries]).T
    w = np.array([white[0] / white[1], 1, (1 - white[0] - white[1]) / white[1]])
    return xyz * np.linalg.solve(xyz, w)


D65 = (0.3127, 0.3290)
M709 = npm([(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)], D65)
M2020 = npm([(0.708, 0.292), (0.170, 0.797), (0.131, 0.046)], D65)
TO_2020 = np.linalg.solve(M2020, M709)
WHITE = 203.0


def method_a(rgb):
    r, g, b = (TO_2020 @ rgb) ** (1 / 2.4)
    y = 0.2627 * r + 0.6780 * g + 0.0593 * b
    cb, cr = (b - y) / 1.8814, (r - y) / 1.4746
    y2 = 255 * y
    if y2 <= 70:
        e = 1.8712e-5 * y2**2 - 2.7334e-3 * y2 + 1.3141
    else:
        e = 2.8305e-6 * y2**2 - 7.4622e-4 * y2 + 1.2528
    hdr = y2**e
    s = 1.075 * hdr / y if y > 0 else 1.0
    cb, cr = cb * s, cr * s
    out = np.array([hdr + 1.4746 * cr,
                    hdr - 0.0593 * 1.8814 / 0.6780 * cb - 0.2627 * 1.4746 / 0.6780 * cr,
                    hdr + 1.8814 * cb])
    nits = 1000 * (np.clip(out, 0, 1000) / 1000) ** 2.4
    return np.linalg.solve(TO_2020, nits / WHITE)


def method_c(rgb):
    k1, k2, k3, k4 = 0.83802, 15.09968, 0.74204, 78.99439
    a = 0.04
    crosstalk = np.full((3, 3), a) + np.eye(3) * (1 - 3 * a)
    v = crosstalk @ TO_2020 @ rgb * 100
    big_x, big_y, big_z = M2020 @ v
    x, y = np.array([big_x, big_y]) / (big_x + big_y + big_z)
    hdr = big_y / k1 if big_y < 58.5 else 58.5 / k1 * (np.exp((big_y - k4) / k2) + k3)
    xyz = np.array([x / y * hdr, hdr, (1 - x - y) / y * hdr])
    out = np.linalg.solve(crosstalk, np.linalg.solve(M2020, xyz))
    return np.linalg.solve(TO_2020, out / WHITE)


def akyuz(rgb, darkest, brightest):
    y = M709[1] @ rgb
    return rgb / y * 32 * max((y - darkest) / (brightest - darkest), 0)


steps = [0.02, 0.1, 0.35, 0.6, 0.8, 1.0]
colours = [[1, 1, 1], [1, 0.7, 0.4], [0.3, 0.9, 0.5], [0.5, 0.4, 1], [1, 0.1, 0.05]]
rgbs = np.array([np.array(c) * s for c in colours for s in steps])
luminance = rgbs @ M709[1]
golden = {
    "input": rgbs.tolist(),
    "bt2446a": [method_a(c).tolist() for c in rgbs],
    "bt2446c": [method_c(c).tolist() for c in rgbs],
    "akyuz2007": [akyuz(c, luminance.min(), luminance.max()).tolist() for c in rgbs],
}
with open("methods.json", "w", encoding="utf-8") as file:
    json.dump(golden, file, indent=0)
    file.write("\n")
