"""The questions asked of every system, in SQL's dialects, and the text by which answers are compared.

Each question has one canonical text: rows of cells joined by `|`, absent ones empty, sorted as text. Systems whose texts
differ answered different questions, and the command fails.
"""
import hashlib

KEYS = {
    "group_by": "group_by_ms", "cell_block_counts": "cell_block_counts_ms", "cell_block": "cell_block_ms",
    "subtree": "subtree_ms", "stale_villages": "stale_villages_ms", "people": "people_ms",
}
# Asked for equality; `cell_block` adds a mean, whose digits differ between systems, so it is timed but not compared.
COMPARED = ["group_by", "cell_block_counts", "subtree", "stale_villages", "people", "jobs_before", "jobs_after"]
REPEATS = 5

DECADE = {
    "postgres": "(extract(year from m.birth_date)::int / 10) * 10",
    "mariadb": "(year(m.birth_date) div 10) * 10",
    "sqlite": "(cast(substr(m.birth_date, 1, 4) as integer) / 10) * 10",
    "duckdb": "(year(m.birth_date) // 10) * 10",
}
JOIN_YEAR = {
    "postgres": "extract(year from m.join_date)", "mariadb": "year(m.join_date)",
    "sqlite": "cast(substr(m.join_date, 1, 4) as integer)", "duckdb": "year(m.join_date)",
}


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def sql(dialect, dataset, flat=False):
    """Question → SQL. With `flat` the members stand with their highest education in one table `member_flat`."""
    if flat:
        source, edu = "member_flat m", "m.edu_code"
    else:
        true = "e.is_highest" if dialect in ("postgres", "duckdb") else "e.is_highest = 1"
        source = f"member m left join member_edu e on e.id_card = m.id_card and {true}"
        edu = "e.edu_code"
    decade, year = DECADE[dialect], JOIN_YEAR[dialect]
    date = (lambda text: f"date {quoted(text)}") if dialect in ("postgres", "duckdb") else quoted
    people = ", ".join(f"({quoted(name)}, {date(born)})" for name, born in dataset.people)
    if dialect == "sqlite":
        people = "values " + people
    # Without the word SQLite works the list out again for every organisation; MariaDB does not know the word.
    once = "" if dialect == "mariadb" else "materialized"
    block = f"select {decade}, m.sex, m.nation, {edu}, count(*)"
    return {
        "group_by": f"select m.sex, {edu}, count(*) from {source} group by 1, 2",
        "cell_block_counts": f"{block} from {source} group by 1, 2, 3, 4",
        "cell_block": f"{block}, avg({year}) from {source} group by 1, 2, 3, 4",
        "subtree": f"select {edu}, count(*) from {source} join org o on o.org_code = m.branch_code "
                   f"join org c on c.org_code = {quoted(dataset.county)} "
                   "where o.place between c.place and c.last_place group by 1",
        "stale_villages":
            f"with recent as {once} (select distinct o.place from member m join org o on o.org_code = m.branch_code "
            f"where m.join_date >= {date(dataset.since)}) select o.org_code from org o where o.org_code in "
            "(select u.org_code from org_unit u where u.unit_category = '16') and not exists "
            "(select 1 from recent r where r.place between o.place and o.last_place)",
        "people": "select m.name, m.birth_date, m.branch_code from member m where (m.name, m.birth_date) in "
                  f"({people})",
        "jobs_before": "select m.job_code, count(*) from member m group by 1",
        "jobs_after": "select m.job_code, count(*) from member m group by 1",
    }


def canonical(rows):
    """One text for one answer, whatever order and types it came in."""
    return "\n".join(sorted("|".join("" if cell is None else str(cell) for cell in row) for row in rows))


def result_hash(texts):
    """SHA-256 over the canonical texts of all compared questions, 16 digits; None when one is missing."""
    if any(name not in texts for name in COMPARED):
        return None
    digest = hashlib.sha256()
    for name in COMPARED:
        digest.update(f"{name}\n{texts[name]}\n\n".encode())
    return digest.hexdigest()[:16]
