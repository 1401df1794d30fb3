"""The pack for the board: files of one submitted result, each drawn from its snapshot (assessments/snapshot.py) and from nothing else.

A pack travels further than a page. So in an open round it shows what somebody outside the work on the self-assessment sees: no group,
and no figure that stands for fewer than five people.
"""
