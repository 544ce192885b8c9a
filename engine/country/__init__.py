"""A whole country at once (全国体检): hundreds of thousands of units, wide, in columns of numbers.

An ordinary year has hundreds of units and goes through frames of single values that keep where each came from. Of a
country's 650,000 communities the same indicators are measured, rolled up, scored and held against their standards by
the same rules, but as columns over all units of a level in the order of their codes, where the communities of a town
are a run. A unit is its place in that order; codes are text only where results are written. The one function that
tells it all is :func:`~.everything.examine_country`.
"""
