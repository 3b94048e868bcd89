"""One alert as people get it: HTML and text, in a mail or on a page."""
