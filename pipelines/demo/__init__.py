"""演示城市: a seeded municipality with planted truth, for a first night and for tests."""

from pipelines.demo.municipality import Counts, build

__all__ = ["Counts", "build"]
