"""The study: its configuration file, and the assumptions it makes."""

from lifecircle.study.assumptions import BASIC_TYPES, QUALITY_TYPES, Assumptions
from lifecircle.study.config import FacilitySource, MapSettings, Study, UnitLayer
from lifecircle.study.reading import read_study, study_from_tables

__all__ = [
    "BASIC_TYPES",
    "QUALITY_TYPES",
    "Assumptions",
    "FacilitySource",
    "MapSettings",
    "Study",
    "UnitLayer",
    "read_study",
    "study_from_tables",
]
