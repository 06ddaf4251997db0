#!/usr/bin/env python3
"""Tables of the annual report as SQL, written from the definitions of the form alone, run in DuckDB on an export.

Nothing here knows Xylem's report language: every table is said a second time, over CSV files that `xylemctl query` wrote, and
must agree with `xylemctl report build` cell by cell.

    pip install duckdb
    Benchmarks/reports/beside_duckdb.py --socket xylem.sock --year 2005 --org 033

Exit 0 when all cells agree, 2 when one differs. An export has at most 100,000 rows an entity: take an organisation that fits.
"""
import argparse
import datetime
import json
import subprocess
import sys
import tempfile

import duckdb

arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
arguments.add_argument("--socket", required=True)
arguments.add_argument("--xylemctl", default="xylemctl")
arguments.add_argument("--year", type=int, default=2005)
arguments.add_argument("--org", required=True)
options = arguments.parse_args()

FIRST, LAST = f"DATE '{options.year}-01-01'", f"DATE '{options.year}-12-31'"
IN_YEAR = lambda date: f"{date} BETWEEN {FIRST} AND {LAST}"


def ctl(*words):
    command = [options.xylemctl, *words, "--socket", options.socket, "-q"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


# What is exported: entity, columns with the names that the SQL uses.
EXPORTS = {
    "member": {
        name: name for name in """sex birth_date nation is_taiwan_native job_code frontline stratum branch_entry_date
        branch_entry_kind member_category member_state join_date join_kind full_date conversion_result is_dispatched
        lost_contact_date lost_reason""".split()
    } | {"edu": "edu.highest", "unit": "unit.unit_category"},
    "applicant": {name: name for name in "sex birth_date nation edu_code job_code frontline stage apply_date".split()}
    | {"unit": "org.host.unit_category"},
    "floating": {name: name for name in """float_direction float_scope out_date float_target float_cert_no original_job
        return_date""".split()},
    "org": {name: name for name in "org_category org_status founded_date weak_org_type".split()}
    | {"unit": "host.unit_category", "above": "parent.host.unit_category", "subordination": "host.subordination",
       "above_subordination": "parent.host.subordination", "scale": "host.enterprise_scale",
       "staff": "host.staff_total", "legal": "host.legal_rep_is_member", "legal2": "host.legal_rep_is_secretary"},
    "unit": {name: name for name in """unit_category subordination enterprise_scale org_state unit_status staff_total
        staff_members staff_professional staff_workers members_not_moved has_instructor legal_rep_is_member
        legal_rep_is_secretary""".split()},
}

base = duckdb.connect()
with tempfile.TemporaryDirectory() as folder:
    for entity, columns in EXPORTS.items():
        path = f"{folder}/{entity}.csv"
        with open(path, "w") as file:
            file.write(ctl("query", entity, "--under", options.org, "--select", ",".join(columns.values()),
                           "--limit", "100000", "-o", "csv"))
        names = ", ".join(f"column{place:0{2 if len(columns) > 10 else 1}d} AS {name}" for place, name in enumerate(columns))
        base.execute(f"CREATE TABLE {entity} AS SELECT {names} FROM read_csv('{path}', header=false, skip=1, "
                     f"all_varchar=true, nullstr='', columns={{{', '.join(chr(39) + f'column{p:0{2 if len(columns) > 10 else 1}d}' + chr(39) + ': ' + chr(39) + 'VARCHAR' + chr(39) for p in range(len(columns)))}}})")
        for name in columns:
            kind = "DATE" if name.endswith("_date") or name == "out_date" else "BIGINT" if name.startswith("staff") or name == "members_not_moved" else None
            if kind:
                base.execute(f"ALTER TABLE {entity} ALTER {name} TYPE {kind}")
        count = base.execute(f"SELECT count(*) FROM {entity}").fetchone()[0]
        if count >= 100000:
            sys.exit(f"{entity}: more than an export holds; take a smaller organisation")
        print(f"{entity}: {count} records")


def age(low, high, date="birth_date"):
    """Full years on the last day of the year."""
    years = f"date_sub('year', {date}, {LAST})"
    return f"{years} BETWEEN {low} AND {high}"


JOB = {"all": "true", "j0": "job_code LIKE '0%'", "j01": "job_code LIKE '01%'", "j02": "job_code LIKE '02%'"}
JOB |= {f"j{code}": f"job_code LIKE '{code}%'" for code in
        "011 012 013 014 015 016 0164 021 022 023 024 025 0253 1 113 2 3 4 5".split()}
AGE10 = {"a30": age(0, 30), "a35": age(31, 35), "a40": age(36, 40), "a45": age(41, 45), "a50": age(46, 50),
         "a55": age(51, 55), "a60": age(56, 60), "a65": age(61, 65), "a70": age(66, 70), "a71": age(71, 200)}
AGE6N = {"a25": age(0, 25), "a30": age(26, 30), "a35": age(31, 35), "a40": age(36, 40), "a59": age(41, 59), "a60": age(60, 200)}
JOIN = {"b1": "join_date <= '1937-07-06'", "b2": "join_date BETWEEN '1937-07-07' AND '1945-09-02'",
        "b3": "join_date BETWEEN '1945-09-03' AND '1949-09-30'", "b4": "join_date BETWEEN '1949-10-01' AND '1966-04-30'",
        "b5": "join_date BETWEEN '1966-05-01' AND '1976-10-31'", "b6": "join_date BETWEEN '1976-11-01' AND '1978-12-31'",
        "b7": "join_date BETWEEN '1979-01-01' AND '2002-10-31'", "b8o": "join_date >= '2002-11-01'"}


def edu6(column):
    return {"e1": f"{column} LIKE '1%'", "e2": f"{column} LIKE '2%'", "e3": f"{column} LIKE '3%'",
            "e4": f"{column} BETWEEN '40' AND '43'",
            "e5": f"({column} BETWEEN '44' AND '49' OR {column} LIKE '6%')",
            "e6": f"({column} LIKE '7%' OR {column} LIKE '8%' OR {column} LIKE '9%')"}


def edu3(column):
    return {"e3": f"substr({column},1,1) IN ('1','2','3')", "e5": f"substr({column},1,1) IN ('4','6')",
            "e6": f"substr({column},1,1) IN ('7','8','9')"}


ALL, WOMEN, MINORITY = {"all": "true"}, {"women": "sex = '2'"}, {"minority": "nation <> '01'"}
FRONT = {"front": "frontline IN ('01','02','03','04','05')", "front1": "frontline = '01'", "front2": "frontline = '02'",
         "front3": "frontline IN ('03','04')"}
HERE = f"member_state IN ('1','6') AND join_date <= {LAST}"
ADMITTED = f"{IN_YEAR('join_date')} AND branch_entry_kind NOT IN ('141','151','181')"
PATH = ALL | WOMEN | MINORITY | {"a35": age(0, 35)} | edu3("edu_code") | FRONT
ORIGINS = ALL | {"o1": "original_job = '1'", "o2": "original_job = '2'", "o3": "original_job = '3'", "o4": "original_job = '4'",
                 "o5": "original_job LIKE '5%'", "o51": "original_job = '51'", "o52": "original_job = '52'", "o9": "original_job = '9'"}
TARGETS = {f"t{code}": f"float_target = '{code}'" for code in "11 12 13 14 15 21 22 23 24 31 41 42 43 91".split()}
SECTORS = {"village": "unit = '16'", "community": "unit IN ('12','15')", "organ": "unit LIKE '4%'",
           "institution": "unit LIKE '3%'", "public": "(unit LIKE '21%' OR unit LIKE '22%')", "private": "unit LIKE '23%'",
           "social": "unit LIKE '5%'",
           "other": "(unit IS NULL OR NOT (unit = '16' OR unit IN ('12','15') OR unit LIKE '4%' OR unit LIKE '3%' OR unit LIKE '2%' OR unit LIKE '5%'))"}
BUILD = {"units": "true", "own": "org_state IN ('10','20','30')", "own1": "org_state = '10'", "own2": "org_state = '20'",
         "own3": "org_state = '30'", "joint": "org_state = '40'", "joint3": "org_state = '40' AND staff_members >= 3",
         "none": "org_state LIKE '5%'", "should": "org_state = '51'", "few": "org_state = '52'", "empty": "org_state = '53'"}


def kinds(*codes):
    return {f"k{code}": f"unit_category = '{code}'" for code in codes}


def years(column, low, high):
    return f"date_sub('year', {column}, {LAST}) BETWEEN {low} AND {high}"


HOST = "coalesce(unit, above)"
# Table → where records come from, rows, columns: each a condition.
TABLES = {
    "T2": (f"member WHERE {HERE}", JOB, ALL | {"probationary": "member_category = '2'"} | WOMEN | MINORITY
           | {"taiwan": "is_taiwan_native = 'true'"} | AGE10),
    "T3": (f"member WHERE {HERE}", JOB, ALL | JOIN),
    "T4": (f"member WHERE {HERE}", JOB, ALL | edu6("edu")),
    "T7": (f"member WHERE {HERE} AND job_code LIKE '3%'",
           {"all": "true", "g1": "job_code LIKE '31%'", "g11": "job_code = '311'", "g12": "job_code = '312'", "g13": "job_code = '313'",
            "g2": "job_code LIKE '32%'", "g3": "job_code LIKE '33%'", "g4": "job_code = '341'", "g5": "job_code IN ('342','343')"},
           ALL | WOMEN | MINORITY | {"new": f"join_date >= {FIRST} AND branch_entry_kind NOT IN ('141','151','181')"}),
    "T15": (f"member WHERE {IN_YEAR('(join_date + INTERVAL 1 YEAR)')}",
            {"full": "coalesce(conversion_result,'') <> '7'", "decided": "conversion_result IN ('1','3','5')",
             "on_time": "conversion_result = '1'", "after": "conversion_result = '3'", "late": "conversion_result = '5'",
             "longer": "conversion_result = '2'", "cancelled": "conversion_result = '4'",
             "pending": "coalesce(conversion_result,'6') = '6'", "before": "conversion_result = '7'"}, {"n": "true"}),
    "T16": (f"member WHERE {ADMITTED}", JOB | {"dispatched": "is_dispatched = 'true'"},
            ALL | WOMEN | MINORITY | AGE6N | edu6("edu")),
    "T17": (f"member WHERE {ADMITTED}",
            FRONT | {"front5": "frontline = '05'", "rural": "unit IN ('13','14','16')", "village": "unit = '16'",
                     "special": "join_kind = '1113'", "league": "join_kind LIKE '1111%'", "recommended": "join_kind = '11111'",
                     "taiwan": "is_taiwan_native = 'true'"}, ALL | WOMEN | {"a35": age(0, 35)}),
    "T18": (f"applicant WHERE stage IN ('30','35') AND apply_date <= {LAST}", JOB, PATH),
    "T19": (f"applicant WHERE stage = '20' AND apply_date <= {LAST}", JOB, PATH),
    "T20": (f"applicant WHERE stage = '10' AND apply_date <= {LAST}", JOB, PATH),
    "T24": (f"org WHERE org_category IN ('611','621','631','632') AND org_status = '1' AND founded_date <= {LAST}",
            {"all": "true", "street": f"{HOST} = '11'", "town": f"{HOST} IN ('13','14')", "community": f"{HOST} IN ('12','15')",
             "village": f"{HOST} = '16'", "e21": f"{HOST} LIKE '21%'", "e22": f"{HOST} LIKE '22%'", "e23": f"{HOST} LIKE '23%'",
             "institution": f"{HOST} LIKE '3%'", "organ": f"{HOST} LIKE '4%'",
             "organ3": f"{HOST} LIKE '4%' AND coalesce(subordination, above_subordination) = '40'",
             "social": f"{HOST} LIKE '5%'"},
            ALL | {"c611": "org_category = '611'", "c621": "org_category = '621'", "c631": "org_category IN ('631','632')"}),
    "T25": ("unit WHERE unit_status = '1'", BUILD, kinds("11", "12", "15", "16") | {"town": "unit_category IN ('13','14')"}),
    "T26": ("unit WHERE unit_status = '1' AND (unit_category LIKE '21%' OR unit_category LIKE '22%')", BUILD,
            ALL | {"large": "enterprise_scale IN ('1','2')", "central": "subordination = '10'"} | kinds("211", "212", "221")),
    "T27": ("unit WHERE unit_status = '1' AND unit_category LIKE '23%'", BUILD | {"contact": "has_instructor = 'true'"},
            ALL | {"s50": "staff_total >= 50", "s100": "staff_total >= 100", "legal": "legal_rep_is_member = 'true'",
                   "legal_secretary": "legal_rep_is_member = 'true' AND legal_rep_is_secretary = 'true'"} | kinds("231", "232", "233")),
    "T28": ("unit WHERE unit_status = '1' AND unit_category LIKE '3%'", BUILD, ALL | kinds(*[str(n) for n in range(301, 311)])),
    "T29": ("unit WHERE unit_status = '1' AND unit_category LIKE '4%'", BUILD, ALL | kinds("41", "42", "43")),
    "T30": ("unit WHERE unit_status = '1' AND unit_category LIKE '5%'", BUILD, ALL | kinds("51", "52", "53", "54", "55", "56")),
    "T33": (f"floating WHERE float_direction = '1' AND out_date <= {LAST} AND (return_date IS NULL OR return_date > {LAST})",
            {"all": "true", "s1": "float_scope = '1'", "s2": "float_scope = '2'", "cert": "float_cert_no IS NOT NULL",
             "t92": "float_target = '92'"} | TARGETS, ORIGINS),
    "T34": (f"floating WHERE float_direction = '2' AND out_date <= {LAST} AND (return_date IS NULL OR return_date > {LAST})",
            {"all": "true", "s1": "float_scope = '1'", "s2": "float_scope = '2'", "cert": "float_cert_no IS NOT NULL"} | TARGETS, ORIGINS),
    "T43": (f"member WHERE member_state IN ('1','2','6') AND join_date <= {LAST} AND lost_contact_date <= {LAST}",
            {"all": "true"} | SECTORS,
            ALL | {"probationary": "member_category = '2'"} | WOMEN | MINORITY
            | {"a35": age(0, 35), "a45": age(36, 45), "a60": age(46, 60), "a61": age(61, 200),
               "p0": f"(full_date IS NULL OR {years('full_date', -200, 0)})", "p5": years("full_date", 1, 5),
               "p10": years("full_date", 6, 10), "p20": years("full_date", 11, 20), "p21": years("full_date", 21, 200)}
            | edu3("edu")
            | {"t1": f"date_sub('month', lost_contact_date, {LAST}) BETWEEN 6 AND 11", "t5": years("lost_contact_date", 1, 5),
               "t10": years("lost_contact_date", 6, 10), "t11": years("lost_contact_date", 11, 200)}
            | {f"r{n}": f"lost_reason = '{n}'" for n in range(1, 8)}),
}
# Sums over units, in the tables that have them.
SUMS = {"staff": "staff_total", "members": "staff_members", "professionals": "staff_professional", "workers": "staff_workers",
        "not_moved": "members_not_moved"}

report = json.loads(ctl("report", "build", "annual", "--year", str(options.year), "--org", options.org, "--tables",
                        ",".join(TABLES), "-o", "json"))
different = compared = filled = 0
for table in report["tables"]:
    source, rows, columns = TABLES[table["id"]]
    width = len(columns)
    row_ids = [line["id"] for line in table["rows"]]
    column_ids = [line["id"] for line in table["columns"]]
    asked = [(row, f"count(*) FILTER (WHERE ({rows[row]}) AND (%s))") for row in rows]
    if source.startswith("unit"):
        asked += [(row, f"coalesce(sum({SUMS[row]}) FILTER (WHERE %s), 0)") for row in SUMS if row in row_ids]
    before = compared
    for row, text in asked:
        sql = "SELECT " + ", ".join(text.replace("%s", columns[column]) for column in columns) + f" FROM {source}"
        for column, expected in zip(columns, base.execute(sql).fetchone()):
            found = table["values"][row_ids.index(row)][column_ids.index(column)]
            compared += 1
            filled += found not in (0, None)
            if found != expected:
                different += 1
                if different <= 20:
                    print(f"{table['id']}[{row},{column}]: report {found}, SQL {expected}")
    print(f"{table['id']}: {compared - before} cells")
print(f"{len(report['tables'])} tables, {compared} cells compared, {filled} of them not 0, {different} different")
sys.exit(2 if different else 0)
