"""The machine that everything runs on: memory, half precision, and processes that work together."""

from __future__ import annotations

import ctypes

import torch
from torch import distributed


def keep_freed_memory() -> None:
    """Have glibc keep freed memory for this process instead of giving it back to the system.

    A training step frees and takes gigabytes, a network that looks at photos some hundred megabytes
    each few milliseconds, and fresh pages cost more than the arithmetic on them. On two cores it
    makes 1.7 times the photos a second in training, twice as many in judging, an eighth more in
    counting. Elsewhere than on Linux with glibc: nothing.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    m_trim_threshold, m_top_pad, m_mmap_max = -1, -2, -4  # malloc.h
    mallopt(m_mmap_max, 0)
    mallopt(m_trim_threshold, 2**31 - 1)
    mallopt(m_top_pad, 2**28)


def multiplies_bf16(device: torch.device) -> bool:
    """Whether this processor or GPU multiplies bfloat16 natively; elsewhere it is slower."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()


def rank_and_world() -> tuple[int, int]:
    """This process's number and how many there are; 0 and 1 where it is alone."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1
