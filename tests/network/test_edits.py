"""Streets changed by a scenario."""

import geopandas as gpd
import numpy as np
import shapely

from lifecircle.network import edits
from lifecircle.network.examples import grid_network, grid_streets
from lifecircle.tables.scenario import Scenario


def test_areas_that_close_streets_are_not_drawn_wider(monkeypatch):
    drawn, own = [], shapely.buffer

    def counted(shapes, *args, **options):
        drawn.extend(shapely.get_type_id(shapes).tolist())
        return own(shapes, *args, **options)

    streets, crs = grid_streets(), grid_network().crs
    middles = gpd.GeoSeries(shapely.centroid(streets.segments(np.arange(2))), crs=4326).to_crs(crs)
    places = gpd.GeoSeries([middles.iloc[0].buffer(5), middles.iloc[1]], crs=crs)
    monkeypatch.setattr(shapely, "buffer", counted)
    change = edits.with_streets_changed(streets, Scenario(close_streets=places), crs=crs)
    assert len(change.closed) == 2
    assert drawn == [shapely.GeometryType.POINT]
