import numpy as np

from tests.nn.cases.case import Made, args, full, function, integers, layer, normal, refused

f64 = Made(lambda torch: torch.float64)


def with_output_size(*sizes):
    """A call of a transposed convolution that says how large its output is to be."""
    return lambda torch, module, input: module(input, output_size=sizes)


CASES = [
    # -- one dimension
    *layer(
        "Conv1d", args(2, 3, 3),
        args(normal(2, 2, 5)), args(normal(2, 5)), args(normal(1, 2, 3)), args(normal(0, 2, 5)),
    ),
    *layer("Conv1d", args(1, 1, 1), args(normal(1, 1, 1))),
    *layer("Conv1d", args(2, 4, 3, stride=2, padding=2, dilation=2), args(normal(3, 2, 8))),
    *layer("Conv1d", args(4, 6, (3,), padding="same", groups=2, bias=False), args(normal(4, 7))),
    *layer("Conv1d", args(2, 2, 1, 10, 3), args(normal(2, 2, 4))),
    *layer("Conv1d", args(2, 2, 1, 3, 4), args(normal(2, 2, 7))),
    *layer("Conv1d", args(1, 4, 5, 4), args(normal(2, 1, 300))),
    # -- two dimensions
    *layer(
        "Conv2d", args(2, 3, 3),
        args(normal(2, 2, 5, 6)), args(normal(2, 5, 6)), args(normal(1, 2, 3, 3)),
        args(normal(0, 2, 4, 4)),
    ),
    *layer("Conv2d", args(2, 3, (3, 2), stride=(2, 1), padding=(1, 2)), args(normal(2, 2, 6, 4))),
    *layer("Conv2d", args(2, 3, 3, dilation=(2, 1)), args(normal(1, 2, 6, 4))),
    # tuples of one number stand for both dimensions; NumPy's integers are integers
    *layer("Conv2d", args(1, 2, 3, stride=(2,), padding=(1,), dilation=(2,)),
           args(normal(1, 1, 7, 6))),
    *layer("Conv2d", args(1, 2, 2, padding="same", dilation=(2,)), args(normal(1, 1, 4, 3))),
    *layer("ConvTranspose2d",
           args(1, 2, 3, stride=(2,), padding=(1,), output_padding=(1,), dilation=(2,)),
           args(normal(1, 1, 3, 4))),
    *layer("Conv1d", args(1, 2, np.int64(2), np.int64(2), np.int64(1)), args(normal(1, 1, 6))),
    *layer("Conv2d", args(2, 3, 2, padding=2), args(normal(1, 2, 3, 4))),
    *layer("Conv2d", args(2, 3, 2, 3, 1, bias=False), args(normal(2, 2, 6, 7))),
    *layer("Conv2d", args(2, 3, 3, padding="same"), args(normal(1, 2, 4, 5))),
    *layer("Conv2d", args(2, 3, 4, padding="same", dilation=2), args(normal(1, 2, 7, 6))),
    *layer("Conv2d", args(2, 3, 3, padding="valid"), args(normal(1, 2, 4, 5))),
    *layer("Conv2d", args(1, 8, 3), args(normal(2, 1, 17, 18)), differences=False),
    *layer("Conv2d", args(3, 2, 3, padding=1), args(normal(2, 3, 17, 16)), differences=False),
    *layer("Conv2d", args(3, 2, 3, 2, 1), args(normal(2, 3, 34, 33)), differences=False),
    # as many images at a time as have 256 columns, and a remainder
    *layer("Conv2d", args(2, 3, 3, padding=1), args(normal(20, 2, 4, 4)), differences=False),
    *layer("Conv2d", args(9, 8, 3), args(normal(50, 9, 7, 7)), differences=False),
    # windows of one number: no columns are made
    *layer("Conv2d", args(4, 2, 1), args(normal(2, 4, 3, 3)), args(normal(4, 1, 1))),
    *layer("Conv2d", args(4, 9, 1), args(normal(3, 4, 16, 17)), differences=False),
    *layer("Conv2d", args(4, 4, 1, groups=2), args(normal(2, 4, 3, 2))),
    *layer("Conv2d", args(2, 4, 1, stride=2), args(normal(2, 2, 4, 5))),
    *layer("Conv2d", args(2, 4, 1, padding=1), args(normal(2, 2, 2, 3))),
    # groups, and depthwise
    *layer("Conv2d", args(4, 6, 3, groups=2), args(normal(2, 4, 4, 5)), args(normal(4, 3, 3))),
    *layer("Conv2d", args(4, 2, 3, 2, groups=2, padding=1), args(normal(2, 4, 5, 5))),
    *layer("Conv2d", args(4, 4, 3, padding=1, groups=4), args(normal(2, 4, 4, 5))),
    *layer("Conv2d", args(2, 6, 3, groups=2, stride=2), args(normal(2, 2, 5, 6))),
    # other borders
    *layer(
        "Conv2d", args(2, 3, 3, padding=1, padding_mode="reflect"),
        args(normal(2, 2, 4, 5)), args(normal(2, 3, 3)),
    ),
    *layer("Conv2d", args(2, 3, 3, padding=(2, 1), padding_mode="replicate"),
           args(normal(2, 2, 4, 5))),
    *layer("Conv2d", args(2, 3, 4, padding="same", padding_mode="circular"),
           args(normal(2, 2, 4, 5)), args(normal(2, 4, 5))),
    *layer("Conv2d", args(2, 3, 3, padding_mode="circular"), args(normal(1, 2, 4, 5))),
    *layer("Conv1d", args(2, 2, 3, 2, 2, 2, 2, padding_mode="reflect"), args(normal(2, 2, 6))),
    *layer("Conv3d", args(1, 2, 2, padding=(1, 0, 1), padding_mode="replicate"),
           args(normal(1, 1, 3, 2, 3))),
    # large numbers, equal numbers
    *layer("Conv2d", args(3, 2, 3),
           args(normal(2, 3, 4, 4, scale=1e4)), args(full(1e4, 1, 3, 4, 4)), differences=False),
    # -- three dimensions
    *layer("Conv3d", args(2, 3, 2), args(normal(2, 2, 3, 4, 3)), args(normal(2, 2, 2, 3))),
    *layer("Conv3d", args(2, 4, (1, 2, 3), (1, 2, 1), (0, 1, 1), (1, 1, 2), 2),
           args(normal(1, 2, 2, 4, 6))),
    *layer("Conv3d", args(1, 2, 3, padding="same", bias=False), args(normal(1, 1, 3, 3, 2))),
    # -- transposed
    *layer(
        "ConvTranspose1d", args(2, 3, 3),
        args(normal(2, 2, 4)), args(normal(2, 4)), args(normal(1, 2, 1)), args(normal(0, 2, 4)),
    ),
    *layer("ConvTranspose1d", args(2, 3, 4, 3, 1, 2), args(normal(2, 2, 4))),
    *layer("ConvTranspose1d", args(4, 2, 3, 2, groups=2, dilation=2, bias=False),
           args(normal(2, 4, 3))),
    *layer("ConvTranspose1d", args(2, 2, 2, 5), args(normal(2, 2, 3))),
    *layer(
        "ConvTranspose2d", args(3, 2, 3),
        args(normal(2, 3, 4, 3)), args(normal(3, 4, 3)), args(normal(1, 3, 1, 1)),
    ),
    *layer("ConvTranspose2d", args(2, 3, (3, 2), (2, 1), (1, 0), (1, 0)), args(normal(2, 2, 3, 4))),
    # more output padding than a convolution would leave over
    *layer("ConvTranspose2d", args(2, 3, 3, padding=1, output_padding=(1, 0), dilation=2),
           args(normal(2, 2, 4, 4))),
    *layer("ConvTranspose2d", args(1, 5, 3), args(normal(2, 1, 4, 4))),
    *layer("ConvTranspose2d", args(5, 1, 3), args(normal(2, 5, 4, 4))),
    *layer("ConvTranspose2d", args(5, 1, 3, padding=2), args(normal(2, 5, 4, 4))),
    *layer("ConvTranspose2d", args(2, 3, 1, padding=1), args(normal(2, 2, 4, 4))),
    *layer("ConvTranspose2d", args(4, 4, 3, 2, groups=4), args(normal(2, 4, 3, 3))),
    *layer("ConvTranspose2d", args(3, 2, 2, 2), args(normal(20, 3, 4, 4)), differences=False),
    *layer("ConvTranspose2d", args(2, 1, 3, 2), args(normal(2, 2, 17, 17)), differences=False),
    *layer("ConvTranspose3d", args(2, 2, 2, 2), args(normal(1, 2, 2, 2, 1)),
           args(normal(2, 2, 2, 1))),
    *layer("ConvTranspose3d", args(2, 4, 2, (1, 2, 1), 1, (0, 1, 0), 2, dilation=(1, 1, 2)),
           args(normal(1, 2, 3, 2, 3))),
    *layer("ConvTranspose2d", args(2, 3, 3, stride=2), args(normal(1, 2, 3, 4)),
           call=with_output_size(8, 10)),
    *layer("ConvTranspose2d", args(2, 3, 3, stride=(2, 3), padding=1), args(normal(2, 3, 3)),
           call=with_output_size(3, 6, 9)),
    *layer("ConvTranspose1d", args(2, 3, 3, stride=2, output_padding=1), args(normal(1, 2, 3)),
           call=with_output_size(1, 3, 7)),
    # -- functions
    *function(
        "conv1d",
        args(normal(2, 2, 5), normal(3, 2, 3), normal(3)),
        args(normal(2, 5), normal(3, 2, 3), stride=2, padding=1),
        args(normal(2, 2, 5), normal(4, 1, 2), normal(4), (2,), (1,), (2,), 2),
    ),
    *function(
        "conv2d",
        args(normal(2, 2, 4, 5), normal(3, 2, 3, 2), normal(3)),
        args(normal(2, 2, 4, 5), normal(3, 2, 3, 2), None, [2, 1], (2,), 1),
        args(normal(2, 4, 5), normal(2, 1, 3, 3), padding="same", groups=2),
        args(normal(2, 4, 5), normal(2, 2, 3, 3), padding="valid", dilation=(1, 2)),
        args(normal(0, 2, 4, 5), normal(3, 2, 3, 2), normal(3)),
    ),
    *function(
        "conv2d", args(integers(-5, 6, 1, 2, 4, 4), integers(-5, 6, 3, 2, 2, 2)),
        differences=False,
    ),
    *function(
        "conv3d",
        args(normal(1, 2, 3, 3, 2), normal(2, 2, 2, 1, 2), normal(2), stride=(1, 2, 1)),
        args(normal(2, 3, 3, 2), normal(2, 1, 2, 1, 2), padding=(0, 0, 1), groups=2),
    ),
    *function(
        "conv_transpose1d",
        args(normal(2, 2, 4), normal(2, 3, 3), normal(3)),
        args(normal(2, 4), normal(2, 3, 3), None, (3,), 1, 2, 2, (1,)),
    ),
    *function(
        "conv_transpose2d",
        args(normal(2, 2, 3, 4), normal(2, 3, 3, 2), normal(3), 2, 1, (1, 0)),
        args(normal(4, 3, 2), normal(4, 2, 2, 2), groups=2, dilation=2),
    ),
    *function(
        "conv_transpose3d",
        args(normal(1, 2, 2, 2, 2), normal(2, 1, 2, 1, 2), normal(1)),
        args(normal(2, 2, 1, 2), normal(2, 1, 2, 2, 2), stride=2, groups=2),
    ),
]  # fmt: skip

IMAGE = args(normal(1, 3, 5, 5))

REFUSED = [
    # -- how a layer is made
    refused("Conv2d", args(3, 4, 1, groups=2), None, ValueError, "Conv2d", "in_channels=3", "2"),
    refused("Conv2d", args(4, 3, 1, groups=2), None, ValueError, "Conv2d", "out_channels=3", "2"),
    refused("Conv2d", args(4, 4, 1, groups=0), None, ValueError, "Conv2d", "groups", "0"),
    refused("Conv2d", args(3, 4, 3, 2, "same"), None, ValueError, "Conv2d", "same", "stride"),
    refused("Conv2d", args(3, 4, 3, padding="full"), None, ValueError, "Conv2d", "full", "same"),
    refused("Conv1d", args(3, 4, 3, padding_mode="edge"), None, ValueError, "edge", "replicate"),
    refused("ConvTranspose2d", args(3, 4, 3, padding_mode="reflect"), None, ValueError,
            "ConvTranspose2d", "reflect"),
    refused("ConvTranspose3d", args(3, 4, 3, groups=2), None, ValueError, "in_channels=3"),
    # -- what it is given
    refused("Conv2d", args(3, 4, 6), IMAGE, RuntimeError, "Conv2d", "6 x 6", "5 x 5"),
    refused("Conv2d", args(3, 4, 3, dilation=3), IMAGE, RuntimeError, "Conv2d", "7 x 7", "5 x 5"),
    refused("Conv2d", args(2, 4, 3), IMAGE, RuntimeError, "Conv2d", "2 channels", "3", "[1, 3, 5"),
    refused("Conv2d", args(4, 4, 3, groups=2), IMAGE, RuntimeError, "4 channels", "groups=2"),
    refused("Conv2d", args(3, 4, 3), args(normal(3, 5)), RuntimeError, "Conv2d", "[3, 5]", "4"),
    refused("Conv2d", args(3, 4, 3), args(normal()), RuntimeError, "Conv2d", "[]"),
    refused("Conv1d", args(3, 4, 3), IMAGE, RuntimeError, "Conv1d", "3 dim", "[1, 3, 5, 5]"),
    refused("Conv3d", args(3, 4, 3), args(normal(5, 5, 5)), RuntimeError, "Conv3d", "[5, 5, 5]"),
    refused("Conv2d", args(3, 4, 1, padding=1), args(normal(1, 3, 0, 5)), RuntimeError, "[1, 3, 0"),
    refused("Conv2d", args(3, 4, 3, dtype=f64), IMAGE, RuntimeError, "float32", "float64"),
    refused("Conv2d", args(3, 4, 3), args(integers(0, 9, 1, 3, 5, 5)), RuntimeError, "int64"),
    refused("Conv2d", args(3, 4, 3), args([1.0, 2.0]), TypeError, "Conv2d", "list"),
    refused("Conv2d", args(3, 4, 3, padding=-1), IMAGE, RuntimeError, "Conv2d", "padding", "-1"),
    refused("Conv2d", args(3, 4, 3, stride=0), IMAGE, RuntimeError, "Conv2d", "stride", "0"),
    refused("Conv2d", args(3, 4, 3, dilation=0), IMAGE, RuntimeError, "Conv2d", "dilation", "0"),
    refused("Conv2d", args(3, 4, (3,)), IMAGE, RuntimeError, "Conv2d", "kernel_size", "2"),
    refused("Conv2d", args(3, 4, 3, (1, 2, 1)), IMAGE, RuntimeError, "stride", "(1, 2, 1)"),
    refused("Conv2d", args(3, 4, 3, padding=5, padding_mode="reflect"), IMAGE, RuntimeError,
            "reflect", "5"),
    refused("ConvTranspose2d", args(2, 4, 3), IMAGE, RuntimeError, "ConvTranspose2d", "2 channels"),
    refused("ConvTranspose2d", args(3, 4, 3), args(normal(3, 5)), RuntimeError, "[3, 5]"),
    refused("ConvTranspose2d", args(3, 4, 3, dtype=f64), IMAGE, RuntimeError, "float32"),
    refused("ConvTranspose2d", args(3, 4, 1, padding=3), IMAGE, RuntimeError, "-1 x -1", "5 x 5"),
    refused("ConvTranspose2d", args(3, 4, 3, 2, output_padding=2), IMAGE, RuntimeError,
            "ConvTranspose2d", "output_padding=(2, 2)", "stride=(2, 2)"),
    refused("ConvTranspose2d", args(3, 4, 3, output_padding=-1), IMAGE, RuntimeError, "-1"),
    refused("ConvTranspose2d", args(3, 4, 3, padding="same"), IMAGE, TypeError, "padding", "same"),
    refused("ConvTranspose2d", args(3, 4, 3, 2), args(normal(1, 3, 5, 5), output_size=(13, 12)),
            ValueError, "(13, 12)", "[11, 11]", "[12, 12]"),
    refused("ConvTranspose2d", args(3, 4, 3, 2), args(normal(1, 3, 5, 5), output_size=(12,)),
            ValueError, "output_size", "2", "4", "1"),
    # -- functions
    refused("conv2d", None, args(normal(1, 3, 5, 5), normal(4, 3, 3)), RuntimeError, "[4, 3, 3]"),
    refused("conv2d", None, args(normal(1, 3, 5, 5), normal(4, 2, 3, 3)), RuntimeError, "2", "3"),
    refused("conv2d", None, args(normal(1, 4, 5, 5), normal(3, 2, 3, 3), groups=2), RuntimeError,
            "Conv2d", "groups=2", "[3, 2, 3, 3]"),
    refused("conv2d", None, args(normal(1, 4, 5, 5), normal(3, 4, 3, 3), groups=0), RuntimeError,
            "groups", "0"),
    refused("conv2d", None, args(normal(1, 3, 5, 5), normal(4, 3, 3, 3), normal(3)), RuntimeError,
            "bias", "4", "[3]"),
    refused("conv2d", None, args(normal(1, 3, 5, 5), normal(4, 3, 3, 3), padding="full"),
            RuntimeError, "full"),
    refused("conv2d", None, args(normal(1, 3, 5, 5), normal(4, 3, 3, 3), None, 2, "same"),
            RuntimeError, "same", "stride"),
    refused("conv2d", None, args(normal(1, 3, 5, 5), normal(4, 3, 3, 3), stride=2.0), TypeError,
            "stride", "2.0"),
    refused("conv1d", None, args(normal(1, 3, 5), [1.0]), TypeError, "weight", "list"),
    refused("conv_transpose1d", None, args(normal(1, 3, 5), normal(3, 2, 3), normal(3)),
            RuntimeError, "bias", "2", "[3]"),
]  # fmt: skip
