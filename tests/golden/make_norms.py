"""Writes norms.txt: normalisations with their gradients, as PyTorch computes them.

    python3 tests/golden/make_norms.py        (needs PyTorch and NumPy; writes beside itself)

Inputs are f32; all else is computed from them in f64 and rounded, so that what is written is right to
the last digit of an f32. The file holds words and numbers separated by blanks and line ends:

    hourglass-golden-norms 1                   format and its version
    made-by <script> <library> <version>
    tensor <case>/<name> <rank> <extents>... <values, row-major>...

Every case has x, weight, bias, y, the gradients dx, dweight and dbias of the sum of y direction, and
that direction. The cases are

    batch-<shape>           batch normalisation by the batch's own statistics
    batch-relu-<shape>      the same with ReLU behind it
    layer-<shape>           layer normalisation over all axes but the first
    layer-large-mean        the same of values with mean 1e4 and deviation 1
    group-<groups>-<shape>  group normalisation

Batch cases also have `batches`, three of them, running_mean and running_variance after a training on
these with momentum 0.1, and `evaluated`, what becomes of x by these averages.
"""

import pathlib

import numpy
import torch

EPSILON, MOMENTUM = 1e-5, 0.1
random = numpy.random.RandomState(7)


def made(shape, low=-1.0, high=1.0):
    """Numbers that are f32, in f64."""
    values = random.uniform(low, high, shape).astype(numpy.float32)
    return torch.tensor(values, dtype=torch.float64)


def shape_text(shape):
    return "x".join(str(extent) for extent in shape)


def with_gradients(case, x, weight, bias, function):
    inputs = [each.clone().requires_grad_() for each in (x, weight, bias)]
    y = function(*inputs)
    direction = made(tuple(x.shape))
    (y * direction).sum().backward()
    tensors = {"x": x, "weight": weight, "bias": bias, "direction": direction, "y": y.detach()}
    for name, each in zip(("dx", "dweight", "dbias"), inputs):
        tensors[name] = each.grad
    return {f"{case}/{name}": value for name, value in tensors.items()}


def batch_case(shape, relu=False):
    functional = torch.nn.functional
    case = f"batch-{'relu-' if relu else ''}{shape_text(shape)}"
    x, weight, bias = made(shape, -1, 3), made(shape[1], 0.5, 2), made(shape[1])

    def function(x, weight, bias):
        y = functional.batch_norm(x, None, None, weight, bias, training=True, eps=EPSILON)
        return torch.relu(y) if relu else y

    tensors = with_gradients(case, x, weight, bias, function)
    if relu:
        return tensors
    batches = made((3, *shape), -1, 3)
    mean = torch.zeros(shape[1], dtype=torch.float64)
    variance = torch.ones(shape[1], dtype=torch.float64)
    for batch in batches:
        functional.batch_norm(batch, mean, variance, training=True, momentum=MOMENTUM, eps=EPSILON)
    evaluated = functional.batch_norm(x, mean, variance, weight, bias, eps=EPSILON)
    more = {"batches": batches, "running_mean": mean, "running_variance": variance, "evaluated": evaluated}
    return {**tensors, **{f"{case}/{name}": value for name, value in more.items()}}


def layer_case(shape, case=None, low=-1.0, high=3.0):
    features = shape[1:]

    def function(x, weight, bias):
        return torch.nn.functional.layer_norm(x, features, weight, bias, eps=EPSILON)

    return with_gradients(
        case or f"layer-{shape_text(shape)}", made(shape, low, high), made(features, 0.5, 2), made(features), function
    )


def group_case(groups, shape):
    def function(x, weight, bias):
        return torch.nn.functional.group_norm(x, groups, weight, bias, eps=EPSILON)

    return with_gradients(
        f"group-{groups}-{shape_text(shape)}",
        made(shape, -1, 3),
        made(shape[1], 0.5, 2),
        made(shape[1]),
        function,
    )


def tensor_lines(name, value):
    value = value.numpy().astype(numpy.float32)
    yield f"tensor {name} {value.ndim} {' '.join(str(extent) for extent in value.shape)}"
    for row in value.reshape(-1, value.shape[-1]):
        yield " ".join(f"{number:.9g}" for number in row)


def main():
    half = 3**0.5  # of the width of a uniform distribution with deviation 1
    tensors = {
        **batch_case((6, 3)),
        **batch_case((5, 33)),
        **batch_case((3, 17, 4)),
        **batch_case((2, 3, 3, 4)),
        **batch_case((2, 17, 2, 3)),
        **batch_case((3, 1, 2, 2)),
        **batch_case((2, 16, 2, 3), relu=True),
        **batch_case((4, 5), relu=True),
        **layer_case((3, 7)),
        **layer_case((2, 3, 4, 5)),
        **layer_case((2, 17, 2, 2)),
        **layer_case((2, 130), "layer-large-mean", 1e4 - half, 1e4 + half),
        **group_case(3, (2, 6, 2, 3)),
        **group_case(2, (3, 8)),
        **group_case(17, (2, 17, 3)),
        **group_case(8, (2, 32, 2, 2)),
    }
    version = torch.__version__.split("+")[0]
    lines = ["hourglass-golden-norms 1", f"made-by tests/golden/make_norms.py PyTorch {version}"]
    for name, value in tensors.items():
        lines += tensor_lines(name, value)
    pathlib.Path(__file__).with_name("norms.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
