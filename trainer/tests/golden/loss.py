#!/usr/bin/env python3
"""Values and gradients of every loss, by PyTorch's autograd in double precision.

Everything is written from the formulas of docs/training/loss.md, apart from the trainer. Run in an
environment with torch, numpy, scipy and colour-science; writes loss.json beside itself.
"""

import json
import math
import pathlib

import colour
import numpy as np
import scipy
import scipy.ndimage
import torch

torch.set_default_dtype(torch.float64)
H, W = 10, 13
WEIGHTS = torch.tensor(colour.RGB_COLOURSPACES["ITU-R BT.709"].matrix_RGB_to_XYZ[1])
TO_AP1 = torch.tensor(
    colour.matrix_RGB_to_RGB("ITU-R BT.709", "ACEScg", chromatic_adaptation_transform="Bradford")
)
INF = math.inf


def f32(a):
    return torch.tensor(np.asarray(a, dtype=np.float32).astype(np.float64))


def pictures(seed):
    r = np.random.default_rng(seed)
    base = r.uniform(0, 1, (H, W, 3)) ** 2
    clip = np.zeros((H, W, 3))
    clip[1:5, 2:6] = 1
    clip[2:4, 3:8, 0] = r.uniform(0.2, 0.9, (2, 5))
    clip[6:9, 9:12, 1:] = r.uniform(0.5, 1, (3, 3, 2))
    clip[9, 0] = 1
    base = np.where(clip > 0.5, r.uniform(0.9, 1, base.shape), base)
    truth = base * 2 ** (clip * r.uniform(0, 4, base.shape)) + r.normal(0, 0.003, base.shape)
    prediction = base * 2 ** (clip * r.uniform(0, 4, base.shape)) + r.normal(0, 0.01, base.shape)
    truth[3, 4] = [300, 90, 120]
    truth[2, 3] = [130, 150, 20]
    prediction[1, 3] = [150, 2, 140]
    prediction[4, 4] = [-0.3, 0, 2]
    prediction[0, 0] = [0, -0.01, -0.4]
    prediction[9, 0] = [0.3, 0, -0.5]
    truth[0, 1] = [0, -0.02, 0.00001]
    tone = base * 2 ** r.normal(0, 0.5, base.shape)
    return {k: f32(v) for k, v in dict(base=base, clip=clip, truth=truth, prediction=prediction, tone=tone).items()}


def stops(x):
    toe = 1 / 1024
    return torch.where(x > toe, torch.log2(x.clamp(min=toe)), -10 + (x - toe) / (toe * math.log(2)))


def ln1p(x):
    # sign() has no gradient and abs() none at 0: written without them.
    return torch.where(x >= 0, torch.log1p(x.clamp(min=0)), -torch.log1p((-x).clamp(min=0))) + torch.where(
        x == 0, x, torch.zeros_like(x)
    )


def acescct(x):
    edge = 0.0078125
    return torch.where(
        x <= edge, 10.5402377416545 * x + 0.0729055341958355, (torch.log2(x.clamp(min=edge)) + 9.72) / 17.52
    )


def pu21(light):
    p = [0.353487901, 0.3734658629, 8.277049286e-5, 0.9062562627, 0.09150303166, 0.9099517204, 596.3148142]
    y = (100 * light).clamp(0.005, 10000)
    v = p[6] * (((p[0] + p[1] * y ** p[3]) / (1 + p[2] * y ** p[3])) ** p[4] - p[5])
    return v.clamp(min=0)


def place(clip, where):
    return {"all": torch.ones_like(clip), "clipped": clip, "unclipped": 1 - clip}[where]


def weighted(loss, weight):
    return (weight * loss).sum() / max(weight.sum().item(), weight.numel() / 1024)


def pixelwise(of, where, limit):
    return lambda f, p: weighted(of(p, f["truth"].clamp(max=limit)), place(f["clip"], where))


def decibels(loss):
    return lambda f, p: 10 * torch.log10(1 + loss(f, p))


def l1(p, y):
    return (p - y).abs()


def log_l1(p, y):
    return (ln1p(p) - ln1p(y)).abs()


def cct_l1(where):
    def loss(f, p):
        d = (acescct(p @ TO_AP1.T) - acescct(f["truth"] @ TO_AP1.T)).abs()
        top = f["clip"].amax(2, keepdim=True).expand(-1, -1, 3)
        weight = 1 - top if where == "unclipped" else place(top, where)
        return weighted(d, weight)

    return loss


def gradient(scales, where, limit):
    def loss(f, p):
        rest = (ln1p(p) - ln1p(f["truth"].clamp(max=limit))).permute(2, 0, 1)[None]
        weight = place(f["clip"], where).permute(2, 0, 1)[None]
        total, used = 0, 0
        for _ in range(scales):
            if min(rest.shape[2:]) < 2 and used:
                break
            across = 0.5 * (weight[..., 1:] + weight[..., :-1])
            down = 0.5 * (weight[..., 1:, :] + weight[..., :-1, :])
            sums = (across * (rest[..., 1:] - rest[..., :-1]).abs()).sum()
            sums = sums + (down * (rest[..., 1:, :] - rest[..., :-1, :]).abs()).sum()
            total = total + sums / max((across.sum() + down.sum()).item(), 2 * rest.numel() / 1024)
            used += 1
            rest = torch.nn.functional.avg_pool2d(rest, 2)
            weight = torch.nn.functional.avg_pool2d(weight, 2)
        return total / used

    return loss


def regions(measure, power, least, limit=65504):
    def loss(f, p):
        labels, count = scipy.ndimage.label((f["clip"].amax(2) >= 0.5).numpy(), np.ones((3, 3)))
        total, roots = 0, 0
        for i in range(1, count + 1):
            inside = torch.tensor(labels == i)
            area = int(inside.sum())
            if area < least:
                continue
            a = measure((p @ WEIGHTS)[inside])
            b = measure((f["truth"].clamp(max=limit) @ WEIGHTS)[inside])
            total = total + math.sqrt(area) * (a - b).abs() ** power
            roots += math.sqrt(area)
        return total / roots

    return loss


def energy(light):
    return stops(light.mean())


def peak(sharpness):
    return lambda light: torch.log2((light.clamp(min=0) ** sharpness).mean()) / sharpness


def defocus(radius, limit=65504):
    def loss(f, p):
        r = radius * W
        n = int(r)
        grid = np.arange(-n, n + 1)
        kernel = torch.tensor((grid[:, None] ** 2 + grid[None] ** 2 <= r * r).astype(float))
        kernel = kernel[None, None].expand(3, 1, -1, -1)

        def blur(x):
            x = x.permute(2, 0, 1)[None]
            conv = lambda x: torch.nn.functional.conv2d(x, kernel, padding=n, groups=3)
            return conv(x) / conv(torch.ones_like(x))

        return ((stops(blur(p)) - stops(blur(f["truth"].clamp(max=limit)))) ** 2).mean()

    return loss


def edited(x, edit):
    kind, v = edit["kind"], edit["values"]
    if kind == "exposure":
        return x * 2 ** v[0]
    if kind == "white_balance":
        return x * torch.tensor([2**s for s in v])
    if kind == "contrast":
        toe = 0.18 / 256
        slope = 0.18 * (toe / 0.18) ** v[0] / toe
        return torch.where(x > toe, 0.18 * (x.clamp(min=toe) / 0.18) ** v[0], slope * x)
    if kind == "saturation":
        y = (x @ WEIGHTS)[..., None]
        return y + v[0] * (x - y)
    matte = torch.linspace(v[3], v[4], W)[None, :, None]
    return matte * x + (1 - matte) * torch.tensor(v[:3])


EDITS = [
    {"kind": "exposure", "values": [1.25]},
    {"kind": "white_balance", "values": [0.25, 0.5, -0.375]},
    {"kind": "contrast", "values": [1.3]},
    {"kind": "contrast", "values": [0.75]},
    {"kind": "saturation", "values": [0.6]},
    {"kind": "composite", "values": [0.5, 1.5, 0.25, 0.25, 0.75]},
]


def term(name, options, of):
    return {"term": {"name": name, "weight": 1.0, **options}, "of": of}


def sq(f):
    return lambda p, y: (f(p) - f(y)) ** 2


FRAME = [
    term("l1", {}, pixelwise(l1, "all", INF)),
    term("l1", {"where": "unclipped", "limit": 50.0}, pixelwise(l1, "unclipped", 50)),
    term("log_l1", {"where": "clipped"}, pixelwise(log_l1, "clipped", INF)),
    term("hybrid", {}, pixelwise(lambda p, y: 0.5 * l1(p, y) + 0.5 * log_l1(p, y), "all", INF)),
    term("hybrid", {"alpha": 0.2}, pixelwise(lambda p, y: 0.2 * l1(p, y) + 0.8 * log_l1(p, y), "all", INF)),
    term("acescct_l1", {}, cct_l1("all")),
    term("acescct_l1", {"where": "unclipped"}, cct_l1("unclipped")),
    term("acescct_l1", {"where": "clipped"}, cct_l1("clipped")),
    term("gradient", {"scales": 3}, gradient(3, "all", INF)),
    term("gradient", {"where": "clipped", "limit": 100.0}, gradient(4, "clipped", 100)),
    term("clip_pu21", {}, pixelwise(sq(lambda x: pu21(x) / 30), "clipped", 100)),
    term("clip_pu21", {"where": "all", "unit": 10.0}, pixelwise(sq(lambda x: pu21(x) / 10), "all", 100)),
    term("clip_psnr", {}, decibels(pixelwise(sq(lambda x: pu21(x) / 5), "clipped", 100))),
    term("clip_psnr", {"where": "all", "unit": 40.0}, decibels(pixelwise(sq(lambda x: pu21(x) / 40), "all", 100))),
    term("clip_stops", {}, pixelwise(sq(stops), "clipped", 100)),
    term(
        "clip_weighted_l1",
        {},
        lambda f, p: weighted(l1(p, f["truth"]), 1 + 4 * f["clip"]),
    ),
    term("energy", {}, regions(energy, 1, 4)),
    term("energy", {"power": 2, "least": 1, "limit": 100.0}, regions(energy, 2, 1, 100)),
    term("peak", {}, regions(peak(8), 1, 4)),
    term("peak", {"sharpness": 4, "power": 2, "least": 1}, regions(peak(4), 2, 1)),
    term("defocus", {"radius": 0.18}, defocus(0.18)),
    term("defocus", {"limit": 20.0}, defocus(0.02, 20)),
]


def temporal(where, limit):
    def loss(fs, ps):
        total = 0
        for t in range(len(fs) - 1):
            top = torch.maximum(fs[t]["clip"], fs[t + 1]["clip"])
            y = [f["truth"].clamp(max=limit) for f in fs[t : t + 2]]
            d = (stops(ps[t + 1]) - stops(ps[t])) - (stops(y[1]) - stops(y[0]))
            total = total + weighted(d.abs(), place(top, where))
        return total / (len(fs) - 1)

    return loss


# Turns, shrinks and moves a little, and is a little off an affine map.
MOTION = [[0.97, 0.06, 0.83], [-0.05, 0.99, 0.41], [0.002, -0.003, 1]]


def steady(where, unit):
    y, x = torch.meshgrid(torch.arange(H, dtype=torch.float64), torch.arange(W, dtype=torch.float64), indexing="ij")
    u, v, w = torch.einsum("ij,jhw->ihw", torch.tensor(MOTION), torch.stack([x, y, torch.ones_like(x)]))
    u, v = u / w, v / w
    left, top = u.floor().long(), v.floor().long()
    inside = (left >= 0) & (top >= 0) & (left + 1 < W) & (top + 1 < H)
    at = torch.stack([u / (W - 1) * 2 - 1, v / (H - 1) * 2 - 1], -1)[None]

    def loss(fs, ps):
        total = 0
        for t in range(len(fs) - 1):
            added = [stops(p) - stops(f["base"]) for f, p in zip(fs, ps)]
            before = added[t].permute(2, 0, 1)[None]
            there = torch.nn.functional.grid_sample(before, at, mode="bilinear", align_corners=True)[0].permute(1, 2, 0)
            weight = place(fs[t + 1]["clip"], where)
            for dy in (0, 1):
                for dx in (0, 1):
                    corner = place(fs[t]["clip"], where)[(top + dy).clamp(0, H - 1), (left + dx).clamp(0, W - 1)]
                    weight = torch.minimum(weight, corner)
            weight = weight * inside[..., None]
            change = (added[t + 1] - there).abs() / (1 + (added[t + 1].abs() + there.abs()) / (2 * unit))
            total = total + weighted(change, weight)
        return total / (len(fs) - 1)

    return loss


def head_cct(code):
    edge, top = 0.155251141552511, (24 + 9.72) / 17.52
    ap1 = torch.where(
        code <= edge,
        (code - 0.0729055341958355) / 10.5402377416545,
        2 ** (code.clamp(edge, top) * 17.52 - 9.72),
    )
    return ap1 @ torch.linalg.inv(TO_AP1).T


def flat(t):
    return [float(f"{v:.9g}") for v in t.detach().flatten()]


def number(value):
    return float(f"{value.item():.12g}")


def grads(value, of):
    return [flat(g) for g in torch.autograd.grad(value, of)]


def main():
    frames = [pictures(seed) for seed in (1, 2, 3)]
    out = {
        "versions": {m.__name__: m.__version__ for m in (torch, np, scipy, colour)},
        "size": [H, W],
        "frames": [{k: flat(v) for k, v in f.items()} for f in frames],
        "frame": [],
        "clip": [],
        "edited": [],
    }
    f = frames[0]
    for case in FRAME:
        p = f["prediction"].clone().requires_grad_()
        value = case["of"](f, p)
        out["frame"].append({"term": case["term"], "value": number(value), "gradient": grads(value, p)[0]})
    tone = f["tone"].clone().requires_grad_()
    toed = lambda x: x.sign() * (1 + x.abs() / 0.005).log2()
    d = toed(tone) - toed(f["base"])
    r = (d**2 + 0.01).sqrt() - 0.1
    value = r.mean() + 0.5 * r[f["base"] >= f["base"].max() / 2].mean()
    out["tone"] = {"value": number(value), "gradient": grads(value, tone)[0]}
    for where in ("clipped", "all"):
        ps = [f["prediction"].clone().requires_grad_() for f in frames]
        value = temporal(where, 100)(frames, ps)
        case = {"term": {"name": "temporal", "weight": 1.0, "where": where}, "value": number(value)}
        out["clip"].append({**case, "gradients": grads(value, ps)})
    for where, unit in (("clipped", 1e9), ("clipped", 0.5), ("all", 2.0)):
        ps = [f["prediction"].clone().requires_grad_() for f in frames]
        value = steady(where, unit)(frames, ps)
        case = {"term": {"name": "steady", "weight": 1.0, "where": where, "unit": unit}, "value": number(value), "motion": MOTION}
        out["clip"].append({**case, "gradients": grads(value, ps)})
    for edit in EDITS:
        a, b = (f["prediction"].clone().requires_grad_() for f in frames[:2])
        after = edited(a, edit)
        value = weighted((ln1p(after) - ln1p(b)).abs(), torch.ones_like(a))
        case = {"edit": edit, "edited": flat(after), "value": number(value)}
        out["edited"].append({**case, "gradients": grads(value, [a, b])})
    r = np.random.default_rng(9)
    code = f32(r.uniform(-0.2, 1.5, (12, 3))).requires_grad_()
    along = f32(r.normal(0, 1, (12, 3)))
    light = head_cct(code)
    out["head"] = {
        "code": flat(code),
        "light": flat(light),
        "along": flat(along),
        "gradient": grads((light * along).sum(), code)[0],
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    # One case a line, so that a change can be read.
    text = json.dumps(out, separators=(",", ":")).replace("},{", "},\n{")
    path.write_text(text + "\n")


main()
