"""When what runs: the plan as data, APScheduler that keeps it, and what tells whether all is well.

`plan`, `backups` and `health` are pure. `clockwork` hands the plan to APScheduler; `metrics` and `web` answer those who
ask how it goes. What the jobs do is in `pipeline.service`.
"""
