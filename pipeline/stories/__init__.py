"""Stories: which articles tell of one event, and what a story is made of. Pure: records in, decisions out."""
