"""Trains keywords.onnx: a convolutional recogniser of ten words in a second of sound, on speech that eSpeak NG speaks.

Usage: python3 keywords.py [ONNX]           trains, and says how well it does on what was held back
       python3 keywords.py --test FOLDER    writes what was held back as FOLDER/CLASS/*.wav
"""

import io
import os
import random
import subprocess
import sys
import time
import wave

import common
import numpy
import torch
from torch import nn
from torch.nn import functional

SEED = 23
RATE = 16000
KEYWORDS = ["yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"]
LABELS = KEYWORDS + ["unknown", "silence"]

# Nothing of the second list of each pair is heard in training: no voice (eSpeak's variants), no speed, no other word.
ACCENTS = ["en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbcwmd", "en-029"], ["en-us", "en-gb", "en-gb-x-gbclan", "en-us-nyc"]
VARIANTS = (
    "m1 m2 m4 m5 m6 m8 f1 f2 f4 f5 klatt klatt2 klatt4 Alex Alicia Andrea Andy Annie Denis Diogo Gene Henrique Hugo Jacky Lee Marco "
    "Michael Mike Nguyen adam anika announcer antonio belinda benjamin boris caleb david ed edward grandma gustave iven iven3 john "
    "kaukovalta linda marcelo max michel miguel norbert pablo paul pedro rob robert sandro shelby steph travis victor zac").split(), (
    "m3 m7 f3 klatt3 Gene2 Mario aunty edward2 grandpa iven2 iven4 quincy steph2 steph3").split()
SPEEDS = [105, 115, 125, 135, 165, 175, 185, 195], [145, 150, 155, 205, 215]
OTHERS = (
    "bed bird cat dog happy house marvel sheila tree wow zero one two three four five six seven eight nine backward forward follow learn "
    "visual apple table window open close music light lamp kitchen water green yellow purple hello please thanks morning evening "
    "winter summer garden river mountain paper pencil number letter question answer ready later never always maybe left-over "
    "step shop top drop lift loft offer often ghost goat goal know note nose yet yell chess us cup pup town crown brown write light "
    "night fight ride own done").split(), (
    "red blue orange chair door bottle coffee sugar train bridge doctor teacher picture mother father sister basket candle butter "
    "silver monday friday engine planet camera button signal robot market village").split()
SPOKEN = 300
SURROUNDINGS = 8
PER_CLASS = 150
EPOCHS = 14
BATCH = 64


def speak(text, accent, variant, speed, pitch, stretch=1.0):
    """What eSpeak NG says, without the silence around it, between -1 and 1."""
    made = subprocess.run(["espeak-ng", "-v", f"{accent}+{variant}", "-s", str(speed), "-p", str(pitch), "--stdout", text],
                          stdout=subprocess.PIPE, check=True).stdout
    with wave.open(io.BytesIO(made)) as file:
        rate = file.getframerate()
        sound = numpy.frombuffer(file.readframes(len(made) // 2), numpy.int16) / 32768.0
    sound = resample(sound, stretch * RATE / rate)
    loud = numpy.nonzero(numpy.abs(sound) > 0.02 * numpy.abs(sound).max())[0]
    return sound[loud[0]:loud[-1] + 1] / numpy.abs(sound).max()


def resample(sound, factor):
    """The sound at another rate, by way of its spectrum."""
    count = int(len(sound) * factor)
    spectrum = numpy.fft.rfft(sound)
    return numpy.fft.irfft(spectrum[:count // 2 + 1], count) * factor


def noise(draw):
    """A second of noise of some colour, at times with hum, of loudness 1."""
    spectrum = numpy.fft.rfft(draw.normal(size=RATE))
    spectrum[1:] /= numpy.arange(1, len(spectrum)) ** draw.uniform(0, 1.1)
    sound = numpy.fft.irfft(spectrum, RATE)
    sound /= sound.std()
    if draw.random() < 0.3:
        base = draw.choice([50, 60, 100, 120])
        when = numpy.arange(RATE) / RATE
        sound += sum(draw.uniform(0, 2) / k * numpy.sin(2 * numpy.pi * (base * k * when + draw.random())) for k in range(1, 6))
    return sound / sound.std()


def window(speech, draw):
    """A second of sound: the speech somewhere in it, at some loudness, in some noise; without speech, noise alone or nothing."""
    sound = numpy.zeros(RATE)
    loudness = 10 ** draw.uniform(-1.5, -0.1)
    if speech is None:
        return sound if draw.random() < 0.05 else numpy.clip(noise(draw) * 10 ** draw.uniform(-4, -1.2), -1, 1)
    speech = speech[:RATE]
    start = draw.integers(0, RATE - len(speech) + 1)
    sound[start:start + len(speech)] = speech * loudness
    level = speech.std() * loudness * 10 ** -(draw.uniform(6, 40) / 20)
    return numpy.clip(sound + noise(draw) * level, -1, 1)


def text_of(label, part, draw):
    return label if label != "unknown" else OTHERS[part][draw.integers(len(OTHERS[part]))]


def utterances(label, part, count, draw):
    """So many times the class, each in a voice, at a speed and a pitch of that part."""
    for _ in range(count):
        if label == "silence":
            yield None
            continue
        pitch = int(draw.integers(15, 85))
        stretch = draw.uniform(0.88, 1.14) if part == 0 else 1.0
        yield speak(text_of(label, part, draw), draw.choice(ACCENTS[part]), draw.choice(VARIANTS[part]), draw.choice(SPEEDS[part]), pitch, stretch)


def held_back():
    """What is tested with: windows as 16-bit samples, and their classes."""
    draw = numpy.random.default_rng(SEED + 1)
    for number, label in enumerate(LABELS):
        for speech in utterances(label, 1, PER_CLASS, draw):
            yield numpy.round(window(speech, draw) * 32767).astype(numpy.int16), number


def write(folder):
    for index, (sound, number) in enumerate(held_back()):
        path = os.path.join(folder, LABELS[number], f"{LABELS[number]}-{index % PER_CLASS:03}.wav")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with wave.open(path, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(sound.tobytes())


class LogMel(nn.Module):
    """From sound to the logarithm of the energy in 32 bands, every 12.5 ms: a Fourier transform as a convolution with fixed kernels."""

    LENGTH, HOP, BANDS = 400, 200, 32

    def __init__(self):
        super().__init__()
        bins = numpy.arange(1, self.LENGTH // 2)
        hertz = bins * RATE / self.LENGTH
        angles = 2 * numpy.pi * numpy.outer(bins, numpy.arange(self.LENGTH)) / self.LENGTH
        hann = 0.5 - 0.5 * numpy.cos(2 * numpy.pi * (numpy.arange(self.LENGTH) + 0.5) / self.LENGTH)
        kernels = numpy.concatenate([numpy.cos(angles), numpy.sin(angles)]) * hann
        mel = lambda f: 2595 * numpy.log10(1 + f / 700)
        edges = numpy.linspace(mel(60), mel(7800), self.BANDS + 2)
        place = mel(hertz)
        bands = numpy.array([numpy.clip(numpy.minimum((place - low) / (peak - low), (high - place) / (high - peak)), 0, None)
                             for low, peak, high in zip(edges, edges[1:], edges[2:])])
        # Narrow bands that lie between two bins take the nearest one.
        for band, peak in zip(bands, edges[1:]):
            if band.sum() == 0:
                band[numpy.abs(place - peak).argmin()] = 1
        self.register_buffer("kernels", torch.from_numpy(kernels).float()[:, None])
        self.register_buffer("bands", torch.from_numpy(bands).float()[:, :, None])

    def forward(self, sound):
        waves = functional.conv1d(sound[:, None], self.kernels, stride=self.HOP)
        parts = (waves * waves).split(self.kernels.shape[0] // 2, 1)
        energy = functional.conv1d(parts[0] + parts[1], self.bands)
        return torch.log(energy + 1e-3)[:, None] * 0.2


def block(inputs, outputs, size, stride):
    return nn.Sequential(nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Recogniser(nn.Module):
    """What is trained: from energies [N, 1, bands, frames] to a number for each class."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(block(1, 16, 5, 2), block(16, 32, 3, 1), nn.MaxPool2d(2), block(32, 64, 3, 1), nn.MaxPool2d(2),
                                    block(64, 96, 3, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(96, len(LABELS)))

    def forward(self, energies):
        return self.layers(energies)


class Whole(nn.Module):
    """What is shipped: from sound to a number for each class."""

    def __init__(self, recogniser):
        super().__init__()
        self.front, self.recogniser = LogMel(), recogniser

    def forward(self, sound):
        return self.recogniser(self.front(sound))


@torch.no_grad()
def energies(windows):
    """In halves of a float, so that all windows fit in memory."""
    front = LogMel()
    return torch.cat([front(torch.from_numpy(numpy.stack(some)).float()).half() for some in zip(*[iter(windows)] * 10)])


def mask(pictures):
    """Takes a few bands and frames away, so that no single one is relied upon."""
    pictures = pictures.clone()
    for picture in pictures:
        band, frame = random.randrange(28), random.randrange(64)
        picture[:, band:band + random.randrange(5)] = picture.mean()
        picture[:, :, frame:frame + random.randrange(12)] = picture.mean()
    return pictures


def training_set(draw):
    """Each utterance in several surroundings."""
    for number, label in enumerate(LABELS):
        for speech in utterances(label, 0, SPOKEN * (3 if label == "unknown" else 1), draw):
            for _ in range(SURROUNDINGS // (2 if label == "unknown" else 1)):
                yield window(speech, draw), number


@torch.no_grad()
def predict(model, pictures):
    return torch.cat([model(some.float()).argmax(1) for some in pictures.split(100)])


def main(path):
    common.begin(SEED)
    started = time.time()
    numbers = []
    pictures = energies(sound for sound, number in training_set(numpy.random.default_rng(SEED)) if numbers.append(number) is None)
    numbers = torch.tensor(numbers)
    test = list(held_back())
    test_pictures = energies(sound / 32768.0 for sound, _ in test).float()
    test_numbers = torch.tensor([number for _, number in test])
    print(f"{len(pictures)} windows to train on, {len(test)} held back, {time.time() - started:.0f} s", flush=True)

    model = Recogniser()
    average = common.Average(model, 0.998)
    steps = EPOCHS * -(-len(pictures) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps, pct_start=0.15)
    for epoch in range(EPOCHS):
        model.train()
        for chosen in torch.randperm(len(pictures)).split(BATCH):
            loss = functional.cross_entropy(model(mask(pictures[chosen].float())), numbers[chosen], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            average.add(model)
        right = (predict(average.model, test_pictures) == test_numbers).float()
        print(f"epoch {epoch + 1}: loss {loss.item():.3f}, held back {right.mean():.4f}, {time.time() - started:.0f} s", flush=True)

    whole = Whole(average.model).eval()
    found = torch.cat([predict(whole, torch.from_numpy(numpy.stack([sound for sound, _ in test[i:i + 50]])) / 32768.0) for i in range(0, len(test), 50)])
    right = (found == test_numbers).float()
    for number, label in enumerate(LABELS):
        print(f"  {label:8} {right[test_numbers == number].mean():.3f}")
    print(f"held back: {right.mean():.4f}")
    common.export(whole, torch.zeros(1, RATE), path, ["sound"], ["logits"],
                  {"seed": str(SEED), "accuracy": f"{right.mean():.4f} on {len(test)} held-back seconds of sound"})


if sys.argv[1:2] == ["--test"]:
    write(sys.argv[2])
else:
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(common.FOLDER, "keywords.onnx"))
