"""Office packages (OOXML): parts and the links between them."""

from bifolio.ingest.archive import Archive, resolve
from bifolio.ingest.markup import Element, attribute, children, descendants, parse_xml, part
from bifolio.ingest.message import message
from bifolio.ingest.parsed import Unreadable

Links = dict[str, tuple[str, str]]  # id -> (kind, part)

# What programs put there unasked.
_NO_TITLES = ("powerpoint presentation", "powerpoint 演示文稿", "untitled", "word document")


class Package:
    """The XML parts of a docx, pptx or xlsx file, by name.

    Namespaces are passed over: those of "strict" files differ from those of all others.
    """

    def __init__(self, data: bytes) -> None:
        self.archive = Archive(data)

    def part(self, name: str) -> Element | None:
        """Give the root of a part; None if there is none of that name."""
        data = self.archive.read(name)
        return parse_xml(data, what=part(name)) if data else None

    def main_part(self) -> tuple[str, Element]:
        """Give the name and the root of the part that the package opens with."""
        for kind, name in self.links("").values():
            root = self.part(name) if kind == "officeDocument" else None
            if root is not None:
                return name, root
        sentence = "its main part is missing; open and save it anew"
        raise Unreadable(message("no-main-part", sentence))

    def links(self, part: str) -> Links:
        """Give the parts that a part links to, by id; what lies outside the file is left out."""
        folder, _, file = part.rpartition("/")
        root = self.part(f"{folder}/_rels/{file}.rels".lstrip("/"))
        found: Links = {}
        for link in children(root, "Relationship"):
            target = attribute(link, "Target")
            if attribute(link, "TargetMode") == "External":
                continue
            name = resolve(target, base="" if target.startswith("/") else part)
            kind = attribute(link, "Type").rpartition("/")[2]
            found[attribute(link, "Id")] = (kind, name)
        return found

    def linked(self, part: str, kind: str) -> list[tuple[str, Element]]:
        """Give the names and roots of the parts of a kind that a part links to."""
        names = [name for found, name in self.links(part).values() if found == kind]
        roots = ((name, self.part(name)) for name in names)
        return [(name, root) for name, root in roots if root is not None]

    def title(self) -> str:
        """Give the title in the properties of the document."""
        for _, root in self.linked("", "core-properties"):
            for title in descendants(root, "title"):
                return "" if (title.text or "").lower() in _NO_TITLES else title.text or ""
        return ""
