"""Makes metric.json with colour-science 0.4.7: pip install colour-science."""
import json, os
import colour
import numpy as np

rows = np.array([[0, 0, 0], [0.05, 0.02, 0.1], [1, 1, 1], [18, 18, 18], [100, 100, 100], [203, 203, 203],
                 [100, 0, 0], [0, 100, 0], [0, 0, 100], [5, 80, 300], [1000, 400, 20], [4000, 4000, 4000],
                 [10000, 9000, 8000]], float)
ictcp = colour.RGB_to_ICtCp(rows, method="ITU-R BT.2100-2 PQ")
pairs = [[3, 4], [4, 5], [6, 7], [8, 9], [10, 11], [1, 2]]
delta = [float(colour.difference.delta_E_ITP(ictcp[a], ictcp[b])) for a, b in pairs]
cs = colour.RGB_COLOURSPACES["ITU-R BT.709"]
xyz = np.array([[0.2, 0.3, 0.4], [0.9, 1.0, 1.1], [0.001, 0.002, 0.003], [2.0, 1.5, 0.5], [0.0, 0.0, 0.0]])
d65, d50 = [0.3127, 0.3290], [0.3457, 0.3585]
pq = [0, 0.005, 0.1, 1, 100, 203, 1000, 4000, 10000]
json.dump({
    "rgb": rows.tolist(), "ictcp": ictcp.tolist(), "pairs": pairs, "delta_e_itp": delta,
    "xyz": xyz.tolist(),
    "lab_d65": colour.XYZ_to_Lab(xyz, d65).tolist(), "lab_d50": colour.XYZ_to_Lab(xyz, d50).tolist(),
    "nits": pq, "pq": colour.models.eotf_inverse_ST2084(np.array(pq, float)).tolist(),
    "hlg": [0, 0.01, 1 / 12, 0.2, 1, 3], "hlg_signal": colour.models.oetf_BT2100_HLG(np.array([0, 0.01, 1 / 12, 0.2, 1, 3])).tolist(),
}, open(os.path.join(os.path.dirname(__file__), "metric.json"), "w"), indent=1)
