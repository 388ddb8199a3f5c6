"""CSV and TSV.

Read with the csv module, whose cells are always text ("NA" and "null" are things people say) and which knows the line
of every row, so a row with a field too many can be named.
"""

import csv
import io
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from rankfirst.data.decode import read_text
from rankfirst.data.table import Table, checked, column_names
from rankfirst.errors import DataError

# Characters. The csv module refuses fields over 131,072 by default; a row of 10 MB is shortened later, with a note.
FIELD_LIMIT = 2**31 - 1
# A record of its own after the last line: it only survives when no quote is left open.
END = "\x1eend\x1e"

Record = tuple[int, list[str]]  # line of its first character, fields


def read_delimited(path: Path) -> Table:
    """A CSV or TSV file with a header.

    Raises: DataError for an empty file, a repeated column, no rows, an open quote, a row of another width.
    """
    text, notes = read_text(path)
    if path.suffix.lower() in (".tsv", ".tab"):
        records = _plain_tabs(text) or list(_records(path, text, "\t"))
    else:
        records = list(_records(path, text, delimiter_of(text)))
    records = _whole(records)
    names = column_names(path, records[0][1])
    for line, fields in records:
        if len(fields) != len(names):
            raise DataError("data.ragged_row", path=str(path), line=line, found=len(fields), expected=len(names))
    rows = records[1:]
    cells = {name: [fields[i] for _, fields in rows] for i, name in enumerate(names) if name}
    return checked(Table(path, cells, [line for line, _ in rows], notes))


def delimiter_of(text: str) -> str:
    """Of a text that begins with its header: the comma, unless the header has none.

    Spreadsheets of many countries write semicolons into .csv files.
    """
    header = text[: text.find("\n")] if "\n" in text else text
    if "," in header:
        return ","
    return max((",", ";", "\t"), key=header.count)


def _records(path: Path, text: str, delimiter: str) -> Iterator[Record]:
    before = csv.field_size_limit(FIELD_LIMIT)
    try:
        reader = csv.reader(chain(io.StringIO(text, newline=""), [END]), delimiter=delimiter)
        line, last = 1, 1
        for fields in reader:
            if fields == [END]:
                return
            yield line, fields
            last, line = line, reader.line_num + 1
        raise DataError("data.open_quote", path=str(path), line=last)
    finally:
        csv.field_size_limit(before)


def _whole(records: list[Record]) -> list[Record]:
    """Without blank lines; but among the rows of a single column a blank one is an empty text, and counts.

    Answers are given a row, so a row that is left out shifts every answer after it.
    """
    first = next(i for i, (_, fields) in enumerate(records) if not is_blank(fields))
    if len(records[first][1]) > 1:
        return [record for record in records if not is_blank(record[1])]
    last = max(i for i, (_, fields) in enumerate(records) if not is_blank(fields) or fields == [""])
    return [(line, fields or [""]) for line, fields in records[first : last + 1]]


def is_blank(fields: list[str]) -> bool:
    """Whether a record is a line of white space."""
    return len(fields) < 2 and not "".join(fields).strip()


def _plain_tabs(text: str) -> list[Record] | None:
    """Line by line, when every line has as many tabs as the header; None when some row spans lines.

    Many TSV files quote nothing, so a stray quotation mark must not swallow the rows that follow it.
    """
    lines = [(i, line) for i, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1) if line.strip("\r ")]
    width = lines[0][1].count("\t")
    if not width:  # a single column, whose blank lines count
        return None
    if any(line.count("\t") != width for _, line in lines):
        return None
    return [(i, unquoted(line, width + 1)) for i, line in lines]


def unquoted(line: str, width: int) -> list[str]:
    """The cells of a line of `width` tabbed cells, without the quotes around them."""
    if '"' not in line:
        return line.split("\t")
    try:
        fields = next(csv.reader([line], delimiter="\t", strict=True))
    except csv.Error:
        return line.split("\t")
    return fields if len(fields) == width else line.split("\t")
