"""The catalogue of services: what they are called, and how OSM and AMap mark them.

The data is ``catalogue.toml``. A service marks a *kind* of place; whether one place counts (is it open
to the public, does it lie inside) is for whoever reads the place.
"""

from lifecircle.services.catalogue import (
    ANY,
    GROUPS,
    OwnService,
    Service,
    amap_services,
    catalogue,
    in_group,
    nearest,
    osm_keys,
    osm_tests,
    own_services,
    selected_services,
    service,
    service_names,
    usual_services,
    with_origins,
)

__all__ = [
    "ANY",
    "GROUPS",
    "OwnService",
    "Service",
    "amap_services",
    "catalogue",
    "in_group",
    "nearest",
    "osm_keys",
    "osm_tests",
    "own_services",
    "selected_services",
    "service",
    "service_names",
    "usual_services",
    "with_origins",
]
