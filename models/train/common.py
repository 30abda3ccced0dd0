"""What the four trainings share: a deterministic start, the average of the weights, and the way out to ONNX."""

import copy
import os
import random

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy
import onnx
import torch

FOLDER = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))


def begin(seed):
    """One thread and seeded generators: the same machine gives the same weights again."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    random.seed(seed)
    numpy.random.seed(seed)
    torch.manual_seed(seed)


class Average:
    """A moving average of a model's weights, which is what gets tested and shipped."""

    def __init__(self, model, decay):
        self.model = copy.deepcopy(model).eval()
        self.decay = decay
        self.steps = 0

    @torch.no_grad()
    def add(self, model):
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 9))
        for ours, theirs in zip(self.model.state_dict().values(), model.state_dict().values()):
            if ours.is_floating_point():
                ours.lerp_(theirs, 1 - decay)
            else:
                ours.copy_(theirs)


def export(model, inputs, path, input_names, output_names, facts, dynamic_axes=None):
    """Writes the model as ONNX, with names of inputs and outputs, and with facts about it as its metadata."""
    model.eval()
    torch.onnx.export(model, inputs, path, input_names=input_names, output_names=output_names,
                      dynamic_axes=dynamic_axes, opset_version=13, do_constant_folding=True)
    written = onnx.load(path)
    for key, value in facts.items():
        entry = written.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(written)
    onnx.save(written, path)
    print(f"{path}: {os.path.getsize(path):,} bytes")
