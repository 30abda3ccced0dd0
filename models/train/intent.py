"""Trains intent.onnx: a Transformer encoder that tells what a sentence wants of a smart home, on sentences of a seeded grammar.

Usage: python3 intent.py [ONNX]          trains, and says how well it does on what was held back
       python3 intent.py --test FILE     writes what was held back as a table: text,label
"""

import math
import os
import random
import re
import sys
import time

import common
import torch
from torch import nn
from torch.nn import functional

SEED = 27
LENGTH = 16
WIDTH, HEADS, LAYERS = 64, 4, 2
COUNT = 24000
TESTED = 1000
EPOCHS = 4
BATCH = 64

# Of each pair, what is trained with and what is held back: test sentences are made of templates that were never seen, with names and things that were never seen.
SLOTS = {
    "room": ("kitchen, bedroom, bathroom, hallway, garage, office, cellar, attic, living room, dining room", "nursery, pantry, library, guest room, laundry room"),
    "lamp": ("light, lights, lamp, lamps, ceiling light, desk lamp, floor lamp, bedside lamp", "lantern, spotlight, reading light, wall lamp"),
    "number": ("ten, fifteen, twenty, thirty, forty, fifty, sixty, seventy, eighty, ninety, 10, 20, 25, 30, 40, 45, 50, 60, 70, 80, 90", "twelve, thirteen, 12, 18, 35, 55, 65, 75, 85"),
    "degrees": ("eighteen, nineteen, twenty, twenty-one, twenty-two, 16, 17, 18, 19, 20, 21, 22, 23", "sixteen, seventeen, twenty-four, 15, 24, 25, 26"),
    "minutes": ("two, three, five, ten, twenty, thirty, 2, 3, 5, 8, 10, 15, 20, 30", "four, six, twelve, forty, 4, 6, 7, 12, 40"),
    "music": (
        "jazz, some rock, the blues, my playlist, some piano music, classical music, the radio, some songs, that album, my favourite band",
        "reggae, some folk music, the new record, a symphony, country music"),
    "day": ("today, tomorrow, tonight, this weekend, on monday, on friday, this afternoon", "on sunday, next week, this evening, on wednesday"),
    "city": ("london, paris, berlin, madrid, rome, new york, here, outside", "oslo, vienna, lisbon, tokyo, in the mountains"),
    "door": ("front door, back door, garage door, door, gate", "cellar door, side door, garden gate"),
    "blind": ("blinds, curtains, shutters, shades", "drapes, awning, roller blinds"),
}
TEMPLATES = {
    "light-on": (
        "turn on the {lamp}|turn the {lamp} on|switch on the {lamp} in the {room}|switch the {room} {lamp} on|put the {lamp} on in the {room}|light up the {room}|i need light in the {room}|"
        "it is too dark in the {room}|make it bright in here|give me some light|lights on|{lamp} on please",
        "turn the {room} {lamp} on|switch the {lamp} on|it is dark in the {room} turn on the {lamp}|{room} {lamp} on|put on the {lamp} in the {room}"),
    "light-off": (
        "turn off the {lamp}|turn the {lamp} off|switch off the {lamp} in the {room}|switch the {room} {lamp} off|put the {lamp} out in the {room}|make it dark in the {room}|kill the {lamp}|"
        "i do not need the {lamp} any more|it is too bright in the {room}|nobody is in the {room} turn off the {lamp}|lights off|{lamp} off please|all {lamp} off in the {room}|turn off all the {lamp} in the {room}",
        "turn the {room} {lamp} off|switch the {lamp} off|{room} {lamp} off|put out the {lamp} in the {room}|turn off every {lamp} in the {room}"),
    "dim": (
        "dim the {lamp}|dim the {lamp} to {number} percent|set the {lamp} to {number} percent|brightness of the {lamp} to {number}|make the {lamp} in the {room} softer|"
        "lower the brightness in the {room}|set brightness to {number} percent in the {room}|half brightness in the {room}|a little less light in the {room}|reduce the {lamp} to {number} percent",
        "dim the {room} {lamp} to {number} percent|set the brightness of the {lamp} to {number}|{lamp} to {number} percent|make the {lamp} softer in the {room}"),
    "temperature": (
        "set the temperature to {degrees} degrees|make it {degrees} degrees in the {room}|heat the {room} to {degrees}|it is too cold in the {room}|it is too warm in here|turn up the heating|"
        "turn the heating down in the {room}|thermostat to {degrees}|i am freezing|make the {room} warmer|cool the {room} down to {degrees} degrees",
        "set the {room} to {degrees} degrees|make it warmer in the {room}|it is cold in the {room} turn the heating up|thermostat in the {room} to {degrees} degrees"),
    "music-on": (
        "play {music}|put on {music}|i want to hear {music}|start {music} in the {room}|play {music} in the {room}|let us listen to {music}|i would love to hear {music}|put some {music} on|let {music} play|some music please|music in the {room}|"
        "start playing {music}|could i hear {music}",
        "please play {music} for me|i would like to listen to {music}|put {music} on in the {room}|start {music}"),
    "music-off": (
        "stop the music|stop playing|turn off the music|pause the song|be quiet|silence please|no more music|pause {music}|stop {music} in the {room}|turn the music off in the {room}|"
        "enough music for now|mute the speakers",
        "stop playing {music}|stop the music in the {room}|pause the music please"),
    "timer": (
        "set a timer for {minutes} minutes|timer for {minutes} minutes|remind me in {minutes} minutes|wake me in {minutes} minutes|count down {minutes} minutes|start a {minutes} minute timer|"
        "tell me when {minutes} minutes are over|set an alarm in {minutes} minutes|{minutes} minutes on the clock",
        "start a timer of {minutes} minutes|set the timer to {minutes} minutes|remind me when {minutes} minutes are over|alarm in {minutes} minutes"),
    "weather": (
        "what is the weather {day}|how is the weather in {city}|will it rain {day}|is it going to snow in {city} {day}|do i need an umbrella {day}|weather for {city} {day}|how warm is it in {city}|"
        "what is the forecast for {day}|will the sun shine {day}|tell me the weather in {city}",
        "what will the weather be {day} in {city}|is it going to rain {day}|what is the weather in {city}|forecast for {city} {day}"),
    "lock": (
        "lock the {door}|lock up|please lock the {door} now|close and lock the {door}|is the {door} locked if not lock it|bolt the {door}|make sure the {door} is locked|secure the {door}|"
        "lock all doors|i am leaving lock the {door}",
        "lock the {door} for the night|please make sure the {door} is locked|close the {door} and lock it|i am going lock the {door}"),
    "unlock": (
        "unlock the {door}|open the {door}|leave the {door} unlocked|keep the {door} unlocked for now|please unlock the {door} now|let me in|let the guests in|unbolt the {door}|the {door} should be unlocked|open up the {door}|"
        "i am home unlock the {door}|take the lock off the {door}",
        "unlock the {door} for the guests|please open the {door}|i am back unlock the {door}|make sure the {door} is unlocked"),
    "blinds-open": (
        "open the {blind}|raise the {blind} in the {room}|pull up the {blind}|let the sun in|{blind} up|open the {blind} in the {room} half way|draw back the {blind}|put the {blind} up|{blind} up in the whole {room}",
        "raise the {blind}|open the {room} {blind}|pull the {blind} up in the {room}|{blind} up in the {room}"),
    "blinds-close": (
        "close the {blind}|lower the {blind} in the {room}|pull down the {blind}|keep the sun out|{blind} down|shut the {blind} in the {room}|draw the {blind}|put the {blind} down|{blind} down in the whole {room}",
        "lower the {blind}|close the {room} {blind}|pull the {blind} down in the {room}|{blind} down in the {room}"),
}
BEFORE = ["", "", "", "", "please ", "could you ", "can you ", "hey ", "would you please ", "i want you to ", "ok ", "now "]
AFTER = ["", "", "", "", " please", " now", " for me", " thanks", " right now"]
LABELS = list(TEMPLATES)


def sentence(label, part, draw):
    template = draw.choice(TEMPLATES[label][part].split("|"))
    text = re.sub(r"{(\w+)}", lambda slot: draw.choice(SLOTS[slot[1]][part].split(", ")), template)
    return (draw.choice(BEFORE) + text + draw.choice(AFTER)).replace("please please", "please")


def sentences(part, count, draw):
    for i in range(count):
        label = i % len(LABELS)
        yield sentence(LABELS[label], part, draw), label


def words(text):
    return re.findall(r"[a-z0-9'-]+", text.lower())


def encode(text, vocabulary):
    """Numbers of the words: 0 beyond the end, 1 for a word that is not known."""
    numbers = [vocabulary.get(word, 1) for word in words(text)][:LENGTH]
    return numbers + [0] * (LENGTH - len(numbers))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)

    def heads(self, values):
        return values.view(-1, LENGTH, HEADS, WIDTH // HEADS).transpose(1, 2)

    def forward(self, values, mask):
        normed = self.first(values)
        query, key, value = self.heads(self.query(normed)), self.heads(self.key(normed)), self.heads(self.value(normed))
        attention = torch.softmax(query @ key.transpose(2, 3) / math.sqrt(WIDTH // HEADS) + mask, 3)
        mixed = (attention @ value).transpose(1, 2).reshape(-1, LENGTH, WIDTH)
        values = values + functional.dropout(self.out(mixed), 0.1, self.training)
        return values + functional.dropout(self.down(functional.gelu(self.up(self.second(values)))), 0.1, self.training)


class Encoder(nn.Module):
    """From numbers of words [N, 16] to a number for each class."""

    def __init__(self, size):
        super().__init__()
        self.embedding = nn.Embedding(size, WIDTH)
        self.places = nn.Parameter(torch.randn(LENGTH, WIDTH) * 0.02)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.dense = nn.Linear(WIDTH, len(LABELS))

    def forward(self, numbers):
        there = (numbers != 0).float()
        mask = ((there - 1) * 1e4)[:, None, None]
        values = self.embedding(numbers) + self.places
        for layer in self.layers:
            values = layer(values, mask)
        values = (self.norm(values) * there[:, :, None]).sum(1) / there.sum(1, keepdim=True).clamp(min=1)
        return self.dense(values)


def held_back():
    return list(sentences(1, TESTED, random.Random(SEED + 1)))


def main(path):
    common.begin(SEED)
    started = time.time()
    trained, test = list(sentences(0, COUNT, random.Random(SEED))), held_back()
    vocabulary = {word: number + 2 for number, word in enumerate(sorted({word for text, _ in trained for word in words(text)}))}
    numbers = torch.tensor([encode(text, vocabulary) for text, _ in trained])
    labels = torch.tensor([label for _, label in trained])
    test_numbers = torch.tensor([encode(text, vocabulary) for text, _ in test])
    test_labels = torch.tensor([label for _, label in test])
    known = sum(word in vocabulary for text, _ in test for word in words(text)) / sum(len(words(text)) for text, _ in test)
    print(f"{len({text for text, _ in trained}):,} different sentences to train on, {len({text for text, _ in test})} held back; {len(vocabulary)} words, {100 * known:.0f} % of the held-back ones are among them")

    model = Encoder(len(vocabulary) + 2)
    average = common.Average(model, 0.995)
    steps = EPOCHS * -(-COUNT // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.5e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.5e-3, total_steps=steps, pct_start=0.1)
    for epoch in range(EPOCHS):
        model.train()
        for chosen in torch.randperm(COUNT).split(BATCH):
            some = numbers[chosen]
            # Words are forgotten at random, so that a sentence with unknown ones is still understood.
            some = torch.where((torch.rand(some.shape) < 0.2) & (some != 0), torch.ones_like(some), some)
            loss = functional.cross_entropy(model(some), labels[chosen], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            average.add(model)
        with torch.no_grad():
            found = average.model(test_numbers).argmax(1)
        print(f"epoch {epoch + 1}: loss {loss.item():.3f}, held back {(found == test_labels).float().mean():.4f}, {time.time() - started:.0f} s", flush=True)

    right = (found == test_labels).float()
    for number, label in enumerate(LABELS):
        print(f"  {label:12} {right[test_labels == number].mean():.3f}")
    for text, label, guess in [(text, label, guess) for (text, label), guess in zip(test, found.tolist()) if label != guess][:10]:
        print(f"  {text}: {LABELS[guess]} instead of {LABELS[label]}")
    common.export(average.model, test_numbers[:1], path, ["words"], ["logits"], {
        "seed": str(SEED), "vocabulary": " ".join(vocabulary), "accuracy": f"{right.mean():.4f} on {len(test)} held-back sentences"})


if sys.argv[1:2] == ["--test"]:
    with open(sys.argv[2], "w") as file:
        file.writelines(["text,label\n"] + [f"{text},{LABELS[label]}\n" for text, label in held_back()])
else:
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(common.FOLDER, "intent.onnx"))
