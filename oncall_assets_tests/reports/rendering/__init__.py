"""Tests of `oncall_assets.reports.rendering`.

- `test_numbers.py`, `test_dates.py`: amounts, periods and instants as locales write them.
- `test_wording.py`, `test_text.py`, `test_html.py`: what an edition says, as plain text and as a page.
- `test_table.py`: the CSV, read back exactly, and harmless in a spreadsheet.
- `test_pictures.py`: pictures that are the same at every try, in letters their font has.
- `test_mail.py`: the e-mail as its recipient's program reads it.
- `test_archive.py`: files that are there as a whole, private, and inside their folder.

`editions.py` has the editions they render.
"""
