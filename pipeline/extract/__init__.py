"""From a fetched page to an article: encoding, markup, headline, date, text, each with the rule that chose it.

Read `page` first; it names the steps in order. Every step is a pure function of bytes, tree or declarations.
"""
