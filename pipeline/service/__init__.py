"""The service: what the jobs of the plan do, each in a process of its own, and the loop that keeps them going.

`steps` says what each job does with an installation, `due` whether there is anything to do, `child` runs one in its own
process, `runner` puts them together, `serve` is the program that runs day and night.
"""
