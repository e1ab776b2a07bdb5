"""Results as files: tables, layers, rasters, the gap map, the report, the manifest. Computes nothing."""

from lifecircle.outputs.counties import COUNTIES, county_folder, county_stem, write_county
from lifecircle.outputs.file import replaced_file, require_no_input
from lifecircle.outputs.folder import (
    MANIFEST,
    PUBLISHED,
    first_findings,
    recover_folder,
    replaced_folder,
    require_writable,
    reserved_folder,
)
from lifecircle.outputs.gis.layers import write_layers
from lifecircle.outputs.gis.project import write_project
from lifecircle.outputs.gis.rasters import write_raster, write_rasters
from lifecircle.outputs.manifest import outcome_figures, write_manifest
from lifecircle.outputs.monitoring.write import write_monitoring
from lifecircle.outputs.monitoring.years import write_monitoring_years
from lifecircle.outputs.notebook import headlines_html, rule_axes, rule_map
from lifecircle.outputs.print_maps.maps import MapSheet, write_static_maps
from lifecircle.outputs.remarks import what_costs_verdicts
from lifecircle.outputs.report.data_quality import write_data_quality
from lifecircle.outputs.report.docx import write_report_docx
from lifecircle.outputs.report.figures import short_words
from lifecircle.outputs.report.html import write_report_html
from lifecircle.outputs.study_file import STUDY_FILE, require_unedited
from lifecircle.outputs.web_map.basemap import Basemap, basemap
from lifecircle.outputs.web_map.county_pages import CountyPage
from lifecircle.outputs.web_map.gap_map import write_gap_map
from lifecircle.outputs.workbook.comparison import write_comparison
from lifecircle.outputs.workbook.deficits import WithFindings, write_deficits_csv
from lifecircle.outputs.workbook.effects import write_effects_csv, write_modes_csv
from lifecircle.outputs.workbook.names import write_names
from lifecircle.outputs.workbook.write import write_workbook

__all__ = [
    "COUNTIES",
    "MANIFEST",
    "PUBLISHED",
    "STUDY_FILE",
    "Basemap",
    "CountyPage",
    "MapSheet",
    "WithFindings",
    "basemap",
    "county_folder",
    "county_stem",
    "first_findings",
    "headlines_html",
    "outcome_figures",
    "recover_folder",
    "replaced_file",
    "replaced_folder",
    "require_no_input",
    "require_unedited",
    "require_writable",
    "reserved_folder",
    "rule_axes",
    "rule_map",
    "short_words",
    "what_costs_verdicts",
    "write_comparison",
    "write_county",
    "write_data_quality",
    "write_deficits_csv",
    "write_effects_csv",
    "write_gap_map",
    "write_layers",
    "write_manifest",
    "write_modes_csv",
    "write_monitoring",
    "write_monitoring_years",
    "write_names",
    "write_project",
    "write_raster",
    "write_rasters",
    "write_report_docx",
    "write_report_html",
    "write_static_maps",
    "write_workbook",
]
