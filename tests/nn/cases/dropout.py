from tests.nn.cases.case import args, function, layer, normal, refused

BATCHES = {
    "Dropout": (2, 3),
    "AlphaDropout": (4, 3),
    "FeatureAlphaDropout": (2, 3, 4),
    "Dropout1d": (2, 3, 4),
    "Dropout2d": (2, 3, 2, 2),
    "Dropout3d": (2, 3, 2, 2, 2),
}
FUNCTIONS = {name: name.lower() for name in BATCHES}
FUNCTIONS |= {"AlphaDropout": "alpha_dropout", "FeatureAlphaDropout": "feature_alpha_dropout"}

CASES = [
    case
    for name, shape in BATCHES.items()
    for case in (
        *layer(name, args(), args(normal(*shape)), random=True),
        *layer(name, args(0.2), args(normal(0, *shape[1:])), random=True),
        *function(FUNCTIONS[name], args(normal(*shape), 0.3, training=True), random=True),
    )
]

REFUSED = [
    refused(name, args(p), None, ValueError, str(p)) for name in BATCHES for p in (-0.5, 1.5)
]
