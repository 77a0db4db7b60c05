"""演示登记: decades of made-up registrations and months, with the truth that a clean-up must reach."""

from pipelines.demo.history.build import build

__all__ = ["build"]
