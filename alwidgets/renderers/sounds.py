"""Sounds: conversion of waves to WAV, detection of file types, and waveforms."""

from __future__ import annotations

import io
import struct
import wave
from typing import Any

import numpy as np

from alwidgets.types import FloatArray
from alwidgets.utils.text import short_repr

N_PEAKS = 400
MOST_BYTES = 20 * 2**20
_MAGIC = {b"OggS": "audio/ogg", b"fLaC": "audio/flac", b"ID3": "audio/mpeg"}
# The first eleven bits of a frame of MPEG audio, then layer III.
_FRAME, _FRAME_MASK = 0xFFE2, 0xFFE6
# What browsers play.
_RATES = (3_000, 768_000)
_MOST_CHANNELS = 8
_FULL = 32767
_DTYPES = {1: "u1", 2: "<i2", 4: "<i4"}


def audio_type(data: bytes) -> str | None:
    """Detect the media type of an audio file from its first bytes; None if it is not audio."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "audio/wav"
    known = next((mime for start, mime in _MAGIC.items() if data.startswith(start)), None)
    if known is None and len(data) > 1 and struct.unpack_from(">H", data)[0] & _FRAME_MASK == _FRAME:
        return "audio/mpeg"
    return known


def is_wave(item: Any) -> bool:
    """Return whether an item is a wave and its rate."""
    return (
        isinstance(item, tuple)
        and len(item) == 2  # noqa: PLR2004
        and isinstance(item[0], np.ndarray)
        and isinstance(item[1], int | float | np.number)
        and not isinstance(item[1], bool)
    )


def wav(samples: Any, rate: Any) -> bytes:
    """Return a wave as a WAV file of 16 bits.

    Parameters
    ----------
    samples : ndarray of shape (n_frames,) or (n_frames, n_channels)
        int16, or floats from -1 to 1; floats that go beyond are made quieter as a whole.
    rate : int
        Frames a second.

    Raises
    ------
    ValueError, TypeError
        If it is not a sound, or one that no browser plays.
    """
    values = np.asarray(samples)
    frequency = _check_rate(rate)
    _check_wave(values)
    if values.dtype != np.int16:
        values = values.astype(np.float64)
        if not np.isfinite(values).all():
            raise ValueError("the audio has values that are not numbers; expected floats from -1 to 1.")
        values = np.round(values * (_FULL / max(1.0, float(np.abs(values).max())))).astype(np.int16)
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1 if values.ndim == 1 else values.shape[1])
        writer.setsampwidth(2)
        writer.setframerate(frequency)
        writer.writeframes(values.astype("<i2").tobytes())
    return file.getvalue()


def form(data: bytes) -> dict[str, Any]:
    """Return the seconds and the peaks, 0 to 100, of a WAV file; nothing for a file that only the browser can read."""
    try:
        with wave.open(io.BytesIO(data)) as reader:
            n_channels, width, rate, n_frames = reader.getparams()[:4]
            frames = reader.readframes(n_frames)
    except (wave.Error, EOFError, struct.error):
        return {}
    whole = len(frames) - len(frames) % (width * n_channels)
    if width not in _DTYPES or not whole or not rate:
        return {}
    values = np.frombuffer(frames[:whole], _DTYPES[width]).reshape(-1, n_channels).astype(np.float32)
    return {"seconds": round(len(values) / rate, 3), "peaks": _peaks(values - 128 if width == 1 else values)}


def _peaks(values: FloatArray) -> list[int]:
    loudness = np.abs(values).max(axis=1)
    starts = np.unique(np.linspace(0, len(loudness), min(N_PEAKS, len(loudness)), endpoint=False).astype(int))
    peaks = np.maximum.reduceat(loudness, starts)
    return [int(peak) for peak in np.round(peaks * (100 / max(float(peaks.max()), 1e-9)))]


def _check_rate(rate: Any) -> int:
    if rate is None:
        raise ValueError("the audio is an array without its rate; expected Audio(data, rate=frames a second).")
    lowest, highest = _RATES
    if isinstance(rate, bool) or not isinstance(rate, int | float | np.number) or rate != round(float(rate)):
        raise TypeError(f"the rate of the audio is {short_repr(rate)}; expected a whole number of frames a second.")
    if not lowest <= rate <= highest:
        raise ValueError(f"the rate of the audio is {int(rate):,}; expected {lowest:,} to {highest:,} frames a second.")
    return int(rate)


def _check_wave(values: Any) -> None:
    if values.ndim not in (1, 2) or not values.size or (values.ndim == 2 and values.shape[1] > _MOST_CHANNELS):  # noqa: PLR2004
        raise ValueError(
            f"the audio has shape {values.shape}; expected (n_frames,), or (n_frames, n_channels) with at most "
            f"{_MOST_CHANNELS} channels. Transpose it if the channels come first."
        )
    if values.dtype != np.int16 and values.dtype.kind != "f":
        raise TypeError(f"the audio has dtype {values.dtype}; expected int16, or floats from -1 to 1.")
    if 2 * values.size > MOST_BYTES:
        raise ValueError(
            f"the audio has {len(values):,} frames, {2 * values.size / 2**20:.0f} MB; expected at most "
            f"{MOST_BYTES // 2**20} MB. Show a shorter part, or a file in MP3 or OGG."
        )
