"""Data files of the product (units, places, sources, messages) and the typed settings. Imports nothing of ours."""
