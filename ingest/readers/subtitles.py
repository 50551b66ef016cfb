"""Subtitles, .srt and .vtt: what is said, without numbers and times."""

import re
from collections.abc import Iterator
from html import unescape

from bifolio.ingest.decode import decode
from bifolio.ingest.parsed import Parsed, clean
from bifolio.ingest.reasons import NO_TEXT

_TIMES = re.compile(r"[\d:.,]+[ \t]*-->[ \t]*[\d:.,]+.*")
_MARKS = re.compile(r"</?[a-zA-Z][^<>\n]*>|<[\d:.]+>|\{\\[^{}\n]*\}")
# Who says it, as transcripts of meetings have it.
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]+([^<>\n]+)>")
# Blocks of .vtt that are not said.
_OTHER = ("WEBVTT", "NOTE", "STYLE", "REGION")


def parse_subtitles(data: bytes) -> Parsed:
    """Read what is said as one text: sentences run on from one title to the next.

    Lines that a title repeats from the one before, as rolling captions do, are given once. What
    another voice says is a paragraph that begins with its name.
    """
    text, notes = decode(data)
    joined = last = voice = ""
    for speaker, line in _lines(clean(text)):
        if line == last:
            continue
        last = line
        if speaker and speaker != voice:
            voice, line = speaker, f"\n{speaker}: {line}"
        joined += f"\n{line}"
    joined = joined.lstrip("\n")
    return Parsed("", joined, [(1, 0, len(joined))], [], notes=notes, why_empty=NO_TEXT)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield what is said line by line, each with who says it where that is told."""
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.strip().split("\n")
        times = next((place for place, line in enumerate(lines) if _TIMES.fullmatch(line)), None)
        if times is None and lines[0].startswith(_OTHER):
            continue
        # Before the times stands a number, or a name of the title.
        for line in lines[0 if times is None else times + 1 :]:
            voice = _VOICE.search(line)
            if shown := _shown(line):
                yield _shown(voice[1]) if voice else "", shown


def _shown(line: str) -> str:
    return " ".join(unescape(_MARKS.sub("", line)).split())
