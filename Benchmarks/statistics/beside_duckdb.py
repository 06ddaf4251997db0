#!/usr/bin/env python3
"""DuckDB's times for the questions of statistics-meter over the rows it left: beside_duckdb.py DIRECTORY.

Needs the package duckdb (PyPI). Tables are in memory; medians of 31 runs, another literal each time; results fetched whole.
"""
import statistics
import sys
import time

import duckdb


def main(directory):
    base = duckdb.connect()
    for table in ("member", "member_edu", "unit", "org", "org_unit"):
        types = ", types={'org_code': 'varchar'}" if table == "org" else ""
        if table in ("member", "member_edu", "unit"):
            names = {"member": ["sex", "nation"], "member_edu": ["edu_code"], "unit": ["unit_category"]}[table]
            types = ", types={" + ", ".join(f"'{name}': 'varchar'" for name in names) + "}"
        base.execute(f"create table {table} as select * from read_csv('{directory}/{table}.csv'{types})")
    base.execute("create table member_flat as select m.*, e.edu_code from member m "
                 "left join member_edu e on e.id = m.id and e.is_highest")
    counties = [row for row in base.execute(
        "select place, last_place from org where length(org_code) = 6 and last_place - place > 20").fetchall()]
    joined = "member m left join member_edu e on e.id = m.id and e.is_highest"
    block = "select (year(m.birth_date) // 10) * 10, m.sex, m.nation, {edu}, count(*), avg(year(m.join_date)) from {source} group by all"

    def county(number):
        low, high = counties[number % len(counties)]
        return f"select edu_code, count(*) from member_flat where branch_code between {low} and {high} group by 1"

    def villages(number):
        since = f"date '2002-0{1 + number % 9}-{10 + number % 18}'"
        return ("with recent as materialized (select distinct branch_code place from member where join_date >= " + since + ") "
                "select count(*) from org o where o.place in (select u.place from org_unit u join unit on unit.id = u.unit "
                "where unit_category = '16') and not exists (select 1 from recent r where r.place between o.place and o.last_place)")

    questions = {
        "sex × education, flat": lambda n: "select sex, edu_code, count(*) from member_flat group by 1, 2",
        "sex × education, joined": lambda n: f"select m.sex, e.edu_code, count(*) from {joined} group by 1, 2",
        "sex × education of the older, flat": lambda n:
            f"select sex, edu_code, count(*) from member_flat where birth_date < date '{1950 + n % 30}-0{1 + n % 9}-01' group by 1, 2",
        "decade × sex × nation × education, mean, flat": lambda n: block.format(edu="m.edu_code", source="member_flat m"),
        "decade × sex × nation × education, mean, joined": lambda n: block.format(edu="e.edu_code", source=joined),
        "one county by education, flat": county,
        "villages without a new member": villages,
    }
    print(f"duckdb {duckdb.__version__}, {base.execute('select count(*) from member').fetchone()[0]} members")
    for title, sql in questions.items():
        times, processor = [], []
        for number in range(31):
            text = sql(number)
            start, used = time.perf_counter(), time.process_time()
            base.execute(text).fetchall()
            times.append(time.perf_counter() - start)
            processor.append(time.process_time() - used)
        print(f"{title:50} {statistics.median(times) * 1000:8.2f} ms (least {min(times) * 1000:.2f})"
              f"  processor {statistics.median(processor) * 1000:7.2f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
