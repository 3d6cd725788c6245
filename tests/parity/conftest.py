"""These tests compare with PyTorch; where it is not installed, they are not collected."""

import importlib.util

if importlib.util.find_spec("torch") is None:
    collect_ignore_glob = ["test_*.py", "*/test_*.py"]
else:
    import torch

    # With several threads, a place that is written twice gets either value. One is quicker, too,
    # on arrays as small as the tests'.
    torch.set_num_threads(1)
