"""Writes conv_checkpoint.txt: a convolutional autoencoder in PyTorch, by the names of a checkpoint.

    python3 tests/golden/make_conv_checkpoint.py        (needs PyTorch and NumPy; writes beside itself)
    python3 tests/golden/make_conv_checkpoint.py RUN HOURGLASS       (needs h5py too; see below)

The weights are what torch.nn's layers hold, under the path that a checkpoint of the variant conv has for
them: in PyTorch's order, convolutions [out, in, rows, columns] and transposed ones [in, out, rows, columns].
Weights and input are f32, the reconstruction is computed from them in f64. The file holds words and
numbers separated by blanks and line ends:

    hourglass-golden-conv-checkpoint 1         format and its version
    made-by <script> <library> <version>
    tensor <name> <rank> <extents>... <values, row-major>...

Besides the weights there are x and y, the input and its reconstruction.

With RUN, the folder of a run of experiments/conv-glyphs.yaml, RUN/checkpoints/last.h5 goes into PyTorch's
layers instead, and what they give for images of noise is compared with what HOURGLASS, the command, gives.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch
from torch import nn

SHAPE = (2, 8, 12)  # of a sample


def seeded(layer, random):
    """Numbers that are f32, in f64; batch normalisations as if they had seen some batches."""
    for name, values in [*layer.named_parameters(), *layer.named_buffers()]:
        if name == "num_batches_tracked":
            continue
        positive = isinstance(layer, nn.BatchNorm2d) and name in ("weight", "running_var")
        made = random.uniform(0.5 if positive else -0.4, 1.5 if positive else 0.4, values.shape)
        values.data = torch.tensor(made.astype(numpy.float32), dtype=torch.float64)
    return layer


def network():
    """The layers by part, those with weights by their place in a checkpoint:

    encoder: [{conv: {channels: 4, kernel: 4, stride: 2}, activation: relu}, {conv: 6},
              {batchnorm: {}, activation: relu}, {maxpool: 2}]
    latent: 5
    decoder: mirror
    """
    return [
        ("encoder.0", nn.Conv2d(2, 4, 4, stride=2, padding=1)), (None, nn.ReLU()),
        ("encoder.1", nn.Conv2d(4, 6, 3, padding=1)),
        ("encoder.2", nn.BatchNorm2d(6)), (None, nn.ReLU()),
        (None, nn.MaxPool2d(2)), (None, nn.Flatten()),
        ("code", nn.Linear(36, 5)),
        ("decoder.0", nn.Linear(5, 36)), (None, nn.Unflatten(1, (6, 2, 3))),
        ("decoder.1", nn.BatchNorm2d(6)), (None, nn.ReLU()),
        (None, nn.Upsample(scale_factor=2)),
        ("decoder.2", nn.ConvTranspose2d(6, 4, 3, padding=1)), (None, nn.ReLU()),
        ("decoder.3", nn.ConvTranspose2d(4, 2, 4, stride=2, padding=1)), (None, nn.Sigmoid()),
    ]  # fmt: skip


def path_of(part, name):
    return f"{part}.{name.replace('running_var', 'running_variance')}"


def lines(name, value):
    value = value.detach().numpy().astype(numpy.float32)
    yield f"tensor {name} {value.ndim} {' '.join(str(extent) for extent in value.shape)}"
    for row in value.reshape(-1, value.shape[-1]):
        yield " ".join(f"{number:.9g}" for number in row)


def write():
    random = numpy.random.RandomState(11)
    layers = network()
    for part, layer in layers:
        if part:
            seeded(layer, random)
    sequence = nn.Sequential(*(layer for _, layer in layers)).eval()
    x = torch.tensor(random.uniform(0, 1, (3, *SHAPE)).astype(numpy.float32), dtype=torch.float64)
    tensors = {"x": x, "y": sequence(x)}
    for part, layer in layers:
        for name, values in [*layer.named_parameters(), *layer.named_buffers()]:
            if name != "num_batches_tracked":
                tensors[path_of(part, name)] = values
    here = pathlib.Path(__file__)
    with open(here.with_name("conv_checkpoint.txt"), "w") as file:
        print("hourglass-golden-conv-checkpoint 1", file=file)
        print(f"made-by {here.name} torch {torch.__version__}", file=file)
        for name, value in tensors.items():
            for line in lines(name, value):
                print(line, file=file)


def compare(run, program):
    import h5py

    encoder = [("encoder.0", nn.Conv2d(1, 16, 3, padding=1)), (None, nn.ReLU()), (None, nn.MaxPool2d(2)),
               ("encoder.1", nn.Conv2d(16, 32, 3, padding=1)), (None, nn.ReLU()), (None, nn.MaxPool2d(2))]  # fmt: skip
    decoder = [(None, nn.Upsample(scale_factor=2)),
               ("decoder.0", nn.ConvTranspose2d(32, 16, 3, padding=1)), (None, nn.ReLU()),
               (None, nn.Upsample(scale_factor=2)),
               ("decoder.1", nn.ConvTranspose2d(16, 1, 3, padding=1)), (None, nn.Sigmoid())]  # fmt: skip
    with h5py.File(run / "checkpoints/last.h5") as file:
        names = set(file["parameters"])
        for part, layer in encoder + decoder:
            if part:
                state = {name: torch.tensor(file[f"parameters/{path_of(part, name)}"][:])
                         for name, _ in layer.named_parameters()}  # fmt: skip
                layer.load_state_dict(state)
                names -= {path_of(part, name) for name in state}
        assert not names, names
    images = numpy.random.RandomState(3).randint(0, 256, (100, 28, 28)).astype(numpy.uint8)
    with tempfile.TemporaryDirectory() as folder:
        numpy.save(f"{folder}/images.npy", images)
        ours = {}
        for command, name in (("encode", "codes"), ("reconstruct", "reconstructions")):
            output = f"{folder}/{name}.h5"
            subprocess.run([program, command, run, f"{folder}/images.npy", "--output", output], check=True)
            with h5py.File(output) as file:
                ours[name] = torch.tensor(file[name][:])
    with torch.no_grad():
        x = torch.tensor(images).unsqueeze(1).float() / 255
        codes = nn.Sequential(*(layer for _, layer in encoder))(x)
        theirs = {"codes": codes, "reconstructions": nn.Sequential(*(layer for _, layer in decoder))(codes)}
    for name, each in theirs.items():
        largest = (each.reshape(ours[name].shape) - ours[name]).abs().max().item()
        print(f"{name}: largest difference {largest:.3g}, largest value {each.abs().max().item():.3g}")


if __name__ == "__main__":
    write() if len(sys.argv) == 1 else compare(pathlib.Path(sys.argv[1]), sys.argv[2])
