"""Writes losses.txt: the first ten losses of a small autoencoder, as PyTorch computes them.

    python3 tests/golden/make_losses.py        (needs PyTorch and NumPy; writes beside itself)

The network is 12-8-4-8-12 with ReLU behind every layer but the last. The loss is binary cross-entropy
from logits, summed over the 12 features and averaged over the 16 samples of a batch, in nats. Every
optimiser starts from the same parameters and takes ten steps, one a batch, in order; a loss is the one
before its step. All numbers are f32 and read back to the same bits.

The file holds words and numbers separated by blanks and line ends:

    hourglass-golden-losses 1                  format and its version
    made-by <script> <library> <version>
    tensor <name> <rank> <extents>... <values, row-major>...
    losses <name> <count of settings> <setting>=<value>... <ten losses>

Tensors, dense weights being [out, in]:

    <layer>.weight, <layer>.bias    initial parameters of encoder.0, code, decoder.0, decoder.1
    batches [10, 16, 12]            inputs, which are also the targets, multiples of 1/256 in [0, 1),
                                    darker to the right
    logits [16, 12]                 output for the first batch with the initial parameters
    gradient/<parameter>            gradients of that batch's loss
"""

import pathlib

import numpy
import torch

STEPS, BATCH, WIDTHS = 10, 16, [12, 8, 4, 8, 12]
LAYERS = ["encoder.0", "code", "decoder.0", "decoder.1"]


def initial_parameters(random):
    """Xavier uniform weights, and biases off zero, so that each of them counts."""
    parameters = {}
    for layer, fan_in, fan_out in zip(LAYERS, WIDTHS, WIDTHS[1:]):
        bound = (6 / (fan_in + fan_out)) ** 0.5
        weight = random.uniform(-bound, bound, (fan_out, fan_in))
        bias = random.uniform(0, 0.1, fan_out)
        parameters[layer + ".weight"] = weight.astype(numpy.float32)
        parameters[layer + ".bias"] = bias.astype(numpy.float32)
    return parameters


def logits_of(parameters, x):
    for layer in LAYERS:
        x = torch.nn.functional.linear(x, parameters[layer + ".weight"], parameters[layer + ".bias"])
        if layer != LAYERS[-1]:
            x = torch.relu(x)
    return x


def loss_of(logits, target):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return loss.sum(dim=1).mean()


def to_torch(parameters):
    return {name: torch.tensor(value, requires_grad=True) for name, value in parameters.items()}


def ten_losses(parameters, batches, make_optimiser, clip_norm=None):
    parameters = to_torch(parameters)
    optimiser = make_optimiser(parameters.values())
    losses = []
    for batch in torch.tensor(batches):
        optimiser.zero_grad()
        loss = loss_of(logits_of(parameters, batch), batch)
        loss.backward()
        if clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(parameters.values(), clip_norm)
        optimiser.step()
        losses.append(loss.item())
    return losses


def adam_settings(rate):
    return {"learning_rate": rate, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}


def adam(rate, kind=torch.optim.Adam, weight_decay=0.0):
    return lambda parameters: kind(
        parameters, lr=rate, betas=(0.9, 0.999), eps=1e-8, weight_decay=weight_decay
    )


def sgd(rate, momentum=0.0, nesterov=False):
    return lambda parameters: torch.optim.SGD(
        parameters, lr=rate, momentum=momentum, nesterov=nesterov
    )


def rmsprop(rate):
    return lambda parameters: torch.optim.RMSprop(parameters, lr=rate, alpha=0.99, eps=1e-8)


# Name, settings as written, optimiser, norm that gradients are clipped to. All but the first move far
# enough in ten steps for a small fault to show.
RUNS = [
    ("adam", adam_settings(0.001), adam(0.001), None),
    ("adam-fast", adam_settings(0.02), adam(0.02), None),
    (
        "adamw",
        {**adam_settings(0.02), "weight_decay": 0.5},
        adam(0.02, torch.optim.AdamW, 0.5),
        None,
    ),
    ("adam-clipped", {**adam_settings(0.02), "clip_norm": 0.5}, adam(0.02), 0.5),
    ("sgd", {"learning_rate": 0.05}, sgd(0.05), None),
    ("sgd-clipped", {"learning_rate": 0.05, "clip_norm": 0.5}, sgd(0.05), 0.5),
    ("momentum", {"learning_rate": 0.02, "momentum": 0.9}, sgd(0.02, 0.9), None),
    ("nesterov", {"learning_rate": 0.02, "momentum": 0.9}, sgd(0.02, 0.9, True), None),
    (
        "rmsprop",
        {"learning_rate": 0.005, "decay": 0.99, "epsilon": 1e-8},
        rmsprop(0.005),
        None,
    ),
]


def numbers(values):
    return " ".join(f"{value:.9g}" for value in numpy.asarray(values, numpy.float32).ravel())


def tensor_lines(name, value):
    value = numpy.asarray(value)
    extents = " ".join(str(extent) for extent in value.shape)
    yield f"tensor {name} {value.ndim} {extents}"
    for row in value.reshape(-1, value.shape[-1]):
        yield numbers(row)


def main():
    torch.set_num_threads(1)
    random = numpy.random.RandomState(20)
    parameters = initial_parameters(random)
    brightest = 256 - 16 * numpy.arange(WIDTHS[0])
    batches = random.randint(0, brightest, (STEPS, BATCH, WIDTHS[0])).astype(numpy.float32) / 256

    first = to_torch(parameters)
    logits = logits_of(first, torch.tensor(batches[0]))
    loss_of(logits, torch.tensor(batches[0])).backward()

    version = torch.__version__.split("+")[0]
    lines = [
        "hourglass-golden-losses 1",
        f"made-by tests/golden/make_losses.py PyTorch {version}",
    ]
    for name, value in parameters.items():
        lines += tensor_lines(name, value)
    lines += tensor_lines("batches", batches)
    lines += tensor_lines("logits", logits.detach())
    for name, value in first.items():
        lines += tensor_lines("gradient/" + name, value.grad)
    for name, settings, optimiser, clip_norm in RUNS:
        written = " ".join(f"{key}={value:g}" for key, value in settings.items())
        lines.append(f"losses {name} {len(settings)} {written}")
        lines.append(numbers(ten_losses(parameters, batches, optimiser, clip_norm)))
    pathlib.Path(__file__).with_name("losses.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
