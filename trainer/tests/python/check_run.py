"""Checks a run folder with tools that are not ours.

    check_run.py RUN_DIR [--screenshots FOLDER]

TensorBoard (2.21) reads the events: scalars must equal the logs, pictures must decode, the
configuration must be there. Pillow opens every PNG. The report is opened in headless Chromium, with
playwright (PyPI) driving a Chromium found on PATH or in $CHROMIUM: it must ask for nothing, say nothing on the
console, and show every picture. Without playwright or a Chromium that part is skipped, and said to be,
unless --need-browser is given.
"""

import argparse
import csv
import io
import json
import math
import os
import pathlib
import shutil
import sys

from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def close(found, expected):
    """Scalars are stored in single precision."""
    return math.isclose(found, expected, rel_tol=1e-6, abs_tol=1e-12)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def check_scalars(run, events):
    """Every number of the logs is among TensorBoard's, and none besides."""
    expected = {}

    def expect(tag, at, value):
        if value is not None:
            expected.setdefault(tag, []).append((at, value))

    for line in lines(run / "logs/train_log.jsonl"):
        if line["kind"] == "step":
            for name in ["loss", "rate", "gradient_norm", "pictures_per_second"]:
                expect(f"step/{name}", line["step"], line[name])
            for name, value in line["terms"].items():
                expect(f"step/loss/{name}", line["step"], value)
        elif line["kind"] == "epoch":
            phase = line["phase"]
            expect(f"epoch/loss_{phase}", line["epoch"], line["loss"])
            for name, value in line["terms"].items():
                expect(f"epoch/{phase}/{name}", line["epoch"], value)
    for line in lines(run / "logs/metrics.jsonl"):
        for name, value in line["metrics"].items():
            expect(f"metrics/{name}", line["epoch"], value["mean"])
    assert sorted(events.Tags()["scalars"]) == sorted(expected), "other tags"
    for tag, values in expected.items():
        found = [(event.step, event.value) for event in events.Scalars(tag)]
        assert len(found) == len(values), f"{tag}: {len(found)} events, {len(values)} logged"
        for (at, value), (step, logged) in zip(found, values):
            assert at == step and close(value, logged), f"{tag} at {step}: {value}, logged {logged}"
    return sum(map(len, expected.values()))


def check_tables(run):
    """The CSV files say what the JSON lines say."""
    with open(run / "logs/train_log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    logged = [line for line in lines(run / "logs/train_log.jsonl") if line["kind"] == "epoch"]
    assert list(rows[0]) == ["epoch", "phase", "loss", "time", "lr", "timestamp"]
    assert [(int(r["epoch"]), r["phase"], float(r["loss"])) for r in rows] == [
        (line["epoch"], line["phase"], line["loss"]) for line in logged
    ]
    with open(run / "logs/metrics.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["epoch", "psnr", "ssim", "timestamp"]
    assert len(rows) == len(lines(run / "logs/metrics.jsonl"))


def check_pictures(run, events):
    tags = events.Tags()["images"]
    sheets = sorted((run / "viz").glob("*.png"))
    count = 0
    for tag in tags:
        for event in events.Images(tag):
            picture = Image.open(io.BytesIO(event.encoded_image_string))
            picture.load()
            assert picture.size == (event.width, event.height) and picture.mode == "RGB", tag
            index = int(tag.rpartition("/")[2])
            sheet = run / "viz" / f"epoch{event.step:04}_sample{index:02}.png"
            assert sheet.read_bytes() == event.encoded_image_string, sheet
            count += 1
    assert count == len(sheets), f"{count} pictures in TensorBoard, {len(sheets)} sheets"
    for path in run.rglob("*.png"):
        Image.open(path).load()
    return count


def check_report(run, screenshots, needed):
    browser = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None
    )
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    if browser is None or sync_playwright is None:
        what = "Chromium" if browser is None else "playwright"
        assert not needed, f"{what} is missing"
        return f"report not opened: {what} is missing"
    report = (run / "report.html").resolve().as_uri()
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for scheme in ["light", "dark"]:
            page = chromium.new_page(viewport={"width": 1320, "height": 900}, color_scheme=scheme)
            complaints, requests = [], []
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("request", lambda request: requests.append(request.url))
            page.goto(report)
            page.wait_for_load_state("load")
            pictures = page.evaluate("[...document.images].map(i => i.complete && i.naturalWidth)")
            assert all(pictures), "a picture does not show"
            chart = page.locator("figure.chart").first
            chart.hover()
            assert "epoch" in chart.locator(".tip").inner_text()
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 1320, f"the page is {wide} wide"
            if screenshots:
                page.screenshot(path=screenshots / f"report-{scheme}.png", full_page=True)
            outside = [url for url in requests if url != report and not url.startswith("data:")]
            assert not outside, f"the report asks for {outside}"
            assert not complaints, complaints
            page.close()
        chromium.close()
    return f"report shows {len(pictures)} pictures and asks for nothing"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("run", type=pathlib.Path)
    arguments.add_argument("--screenshots", type=pathlib.Path)
    arguments.add_argument("--need-browser", action="store_true")
    given = arguments.parse_args()
    events = EventAccumulator(str(given.run / "tb"), size_guidance={"scalars": 0, "images": 0})
    events.Reload()
    scalars = check_scalars(given.run, events)
    check_tables(given.run)
    pictures = check_pictures(given.run, events)
    assert any(tag.startswith("config") for tag in events.Tags()["tensors"]), "no configuration"
    text = events.Tensors("config")[0].tensor_proto.string_val[0].decode()
    config = (given.run / "config.toml").read_text()
    assert [line.strip() for line in text.splitlines()] == [line.strip() for line in config.splitlines()]
    print(f"{scalars} scalars and {pictures} pictures as logged")
    print(check_report(given.run, given.screenshots, given.need_browser))


if __name__ == "__main__":
    sys.exit(main())
