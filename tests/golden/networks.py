"""Writes networks/*.json: what every network makes of pictures and weights by formula, in f64.

An implementation of its own in plain PyTorch, from the papers and the descriptions in docs/MODELS.md:
NCHW, torch.nn.functional, grid_sample where the engine slices and reads. Weights and inputs are those
of `Weights::patterned` and `pattern` (src/model/pattern.rs), so no weight file is needed.

    pip install -r requirements-golden.txt && python3 networks.py
"""
import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
HERE = Path(__file__).parent / "networks"
REC709 = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290))


def pattern(name, count):
    """src/model/pattern.rs."""
    h = 0x811C9DC5
    for byte in name.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = np.uint32(h) ^ (np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9))
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return (x >> np.uint32(8)).astype(np.float64) / 2**23 - 1


class Weights:
    """Layers that draw their weights by the name of the stage and their own."""

    def __init__(self, stage):
        self.stage = stage
        self.count = 0

    def draw(self, name, shape):
        count = math.prod(shape)
        self.count += count
        values = pattern(f"{self.stage}.{name}", count)
        if len(shape) > 1:
            values = values * math.sqrt(3.0 / math.prod(shape[1:]))
        else:
            values = values * 0.1 + (1.0 if name.endswith(".weight") else 0.0)
        # Weights are f32.
        return torch.from_numpy(values.astype(np.float32).astype(np.float64)).reshape(shape)

    def conv(self, name, x, out, side, stride=1, dilation=1, bias=True, groups=1):
        weight = self.draw(f"{name}.weight", (out, x.shape[1] // groups, side, side))
        offset = self.draw(f"{name}.bias", (out,)) if bias else None
        around = (dilation * (side - 1) + 2 - stride) // 2
        return F.conv2d(x, weight, offset, stride, around, dilation, groups)

    def low_pass(self, x, stride=1):
        """Of each channel by itself; its weights are what they are."""
        channels = x.shape[1]
        self.count += 9 * channels
        taps = torch.tensor([0.25, 0.5, 0.25], dtype=torch.float64)
        weight = torch.outer(taps, taps).expand(channels, 1, 3, 3)
        return F.conv2d(x, weight, None, stride, 1, groups=channels)

    def linear(self, name, x, out):
        weight = self.draw(f"{name}.weight", (out, x.shape[1]))
        return F.linear(x, weight, self.draw(f"{name}.bias", (out,)))

    def norm(self, name, x, groups):
        channels = x.shape[1]
        weight = self.draw(f"{name}.weight", (channels,))
        return F.group_norm(x, groups, weight, self.draw(f"{name}.bias", (channels,)), eps=1e-5)


def double(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def eotf_srgb(v):
    """With the toe's slope that continuity demands, 12.9232, where IEC 61966-2-1 rounds it."""
    v = np.asarray(v, dtype=np.float64)
    edge = 0.055 / 1.4
    slope = ((edge + 0.055) / 1.055) ** 2.4 / edge
    return np.where(v <= edge, v * slope, ((v + 0.055) / 1.055) ** 2.4)


def acescct(light):
    safe = np.maximum(light, 1e-10)
    return np.where(light <= 0.0078125, 10.5402377416545 * light + 0.0729055341958355,
                    (np.log2(safe) + 9.72) / 17.52)


def knots_of(function, count=65):
    return function(np.linspace(0, 1, count)).astype(np.float32).astype(np.float64)


def straight(knots, x):
    """Straight between evenly spaced knots."""
    knots = np.asarray(knots).ravel()
    return torch.from_numpy(np.interp(x.numpy(), np.linspace(0, 1, len(knots)), knots))


class Tile:
    """Where the picture lies in the frame."""

    def __init__(self, height, width, place=None):
        place = place or {"y": 0, "x": 0, "frame": [height, width]}
        rows, columns = place["frame"]
        self.y = 2 * (place["y"] + torch.arange(height) + 0.5) / rows - 1
        self.x = 2 * (place["x"] + torch.arange(width) + 0.5) / columns - 1

    def read(self, tensor):
        y, x = torch.meshgrid(self.y, self.x, indexing="ij")
        at = torch.stack([x, y], -1)[None]
        return F.grid_sample(tensor, at, "bilinear", "border", align_corners=False)

    def slice(self, grid, guide, bins):
        """grid: [1, n * bins, h, w], guide: [1, 1, H, W]."""
        volume = grid.reshape(1, -1, bins, *grid.shape[2:])
        y, x = torch.meshgrid(self.y, self.x, indexing="ij")
        at = torch.stack([x, y, 2 * guide[0, 0] - 1], -1)[None, None]
        return F.grid_sample(volume, at, "bilinear", "border", align_corners=False)[:, :, 0]


def soft_floor(x):
    return F.softplus(x, beta=32.0, threshold=1e9)


# grid

def backbone(look, most):
    """Sandler et al. 2018, figure 4 b, with the widths of EfficientNet-Lite0; what is halved goes through Zhang's
    [1 3 3 1] first. No further than `most` features are there."""
    w, out = Weights("backbone"), {}
    x = F.relu6(w.conv("stem", look[:, :3] * 255 / 128 - 127 / 128, 32, 4, stride=2))
    index = 0
    for count, side, stride, expand, channels in (
            (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40),
            (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (2, 5, 2, 6, 192)):
        if len(out) == most:
            break
        for i in range(count):
            name, y, step = f"block{index}", x, 1 if i else stride
            if expand > 1:
                y = F.relu6(w.conv(f"{name}.expand", y, expand * x.shape[1], 1))
            y = F.relu6(w.conv(f"{name}.depthwise", y, y.shape[1], side, groups=y.shape[1]))
            y = y if step == 1 else F.avg_pool2d(w.low_pass(y), 2)
            y = w.conv(f"{name}.project", y, channels, 1)
            x = x + y if step == 1 and x.shape[1] == channels else y
            index += 1
        if channels in (24, 40, 112, 192):
            out[f"features{x.shape[2]}"] = x
    return out, w.count


BLEND_SCALES = torch.tensor([1.0] * 4 + [8.0] * 4 + [1.0] * 4, dtype=torch.float64)


def grid_look(given, config):
    known, count = {}, 0
    if config.get("backbone"):
        known, count = backbone(given["look"], len(config["widths"]) - 1)
    w = Weights("look")
    w.count = count
    look, histogram = given["look"], given["histogram"]
    relu, widths = F.relu, config["widths"]
    refine = lambda name, x: relu(x + w.conv(name, x, x.shape[1], 3))
    levels = [w.low_pass(relu(w.conv("enter", look, widths[0], 3)), stride=2)]
    for i, width in enumerate(widths[1:], 1):
        x = relu(w.conv(f"down{i}.a", F.avg_pool2d(levels[-1], 2), width, 3))
        levels.append(refine(f"down{i}.b", x))
    mean = levels[-1].mean((2, 3))
    coverage = F.avg_pool2d(look[:, 3:6], 2)

    def refine_open(name, x):
        return x + w.conv(name, relu(x), x.shape[1], 3)

    def opinion(prefix, levels, refine):
        x = levels[-1]
        x = x + w.linear(f"{prefix}whole", x.mean((2, 3)), x.shape[1])[:, :, None, None]
        at_grid = x
        for i in reversed(range(len(widths) - 1)):
            x = double(w.conv(f"{prefix}up{i}.reduce", x, widths[i], 1)) + levels[i]
            x = refine(f"{prefix}up{i}", x)
            if x.shape[2] == 16:
                at_grid = x
        gains = F.softplus(w.conv(f"{prefix}gains", x, 3, 1) - 1)
        if config.get("bold"):
            bold = F.softplus(w.conv(f"{prefix}bold", x, 3, 1) - 1)
            gains = torch.lerp(gains, bold, share(f"{prefix}gate"))
        return gains, at_grid

    def share(name):
        return torch.sigmoid(w.linear(name, coverage.mean((2, 3)), 1) - 3.6)[:, :, None, None]

    gains, at_grid = opinion("", levels, refine)
    if known:
        told = list(levels)
        for i, found in enumerate(known.values(), 1):
            found = w.low_pass(found / 8)
            found = relu(w.conv(f"told.known{i}.a", found, widths[i], 1))
            told[i] = levels[i] + w.conv(f"told.known{i}.b", found, widths[i], 3)
        most = w.linear("most", share("trust")[:, :, 0, 0], 1)[:, :, None, None]
        gains = torch.lerp(gains, opinion("told.", told, refine_open)[0], most)
    if config.get("calibrated"):
        few = torch.sigmoid(8 - 600 * given["clipped"])[:, :, None, None]
        gains = gains ** 2 * (1 + 0.3 * few) / (gains + 0.4 * few)
    out = known | {"coverage": w.low_pass(coverage), "gains": w.low_pass(gains * coverage)}
    seen = [mean, 32 * histogram] + ([given["blends"] * BLEND_SCALES] if config.get("blends") else [])
    seen = relu(w.linear("tone", torch.cat(seen, 1), 256))
    stops = np.maximum(np.log2(np.maximum(eotf_srgb(np.linspace(0, 1, 24)), 1e-30)), -10.0)
    start = np.concatenate([stops[:1], np.log(np.expm1(np.diff(stops)))])
    start = torch.from_numpy(start.astype(np.float32).astype(np.float64))
    rises = w.linear("curve", seen, 24) + start
    rises = torch.cat([rises[:, :1], F.softplus(rises[:, 1:])], 1)
    out["curve"] = torch.cumsum(rises, 1)
    out["crosstalk"] = 0.5 * torch.sigmoid(w.linear("crosstalk", seen, 1) - 4)
    if config["bilateral"]:
        out["grid"] = w.conv("grid", at_grid, 96, 1)
    return out, w.count


def grid_said(w, given, config, tile):
    picture = given["picture"]
    stops = tile.read(given["gains"]) / tile.read(given["coverage"]).clamp(min=1e-5)
    if config["bilateral"]:
        guide = F.relu(w.conv("guide1", picture, 8, 1))
        guide = torch.sigmoid(w.conv("guide2", guide, 1, 1))
        matrix = tile.slice(given["grid"], guide, 8).reshape(1, 3, 4, *picture.shape[2:])
        ones = torch.ones_like(picture[:, :1])
        stops = stops + (matrix * torch.cat([picture, ones], 1)[:, None]).sum(2)
    return stops


def grid_place(given, config, tile):
    w = Weights("place")
    stops = grid_said(w, given, config, tile)
    return {"result": F.relu(stops) * given["clip"]}, w.count


def grid(case):
    given = case.given()
    made, count = grid_look(given, case.config)
    case.keep(made, count)
    case.keep(*grid_place(given | made, case.config, case.tile()))


def tone(case):
    given = case.given()
    light = torch.exp2(straight(given["curve"], given["picture"]))
    k = given["crosstalk"].reshape(())
    case.keep({"result": (light - k * light.mean(1, keepdim=True)) / (1 - k)}, 0)


# residual

def residual(case):
    given, config = case.given(), case.config
    w, width = Weights("context"), config["width"]
    x = given["look"]
    for i, channels in enumerate((16, 32, 32), 1):
        x = F.relu(w.conv(f"down{i}", x, channels, 3, stride=2))
    context = w.linear("context", x.mean((2, 3)), 2 * width)
    case.keep({"context": context}, w.count)

    w = Weights("restore")
    picture = given["picture"]
    x = F.relu(w.conv("enter1", picture, width, 3))
    skip = F.relu(w.conv("enter2", x, width, 3))
    x = w.conv("down", skip, 2 * width, 3, stride=2)
    x = F.relu(x + context[:, :, None, None])
    for i, d in enumerate(config["dilations"], 1):
        y = F.relu(w.conv(f"block{i}.a", x, 2 * width, 3, dilation=d))
        x = x + w.conv(f"block{i}.b", y, 2 * width, 3, dilation=d)
    x = F.relu(w.conv("up", double(x), width, 3)) + skip
    case.keep({"result": soft_floor(picture + w.conv("leave", x, 3, 3))}, w.count)


# unet, unet-linear, unet-attention

def unet(case):
    given, config = case.given(), case.config
    picture = seen = given["picture"]
    if config["gains"]:
        # What grid says of each pixel, in stops.
        look, count = grid_look(given, config | {"widths": config["look"]})
        case.keep(look, count)
    w, base, levels = Weights("unet"), config["base"], config["levels"]
    if config["gains"]:
        stops = grid_said(w, given | look, config, case.tile())
        seen = torch.cat([picture, given["clip"], stops / 8], 1)

    def pair(name, x, channels):
        x = F.relu(w.conv(f"{name}.a", x, channels, 3))
        return F.relu(w.conv(f"{name}.b", x, channels, 3))

    x, skips = seen, []
    for level in range(levels):
        if level:
            skips.append(x)
            x = F.avg_pool2d(x, 2)
        x = pair(f"down{level}", x, base * 2**level)
    for level in reversed(range(levels - 1)):
        across, channels = skips.pop(), base * 2**level
        if case.network == "unet-attention":
            # Oktay et al. 2018, 2.2: the map at the gating signal's size, then enlarged.
            name, between = f"gate{level}", (channels + 1) // 2
            both = w.conv(f"{name}.across", across, between, 2, stride=2, bias=False)
            both = both + w.conv(f"{name}.below", x, between, 1)
            alpha = torch.sigmoid(w.conv(f"{name}.map", F.relu(both), 1, 1))
            across = across * double(alpha)
        x = double(w.conv(f"up{level}.reduce", x, channels, 1))
        x = pair(f"up{level}", torch.cat([across, x], 1), channels)
    found = w.conv("leave", x, 3, 1)
    if config["gains"]:
        result = F.relu(stops + found) * given["clip"]
    elif case.network == "unet-linear":
        result = soft_floor(found + straight(knots_of(eotf_srgb), picture))
    else:
        start = knots_of(lambda v: acescct(eotf_srgb(v)))
        result = found + straight(start, picture)
    case.keep({"result": result}, w.count)


# diff-hdrtv

def matrix_xyz():
    """SMPTE RP 177."""
    *primaries, white = REC709
    xyz = np.array([[x, y, 1 - x - y] for x, y in primaries]).T
    white = np.array([white[0] / white[1], 1, (1 - white[0] - white[1]) / white[1]])
    return xyz * np.linalg.solve(xyz, white)


def through(matrix, x):
    matrix = torch.from_numpy(matrix.astype(np.float32).astype(np.float64))
    return torch.einsum("ij,njhw->nihw", matrix, x)


def enter(mode, codes):
    """The mode's three numbers, and the luminance."""
    if mode == "acescct":
        return straight(knots_of(lambda v: acescct(eotf_srgb(v))), codes), None
    x, y, z = through(matrix_xyz(), straight(knots_of(eotf_srgb), codes)).split(1, 1)
    total = (x + y + z).clamp(min=1e-6)
    return torch.cat([x / total, y / total, torch.zeros_like(y)], 1), y


def leave(mode, values, luminance):
    if mode == "acescct":
        return values
    x, y, up = values.split(1, 1)
    luminance = luminance * torch.exp2(8 * up)
    total = luminance / y.clamp(min=1e-6)
    xyz = torch.cat([x * total, luminance, (1 - x - y) * total], 1)
    return through(np.linalg.inv(matrix_xyz()), xyz)


def res_block(w, name, x):
    y = F.relu(w.conv(f"{name}.a", x, x.shape[1], 3))
    return x + w.conv(f"{name}.b", y, x.shape[1], 3)


def reference(w, config, codes, start):
    x = F.relu(w.conv("enter", codes, config["reference_enter"], 7, stride=2))
    x = F.relu(w.conv("narrow", x, config["reference_width"], 3))
    for i in range(1, config["reference_blocks"] + 1):
        x = res_block(w, f"block{i}", x)
    return start + F.pixel_shuffle(w.conv("shuffle", x, 12, 3), 2)


def denoise(config, sample, time, ref):
    w, base = Weights("prior"), config["prior_base"]
    half = base // 2
    angles = time * 10000.0 ** (-torch.arange(half) / half)
    t = torch.cat([torch.sin(angles), torch.cos(angles)])[None]
    t = F.silu(w.linear("time2", F.silu(w.linear("time1", t, 4 * base)), 4 * base))

    def block(name, x, channels):
        y = w.conv(f"{name}.conv1", F.silu(w.norm(f"{name}.norm1", x, 8)), channels, 3)
        y = y + w.linear(f"{name}.time", t, channels)[:, :, None, None]
        y = w.conv(f"{name}.conv2", F.silu(w.norm(f"{name}.norm2", y, 8)), channels, 3)
        across = x if x.shape[1] == channels else w.conv(f"{name}.across", x, channels, 1)
        return across + y

    x = w.conv("enter", torch.cat([sample, ref], 1), base, 3)
    skips, multiples = [], (1, 2, 4, 4)
    for level, multiple in enumerate(multiples):
        if level:
            skips.append(x)
            x = F.avg_pool2d(x, 2)
        x = block(f"down{level}", x, multiple * base)
    x = block("middle", x, 4 * base)
    for level in (2, 1, 0):
        x = block(f"up{level}", torch.cat([double(x), skips.pop()], 1), multiples[level] * base)
    x = F.silu(w.norm("leave.norm", x, 8))
    return w.conv("leave.conv", x, 3, 3), w.count


class Normal:
    """Box-Muller over SplitMix64: src/model/normal.rs."""

    def __init__(self, seed):
        self.state = seed & (2**64 - 1)

    def uniform(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        z ^= z >> 31
        return ((z >> 11) + 1) / 2**53

    def draw(self, count):
        out = []
        while len(out) < count:
            radius = math.sqrt(-2 * math.log(self.uniform()))
            angle = 2 * math.pi * self.uniform()
            out += [radius * math.cos(angle), radius * math.sin(angle)]
        return np.array(out[:count])


class Ddim:
    """Song et al. 2021, equations 12 and 16; velocity after Salimans and Ho 2022, appendix D."""

    def __init__(self, config):
        self.config = config
        roots = np.linspace(0.00085**0.5, 0.012**0.5, config["train_steps"])
        self.alphas = np.cumprod(1 - roots**2)
        self.stride = config["train_steps"] // config["steps"]
        walked = round(config["steps"] * config["strength"])
        self.times = [i * self.stride for i in reversed(range(walked))]

    def noise(self, draw, count):
        return Normal(self.config["seed"] * 0x2545F4914F6CDD1D + (draw << 40)).draw(count)

    def start(self, ref):
        if not self.times:
            return ref
        a = self.alphas[self.times[0]]
        return math.sqrt(a) * ref + math.sqrt(1 - a) * self.noise(0, ref.size).reshape(ref.shape)

    def step(self, index, x, p):
        t = self.times[index]
        a = self.alphas[t]
        b = self.alphas[t - self.stride] if t >= self.stride else 1.0
        if self.config["prediction"] == "velocity":
            clean = math.sqrt(a) * x - math.sqrt(1 - a) * p
            noise = (x - math.sqrt(a) * clean) / math.sqrt(1 - a)
        else:
            noise = p
            clean = (x - math.sqrt(1 - a) * p) / math.sqrt(a)
        sigma = self.config["eta"] * math.sqrt((1 - b) / (1 - a)) * math.sqrt(1 - a / b)
        out = math.sqrt(b) * clean + math.sqrt(max(1 - b - sigma**2, 0)) * noise
        if sigma > 0:
            out = out + sigma * self.noise(index + 1, x.size).reshape(x.shape)
        return out


def diff_hdrtv(case):
    given, config = case.given(), case.config
    mode = config["mode"]
    w = Weights("reference")
    start, _ = enter(mode, given["frame"])
    ref = 2 * reference(w, config, given["frame"], start) - 1
    case.keep({"reference": ref}, w.count)
    prior = ref
    if config["prior"] == "full":
        ddim = Ddim(config)
        # The noise is drawn channels last.
        last = lambda x: x.numpy().transpose(0, 2, 3, 1)
        first = lambda x: torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
        sample, count = ddim.start(last(ref)), 0
        for index, time in enumerate(ddim.times):
            predicted, count = denoise(config, first(sample), float(time), ref)
            sample = ddim.step(index, sample, last(predicted))
        prior = first(sample)
        case.keep({"prior": prior}, count)

    w = Weights("refine")
    picture = given["picture"]
    start, luminance = enter(mode, picture)
    guess = reference(w, config, picture, start)
    prior = 0.5 * case.tile().read(prior) + 0.5
    own = guess
    if mode == "acescct":
        own, prior = w.conv("split", guess, 3, 1), w.conv("split_prior", prior, 3, 1)
    found = []
    for channel, name in enumerate(("chroma1", "chroma2", "luma")):
        x = torch.cat([own[:, channel:channel + 1], prior[:, channel:channel + 1]], 1)
        x = F.relu(w.conv(f"{name}.enter", x, config["branch_width"], 3))
        for i in range(1, config["branch_blocks"] + 1):
            x = res_block(w, f"{name}.block{i}", x)
        found.append(x)
    x = F.relu(w.conv("merge", torch.cat(found, 1), config["branch_width"], 1))
    values = guess + w.conv("leave", x, 3, 3)
    case.keep({"result": leave(mode, values, luminance)}, w.count)


# Cases

HALF = {"scale": 0.5, "offset": 0.5, "low": 0.0}
RAMP = {"scale": 1.0, "offset": 0.0, "low": 0.0}
VECTORS = ("histogram", "blends", "clipped", "curve", "crosstalk")
LOOK = {"shape": [256, 256, 8], "formula": RAMP}
CLIPPED = {"shape": [1, 1, 1], "formula": {"scale": 0.002, "offset": 0.013, "low": 0.0}}
# Hardly anything clips.
CALM = {"shape": [256, 256, 8], "formula": {"scale": 0.04, "offset": -0.01, "low": 0.0}}


class Case:
    """One network, configuration and picture; collects what comes out."""

    def __init__(self, network, config, inputs, place=None):
        self.network, self.config, self.place = network, config, place
        self.inputs, self.outputs, self.parameters = inputs, {}, 0

    def given(self):
        out = {}
        for name, one in self.inputs.items():
            height, width, channels = one["shape"]
            rule = one["formula"]
            values = pattern(f"input.{name}", height * width * channels)
            values = np.maximum(rule["offset"] + rule["scale"] * values, rule["low"])
            values = values.astype(np.float32).astype(np.float64).reshape(height, width, channels)
            tensor = torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))[None]
            out[name] = tensor.reshape(1, channels) if name in VECTORS else tensor
        return out

    def tile(self):
        height, width, _ = self.inputs["picture"]["shape"]
        return Tile(height, width, self.place)

    def keep(self, made, count):
        self.parameters += count
        for name, tensor in made.items():
            array = tensor.numpy()
            array = array.reshape(1, 1, -1) if array.ndim == 2 else array[0].transpose(1, 2, 0)
            flat = array.ravel()
            # At most 300 numbers, spread by a step that is no multiple of the channels.
            step = max(1, flat.size // 300)
            while step > 1 and math.gcd(step, array.shape[2]) > 1:
                step += 1
            assert np.isfinite(flat).all(), (self.network, name)
            self.outputs[name] = {
                "shape": list(array.shape),
                "step": step,
                "largest": float(f"{np.abs(flat).max():.9g}"),
                "values": [float(f"{v:.9g}") for v in flat[::step]],
            }

    def document(self):
        place = {} if self.place is None else {"place": self.place}
        return {"network": self.network, "config": self.config, **place, "inputs": self.inputs,
                "parameters": self.parameters, "outputs": self.outputs}


def picture(height, width, more=()):
    out = {"picture": {"shape": [height, width, 3], "formula": HALF}}
    for name in more:
        out[name] = {"shape": [height, width, 3], "formula": RAMP}
    return out


HISTOGRAM = {"shape": [1, 1, 96], "formula": {"scale": 1 / 32, "offset": 1 / 32, "low": 0.0}}
FRAME = {"shape": [128, 256, 3], "formula": HALF}
BLENDS = {"shape": [1, 1, 12], "formula": {"scale": 0.5, "offset": 0.0, "low": -1.0}}
GRID = {"look": LOOK, "histogram": HISTOGRAM}
DIFF = {"mode": "acescct", "prior": "full", "reference_enter": 8, "reference_width": 8,
        "reference_blocks": 2, "prior_base": 8, "branch_width": 4, "branch_blocks": 1,
        "prediction": "epsilon", "train_steps": 1000, "steps": 4, "strength": 0.5, "eta": 0.0,
        "seed": 7}
USUAL_DIFF = DIFF | {"reference_enter": 128, "reference_width": 64, "reference_blocks": 3,
                     "prior_base": 32, "branch_width": 16, "branch_blocks": 2, "steps": 50,
                     "strength": 0.02, "seed": 0}
CURVE = {"curve": {"shape": [1, 1, 24], "formula": {"scale": 4.0, "offset": -2.0, "low": -9.0}},
         "crosstalk": {"shape": [1, 1, 1], "formula": {"scale": 0.125, "offset": 0.125, "low": 0}}}


def unets(name):
    look = {"look": [16, 32, 48, 64, 96], "bilateral": False, "bold": False, "backbone": False,
            "calibrated": False, "blends": False}
    return [Case(name, {"base": 5, "levels": 3, "gains": False} | look, picture(12, 20)),
            Case(name, {"base": 32, "levels": 4, "gains": False} | look, picture(24, 40)),
            Case(name, {"base": 6, "levels": 3, "gains": True} | look,
                 picture(8, 12, ["clip"]) | GRID, {"y": 16, "x": -4, "frame": [37, 53]}),
            Case(name, {"base": 4, "levels": 2, "gains": True, "look": [6, 8, 9, 10],
                        "bilateral": True, "bold": True, "backbone": name == "unet", "calibrated": True,
                        "blends": True},
                 picture(8, 12, ["clip"]) | GRID | {"blends": BLENDS, "clipped": CLIPPED}, {"y": 2, "x": 7, "frame": [37, 53]})]


FILES = {
    "grid": (grid, [
        Case("grid", {"widths": [16, 32, 48, 64, 96], "bilateral": True},
             picture(9, 13, ["clip"]) | GRID),
        Case("grid", {"widths": [7, 8, 9, 10], "bilateral": True},
             picture(6, 17, ["clip"]) | GRID, {"y": -2, "x": 40, "frame": [37, 53]}),
        Case("grid", {"widths": [9, 7, 8, 6], "bilateral": True, "bold": True},
             picture(5, 11, ["clip"]) | GRID, {"y": 4, "x": -3, "frame": [37, 53]}),
        Case("grid", {"widths": [7, 6, 9, 8], "bilateral": True, "bold": True, "calibrated": True, "blends": True},
             picture(5, 9, ["clip"]) | GRID | {"look": CALM, "blends": BLENDS, "clipped": CLIPPED}),
        Case("grid", {"widths": [16, 32, 48, 64, 96], "bilateral": True, "bold": True, "backbone": True},
             picture(4, 7, ["clip"]) | GRID),
        Case("grid", {"widths": [8, 8, 8, 8, 8, 8], "bilateral": False},
             picture(1, 1) | GRID | {"clip": {"shape": [1, 1, 3], "formula": HALF}}, {"y": 3, "x": 5, "frame": [8, 9]}),
    ]),
    "tone": (tone, [Case("tone", {}, picture(5, 7) | CURVE)]),
    "residual": (residual, [
        Case("residual", {"width": 5, "dilations": [1, 3, 2]}, picture(10, 14) | {"look": LOOK}),
        Case("residual", {"width": 32, "dilations": [1, 2, 4, 8, 4, 2]},
             picture(26, 34) | {"look": LOOK}),
    ]),
    "unet": (unet, unets("unet")),
    "unet-linear": (unet, unets("unet-linear")),
    "unet-attention": (unet, unets("unet-attention")),
    "diff-hdrtv": (diff_hdrtv, [
        Case("diff-hdrtv", DIFF, picture(8, 12) | {"frame": FRAME}),
        Case("diff-hdrtv", DIFF | {"mode": "xyy", "prediction": "velocity", "eta": 0.6},
             picture(6, 10) | {"frame": FRAME}, {"y": 20, "x": -4, "frame": [64, 96]}),
        Case("diff-hdrtv", DIFF | {"prior": "bypass"}, picture(4, 6) | {"frame": FRAME}),
        Case("diff-hdrtv", USUAL_DIFF, picture(10, 16) | {"frame": FRAME}),
    ]),
}


def sampler():
    """What sampler.json holds: walks by the formulas, each checked against diffusers if it is there."""
    cases = []
    base = {"train_steps": 1000, "steps": 50, "strength": 1.0, "eta": 0.0, "seed": 3,
            "prediction": "epsilon"}
    for change in ({}, {"prediction": "velocity"}, {"strength": 0.3, "eta": 1.0},
                   {"strength": 0.5, "eta": 0.4, "prediction": "velocity", "steps": 20},
                   {"train_steps": 100, "steps": 7, "strength": 1.0}, {"strength": 0.0}):
        config = base | change
        ddim = Ddim(config)
        ref = pattern("input.reference", 12)
        # Any function of sample and time will do for a prediction.
        predict = lambda x, t: 0.7 * np.sin(3 * x) + t / 4000
        x = ddim.start(ref)
        walk = [x]
        for index, time in enumerate(ddim.times):
            x = ddim.step(index, x, predict(x, time))
            walk.append(x)
        referee(ddim, walk, predict)
        cases.append({"config": config, "times": ddim.times,
                      "walk": [[float(f"{v:.12g}") for v in x] for x in walk]})
    return cases


def referee(ddim, walk, predict):
    """Holds a walk against Hugging Face diffusers."""
    try:
        from diffusers import DDIMScheduler
    except ImportError:
        print("diffusers is not there: the sampler stands on the paper alone")
        return
    config = ddim.config
    kind = {"epsilon": "epsilon", "velocity": "v_prediction"}[config["prediction"]]
    scheduler = DDIMScheduler(num_train_timesteps=config["train_steps"], beta_start=0.00085,
                              beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
                              prediction_type=kind, set_alpha_to_one=True)
    scheduler.set_timesteps(config["steps"])
    times = scheduler.timesteps.tolist()[len(scheduler.timesteps) - len(ddim.times):]
    assert times == ddim.times, (times, ddim.times)
    for index, time in enumerate(times):
        x = walk[index]
        fresh = torch.from_numpy(ddim.noise(index + 1, x.size))
        out = scheduler.step(torch.from_numpy(predict(x, time)), time, torch.from_numpy(x),
                             eta=config["eta"], variance_noise=fresh)
        # Its schedule is f32.
        off = np.abs(out.prev_sample.numpy() - walk[index + 1]).max()
        assert off < 2e-5, (config, index, off)


def main():
    HERE.mkdir(exist_ok=True)
    for name, (run, cases) in FILES.items():
        for case in cases:
            run(case)
        text = json.dumps([case.document() for case in cases], indent=None)
        (HERE / f"{name}.json").write_text(text.replace('{"network"', '\n{"network"') + "\n")
        print(name, [case.parameters for case in cases])
    (HERE / "sampler.json").write_text(json.dumps(sampler()) + "\n")


if __name__ == "__main__":
    main()
