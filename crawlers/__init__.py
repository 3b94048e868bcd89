"""Everything that fetches: feeds, sitemaps and section pages in, raw responses in the WARC inbox out."""
