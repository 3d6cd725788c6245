import minitorch


def test_settings_can_be_made():
    cudnn = minitorch.backends.cudnn
    assert (cudnn.enabled, cudnn.benchmark, cudnn.deterministic) == (True, False, False)
    cudnn.deterministic = True
    try:
        assert minitorch.backends.cudnn.deterministic
    finally:
        cudnn.deterministic = False


def test_no_backend_is_there():
    for backend in (minitorch.backends.cudnn, minitorch.backends.mps):
        assert not backend.is_available()
        assert not backend.is_built()
    assert minitorch.accelerator.is_available() is False
    assert minitorch.accelerator.device_count() == 0
    assert minitorch.accelerator.current_accelerator() is None
