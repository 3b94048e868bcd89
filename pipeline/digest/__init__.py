"""The daily digest as facts: which reports, in which section, with which counts. Rendering is in `dashboards`."""
