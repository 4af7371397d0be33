"""Writes spatial.txt: what operations over images and signals give in PyTorch, and their gradients.

    python3 tests/golden/make_spatial.py       (needs PyTorch; writes beside itself)

Element i of tensor number t of a case is ((31 i i + 7919 i + 104729 t) mod 1009) mod 7 - 3, in
row-major order: x is number 0, the weight 1, the bias 2, and the gradient of the output 3. Sums of products of
such numbers are whole, so most results hold exactly, whatever the order of summation; max pooling
meets no two equal numbers within a window, since its x has i + 1000 ((31 i) mod 17) instead.

The file holds words and numbers separated by blanks and line ends:

    hourglass-golden-spatial 1                 format and its version
    made-by <script> <library> <version>
    case <operation> <axes> <list of each setting>... <count of tensors>
    <name> <rank> <extents>... <values, row-major>...

A list is its length and its numbers. Settings are the shapes of x and weight, kernel, stride, padding,
output padding, dilation and groups (one number); pooling and upsampling have the shape of x, kernel
(the factor), stride and padding. Tensors: y, and the gradients x, weight and bias.
"""

import itertools
import pathlib
import random

import torch
import torch.nn.functional as F

LARGEST = 1100  # numbers in all tensors of a case


def numbers(shape, tensor):
    count = 1
    for extent in shape:
        count *= extent
    i = torch.arange(count)
    return ((31 * i * i + 7919 * i + 104729 * tensor) % 1009 % 7 - 3).float().reshape(shape)


def distinct(shape):
    count = torch.Size(shape).numel()
    i = torch.arange(count)
    return (i + 1000 * ((31 * i) % 17)).float().reshape(shape)


def written(values):
    """A list, or a tensor, as words."""
    if isinstance(values, torch.Tensor):
        head = [str(values.dim()), *map(str, values.shape)]
        return " ".join(head + [f"{v:.8g}" for v in values.flatten().tolist()])
    return " ".join(map(str, [len(values), *values]))


def case(name, axes, settings, inputs, operation):
    """`inputs`: name -> tensor; those that have a gradient."""
    for each in inputs.values():
        each.requires_grad_()
    y = operation()
    y.backward(numbers(y.shape, 3))
    tensors = {"y": y.detach(), **{k: v.grad for k, v in inputs.items()}}
    if sum(t.numel() for t in tensors.values()) > LARGEST:
        return None
    head = f"case {name} {axes} {' '.join(settings)} {len(tensors)}"
    return "\n".join([head] + [f"{k} {written(v)}" for k, v in tensors.items()])


def convolution_cases(transposed, chance, count):
    shapes = [(1, 1, 1), (1, 4, 1), (4, 1, 1), (3, 16, 1), (16, 3, 1), (16, 1, 1), (1, 17, 1),
              (5, 7, 1), (16, 16, 1), (4, 4, 2), (6, 9, 3), (8, 8, 8), (2, 4, 2), (32, 32, 32),
              (16, 32, 16), (32, 16, 2)]  # in, out, groups
    kernels = {1: [[1], [2], [3], [4], [5], [7]], 2: [[1, 1], [2, 2], [3, 3], [4, 4], [3, 5], [5, 2]]}
    sizes = {1: [[1], [5], [8], [13], [16]], 2: [[1, 2], [4, 4], [5, 7], [7, 3], [8, 6]]}
    found = []
    while len(found) < count:
        axes = chance.choice([1, 2, 2])
        n_in, n_out, groups = chance.choice(shapes)
        kernel = chance.choice(kernels[axes])
        size = chance.choice(sizes[axes])
        one = lambda values: [chance.choice(values) for _ in range(axes)]
        stride, padding, dilation = one([1, 1, 2, 3]), one([0, 1, 1, 2, 3, 5]), one([1, 1, 2, 3])
        more = one([0, 0, 1, 2]) if transposed else [0] * axes
        if any(m >= max(s, d) for m, s, d in zip(more, stride, dilation)):
            continue
        reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel)]
        if transposed:
            outputs = [(n - 1) * s - 2 * p + r + m
                       for n, s, p, r, m in zip(size, stride, padding, reach, more)]
        else:
            outputs = [(n + 2 * p - r) // s + 1 for n, p, r, s in zip(size, padding, reach, stride)]
        if any(o < 1 for o in outputs):
            continue
        first, second = (n_in, n_out) if transposed else (n_out, n_in)
        x = numbers([2, n_in, *size], 0)
        weight = numbers([first, second // groups, *kernel], 1)
        inputs = {"x": x, "weight": weight}
        if chance.random() < 0.6:
            inputs["bias"] = numbers([n_out], 2)
        bias = inputs.get("bias")
        if transposed:
            plain = [F.conv_transpose1d, F.conv_transpose2d][axes - 1]
            run = lambda: plain(x, weight, bias, stride, padding, more, groups, dilation)
        else:
            plain = [F.conv1d, F.conv2d][axes - 1]
            run = lambda: plain(x, weight, bias, stride, padding, dilation, groups)
        settings = [written(list(x.shape)), written(list(weight.shape)), written(kernel),
                    written(stride), written(padding), written(more), written(dilation), str(groups)]
        text = case("conv_transpose" if transposed else "conv", axes, settings, inputs, run)
        if text:
            found.append(text)
    return found


def window_cases():
    shapes = {1: [[2, 1, 9], [1, 17, 5]], 2: [[2, 1, 5, 7], [1, 16, 4, 3], [1, 5, 7, 4]]}
    for axes in [1, 2]:
        for shape in shapes[axes]:
            for kernel, stride, padding in itertools.product([1, 2, 3], [1, 2, 3], [0, 1]):
                if padding > kernel // 2:
                    continue
                settings = [written(shape), *(written([v] * axes) for v in (kernel, stride, padding))]
                for name, plain in [("maxpool", [F.max_pool1d, F.max_pool2d]),
                                    ("avgpool", [F.avg_pool1d, F.avg_pool2d])]:
                    x = distinct(shape) if name == "maxpool" else numbers(shape, 0)
                    yield case(name, axes, settings, {"x": x},
                               lambda: plain[axes - 1](x, kernel, stride, padding))
            for factor in [1, 2, 3]:
                for mode in ["nearest", "bilinear"]:
                    x = numbers(shape, 0)
                    settings = [written(shape), *(written([v] * axes) for v in (factor, 1, 0))]
                    torch_mode = "linear" if mode == "bilinear" and axes == 1 else mode
                    corners = None if mode == "nearest" else False
                    yield case(mode, axes, settings, {"x": x},
                               lambda: F.interpolate(x, scale_factor=factor, mode=torch_mode,
                                                     align_corners=corners))


def main():
    chance = random.Random(1)
    cases = convolution_cases(False, chance, 60) + convolution_cases(True, chance, 80)
    cases += [each for each in window_cases() if each]
    path = pathlib.Path(__file__)
    head = ["hourglass-golden-spatial 1",
            f"made-by tests/golden/{path.name} PyTorch {torch.__version__}"]
    path.with_name("spatial.txt").write_text("\n".join(head + cases + [""]))


main()
