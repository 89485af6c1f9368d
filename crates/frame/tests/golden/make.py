#!/usr/bin/env python3
"""Makes the picture files of this folder and `expected.json`, the values other programs read
from them: Pillow, pypng, tifffile, OpenCV and the OpenEXR library.

    python3 -m venv venv
    venv/bin/pip install numpy Pillow pypng tifffile imagecodecs OpenEXR opencv-python-headless
    venv/bin/python make.py

The files are committed; the tests need no Python. `expected.json` holds for every file RGBA of
all pixels, top row first: integer codes to be divided by `scale`, or floats with `scale` 1.
"""

import json
import os

import cv2
import numpy as np
import OpenEXR
import png
import tifffile
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
os.chdir(HERE)
expected = {}
rng = np.random.default_rng(20240607)
W, H = 5, 4


def codes(channels, maximum, w=W, h=H):
    a = rng.integers(0, maximum + 1, (h, w, channels))
    a.reshape(-1)[:2] = [0, maximum]
    return a


def rgba(a, opaque):
    """Grey, grey and alpha, RGB or RGBA to RGBA."""
    a = np.asarray(a)
    if a.ndim == 2:
        a = a[..., None]
    n = a.shape[-1]
    colour = a[..., :3] if n >= 3 else np.repeat(a[..., :1], 3, -1)
    alpha = a[..., -1:] if n in (2, 4) else np.full(a.shape[:2] + (1,), opaque, a.dtype)
    return np.concatenate([colour, alpha], -1)


def expect(name, pixels, scale, alpha, source, tolerance=0.0, **more):
    pixels = np.asarray(pixels)
    if pixels.dtype.kind == "f":
        numbers = [float(v) for v in pixels.astype(np.float32).reshape(-1)]
    else:
        numbers = [int(v) for v in pixels.reshape(-1)]
    expected[name] = dict(
        width=pixels.shape[1], height=pixels.shape[0], scale=scale, alpha=alpha, source=source,
        tolerance=tolerance, pixels=numbers, **more)
    size = os.path.getsize(name)
    assert size < 2500, (name, size)


# PNG, written by pypng and Pillow, read back by Pillow or pypng.
def pypng(name, channels, depth, **options):
    maximum = 2**depth - 1
    a = codes(channels, maximum)
    writer = png.Writer(W, H, greyscale=channels < 3, alpha=channels in (2, 4), bitdepth=depth, **options)
    with open(name, "wb") as f:
        writer.write(f, a.reshape(H, -1).tolist())
    width, height, rows, info = png.Reader(filename=name).read()
    back = np.array([list(r) for r in rows]).reshape(height, width, -1)
    alpha = "straight" if channels in (2, 4) else "opaque"
    expect(name, rgba(back, maximum), maximum, alpha, f"u{depth}")


pypng("grey1.png", 1, 1)
pypng("grey4.png", 1, 4)
pypng("grey8.png", 1, 8)
pypng("grey16.png", 1, 16)
pypng("grey-alpha8.png", 2, 8)
pypng("grey-alpha16.png", 2, 16)
pypng("rgb8.png", 3, 8)
pypng("rgb16.png", 3, 16)
pypng("rgba8.png", 4, 8)
pypng("rgba16.png", 4, 16)
pypng("rgb8-interlaced.png", 3, 8, interlace=True)
pypng("rgba16-interlaced.png", 4, 16, interlace=True)


def palette(name, **options):
    image = Image.fromarray(codes(1, 6)[..., 0].astype(np.uint8), "P")
    image.putpalette(list(rng.integers(0, 256, 21)))
    image.save(name, **options)
    back = np.array(Image.open(name).convert("RGBA"))
    expect(name, back, 255, "straight" if options else "opaque", "u8")


palette("palette.png")
palette("palette-trns.png", transparency=bytes([0, 50, 100, 150, 200, 250, 255]))
image = Image.fromarray(codes(3, 3).astype(np.uint8), "RGB")
image.save("rgb-trns.png", transparency=image.getpixel((2, 1)))
expect("rgb-trns.png", np.array(Image.open("rgb-trns.png").convert("RGBA")), 255, "straight", "u8")


# JPEG: smooth, since decoders may differ by a code or two in the cosine transform.
def jpeg(name, tolerance, grey=False, **options):
    y, x = np.mgrid[0:16, 0:16] / 15.0
    a = np.stack([40 + 150 * x, 60 + 120 * y, 200 - 90 * x * y], -1).round().astype(np.uint8)
    Image.fromarray(a[..., 0] if grey else a).save(name, **options)
    back = np.array(Image.open(name))
    expect(name, rgba(back, 255), 255, "opaque", "u8", tolerance / 255)


jpeg("grey.jpg", 1.5, grey=True, quality=90)
jpeg("444.jpg", 3.5, quality=90, subsampling=0)
jpeg("422.jpg", 4.5, quality=90, subsampling=1)
jpeg("420.jpg", 4.5, quality=90, subsampling=2)
jpeg("progressive.jpg", 3.5, quality=90, subsampling=0, progressive=True)
jpeg("restart.jpg", 3.5, quality=90, subsampling=0, restart_marker_blocks=1)


# TIFF by tifffile (codecs of imagecodecs), read back by tifffile.
def tiff(name, a, alpha="opaque", source=None, maximum=None, **options):
    tifffile.imwrite(name, a, metadata=None, software=None, **options)
    back = tifffile.imread(name)
    if options.get("planarconfig") == "separate":
        back = np.moveaxis(back, 0, -1)
    if a.dtype.kind == "f":
        expect(name, rgba(back.astype(np.float32), np.float32(1)), 1, alpha, source or "float")
    else:
        maximum = maximum or np.iinfo(a.dtype).max
        expect(name, rgba(back.astype(np.int64), maximum), maximum, alpha,
               source or f"u{a.dtype.itemsize * 8}")


u8, u16 = (lambda n: codes(n, 255).astype(np.uint8)), (lambda n: codes(n, 65535).astype(np.uint16))
f32 = lambda n: (rng.normal(0, 3, (H, W, n)) ** 3).astype(np.float32)
rgb = dict(photometric="rgb")
tiff("grey8.tif", u8(1)[..., 0], photometric="minisblack")
tiff("grey16-be.tif", u16(1)[..., 0], photometric="minisblack", byteorder=">")
tiff("rgb8.tif", u8(3), **rgb)
tiff("rgb16.tif", u16(3), **rgb)
tiff("rgb16-be.tif", u16(3), byteorder=">", **rgb)
tiff("rgb32.tif", codes(3, 2**32 - 1).astype(np.uint32), **rgb)
tiff("rgba8-straight.tif", u8(4), "straight", extrasamples=["unassalpha"], **rgb)
tiff("rgba16-premultiplied.tif", u16(4), "premultiplied", extrasamples=["assocalpha"], **rgb)
tiff("rgb-float.tif", f32(3), **rgb)
tiff("rgba-float-be.tif", f32(4), "premultiplied", extrasamples=["assocalpha"], byteorder=">", **rgb)
tiff("rgb-half.tif", f32(3).astype(np.float16), source="half", **rgb)
tiff("rgb8-lzw.tif", u8(3), compression="lzw", **rgb)
tiff("rgb8-lzw-predictor.tif", u8(3), compression="lzw", predictor=2, **rgb)
tiff("rgb16-deflate-predictor.tif", u16(3), compression="adobe_deflate", predictor=2, **rgb)
tiff("rgb16-deflate-predictor-be.tif", u16(3), compression="adobe_deflate", predictor=2, byteorder=">", **rgb)
tiff("rgb-float-predictor3.tif", f32(3), compression="adobe_deflate", predictor=3, **rgb)
tiff("rgb-float-predictor3-be.tif", f32(3), compression="adobe_deflate", predictor=3, byteorder=">", **rgb)
tiff("rgb-half-predictor3.tif", f32(3).astype(np.float16), source="half", compression="lzw", predictor=3, **rgb)
tiff("rgb8-packbits.tif", np.repeat(u8(3), 2, axis=1), compression="packbits", **rgb)
tiff("rgb8-strips.tif", u8(3), rowsperstrip=1, **rgb)
tiff("rgb8-planar.tif", np.moveaxis(u8(3), -1, 0).copy(), planarconfig="separate", rowsperstrip=3, **rgb)
tiff("rgb16-bigtiff.tif", u16(3), bigtiff=True, **rgb)
big = codes(3, 255, 20, 18).astype(np.uint8) // 64
tiff("rgb8-tiles.tif", big, tile=(16, 16), compression="lzw", predictor=2, **rgb)
tiles = (rng.integers(0, 3, (18, 20, 3)) / 2).astype(np.float32)
tiff("rgb-float-tiles-predictor3.tif", tiles, tile=(16, 16), compression="adobe_deflate", predictor=3, **rgb)
ten = codes(3, 1023).astype(np.uint16)
tiff("rgb10-packed.tif", ten, source="u10", maximum=1023, bitspersample=10, **rgb)
tiff("rgb12-packed.tif", codes(3, 4095).astype(np.uint16), source="u12", maximum=4095, bitspersample=12, **rgb)
tiff("rgb10-in-16.tif", ten, source="u10", maximum=1023, extratags=[(341, 3, 3, (1023,) * 3, True)], **rgb)
white = u8(1)[..., 0]
tifffile.imwrite("white-is-zero.tif", white, photometric="miniswhite", metadata=None, software=None)
expect("white-is-zero.tif", rgba(255 - white.astype(int), 255), 255, "opaque", "u8", 1e-7)
indices, colours = codes(1, 255)[..., 0].astype(np.uint8), rng.integers(0, 65536, (3, 256)).astype(np.uint16)
tifffile.imwrite("palette.tif", indices, photometric="palette", colormap=colours, metadata=None, software=None)
expect("palette.tif", rgba(np.moveaxis(colours[:, indices], 0, -1), 65535), 65535, "opaque", "u8")
with Image.open("palette.tif") as opened:  # a second opinion, to 8 bits
    assert np.abs(np.array(opened.convert("RGB")).astype(int) - (colours[:, indices] >> 8).transpose(1, 2, 0)).max() <= 1


# OpenEXR by the reference library, read back by it.
def exr_values(name, part, prefix=""):
    with OpenEXR.File(name, separate_channels=True) as f:
        channels = f.parts[part].channels
        pick = lambda c: channels[prefix + c].pixels.astype(np.float32)
        colour = [pick(c) for c in ("RGB" if prefix + "R" in channels else "YYY")]
        alpha = pick("A") if prefix + "A" in channels else np.ones_like(colour[0])
        return np.stack(colour + [alpha], -1)


def exr(name, channels, source, tolerance=0.0, layer=None, prefix="", part=0, alpha=None, **header):
    header.setdefault("compression", OpenEXR.ZIP_COMPRESSION)
    header.setdefault("type", OpenEXR.scanlineimage)
    with OpenEXR.File(header, channels) as f:
        f.write(name)
    alpha = alpha or ("premultiplied" if prefix + "A" in channels else "opaque")
    expect(name, exr_values(name, part, prefix), 1, alpha, source, tolerance, layer=layer)


def planes(names, dtype, w=W, h=H):
    return {n: (rng.normal(0.5, 1, (h, w)) ** 2 * 2).astype(dtype) for n in names}


def packable(names, dtype):
    """Few values in steps: every compression makes it smaller, so none stores it as it is."""
    levels = np.array([0.0, 0.25, 1.0, 3.0]) if dtype == np.float16 else np.array([0.0, 0.1, 1e-9, 7e8])
    step = lambda: np.repeat(np.repeat(rng.integers(0, 4, (4, 4)), 3, 0), 3, 1)
    return {n: levels[step()].astype(dtype) for n in names}


half, single = np.float16, np.float32
for kind in ["NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24"]:
    code = getattr(OpenEXR, kind + "_COMPRESSION")
    exr(f"half-{kind.lower()}.exr", packable("RGBA", half), "half", compression=code)
    if kind != "PXR24":
        exr(f"float-{kind.lower()}.exr", packable("RGB", single), "float", compression=code)
exr("float-pxr24.exr", packable("RGB", single), "float", compression=OpenEXR.PXR24_COMPRESSION)
for kind in ["B44", "B44A"]:
    exr(f"half-{kind.lower()}.exr", planes("RGB", half), "half", compression=getattr(OpenEXR, kind + "_COMPRESSION"))
y, x = np.mgrid[0:9, 0:9].astype(np.float32) / 8
smooth = {"R": (x + 0.1).astype(half), "G": (y * 2 + 0.1).astype(half), "B": (x * y + 0.3).astype(half)}
for kind in ["DWAA", "DWAB"]:
    exr(f"half-{kind.lower()}.exr", smooth, "half", 2e-3, compression=getattr(OpenEXR, kind + "_COMPRESSION"))
exr("uint.exr", {n: rng.integers(0, 1000, (H, W)).astype(np.uint32) for n in "RGB"}, "float")
mixed = planes("RGB", half) | planes(["A", "Z"], single)
exr("mixed.exr", mixed, "half")
exr("luminance.exr", planes("Y", half), "half")
exr("layers.exr", planes(["beauty.R", "beauty.G", "beauty.B", "beauty.A", "spec.R", "spec.G", "spec.B"], half),
    "half", layer="spec", prefix="spec.")
exr("one-layer.exr", planes(["ViewLayer.Combined." + c for c in "RGBA"] + ["ViewLayer.Depth.Z"], half), "half",
    prefix="ViewLayer.Combined.")
tiles = OpenEXR.TileDescription()
tiles.xSize, tiles.ySize = 8, 4
exr("tiles.exr", planes("RGB", half, 19, 9), "half", type=OpenEXR.tiledimage, tiles=tiles)
window = (np.array([-3, 7], np.int32), np.array([1, 10], np.int32))
display = (np.array([0, 0], np.int32), np.array([9, 19], np.int32))
exr("windows.exr", planes("RGB", half), "half", dataWindow=window, displayWindow=display, pixelAspectRatio=2.0)
expected["windows.exr"] |= dict(data_window=[-3, 7, 5, 4], display_window=[0, 0, 10, 20], pixel_aspect=2.0)
exr("attributes.exr", planes("RGB", half), "half", owner="Müller", whiteLuminance=100.0,
    chromaticities=(0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767), comments="two words", isoSpeed=800.0)
parts = [
    OpenEXR.Part({"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIPS_COMPRESSION}, planes("Z", single), "depth"),
    OpenEXR.Part({"type": OpenEXR.scanlineimage, "compression": OpenEXR.PIZ_COMPRESSION}, planes("RGBA", half), "beauty"),
    OpenEXR.Part({"type": OpenEXR.scanlineimage, "compression": OpenEXR.NO_COMPRESSION}, planes("RGB", half), "left"),
]
with OpenEXR.File(parts) as f:
    f.write("parts.exr")
expect("parts.exr", exr_values("parts.exr", 1), 1, "premultiplied", "half", layer="beauty")


# Radiance by OpenCV: run lengths from 8 pixels across, flat below.
for name, w in [("runs.hdr", 12), ("flat.hdr", 5)]:
    a = (rng.normal(0, 1, (H, w, 3)) ** 2 * 10).astype(np.float32)
    a[1:3, 3:] = 0.5
    cv2.imwrite(name, a)
    back = cv2.imread(name, cv2.IMREAD_UNCHANGED)[..., ::-1]
    expect(name, rgba(back.astype(np.float32), np.float32(1)), 1, "opaque", "float")

with open("expected.json", "w") as f:
    f.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(expected.items())) + "\n}\n")
print(len(expected), "files")
