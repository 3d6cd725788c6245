import minitorch


def test_there_is_no_graphics_card():
    assert minitorch.cuda.is_available() is False
    assert minitorch.cuda.device_count() == 0


def test_the_usual_first_lines_of_a_script_choose_the_cpu():
    device = minitorch.device("cuda" if minitorch.cuda.is_available() else "cpu")
    assert minitorch.nn.Linear(2, 1).to(device)(minitorch.ones(1, 2, device=device)).shape == (1, 1)
