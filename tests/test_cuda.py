import minitorch


def test_there_is_no_graphics_card():
    assert minitorch.cuda.is_available() is False
    assert minitorch.cuda.device_count() == 0


def test_the_usual_first_lines_of_a_script_choose_the_cpu():
    device = minitorch.device("cuda" if minitorch.cuda.is_available() else "cpu")
    assert minitorch.nn.Linear(2, 1).to(device)(minitorch.ones(1, 2, device=device)).shape == (1, 1)


def test_the_usual_function_that_seeds_everything():
    """It leaves the stream where `manual_seed` has put it."""

    def seed_everything(seed):
        minitorch.manual_seed(seed)
        minitorch.cuda.manual_seed(seed)
        minitorch.cuda.manual_seed_all(seed)
        minitorch.cuda.empty_cache()
        minitorch.backends.cudnn.benchmark = False
        minitorch.use_deterministic_algorithms(True)

    try:
        seed_everything(3)
        assert minitorch.are_deterministic_algorithms_enabled()
        first = minitorch.rand(2).tolist()
        minitorch.cuda.seed()
        minitorch.cuda.seed_all()
        minitorch.manual_seed(3)
        assert minitorch.rand(2).tolist() == first
    finally:
        minitorch.use_deterministic_algorithms(False)
