"""风险演示城市: a city with schemes, with innocents who look alike, and the truth about both."""

from pipelines.demo.risk.build import build

__all__ = ["build"]
