"""The one table of formats: by what a file is known, who reads it, and with how much time."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import PurePath

from bifolio.ingest.message import Message, message

READERS = "bifolio.ingest.readers"
OFFICE = "bifolio.ingest.office"


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that is read.

    ``parser`` is "module:function" and imported in the child process only; ``version`` goes up
    whenever it reads the same file otherwise. ``magic`` are the first bytes of such files, where
    they have any. ``again`` is a second reader, for a file that crashes the first. ``needs`` is a
    module without which it is not read, and ``pip install 'bifolio[extra]'`` installs it.
    """

    name: str
    called: str
    suffixes: tuple[str, ...]
    parser: str
    version: int = 1
    magic: tuple[bytes, ...] = ()
    again: str = ""
    seconds: float = 60
    memory_mb: int = 2048
    needs: str = ""
    extra: str = ""

    @property
    def parser_version(self) -> str:
        """Name the reader and its version, as a library stores it: ``pdf/2``."""
        return f"{self.name}/{self.version}"

    @property
    def kind(self) -> Message:
        """What it is called, as a message tells it."""
        return Message(f"format-{self.name}", self.called)


_HAS_OCR = find_spec("rapidocr") is not None

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
RTF = b"{\\rtf"

FORMATS = (
    Format(
        name="pdf",
        called="PDF",
        suffixes=(".pdf",),
        parser="bifolio.ingest.pdf.parse:parse_pdf",
        again="bifolio.ingest.pdf.parse:parse_pdf_again",
        version=14,
        magic=(b"%PDF-",),
        # Scans take seconds a page.
        seconds=600 if _HAS_OCR else 120,
        memory_mb=4096 if _HAS_OCR else 2048,
    ),
    Format(
        name="text",
        called="text file",
        suffixes=(".txt", ".text", ".yaml", ".yml", ".toml", ".ini"),
        version=8,
        parser="bifolio.ingest.plain:parse_text",
        seconds=120,
    ),
    Format(
        name="markdown",
        called="Markdown file",
        suffixes=(".md", ".markdown"),
        version=6,
        parser="bifolio.ingest.plain:parse_markdown",
        seconds=120,
    ),
    Format(
        name="rst",
        called="reStructuredText file",
        suffixes=(".rst",),
        version=5,
        parser=f"{READERS}.rst:parse_rst",
    ),
    Format(
        name="org",
        called="Org file",
        suffixes=(".org",),
        version=3,
        parser=f"{READERS}.outlined:parse_org",
    ),
    Format(
        name="asciidoc",
        called="AsciiDoc file",
        suffixes=(".adoc", ".asciidoc"),
        version=4,
        parser=f"{READERS}.outlined:parse_asciidoc",
    ),
    Format(
        name="latex",
        called="LaTeX file",
        suffixes=(".tex",),
        version=4,
        parser=f"{READERS}.outlined:parse_latex",
    ),
    Format(
        name="subtitles",
        called="file of subtitles",
        suffixes=(".srt", ".vtt"),
        version=2,
        parser=f"{READERS}.subtitles:parse_subtitles",
    ),
    Format(
        name="xml",
        called="XML file",
        suffixes=(".xml",),
        version=4,
        parser=f"{READERS}.xml:parse_any_xml",
    ),
    Format(
        name="html",
        called="web page",
        suffixes=(".html", ".htm", ".xhtml"),
        version=10,
        parser=f"{READERS}.html:parse_html_page",
    ),
    Format(
        name="epub",
        called="EPUB book",
        suffixes=(".epub",),
        version=9,
        parser=f"{READERS}.epub:parse_epub",
        magic=(ZIP,),
        seconds=120,
    ),
    Format(
        name="docx",
        called="Word document",
        suffixes=(".docx", ".docm", ".dotx"),
        version=7,
        parser=f"{OFFICE}.docx:parse_docx",
        magic=(ZIP,),
    ),
    Format(
        name="pptx",
        called="PowerPoint presentation",
        suffixes=(".pptx", ".pptm", ".ppsx"),
        version=5,
        parser=f"{OFFICE}.pptx:parse_pptx",
        magic=(ZIP,),
    ),
    Format(
        name="xlsx",
        called="Excel workbook",
        suffixes=(".xlsx", ".xlsm"),
        version=6,
        parser=f"{OFFICE}.sheets:parse_xlsx",
        magic=(ZIP,),
        seconds=120,
    ),
    Format(
        name="xlsb",
        called="binary Excel workbook",
        suffixes=(".xlsb",),
        version=6,
        parser=f"{OFFICE}.sheets:parse_sheets",
        magic=(ZIP,),
        seconds=120,
    ),
    Format(
        name="xls",
        called="old Excel workbook",
        suffixes=(".xls",),
        version=6,
        parser=f"{OFFICE}.sheets:parse_sheets",
        magic=(OLE,),
        seconds=120,
    ),
    Format(
        name="ods",
        called="OpenDocument spreadsheet",
        suffixes=(".ods",),
        version=7,
        parser=f"{OFFICE}.odf:parse_ods",
        magic=(ZIP,),
        seconds=120,
    ),
    Format(
        name="odt",
        called="OpenDocument text",
        suffixes=(".odt",),
        version=8,
        parser=f"{OFFICE}.odf:parse_odt",
        magic=(ZIP,),
    ),
    Format(
        name="odp",
        called="OpenDocument presentation",
        suffixes=(".odp",),
        version=8,
        parser=f"{OFFICE}.odf:parse_odp",
        magic=(ZIP,),
    ),
    Format(
        name="rtf",
        called="RTF document",
        suffixes=(".rtf",),
        version=6,
        parser=f"{READERS}.rtf:parse_rtf",
        magic=(RTF,),
    ),
    Format(
        name="csv",
        called="table of values",
        suffixes=(".csv", ".tsv"),
        version=7,
        parser=f"{READERS}.delimited:parse_delimited",
    ),
    Format(
        name="json",
        called="JSON file",
        suffixes=(".json",),
        version=2,
        parser=f"{READERS}.records:parse_json",
    ),
    Format(
        name="jsonl",
        called="file of JSON lines",
        suffixes=(".jsonl", ".ndjson"),
        version=2,
        parser=f"{READERS}.records:parse_json_lines",
    ),
    Format(
        name="ipynb",
        called="Jupyter notebook",
        suffixes=(".ipynb",),
        version=3,
        parser=f"{READERS}.notebook:parse_notebook",
    ),
    Format(
        name="eml",
        called="mail",
        suffixes=(".eml", ".mht", ".mhtml"),
        version=9,
        parser=f"{READERS}.mail:parse_eml",
        again=f"{READERS}.mail:parse_eml_alone",
        seconds=120,
    ),
    Format(
        name="msg",
        called="Outlook mail",
        suffixes=(".msg",),
        version=7,
        parser=f"{READERS}.outlook:parse_msg",
        again=f"{READERS}.outlook:parse_msg_alone",
        seconds=120,
        magic=(OLE,),
    ),
    Format(
        name="picture",
        called="picture",
        suffixes=(".png", ".jpg", ".jpeg", ".tif", ".tiff"),
        version=2,
        parser=f"{READERS}.pictures:parse_picture",
        magic=(b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*"),
        seconds=300,
        memory_mb=4096,
        needs="rapidocr",
        extra="ocr",
    ),
)

BY_NAME = {entry.name: entry for entry in FORMATS}
BY_SUFFIX = {suffix: entry for entry in FORMATS for suffix in entry.suffixes}
# What is looked for in folders; kinds for which something is not installed are told on demand.
SUFFIXES = frozenset(
    suffix for suffix, entry in BY_SUFFIX.items() if not entry.needs or find_spec(entry.needs)
)
# What a child may take to read a file of any of these kinds.
MOST_MEMORY_MB = max(BY_SUFFIX[suffix].memory_mb for suffix in SUFFIXES)
OTHER_KIND = message(
    "other-kind",
    "not a kind of file that can be read; known are {suffixes}",
    suffixes=", ".join(sorted(SUFFIXES)),
)


def _old_office(program: str, suffix: str) -> Message:
    sentence = (
        "old {program} files cannot be read; save it as {suffix} with their program or LibreOffice"
    )
    return message("old-office", sentence, program=program, suffix=suffix)


# What to do with files of other kinds, by suffix.
_REMEDIES = {
    (".doc", ".dot"): _old_office("Word", ".docx"),
    (".ppt", ".pps"): _old_office("PowerPoint", ".pptx"),
    (".wps",): message(
        "wps-document", "WPS documents cannot be read; save it as .docx in WPS Office"
    ),
    (".et",): message("wps-sheet", "WPS sheets cannot be read; save it as .xlsx in WPS Office"),
    (".dps",): message("wps-slides", "WPS slides cannot be read; save it as .pptx in WPS Office"),
    (".pages",): message(
        "apple-pages", "Pages documents cannot be read; export it as .docx or PDF"
    ),
    (".numbers",): message("apple-numbers", "Numbers sheets cannot be read; export it as .xlsx"),
    (".key",): message("apple-keynote", "Keynote slides cannot be read; export it as .pptx or PDF"),
    (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz"): message(
        "packed", "archives are not opened; unpack it and give the folder"
    ),
    (".mp3", ".wav", ".m4a", ".flac", ".ogg", ".mp4", ".mov", ".mkv", ".avi", ".webm"): message(
        "sound-or-film", "sound and film cannot be read; have it written down, as .txt"
    ),
    (".gif", ".webp", ".bmp", ".heic", ".svg"): message(
        "other-picture", "this kind of picture cannot be read; save it as .png or PDF"
    ),
    (".mobi", ".azw", ".azw3"): message(
        "kindle", "Kindle books cannot be read; convert it to .epub with Calibre"
    ),
    (".xps", ".oxps", ".djvu", ".caj", ".ofd", ".vsd", ".vsdx", ".one", ".odg", ".pub"): message(
        "to-be-printed", "this kind cannot be read; print or export it as PDF"
    ),
    (".mbox", ".pst", ".ost"): message(
        "mailbox", "whole mailboxes cannot be read; export the mails as .eml"
    ),
    # Logs are large, and seldom meant to answer questions.
    (".log", ".conf", ".cfg"): message(
        "perhaps-text", "this kind is not read on its own; if it is plain text, copy it to .txt"
    ),
    (".chm", ".hlp"): message(
        "old-help", "old help files cannot be read; unpack it to .html, as 7-Zip does"
    ),
    (".enex",): message("evernote", "Evernote's files cannot be read; export the notes as .html"),
    (".exe", ".dll", ".bin", ".iso", ".dmg"): message(
        "program-file", "programs hold no text to read; leave it out"
    ),
}
_BY_OTHER_SUFFIX = {suffix: remedy for suffixes, remedy in _REMEDIES.items() for suffix in suffixes}


def reads_otherwise(parser: str) -> bool:
    """Tell whether the reader that ``parser`` names has a newer version now."""
    name, _, version = parser.partition("/")
    entry = BY_NAME.get(name)
    return entry is not None and version.isdigit() and int(version) < entry.version


def tried_by(path: str) -> str:
    """Name what reads a file of that name: another name means that trying again may help."""
    entry = BY_SUFFIX.get(PurePath(path).suffix.lower(), BY_NAME["text"])
    return f"{entry.parser_version}{'+ocr' if _HAS_OCR else ''}"


def other_kind(suffix: str) -> Message:
    """Say why a file of that suffix cannot be read and what to do with it."""
    entry = BY_SUFFIX.get(suffix.lower())
    if entry is not None and suffix.lower() not in SUFFIXES:
        sentence = "to read a {kind} install more: pip install 'bifolio[{extra}]'"
        return message("to-be-installed", sentence, kind=entry.kind, extra=entry.extra)
    return _BY_OTHER_SUFFIX.get(suffix.lower(), OTHER_KIND)
