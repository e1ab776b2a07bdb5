"""A study read once and asked often: the present, scenarios beside it, and whole results of either."""

from lifecircle.sessions.preparing import Prepared, prepared
from lifecircle.sessions.run import Run
from lifecircle.sessions.session import Assessed, Session, prepare

__all__ = ["Assessed", "Prepared", "Run", "Session", "prepare", "prepared"]
