"""The demo city: a synthetic Chinese city, written as the raw files a planning office would supply."""

from lifecircle.demo.write import PLANS, write_demo

__all__ = ["PLANS", "write_demo"]
