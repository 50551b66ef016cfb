"""Charts and diagrams of office files: the numbers and words that they draw."""

from collections.abc import Iterator

from bifolio.ingest.building import Building
from bifolio.ingest.markup import Element, attribute, child, children, descendants
from bifolio.ingest.office.package import Package


def append_drawing(building: Building, package: Package, part: str, link: str) -> None:
    """Append the chart or the diagram to which a part links by this id."""
    kind, name = package.links(part).get(link, ("", ""))
    root = package.part(name) if kind in ("chart", "diagramData") else None
    if kind == "chart" and root is not None:
        _append_chart(building, root)
    for paragraph in descendants(root, "p") if kind == "diagramData" else ():
        building.paragraph("".join(text.text or "" for text in descendants(paragraph, "t")))


def _append_chart(building: Building, root: Element) -> None:
    """Append the data of a chart: a row for each category, a column for each series."""
    title = child(root, "chart", "title")
    building.paragraph("".join(text.text or "" for text in descendants(title, "t")))
    series = list(descendants(root, "ser"))
    names = [next(_points(child(one, "tx")), (0, ""))[1] for one in series]
    categories: dict[int, str] = {}
    values = []
    for one in series:
        categories |= dict(_points(child(one, "cat") if _has(one, "cat") else child(one, "xVal")))
        values.append(dict(_points(child(one, "val") if _has(one, "val") else child(one, "yVal"))))
    points = sorted({at for column in values for at in column} | set(categories))
    rows = [[categories.get(at, ""), *(column.get(at, "") for column in values)] for at in points]
    building.table([["", *names], *rows], has_head=True)


def _has(element: Element, name: str) -> bool:
    return child(element, name) is not None


def _points(element: Element | None) -> Iterator[tuple[int, str]]:
    """Yield the values that the file keeps of a range in the sheet below the chart."""
    for point in descendants(element, "pt"):
        value = next(children(point, "v"), None)
        at = attribute(point, "idx", "0")
        if value is not None and at.isdigit():
            yield int(at), value.text or ""
