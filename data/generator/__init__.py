"""The sample project's generator (演示项目): an invented district, seeded, as departments would send it.

:mod:`.sample` writes the whole project; every other module makes a part of it.
"""
