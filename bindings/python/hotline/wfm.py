"""Forecasts, staffing, shifts and rosters.

>>> from hotline import wfm
>>> round(wfm.erlang_a(0.8, 60, 50, patience_s=120, threshold_s=20)["sl_offered"], 4)
0.943
"""

from __future__ import annotations

from typing import Any

from ._core import wfm as _wfm
from ._core.wfm import (
    Forecast,
    Person,
    Series,
    ShiftPattern,
    assign,
    backtest,
    cover,
    enumerate_shifts,
    erlang_a,
    erlang_b,
    erlang_c,
    forecast,
    lines_for_blocking,
    mg1,
    mmn_g,
    priorities,
    read_counts,
    schedule_fit,
    staff,
    staff_intervals,
    time_varying,
)

LEVELS = ("minute", "interval", "half_hour", "hour", "day", "week", "month", "year")


def load_counts(path: str, columns: str = "", interval_s: float = 1800.0) -> Series:
    """Counts (or calls, which are counted) from a CSV file; ``columns`` maps our names to the file's."""
    with open(path, encoding="utf-8-sig") as stream:
        return _wfm.read_counts(stream.read(), path, columns, interval_s)


def series_frame(series: Series) -> Any:
    """A pandas Series by time."""
    import pandas as pd

    times = pd.date_range(series.first_day, periods=len(series.counts), freq=pd.Timedelta(seconds=series.interval_s))
    return pd.Series(series.counts, index=times, name="contacts")


def forecast_frame(result: Forecast, level: str = "interval") -> Any:
    """A pandas frame of one level: mean and the 80 % and 95 % intervals by time."""
    import pandas as pd

    rows = result.at(level)
    index = pd.to_datetime([r[0] for r in rows]) + pd.to_timedelta([r[1] for r in rows], unit="s")
    return pd.DataFrame([r[2:] for r in rows], index=index, columns=["seconds", "mean", "low80", "high80", "low95", "high95"])


def plot_forecast(history: Series, result: Forecast, path: str, level: str = "day", last_days: int = 56) -> None:
    """Draws the last days of the history and the forecast with its intervals into a picture file."""
    plt = _pyplot()
    frame = forecast_frame(result, level)
    past = series_frame(history)
    if level in ("day", "week", "month", "year"):
        rule = {"day": "D", "week": "W-MON", "month": "MS", "year": "YS"}[level]
        past = past.resample(rule, closed="left", label="left").sum()
    past = past[past.index >= frame.index[0] - __import__("pandas").Timedelta(days=last_days)]
    figure, axes = plt.subplots(figsize=(11, 4.5))
    axes.plot(past.index, past.to_numpy(), color="#30343f", linewidth=1.2, label="counted")
    axes.fill_between(frame.index, frame.low95, frame.high95, color="#9cc4e4", alpha=0.5, linewidth=0, label="95 %")
    axes.fill_between(frame.index, frame.low80, frame.high80, color="#5b9bd5", alpha=0.5, linewidth=0, label="80 %")
    axes.plot(frame.index, frame["mean"], color="#c0392b", linewidth=1.5, label="forecast")
    axes.set_ylabel(f"contacts per {level}")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, ncols=4)
    figure.autofmt_xdate()
    _save(figure, path)


def plot_schedule(required: Any, scheduled: Any, path: str, slots_per_day: int = 96) -> None:
    """Draws what was required and what the shifts give, slot by slot."""
    import numpy as np

    plt = _pyplot()
    hours = np.arange(len(required)) * 24.0 / slots_per_day
    figure, axes = plt.subplots(figsize=(11, 4))
    axes.fill_between(hours, scheduled, step="post", color="#9cc4e4", label="scheduled")
    axes.step(hours, required, where="post", color="#c0392b", linewidth=1.3, label="required")
    axes.set_xlabel("hour")
    axes.set_ylabel("agents")
    axes.set_xlim(0, hours[-1] + 24.0 / slots_per_day)
    axes.legend(frameon=False)
    _save(figure, path)


def _pyplot() -> Any:
    import matplotlib

    matplotlib.use("Agg", force=False)
    import matplotlib.pyplot as plt

    return plt


def _save(figure: Any, path: str) -> None:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    _pyplot().close(figure)
