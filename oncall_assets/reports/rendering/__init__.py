"""How people read an edition: the same words and amounts as mail, page, plain text and table, and in the archive.

`numbers` and `dates` write amounts and days as the company's locale does, `wording` says what an edition says in
words of no channel; `text`, `html` and `table` (CSV) lay it out, `pictures` (by `drawing` and `axis`) draws each
figure's series. `mail` puts them into one e-mail, `archive` keeps them as sent. Pure: no clock, no database.
"""

from oncall_assets.reports.rendering.archive import CannotArchive, archive
from oncall_assets.reports.rendering.html import as_html
from oncall_assets.reports.rendering.mail import as_mail
from oncall_assets.reports.rendering.numbers import shown, shown_change
from oncall_assets.reports.rendering.table import as_csv
from oncall_assets.reports.rendering.text import as_text
from oncall_assets.reports.rendering.wording import period, subject

__all__ = [
    "CannotArchive",
    "archive",
    "as_csv",
    "as_html",
    "as_mail",
    "as_text",
    "period",
    "shown",
    "shown_change",
    "subject",
]
