"""Makes lut/*.cube and lut.json with OpenColorIO 2.6: pip install opencolorio numpy."""
import json, os
import numpy as np
import PyOpenColorIO as ocio

here = os.path.dirname(os.path.abspath(__file__))
os.makedirs(os.path.join(here, "lut"), exist_ok=True)
rng = np.random.default_rng(7)

def rows(a):
    return "".join("%.6f %.6f %.6f\n" % tuple(r) for r in a)

def cube(n):
    axis = np.linspace(0, 1, n)
    b, g, r = np.meshgrid(axis, axis, axis, indexing="ij")
    rgb = np.stack([r, g, b], -1).reshape(-1, 3)
    return rgb ** 1.7 + 0.15 * rng.standard_normal(rgb.shape)

ramp = np.linspace(0, 1, 33)[:, None] ** np.array([0.5, 0.6, 0.7])
files = {
    "adobe_3d.cube": 'TITLE "a 3D table"\n# comment\nLUT_3D_SIZE 5\n\n' + rows(cube(5)),
    "adobe_3d_domain.cube": "LUT_3D_SIZE 4\nDOMAIN_MIN -0.5 0 0.1\nDOMAIN_MAX 2 1.5 1\n" + rows(cube(4)),
    "adobe_1d.cube": "LUT_1D_SIZE 33\n" + rows(ramp),
    "adobe_1d_domain.cube": "LUT_1D_SIZE 33\r\nDOMAIN_MIN 0 -1 0\r\nDOMAIN_MAX 1 1 4\r\n" + rows(ramp).replace("\n", "\r\n"),
    "resolve_3d_range.cube": "LUT_3D_SIZE 4\nLUT_3D_INPUT_RANGE -0.25 1.5\n" + rows(cube(4)),
    "resolve_1d_3d.cube": "LUT_1D_SIZE 33\nLUT_1D_INPUT_RANGE -0.1 1.3\nLUT_3D_SIZE 5\nLUT_3D_INPUT_RANGE 0.0 1.0\n" + rows(ramp) + rows(cube(5)),
}
pixels = np.concatenate([
    rng.uniform(-0.2, 1.3, (40, 3)), np.repeat(np.linspace(0, 1, 5)[:, None], 3, 1),
    [[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [-5, 0.5, 9], [0.25, 0.25, 0.5], [0.5, 0.25, 0.25]],
]).astype(np.float32)
kinds = {"tetrahedral": ocio.INTERP_TETRAHEDRAL, "trilinear": ocio.INTERP_LINEAR}

def nearest(text, rgb):
    """OpenColorIO takes linear for nearest, so these come from a few lines of numpy."""
    low, high = [np.zeros(3), np.zeros(3)], [np.ones(3), np.ones(3)]
    size, data = [0, 0], []
    for line in text.splitlines():
        w = line.split()
        if not w or w[0] in ("#", "TITLE"): continue
        if w[0] == "LUT_1D_SIZE": size[0] = int(w[1])
        elif w[0] == "LUT_3D_SIZE": size[1] = int(w[1])
        elif w[0] == "DOMAIN_MIN": low = [np.array(w[1:], float)] * 2
        elif w[0] == "DOMAIN_MAX": high = [np.array(w[1:], float)] * 2
        elif w[0].endswith("INPUT_RANGE"):
            k = 0 if "1D" in w[0] else 1
            low[k], high[k] = np.full(3, float(w[1])), np.full(3, float(w[2]))
        else: data.append([float(v) for v in w])
    data, rgb = np.array(data), np.asarray(rgb, float)
    if size[0]:
        x = [np.linspace(low[0][i], high[0][i], size[0]) for i in range(3)]
        rgb = np.stack([np.interp(rgb[:, i], x[i], data[:size[0], i]) for i in range(3)], 1)
    if size[1]:
        n = size[1]
        at = np.floor(np.clip((rgb - low[1]) / (high[1] - low[1]), 0, 1) * (n - 1) + 0.5).astype(int)
        rgb = data[size[0]:].reshape(n, n, n, 3)[at[:, 2], at[:, 1], at[:, 0]]
    return rgb.tolist()

config = ocio.Config.CreateRaw()
out = {"pixels": pixels.tolist(), "files": {}}
for name, text in files.items():
    path = os.path.join(here, "lut", name)
    with open(path, "w", newline="") as f:
        f.write(text)
    out["files"][name] = {"nearest": nearest(text, pixels)}
    for kind, value in kinds.items():
        t = ocio.FileTransform(path, interpolation=value)
        p = config.getProcessor(t).getOptimizedCPUProcessor(ocio.OPTIMIZATION_NONE)
        image = pixels.copy()
        p.applyRGB(image)
        out["files"][name][kind] = image.tolist()
json.dump(out, open(os.path.join(here, "lut.json"), "w"))
