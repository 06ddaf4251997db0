#!/usr/bin/env python3
"""Reads a workbook of `xylemctl report build -o xlsx` back with openpyxl and compares it with the same report as JSON.

    xylemctl report build annual --year 2005 -o xlsx -d out --lang zh     pip install openpyxl    pip install openpyxl xylemctl report build annual --year 2005 -o json -d out
    pip install openpyxl
    Benchmarks/reports/read_back.py out/annual-2005-033.xlsx out/annual-2005-033.json

Every printed figure, label and title must be in its place, every merged heading whole. Exit 0 when all are, 2 when not.
"""
import json
import sys

import openpyxl

workbook = openpyxl.load_workbook(sys.argv[1])
report = json.load(open(sys.argv[2], encoding="utf-8"))
problems = figures = 0


def expect(what, found, expected):
    global problems
    if found != expected:
        problems += 1
        if problems <= 20:
            print(f"{what}: found {found!r}, expected {expected!r}")


expect("sheets", workbook.sheetnames, [f"表{table['id'][1:]}" for table in report["tables"]])
for table in report["tables"]:
    sheet = workbook[f"表{table['id'][1:]}"]
    columns = [place for place, column in enumerate(table["columns"]) if not column["working"] and not column["heading"]]
    rows = [place for place, row in enumerate(table["rows"]) if not row["working"]]
    expect(f"{table['id']} title", sheet.cell(1, 1).value, table["titleZH"])
    expect(f"{table['id']} landscape", sheet.page_setup.orientation, "landscape")
    # The line of column numbers stands above the figures.
    first = next(row for row in range(3, 12) if sheet.cell(row, 1).value == "甲") + 1
    for offset, column in enumerate(columns):
        expect(f"{table['id']} number of column {offset + 1}", sheet.cell(first - 1, 3 + offset).value, offset + 1)
    for line, place in enumerate(rows):
        row = table["rows"][place]
        expect(f"{table['id']} label {row['id']}", sheet.cell(first + line, 1).value, row["labelZH"])
        for offset, column in enumerate(columns):
            kind, value = table["kinds"][place][column], table["values"][place][column]
            expected = "—" if kind == "-" else value
            expect(f"{table['id']}[{row['id']},{table['columns'][column]['id']}]",
                   sheet.cell(first + line, 3 + offset).value, expected)
            figures += 1
    # Headings: every cell above the figures is written or lies in a merged range.
    merged = {(row, column) for area in sheet.merged_cells.ranges
              for row in range(area.min_row, area.max_row + 1) for column in range(area.min_col, area.max_col + 1)}
    for row in range(3, first - 1):
        for column in range(3, 3 + len(columns)):
            if sheet.cell(row, column).value is None and (row, column) not in merged:
                expect(f"{table['id']} heading at {row},{column}", None, "something")
print(f"{len(report['tables'])} sheets, {figures} cells, {problems} problems")
sys.exit(2 if problems else 0)
