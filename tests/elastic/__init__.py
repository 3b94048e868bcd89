"""A real Elasticsearch server on loopback, and what its faults must not do to an installation.

How a test gets one is told in `tests.elastic.fixtures`.
"""
