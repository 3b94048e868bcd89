"""Reprints: which articles are the same text as an earlier one. Pure: records in, decisions out."""
