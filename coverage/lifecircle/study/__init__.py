"""The study: its configuration file, and the assumptions it makes."""

from lifecircle.study.area import UnitLayer
from lifecircle.study.assumptions import BASIC_TYPES, QUALITY_TYPES, Assumptions
from lifecircle.study.config import Study
from lifecircle.study.reading import read_study, study_from_tables
from lifecircle.study.sections import FacilitySource, MapSettings

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
