"""From raw page to stored, searchable, reported article; `pipeline.app` is the only wiring."""
