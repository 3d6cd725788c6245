"""The functions of `minitorch.nn.functional`, a file per family."""
