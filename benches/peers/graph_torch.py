"""Runs a Headroom graph (JSON of `Graph::to_json`) in PyTorch, operation by operation.

Pictures are NCHW tensors here, in channels-last memory where asked for. Only what the benchmark
needs: the picture is the whole frame, one picture at a time. The definitions are those of
`src/graph/op.rs`.
"""

import math

import torch
import torch.nn.functional as F


class GraphModule(torch.nn.Module):
    """A graph with its weights; call it with the graph's inputs in order."""

    def __init__(self, graph, weights, prefix):
        super().__init__()
        self.nodes = graph["nodes"]
        self.inputs = list(graph["inputs"].values())
        self.outputs = list(graph["outputs"].values())
        self.names = {}
        users = [0] * len(self.nodes)
        for node in self.nodes:
            for operand in node["operands"]:
                users[operand] += 1
        for output in self.outputs:
            users[output] += 1
        # A value that nobody else reads may be overwritten, as hand-written modules do.
        self.alone = [n == 1 for n in users]
        # The last node that reads each value, after which it can be freed.
        last = {}
        for index, node in enumerate(self.nodes):
            for operand in node["operands"]:
                last[operand] = index
        self.dies = {}
        for operand, index in last.items():
            if operand not in self.outputs:
                self.dies.setdefault(index, []).append(operand)
        for index, node in enumerate(self.nodes):
            for what in ("weight", "bias"):
                name = f"{prefix}{node['name']}.{what}"
                if name in weights:
                    key = f"p{index}_{what}"
                    self.register_parameter(key, torch.nn.Parameter(weights[name], False))
            if node["op"] == "constant":
                height, width = node["sides"]
                values = torch.tensor(node["values"], dtype=torch.float32)
                values = values.reshape(1, height, width, -1).permute(0, 3, 1, 2).contiguous()
                self.register_buffer(f"c{index}", values)

    def weight(self, index, what):
        return getattr(self, f"p{index}_{what}", None)

    def forward(self, *given):
        values = [None] * len(self.nodes)
        for index, tensor in zip(self.inputs, given, strict=True):
            values[index] = tensor
        for index, node in enumerate(self.nodes):
            if node["op"] != "input":
                operands = [values[i] for i in node["operands"]]
                values[index] = self.run(index, node, operands)
            for operand in self.dies.get(index, ()):
                values[operand] = None
        return [values[i] for i in self.outputs]

    def run(self, index, node, operands):
        op = node["op"]
        x = operands[0] if operands else None
        over = self.alone[node["operands"][0]] if operands else False
        match op:
            case "constant":
                return getattr(self, f"c{index}")
            case "conv":
                return F.conv2d(
                    x,
                    self.weight(index, "weight"),
                    self.weight(index, "bias"),
                    node["stride"],
                    tuple(node["padding"]),
                    node["dilation"],
                    node["groups"],
                )
            case "linear":
                flat = F.linear(x.flatten(1), self.weight(index, "weight"), self.weight(index, "bias"))
                return flat[:, :, None, None]
            case "relu":
                return F.relu(x, inplace=over)
            case "leaky relu":
                return F.leaky_relu(x, node["slope"], inplace=over)
            case "silu":
                return F.silu(x, inplace=over)
            case "sigmoid":
                return torch.sigmoid(x)
            case "softplus":
                return F.softplus(x, threshold=80.0)
            case "tanh":
                return torch.tanh(x)
            case "add":
                return x + operands[1]
            case "multiply":
                return x * operands[1]
            case "affine":
                return x * node["scale"] + node["offset"]
            case "clamp":
                return x.clamp(node["low"], node["high"])
            case "concat":
                return torch.cat(operands, 1)
            case "channels":
                return x[:, node["first"] : node["first"] + node["channels"]]
            case "up nearest":
                return F.interpolate(x, scale_factor=node["factor"], mode="nearest")
            case "up bilinear":
                return F.interpolate(
                    x, scale_factor=node["factor"], mode="bilinear", align_corners=False
                )
            case "pixel shuffle":
                return F.pixel_shuffle(x, node["factor"])
            case "pixel unshuffle":
                return F.pixel_unshuffle(x, node["factor"])
            case "average pool":
                return F.avg_pool2d(x, node["size"])
            case "global mean":
                return x.mean((2, 3), keepdim=True)
            case "group norm":
                weight, bias = self.weight(index, "weight"), self.weight(index, "bias")
                return F.group_norm(x, node["groups"], weight, bias, node["epsilon"])
            case "time embedding":
                half = node["channels"] // 2
                rates = torch.exp(-math.log(10000.0) * torch.arange(half) / half)
                angles = x.flatten(1) * rates
                return torch.cat([angles.sin(), angles.cos()], 1)[:, :, None, None]
            case "from frame":
                size = operands[1].shape[2:]
                return F.interpolate(x, size=size, mode="bilinear", align_corners=False)
            case "bilateral slice":
                return bilateral_slice(x, operands[1], node["bins"])
            case "apply matrix":
                return apply_matrix(x, operands[1])
            case "curve":
                return curve(x, operands[1])
            case "cumulative sum":
                return x.cumsum(1)
            case "exp2":
                return torch.exp2(x.clamp(-126.0, 126.0))
            case "divide":
                return x / operands[1].clamp(min=node["least"])
            case other:
                raise ValueError(f"node {node['name']}: no such operation: {other}")


def bilateral_slice(grid, guide, bins):
    """Trilinear reading of a grid (1, n * bins, gh, gw) at every pixel's place and guide."""
    _, _, height, width = guide.shape
    volume = grid.unflatten(1, (-1, bins))
    y = (torch.arange(height, dtype=torch.float32) * 2 + 1) / height - 1
    x = (torch.arange(width, dtype=torch.float32) * 2 + 1) / width - 1
    x = x[None, :].expand(height, width)
    y = y[:, None].expand(height, width)
    at = torch.stack([x, y, guide[0, 0] * 2 - 1], -1)[None, None]
    read = F.grid_sample(volume, at, "bilinear", "border", align_corners=False)
    return read[:, :, 0]


def apply_matrix(coefficients, x):
    n = x.shape[1]
    rows = coefficients.unflatten(1, (-1, n + 1))
    return (rows[:, :, :n] * x[:, None]).sum(2) + rows[:, :, n]


def curve(knots, x):
    knots = knots.flatten()
    last = knots.shape[0] - 1
    at = x.clamp(0.0, 1.0) * last
    low = at.floor().clamp(max=last - 1)
    index = low.long()
    return knots[index] + (knots[index + 1] - knots[index]) * (at - low)
