"""Sounds, prompts, recordings, keys as tones (docs/audio.md).

    >>> from hotline import audio
    >>> audio.keys("123#").keys()
    '123#'
    >>> prompts = audio.Prompts("cache")
    >>> prompts.get("您好").write("hello.wav")          # doctest: +SKIP

A ``Sound`` is 16-bit samples, 8 kHz, one channel; ``numpy.asarray(sound)`` shares its memory.
"""

from __future__ import annotations

from ._core.audio import Prompts, Recorder, Sound, align, archive, join, keys, read, tone

__all__ = ["Prompts", "Recorder", "Sound", "align", "archive", "join", "keys", "read", "tone"]
