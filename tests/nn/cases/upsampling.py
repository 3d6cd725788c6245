from tests.nn.cases.case import args, exactly, full, function, integers, layer, normal, refused

UP, DOWN, STRETCH = {"scale_factor": 2}, {"scale_factor": 0.6}, {"size": (5, 2)}
RATIOS = ({"scale_factor": 1.7}, DOWN, {"size": 7}, {"size": 1}, {"size": 3})
IMAGES = ("nearest", "nearest-exact", "bilinear", "bicubic", "area")

CASES = [
    *layer("Upsample", args(3), args(normal(2, 3, 4)), args(normal(1, 2, 2, 4)),
           args(normal(1, 2, 2, 4, 5)), args(normal(0, 3, 4))),
    *layer("Upsample", args(**UP), args(normal(2, 3, 4)), args(normal(1, 2, 2, 3)),
           args(normal(1, 1, 2, 1, 3)), args(normal(1, 1, 1))),
    *layer("Upsample", args((5, 2)), args(normal(1, 2, 3, 4))),
    *(
        case
        for mode in ("nearest", "nearest-exact", "linear", "area")
        for ratio in RATIOS
        for case in layer("Upsample", args(**ratio, mode=mode), args(normal(2, 2, 5)))
    ),
    *(
        case
        for mode in IMAGES
        for ratio in (UP, DOWN, STRETCH, {"scale_factor": (0.7, 2.5)})
        for case in layer("Upsample", args(**ratio, mode=mode), args(normal(1, 2, 3, 4)))
    ),
    *(
        case
        for mode in ("trilinear", "nearest", "nearest-exact", "area")
        for ratio in (UP, {"size": (5, 2, 3)})
        for case in layer("Upsample", args(**ratio, mode=mode), args(normal(1, 2, 2, 3, 3)))
    ),
    *layer("Upsample", args(**UP, mode="linear", align_corners=True), args(normal(2, 2, 3)),
           args(normal(2, 2, 1))),
    *layer("Upsample", args(1, mode="linear", align_corners=True), args(normal(2, 2, 3))),
    *layer("Upsample", args(**STRETCH, mode="bilinear", align_corners=True),
           args(normal(1, 2, 3, 4)), args(normal(0, 2, 3, 4))),
    *layer("Upsample", args(**UP, mode="bilinear", align_corners=False), args(normal(2, 1, 2, 2))),
    *layer("Upsample", args(**STRETCH, mode="bicubic", align_corners=True),
           args(normal(1, 2, 3, 4))),
    *layer("Upsample", args(4, mode="trilinear", align_corners=True), args(normal(1, 1, 2, 3, 5))),
    *layer("Upsample", args(scale_factor=1.7, mode="linear", recompute_scale_factor=True),
           args(normal(2, 2, 5))),
    *layer("Upsample", args(scale_factor=(1.5, 2), mode="nearest", recompute_scale_factor=False),
           args(normal(1, 1, 3, 2))),
    # a factor that does not change the size
    *layer("Upsample", args(scale_factor=1.2, mode="linear"), args(normal(2, 2, 4))),
    *layer("Upsample", args(1, mode="area"), args(full(1e4, 1, 1, 64)), differences=False),
    *layer("Upsample", args(**UP, mode="bilinear"), args(exactly([[[[1e38, 3e38], [-3e38, 0.0]]]])),
           args(exactly([[[[1.0, float("inf")], [2.0, 3.0]]]])), differences=False),
    *layer("Upsample", args(**UP), args(integers(0, 255, 1, 2, 2, 3, dtype="uint8")),
           differences=False),
    *layer("Upsample", args(3, mode="bilinear"), args(integers(0, 255, 1, 1, 9, 9, dtype="uint8")),
           differences=False),
    *layer("UpsamplingNearest2d", args(scale_factor=2), args(normal(1, 2, 2, 3)),
           args(normal(0, 2, 2, 3)), args(normal(1, 1, 1, 1))),
    *layer("UpsamplingNearest2d", args((3, 5)), args(normal(1, 2, 2, 3))),
    *layer("UpsamplingNearest2d", args(3), args(normal(1, 2, 5))),
    *layer("UpsamplingBilinear2d", args(scale_factor=2), args(normal(1, 2, 2, 3)),
           args(normal(0, 2, 2, 3)), args(normal(1, 1, 1, 1))),
    *layer("UpsamplingBilinear2d", args((3, 5)), args(normal(1, 2, 2, 3))),
    *layer("UpsamplingBilinear2d", args(None, (1.5, 0.5)), args(normal(1, 2, 3, 4))),
    *function(
        "interpolate",
        args(normal(2, 2, 3), 5),
        args(normal(2, 2, 3), None, 2.5),
        args(normal(1, 2, 3, 4), size=(2, 6), mode="bilinear", align_corners=True),
        args(normal(1, 2, 3, 4), scale_factor=(2, 0.5), mode="bicubic"),
        args(normal(1, 2, 3, 4), scale_factor=1.7, mode="bilinear", recompute_scale_factor=True),
        args(normal(1, 2, 6, 7), size=(3, 2), mode="bilinear", antialias=True),
        args(normal(1, 2, 6, 7), size=(3, 2), mode="bilinear", align_corners=True, antialias=True),
        args(normal(1, 2, 3, 4), size=(5, 3), mode="bicubic", antialias=True),
        args(normal(1, 1, 9, 7), scale_factor=0.4, mode="bicubic", antialias=True),
        args(normal(1, 1, 9, 7), size=(4, 9), mode="lanczos", antialias=True),
    ),
]  # fmt: skip

REFUSED = [
    refused("Upsample", args(), args(normal(1, 1, 4)), ValueError, "Upsample", "size"),
    refused("Upsample", args(2, 2), args(normal(1, 1, 4)), ValueError, "size", "scale_factor"),
    refused("Upsample", args(2), args(normal(3, 4)), NotImplementedError, "3 or 4 or 5", "[3, 4]"),
    refused("Upsample", args(2), args([1.0]), AttributeError, "Upsample", "list"),
    refused("Upsample", args(2, mode="bilinear"), args(normal(1, 1, 4)), NotImplementedError,
            "bilinear", "4", "[1, 1, 4]"),
    refused("Upsample", args(2, mode="bicubic"), args(normal(1, 1, 4)), NotImplementedError,
            "bicubic"),
    refused("Upsample", args(2, mode="cubic"), args(normal(1, 1, 4)), NotImplementedError,
            "cubic", "nearest"),
    refused("Upsample", args(2, align_corners=False), args(normal(1, 1, 4)), ValueError,
            "align_corners", "nearest"),
    refused("Upsample", args(2, recompute_scale_factor=True), args(normal(1, 1, 4)), ValueError,
            "recompute_scale_factor"),
    refused("Upsample", args((2, 2)), args(normal(1, 1, 4)), ValueError, "size", "1", "(2, 2)"),
    refused("Upsample", args(scale_factor=(2, 2)), args(normal(1, 1, 4)), ValueError,
            "scale_factor", "1"),
    refused("Upsample", args(scale_factor=[2, 2]), None, TypeError),
    refused("Upsample", args(scale_factor="twice"), None, ValueError, "twice"),
    refused("Upsample", args((2, 2.5)), args(normal(1, 1, 4, 4)), TypeError, "size", "float"),
    refused("Upsample", args(0), args(normal(1, 1, 4)), RuntimeError, "empty", "[0]"),
    refused("Upsample", args(scale_factor=0.1), args(normal(1, 1, 4)), RuntimeError, "[0]"),
    refused("Upsample", args(2), args(normal(1, 0, 4)), RuntimeError, "empty", "[1, 0, 4]"),
    refused("Upsample", args(2), args(normal(1, 1, 0)), RuntimeError, "empty", "[1, 1, 0]"),
    refused("Upsample", args(2), args(integers(0, 9, 1, 1, 4)), NotImplementedError, "int64"),
    refused("UpsamplingBilinear2d", args(2), args(normal(1, 1, 4)), NotImplementedError,
            "UpsamplingBilinear2d", "4"),
    refused("interpolate", None, args(normal(1, 1, 4)), ValueError, "interpolate", "size"),
    refused("interpolate", None, args(normal(1, 1, 4), scale_factor="a"), TypeError,
            "interpolate", "scale_factor", "a"),
    refused("interpolate", None, args(normal(1, 1, 4), 2.5), TypeError, "size", "float"),
    refused("interpolate", None, args(normal(1, 1, 4, 4), 2, antialias=True), ValueError,
            "antialias", "nearest"),
    refused("interpolate", None, args(normal(1, 4, 4), 2, mode="bilinear", antialias=True),
            ValueError, "4", "[1, 4, 4]"),
    refused("interpolate", None, args(normal(1, 1, 4, 4), 2, mode="lanczos"), ValueError,
            "lanczos", "antialias"),
    refused("interpolate", None,
            args(normal(1, 1, 4, 4), 2, mode="lanczos", align_corners=True, antialias=True),
            ValueError, "lanczos", "align_corners"),
]  # fmt: skip
