"""Writes conv_checkpoint.txt: a convolutional autoencoder in PyTorch, by the names of a checkpoint.

    python3 tests/golden/make_conv_checkpoint.py        (needs PyTorch and NumPy; writes beside itself)
    python3 tests/golden/make_conv_checkpoint.py RUN    (needs h5py too; see below)

The weights are what torch.nn's layers hold, under the path that a checkpoint of the variant conv has for
them: in PyTorch's order, convolutions [out, in, rows, columns] and transposed ones [in, out, rows, columns].
Weights and input are f32, the reconstruction is computed from them in f64. The file holds words and
numbers separated by blanks and line ends:

    hourglass-golden-conv-checkpoint 1         format and its version
    made-by <script> <library> <version>
    tensor <name> <rank> <extents>... <values, row-major>...

Besides the weights there are x and y, the input and its reconstruction.

With RUN, the folder of a run of experiments/conv-glyphs.yaml, RUN/checkpoints/last.h5 goes into PyTorch's
layers instead, and what they give is compared with what these have written before:

    hourglass reconstruct RUN glyphs --output RUN/reconstructions.h5
    hourglass encode RUN RUN/reconstructions.h5 --output RUN/codes.h5
"""

import pathlib
import sys

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


def compare(run):
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
    with h5py.File(run / "latents.h5") as file:
        codes = torch.tensor(file["test/codes"][:])
    with h5py.File(run / "reconstructions.h5") as file:
        ours = torch.tensor(file["reconstructions"][:])
    with torch.no_grad():
        theirs = nn.Sequential(*(layer for _, layer in decoder))(codes.reshape(-1, 32, 7, 7))
    largest = (theirs.reshape(ours.shape) - ours).abs().max().item()
    print(f"decoder: {len(ours)} reconstructions, largest difference {largest:.3g}")
    with torch.no_grad():
        again = nn.Sequential(*(layer for _, layer in encoder))(ours.reshape(-1, 1, 28, 28))
    with h5py.File(run / "codes.h5") as file:
        largest = (again.flatten(1) - torch.tensor(file["codes"][:])).abs().max().item()
    print(f"encoder: codes of these, largest difference {largest:.3g} of {again.abs().max().item():.3g}")


if __name__ == "__main__":
    write() if len(sys.argv) == 1 else compare(pathlib.Path(sys.argv[1]))
