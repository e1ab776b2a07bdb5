"""Location models by their names in the literature: LSCP, MCLP, p-median, p-center; with capacity too."""
