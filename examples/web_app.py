"""Ask a folder of documents from a web page: uvicorn web_app:app, with BIFOLIO_LIBRARY set."""

from html import escape
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse

from bifolio import BifolioError, Library, Settings

app = FastAPI(title="Ask the folder")
library = Library.open(Settings.from_env().library, create=False)

PAGE = """<!doctype html><meta charset="utf-8"><title>Ask the folder</title>
<form><input name="question" size="60" value="{question}" autofocus> <button>Ask</button></form>
<p style="white-space: pre-wrap">{answer}</p><ol>{citations}</ol>"""
CITATION = "<li><q>{quote}</q> {title}, page {page}</li>"


# Not async: the answer is made in a thread, and the server goes on serving.
@app.get("/ask")
def ask(question: str) -> dict[str, Any]:
    """Answer with citations; a question that cannot be answered says why."""
    try:
        answer = library.ask(question)
    except BifolioError as problem:
        raise HTTPException(422, str(problem)) from problem
    cited = [
        {"quote": one.quote, "title": one.document.title, "page": one.pages[0]}
        for one in answer.citations
    ]
    return {"answer": answer.text, "outcome": answer.outcome, "citations": cited}


@app.get("/", response_class=HTMLResponse)
def page(question: str = "") -> str:
    """Show the question and its answer; what documents say is text, never markup."""
    found = ask(question) if question.strip() else {"answer": "", "citations": []}
    cited = [
        {name: escape(str(value)) for name, value in one.items()} for one in found["citations"]
    ]
    citations = "".join(CITATION.format(**one) for one in cited)
    return PAGE.format(
        question=escape(question), answer=escape(found["answer"]), citations=citations
    )
