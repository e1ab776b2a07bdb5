"""Areas on the network: isochrones, life circles, catchments, rasters."""
