"""A day and a night of the service, and ten minutes of it by the real clock.

``day`` is the press and what happens to it, ``service`` the service under a clock that is told what time it is,
``driver`` starts and kills it. The same `Runner`, plan and jobs are at work as in `diembao serve`; APScheduler, which
knows the real clock alone, has its own tests and the wall-clock run.
"""
