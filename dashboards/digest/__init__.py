"""The daily digest as people see it: HTML, its text twin, a mail, and the JSON of its facts."""
