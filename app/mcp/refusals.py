"""What an agent is told when a call fails: one sentence, with what it can do itself."""

from collections.abc import Mapping

from pydantic import ValidationError

from bifolio.ingest import BifolioError
from bifolio.naming import without_places

# Sentences that name the command line's options elsewhere, over the same facts.
_FOR_AGENTS: Mapping[str, str] = {
    "unknown-document": "there is no document {path}; the tool documents lists them",
    "ambiguous-name": "{count} documents are called {path}; give the path, as documents lists it",
    "no-regular-expression": (
        "{pattern} is no regular expression ({problem}); mend it, or leave regex out"
    ),
    "slow-pattern": "{pattern} took over {seconds:g} s and was stopped; make it simpler",
}


def refused(problem: BifolioError) -> str:
    """Say what is wrong, as an agent can mend it."""
    told = without_places(problem.message)
    return told.said(_FOR_AGENTS[told.code]) if told.code in _FOR_AGENTS else str(told)


def bad_arguments(tool: str, problem: ValidationError) -> str:
    """Say which arguments are wrong, and why."""
    wrong = [
        f"{'.'.join(map(str, one['loc'])) or 'arguments'}: {one['msg']}"
        for one in problem.errors(include_url=False, include_context=False, include_input=False)
    ]
    return f"{tool} was called wrongly: {'; '.join(wrong)}"


def unknown_arguments(tool: str, unknown: list[str], known: list[str]) -> str:
    """Say which arguments are none."""
    return f"{tool} has no {', '.join(unknown)}; it takes {', '.join(known)}"
