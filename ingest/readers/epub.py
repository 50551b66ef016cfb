"""EPUB books: the chapters in reading order, each a page, or the pages as they are printed."""

from collections.abc import Iterator

from lxml import etree

from bifolio.ingest.archive import Archive, resolve
from bifolio.ingest.building import Building, one_line
from bifolio.ingest.markup import (
    Element,
    attribute,
    child,
    children,
    descendants,
    local,
    parse_html,
    parse_xml,
    printed_page,
    roles,
)
from bifolio.ingest.message import message
from bifolio.ingest.parsed import Parsed, Unreadable
from bifolio.ingest.readers.html import HtmlWriter, decode_page, shown_text

_CONTENTS = message("table-of-contents", "table of contents")
_CONTAINER = message("container", "container")
_ENCRYPTED = message("encryption-list", "encryption list")
_PAGE_LISTS = frozenset(("page-list", "doc-pagelist"))
_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def parse_epub(data: bytes) -> Parsed:
    """Read the chapters that the book's spine lists; a chapter that is missing is told.

    Raises:
        Unreadable: it is no book, or protected against copying.
    """
    archive = Archive(data)
    _refuse_protected(archive)
    base = _package_path(archive)
    package = parse_xml(archive.read(base), what=_CONTENTS)
    building = Building()
    labels = _page_list(archive, package, base)
    for href in _spine(package):
        name = resolve(href, base=base)
        root = _chapter(archive, name)
        if root is None:
            sentence, chapter = "its chapter {name} is missing or empty", one_line(href)[:80]
            building.notes.append(message("no-chapter", sentence, name=chapter))
            continue
        _mark_pages(root, {at: label for (file, at), label in labels.items() if file == name})
        pictured = next(descendants(root, "img", "image"), None) is not None
        if not _begins_page(root):
            building.page(_label(root), reading="text" if pictured else "blank")
        HtmlWriter(building).write(root)
    title = next(descendants(package, "title"), None)
    return building.parsed(title="" if title is None else shown_text(title))


def _package_path(archive: Archive) -> str:
    container = archive.read("META-INF/container.xml")
    if container:
        for rootfile in descendants(parse_xml(container, what=_CONTAINER), "rootfile"):
            path = resolve(attribute(rootfile, "full-path"), base="")
            if path in archive.names:
                return path
    sentence = "its table of contents is missing; open and save it anew"
    raise Unreadable(message("no-contents", sentence))


def _spine(package: Element) -> list[str]:
    """Give the links to the chapters in reading order."""
    manifest = {
        attribute(item, "id"): attribute(item, "href")
        for item in children(child(package, "manifest"), "item")
    }
    links = [manifest.get(attribute(entry, "idref"), "") for entry in _entries(package)]
    return list(dict.fromkeys(link for link in links if link))


def _entries(package: Element) -> list[Element]:
    return list(children(child(package, "spine"), "itemref"))


def _chapter(archive: Archive, name: str) -> Element | None:
    data = archive.read(name)
    if not data:
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_pis=True
    )
    try:
        # By the rules of XML first: HTML takes <title/> for one that never ends.
        root = etree.fromstring(data, parser)
        if next(root.iter(etree.Entity), None) is None:
            return root
    except etree.XMLSyntaxError:
        pass
    return parse_html(decode_page(data)[0])[0]


def _page_list(archive: Archive, package: Element, base: str) -> dict[tuple[str, str], str]:
    """Give the numbers of the printed pages by the file and the place where each begins."""
    labels: dict[tuple[str, str], str] = {}
    for item in children(child(package, "manifest"), "item"):
        is_list = "nav" in attribute(item, "properties").split()
        if not is_list and attribute(item, "media-type") != "application/x-dtbncx+xml":
            continue
        name = resolve(attribute(item, "href"), base=base)
        for href, label in _page_links(_chapter(archive, name)):
            file, _, at = href.partition("#")
            labels.setdefault((resolve(file, base=name), at), label)
    return labels


def _page_links(root: Element | None) -> Iterator[tuple[str, str]]:
    for nav in descendants(root, "nav"):
        if roles(nav) & _PAGE_LISTS:
            yield from (
                (attribute(link, "href"), shown_text(link)) for link in descendants(nav, "a")
            )
    # As books had it before.
    for target in descendants(root, "pageTarget"):
        content, label = child(target, "content"), child(target, "navLabel")
        if content is not None and label is not None:
            yield attribute(content, "src"), shown_text(label)


def _mark_pages(root: Element, labels: dict[str, str]) -> None:
    """Put the beginnings of pages that only the list of pages names into a chapter."""
    for element in list(root.iter("*")) if labels else ():
        label = labels.get(element.get("id") or "\0")
        if not label:
            continue
        told = {"role": "doc-pagebreak", "aria-label": label}
        if printed_page(element) is None and element.getparent() is not None:
            element.addprevious(element.makeelement("span", told))
        elif not printed_page(element):
            element.attrib.update(told)


def _begins_page(root: Element) -> bool:
    """Tell whether a chapter begins with a new printed page."""
    body = next(descendants(root, "body"), root)
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "start" and local(element) and printed_page(element) is not None:
            return True
        if ((element.text if event == "start" else element.tail) or "").strip():
            return False
    return False


def _label(root: Element) -> str:
    heading = next(descendants(root, "h1", "h2", "h3"), None)
    title = next(descendants(root, "title"), None)
    found = heading if heading is not None else title
    return "" if found is None else shown_text(found)


def _refuse_protected(archive: Archive) -> None:
    """Refuse a book of which more is encrypted than the fonts."""
    encryption = archive.read("META-INF/encryption.xml")
    if not encryption:
        return
    for method in descendants(parse_xml(encryption, what=_ENCRYPTED), "EncryptionMethod"):
        if attribute(method, "Algorithm") not in _FONTS:
            sentence = "it is protected against copying; use a copy without protection"
            raise Unreadable(message("copy-protected", sentence))
