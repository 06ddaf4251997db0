"""One table with ratios, one picture, and the comparison of answers."""
from questions import COMPARED

KEYS = [
    "insert_rows_per_second", "insert_wire_bytes", "update_rows_per_second", "update_wire_bytes", "latency_ms_p50",
    "latency_ms_p99", "bootstrap_rows_per_second", "disk_bytes_per_row", "memory_mb", "group_by_ms", "cell_block_ms",
    "subtree_ms", "result_hash",
]
# Key, words, whether more is better.
LINES = [
    ("insert_rows_per_second", "inserted members/s at the top", True),
    ("insert_loader_rows_per_second", "  the loader's own rate", True),
    ("insert_rows_per_cpu_second", "  members per processor second of all three servers", True),
    ("insert_wire_bytes", "bytes per inserted member and link", False),
    ("update_rows_per_second", "job_code updates/s at the top", True),
    ("update_loader_rows_per_second", "  the loader's own rate", True),
    ("update_rows_per_cpu_second", "  updates per processor second of all three servers", True),
    ("update_wire_bytes", "bytes per update and link", False),
    ("latency_ms_p50", "commit visible two links up, p50 ms", False),
    ("latency_ms_p99", "commit visible two links up, p99 ms", False),
    ("bootstrap_rows_per_second", "first sync, members/s", True),
    ("disk_bytes_per_row", "disk bytes per member at the top", False),
    ("memory_mb", "memory of the top, MB", False),
    ("group_by_ms", "sex × education, ms", False),
    ("cell_block_ms", "decade × sex × nation × education with mean, ms", False),
    ("cell_block_counts_ms", "  the same with counts only, ms", False),
    ("subtree_ms", "one county by education, ms", False),
    ("stale_villages_ms", "villages without a new member for 3 years, ms", False),
    ("people_ms", "37 people by name and birth date, ms", False),
]


def per_processor_second(result, what, count):
    """Rows per processor second of the three servers together: what a busy machine does not change."""
    used = sum(result.get(f"{what}_cpu_seconds") or [])
    return round(count / used) if used else None


def shown(value):
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.2f}"


def times(ratio):
    """A ratio with two significant digits below one, two decimals above."""
    return f"{ratio:.2g}" if ratio < 1 else f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def table(data):
    """Markdown: a line a figure, a column a system; in brackets how many times better (>1) or worse Xylem is."""
    names = list(data["systems"])
    for name in names:
        result = data["systems"][name]
        rows, updates = result.get("rows", data["bulk"]), result.get("updates", data["updates"])
        result["insert_rows_per_cpu_second"] = per_processor_second(result, "insert", rows)
        result["update_rows_per_cpu_second"] = per_processor_second(result, "update", updates)
    own = data["systems"].get("xylem", {})
    facts = data["machine"]
    lines = [
        f"{facts['date']}, {facts['processor']}, {facts['cores']} cores, {facts['memory_gib']} GiB, {facts['system']}, "
        f"Linux {facts['kernel']}, {facts['file_system']}, fdatasync {facts['fdatasync_ms']} ms; {data['rows']:,} members "
        f"with education, {data['updates']:,} updates", "",
        "In brackets: how many times better Xylem is in the same run; below 1 it loses.", "",
        "| | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names),
    ]
    for key, words, more in LINES:
        cells = []
        for name in names:
            value = data["systems"][name].get(key)
            cell, mine = shown(value), own.get(key)
            if name != "xylem" and value and mine:
                cell += f" ({times(mine / value if more else value / mine)})"
            cells.append(cell)
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    for key, words in (("insert_cpu_seconds", "processor seconds of the insert run: leaf, middle, top"),
                       ("update_cpu_seconds", "processor seconds of the update run: leaf, middle, top")):
        cells = [", ".join(f"{one:.1f}" for one in data["systems"][name].get(key) or []) or "–" for name in names]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    for key, words in (("insert_strangers_cores", "cores kept busy by others during the insert run"),
                       ("update_strangers_cores", "cores kept busy by others during the update run")):
        lines.append(f"| {words} | " + " | ".join(shown(data["systems"][name].get(key)) for name in names) + " |")
    lines.append("| hash of the answers | " + " | ".join(shown(data["systems"][name]["result_hash"]) for name in names)
                 + " |")
    lines.append("")
    for name in names:
        lines += [f"* {name}: {note}" for note in data["systems"][name].get("notes", [])]
    return "\n".join(lines)


def differences(systems):
    """What the systems answered differently; nothing may be."""
    found = []
    for name in COMPARED:
        texts = {system: result["texts"][name] for system, result in systems.items() if name in result.get("texts", {})}
        if len(set(texts.values())) > 1:
            first, *others = texts
            for other in others:
                if texts[other] != texts[first]:
                    ours, theirs = set(texts[first].split("\n")), set(texts[other].split("\n"))
                    found.append(f"{name}: {first} and {other} differ: {sorted(ours - theirs)[:3]} | "
                                 f"{sorted(theirs - ours)[:3]}")
    return found


def picture(data):
    """An SVG: for each figure a group of bars, each as long as the ratio to Xylem on a logarithmic scale."""
    import math
    from xml.sax.saxutils import escape
    names = list(data["systems"])
    own = data["systems"].get("xylem", {})
    colours = ["#2f6f4f", "#336791", "#b5651d", "#c9a227", "#7a4fa3", "#888888", "#a33b3b"]
    keys = [line for line in LINES if own.get(line[0]) and not line[1].startswith("  ")]
    middle, scale, parts, top = 620, 110, [], 60
    for key, words, more in keys:
        parts.append(f'<text x="10" y="{top + 10}">{escape(words)}</text>')
        for place, name in enumerate(names):
            value = data["systems"][name].get(key)
            if not value:
                continue
            ratio = own[key] / value if more else value / own[key]
            length = max(-2.2, min(2.2, math.log10(ratio))) * scale
            left = middle if length >= 0 else middle + length
            parts.append(f'<rect x="{left:.0f}" y="{top}" width="{max(abs(length), 1):.0f}" height="10" '
                         f'fill="{colours[place % len(colours)]}"/>')
            if name != "xylem":
                parts.append(f'<text x="{middle + 255}" y="{top + 9}" font-size="10">{escape(name)} × {times(ratio)}</text>')
            top += 12
        top += 14
    legend = "".join(f'<text x="{10 + 120 * place}" y="20" fill="{colours[place % len(colours)]}">{escape(name)}</text>'
                     for place, name in enumerate(names))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="1020" height="{top}" font-family="sans-serif" '
            f'font-size="12"><rect width="100%" height="100%" fill="white"/>{legend}'
            f'<text x="10" y="42">bars to the right: Xylem is so many times better; one decade is {scale} pixels</text>'
            f'<line x1="{middle}" y1="50" x2="{middle}" y2="{top}" stroke="#444"/>{"".join(parts)}</svg>\n')
