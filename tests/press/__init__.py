"""A press of invented outlets on the loopback interface, served for real over HTTP.

``server.Press`` serves a ``site.Site``: ``small.small_site`` for tests of fetching, ``demo.demo_site`` for the
demonstration (texts in ``content/``). ``pages`` renders the answers, ``faults`` spoils them, ``wire`` sends them.
"""
