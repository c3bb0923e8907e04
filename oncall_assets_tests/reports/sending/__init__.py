"""Tests of runs that send editions.

- `test_judged.py`: when an edition goes out, and when it does not.
- `test_copies.py`: what becomes of its copies, whatever breaks down.
- `test_office.py`: what such a run has at hand.

`reports/outgoing.py` is the company of one table whose editions they are.
"""
