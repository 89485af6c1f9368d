#!/usr/bin/env python3
"""AdamW, schedules, the norm limit and the loss scale as PyTorch has them; writes optimiser.json.

Run in an environment with torch and numpy.
"""

import json
import math
import pathlib

import numpy as np
import torch

COUNT, DECAYED, STEPS = 40, 28, 50
SETTINGS = {"rate": 0.01, "weight_decay": 0.05, "betas": [0.9, 0.99], "epsilon": 1e-8, "ema": 0.9}


def number(v):
    return float(f"{float(v):.10g}")


def numbers(of):
    return [number(v) for v in of]


def adamw():
    r = np.random.default_rng(4)
    start = r.normal(0, 1, COUNT).astype(np.float32)
    gradients = (r.normal(0, 1, (STEPS, COUNT)) * 10 ** r.uniform(-3, 1, COUNT)).astype(np.float32)
    gradients[:, 3] = 0
    # f32 as the trainer computes, f64 as the judge of both.
    weights = torch.tensor(start.astype(np.float64))
    decayed, spared = weights[:DECAYED].clone().requires_grad_(), weights[DECAYED:].clone().requires_grad_()
    groups = [{"params": [decayed]}, {"params": [spared], "weight_decay": 0.0}]
    made = torch.optim.AdamW(
        groups, lr=SETTINGS["rate"], betas=SETTINGS["betas"], eps=SETTINGS["epsilon"], weight_decay=SETTINGS["weight_decay"]
    )
    course = torch.optim.lr_scheduler.CosineAnnealingLR(made, STEPS)
    average = weights.clone()
    for t, g in enumerate(torch.tensor(gradients.astype(np.float64)), 1):
        decayed.grad, spared.grad = g[:DECAYED].clone(), g[DECAYED:].clone()
        made.step()
        course.step()
        now = torch.cat([decayed.detach(), spared.detach()])
        decay = min(SETTINGS["ema"], (1 + t) / (10 + t))
        average = decay * average + (1 - decay) * now
    return {
        "decayed": DECAYED,
        "start": numbers(start),
        "gradients": [numbers(g) for g in gradients],
        "end": numbers(now),
        "average": numbers(average),
    }


def rates(make, steps):
    weight = torch.zeros(1, requires_grad=True)
    made = torch.optim.SGD([weight], lr=0.5)
    course = make(made)
    out = []
    for _ in range(steps):
        out.append(number(made.param_groups[0]["lr"]))
        made.step()
        course.step()
    return out


def schedules():
    s = torch.optim.lr_scheduler

    def warm(after, steps):
        def make(o):
            line = s.LinearLR(o, start_factor=1 / steps, total_iters=steps - 1)
            return s.SequentialLR(o, [line, after(o)], milestones=[steps])

        return make

    def case(steps, make, **settings):
        return {"settings": {"rate": 0.5, **settings}, "rates": rates(make, steps)}

    return [
        case(30, lambda o: s.CosineAnnealingLR(o, 30), schedule="cosine"),
        case(30, lambda o: s.CosineAnnealingLR(o, 30, eta_min=0.05), schedule="cosine", final_fraction=0.1),
        case(30, warm(lambda o: s.CosineAnnealingLR(o, 25), 5), schedule="cosine", warmup=5),
        case(20, lambda o: s.StepLR(o, 6, 0.3), schedule="step", step_size=6, step_factor=0.3),
        case(20, lambda o: s.ConstantLR(o, 1.0), schedule="constant"),
        case(20, warm(lambda o: s.StepLR(o, 4, 0.5), 3), schedule="step", step_size=4, warmup=3),
    ]


def limits():
    out = []
    r = np.random.default_rng(5)
    for limit, size in ((1.0, 1.0), (1.0, 0.01), (0.25, 3.0)):
        start = (size * r.normal(0, 1, 21)).astype(np.float32)
        weight = torch.zeros(21, requires_grad=True)
        weight.grad = torch.tensor(start)
        norm = torch.nn.utils.clip_grad_norm_([weight], limit)
        out.append({"limit": limit, "start": numbers(start), "norm": number(norm), "end": numbers(weight.grad)})
    return out


def scaler():
    """Scale before each step, for steps that overflow where there is a 1."""
    overflows = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0]
    weight = torch.zeros(2, requires_grad=True)
    made = torch.optim.SGD([weight], lr=0.5)
    of = torch.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=3)
    scales = []
    for bad in overflows:
        scales.append(of.get_scale())
        of.scale(weight.sum()).backward()
        if bad:
            weight.grad[0] = math.inf
        of.step(made)
        of.update()
        made.zero_grad()
    return {"initial": 1024.0, "interval": 3, "overflows": overflows, "scales": scales}


def main():
    out = {
        "versions": {m.__name__: m.__version__ for m in (torch, np)},
        "settings": SETTINGS,
        "adamw": adamw(),
        "schedules": schedules(),
        "limits": limits(),
        "scaler": scaler(),
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    # One case a line, so that a change can be read.
    text = json.dumps(out, separators=(",", ":")).replace("},{", "},\n{").replace("],[", "],\n[")
    path.write_text(text + "\n")


main()
