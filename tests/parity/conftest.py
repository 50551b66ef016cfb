"""The golden files were made on a CPU in 32 bits, and so is what is compared with them."""

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(scope="module", autouse=True)
def _no_gpu() -> Iterator[None]:
    """Keep torch off a GPU, where it computes in 16 bits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.cuda, "is_available", lambda: False)
        yield
