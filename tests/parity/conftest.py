"""Side-by-side tests with PyTorch: not collected where it is not installed, so never skipped."""

import importlib.util

collect_ignore_glob = [] if importlib.util.find_spec("torch") else ["test_*.py"]
