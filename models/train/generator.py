"""Trains generator.onnx: an Embedding-LSTM-Dense model that writes English letter by letter, on the novels of Jane Austen.

Usage: python3 generator.py FOLDER [ONNX]            trains, and says how well it does on what was held back
       python3 generator.py FOLDER --test FILE     writes what was held back: the last 5 % of each novel
FOLDER is Debian package r-cran-janeaustenr 1.0.0-1, unpacked (`dpkg -x`): the six novels, as Project Gutenberg has them.
"""

import math
import os
import re
import struct
import sys
import time
import zlib

import common
import numpy
import torch
from torch import nn
from torch.nn import functional

SEED = 25
EMBEDDING = 32
HIDDEN = 256
STREAMS = 64
LENGTH = 128
STEPS = 1100
HELD_BACK = 0.05
LETTERS = "\n !\"'(),-.0123456789:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def read_lines(data):
    """The strings of a vector as R writes it (serialization version 3, big-endian)."""
    at = 14 + 4 + struct.unpack(">I", data[14:18])[0]
    kind, count = struct.unpack(">II", data[at:at + 8])
    assert kind & 0xFF == 16, "not a vector of strings"
    at += 8
    for _ in range(count):
        length = struct.unpack(">I", data[at + 4:at + 8])[0]
        yield data[at + 8:at + 8 + length].decode("utf-8")
        at += 8 + length


def read_novels(folder):
    """The novels as numbers of letters: paragraphs on one line each, other characters left out."""
    with open(os.path.join(folder, "usr/lib/R/site-library/janeaustenr/data/Rdata.rdb"), "rb") as file:
        data = file.read()
    number = {letter: i for i, letter in enumerate(LETTERS)}
    at = 0
    while at < len(data):
        # Each entry: its length when unpacked, then a zlib stream.
        unpacker = zlib.decompressobj()
        entry = unpacker.decompress(data[at + 4:])
        at = len(data) - len(unpacker.unused_data)
        text = "\n".join(read_lines(entry)).replace("--", " - ").replace("_", "").replace("\u201c", '"').replace("\u201d", '"').replace("\u2019", "'")
        text = re.sub(r"(?<=\S)\n(?=\S)", " ", text)
        text = re.sub(r"\n+", "\n", re.sub(r" +", " ", text))
        yield torch.tensor([number[letter] for letter in text if letter in number])


class Generator(nn.Module):
    """One step or many: from numbers of letters [time, texts] and the state to a number for each letter that may follow, and the new state."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(LETTERS), EMBEDDING)
        self.lstm = nn.LSTM(EMBEDDING, HIDDEN)
        self.dense = nn.Linear(HIDDEN, len(LETTERS))

    def forward(self, letters, h, c):
        values, (h, c) = self.lstm(self.embedding(letters), (h, c))
        return self.dense(functional.dropout(values, 0.1, self.training)).flatten(0, 1), h, c


@torch.no_grad()
def measure(model, text):
    """Bits for each letter, and how often the likeliest letter is the one that follows."""
    state = torch.zeros(1, 1, HIDDEN), torch.zeros(1, 1, HIDDEN)
    bits = right = 0
    for some, following in zip(text[:-1].split(4096), text[1:].split(4096)):
        logits, *state = model(some[:, None], *state)
        bits += functional.cross_entropy(logits, following, reduction="sum").item() / math.log(2)
        right += (logits.argmax(1) == following).sum().item()
    return bits / (len(text) - 1), right / (len(text) - 1)


@torch.no_grad()
def sample(model, count):
    state = torch.zeros(1, 1, HIDDEN), torch.zeros(1, 1, HIDDEN)
    letter, text = 0, ""
    for _ in range(count):
        logits, *state = model(torch.tensor([[letter]]), *state)
        letter = torch.multinomial(torch.softmax(logits[0] / 0.7, 0), 1).item()
        text += LETTERS[letter]
    return text


def split(folder):
    """What is trained on, and what is held back."""
    novels = list(read_novels(folder))
    cut = [int(len(novel) * (1 - HELD_BACK)) for novel in novels]
    return torch.cat([novel[:end] for novel, end in zip(novels, cut)]), torch.cat([novel[end:] for novel, end in zip(novels, cut)])


def main():
    common.begin(SEED)
    path = sys.argv[2] if len(sys.argv) > 2 else os.path.join(common.FOLDER, "generator.onnx")
    text, test = split(sys.argv[1])
    print(f"{len(text):,} letters to train on, {len(test):,} held back")

    model = Generator()
    average = common.Average(model, 0.99)
    optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=STEPS, pct_start=0.05)
    starts = torch.arange(STREAMS) * (len(text) // STREAMS)
    state = torch.zeros(1, STREAMS, HIDDEN), torch.zeros(1, STREAMS, HIDDEN)
    at = 0
    started = time.time()
    for step in range(STEPS):
        if at + LENGTH + 1 > len(text) // STREAMS:
            at = 0
        places = starts[None] + (at + torch.arange(LENGTH + 1))[:, None]
        letters = text[places]
        at += LENGTH
        logits, *state = model(letters[:-1], *(part.detach() for part in state))
        loss = functional.cross_entropy(logits, letters[1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average.add(model)
        if step % 50 == 49:
            print(f"step {step + 1}: {loss.item() / math.log(2):.3f} bits, {time.time() - started:.0f} s", flush=True)

    bits, right = measure(average.model, test)
    print(sample(average.model, 400))
    print(f"held back: {bits:.3f} bits for each letter, the likeliest letter follows {100 * right:.1f} % of the time")
    zero = torch.zeros(1, 1, HIDDEN)
    common.export(average.model, (torch.zeros(1, 1, dtype=torch.long), zero, zero), path, ["letter", "h", "c"], ["logits", "h_out", "c_out"],
                  {"seed": str(SEED), "accuracy": f"{bits:.3f} bits for each of {len(test)} held-back letters"})


if sys.argv[2:3] == ["--test"]:
    with open(sys.argv[3], "w", newline="") as file:
        file.write("".join(LETTERS[number] for number in split(sys.argv[1])[1]))
else:
    main()
