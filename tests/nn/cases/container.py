from tests.nn.cases.case import Made, args, layer, normal

CASES = [
    *layer(
        "Sequential",
        args(
            Made(lambda torch: torch.nn.Linear(4, 3)),
            Made(lambda torch: torch.nn.Sigmoid()),
            Made(lambda torch: torch.nn.Linear(3, 2)),
        ),
        args(normal(5, 4)),
        args(normal(0, 4)),
    ),
]

# These have no forward; what they do is in the family's own tests.
WITHOUT_FORWARD = {
    "ModuleDict": args(
        {
            "b": Made(lambda torch: torch.nn.Linear(3, 2)),
            "a": Made(lambda torch: torch.nn.Linear(2, 2)),
        }
    ),
    "ModuleList": args(
        [Made(lambda torch: torch.nn.Linear(3, 2)), Made(lambda torch: torch.nn.Linear(2, 2))]
    ),
    "ParameterDict": args(
        {
            "b": Made(lambda torch: torch.nn.Linear(3, 2).bias),
            "a": Made(lambda torch: torch.nn.Linear(2, 2).weight),
        }
    ),
    "ParameterList": args([Made(lambda torch: torch.nn.Linear(3, 2).weight)]),
}
