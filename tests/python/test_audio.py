from __future__ import annotations

import shutil

import numpy as np
import pytest

import hotline
from hotline import audio


def test_keys_come_back() -> None:
    sound = audio.keys("159*0#")
    assert sound.keys() == "159*0#"
    assert sound.length_ns == len(sound) * 125_000


def test_sounds_and_numpy_share_memory() -> None:
    samples = (8000 * np.sin(np.arange(8000) / 5)).astype(np.int16)
    sound = audio.Sound(samples)
    assert np.array_equal(np.asarray(sound), samples)
    assert sound.peak <= 8000 and sound.rms > 5000
    with pytest.raises(ValueError):
        audio.Sound(samples.astype(np.float64))


def test_recordings_are_archived(tmp_path) -> None:
    sound = audio.keys("42")
    with audio.Recorder(str(tmp_path / "r.wav")) as recorder:
        recorder.append(sound)
    figures = audio.archive(str(tmp_path / "r.wav"), str(tmp_path / "r.flac"))
    assert figures["snr_db"] == 999 and figures["length_ns"] == sound.length_ns
    at, alike = audio.align(sound, audio.read(str(tmp_path / "r.flac")))
    assert at == 0 and alike > 0.999


def test_errors_have_their_class(tmp_path) -> None:
    with pytest.raises(hotline.NotFoundError):
        audio.read(str(tmp_path / "none.wav"))
    with pytest.raises(KeyError):
        audio.tone("gong")
    with pytest.raises(OSError):
        audio.Recorder(str(tmp_path / "no" / "r.wav"))


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_prompts_speak(tmp_path) -> None:
    prompts = audio.Prompts(str(tmp_path))
    hello = prompts.get("您好")
    assert hello.length_ns > 200_000_000 and hello.peak < 32767
    prompts.replace("en", "x", audio.tone("beep"))
    assert prompts.get("x", voice="en").length_ns == 250_000_000
