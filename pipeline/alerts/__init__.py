"""Alerts on negative coverage: pure decisions over daily counts, and the state of the alerts they lead to."""
