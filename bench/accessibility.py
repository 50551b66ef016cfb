"""What axe-core finds in the web chat: wide and narrow, light and dark, in both languages.

    npm pack axe-core && tar xzf axe-core-*.tgz
    python bench/accessibility.py package/axe.min.js [--shots FOLDER] [--only zh] [--kinds door]

Other options are the chat's. Looks at a full library, at an empty one, at two together and at the
door that wants a password. Needs Debian's chromium and chromium-driver. Prints each finding that is
serious or critical, and how many states were looked at; with ``--shots`` it keeps pictures.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import product
from pathlib import Path

from samples import ROOT
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from bifolio import Library

sys.path.insert(0, str(ROOT / "tests"))
from chatting import chatting

PATIENCE = 120
PASSWORD = "tide"
WIDTHS = {"wide": (1280, 1000), "narrow": (390, 844)}
QUESTIONS = {
    "en": ("What is the largest suitcase each passenger may take?", "Who was Genghis Khan?"),
    "zh": ("风速超过多少时，靠泊要再加一根缆绳？", "成吉思汗是谁？"),
}
QUESTION = '[data-testid="stChatInput"] textarea:enabled'
EXPAND = '[data-testid="stExpandSidebarButton"]'
COLLAPSE = '[data-testid="stSidebarCollapseButton"] button'
RUN = "axe.run(document, {resultTypes: ['violations']}).then(arguments[0])"

States = Callable[["Page"], Iterator[str]]


class Page:
    """The chat in a browser of one size, scheme and language."""

    def __init__(self, address: str, width: str, scheme: str, language: str) -> None:
        options = ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
            options.add_argument(f"--{flag}")
        self.driver = Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        across, down = WIDTHS[width]
        size = {"width": across, "height": down, "deviceScaleFactor": 1, "mobile": across < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        wanted = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [wanted]})
        self.address, self.language = address, language

    def go(self, view: str = "chat") -> None:
        """Open a view of the page anew."""
        self.driver.get(f"{self.address}/?lang={self.language}&view={view}")

    def wait(self, selector: str, count: int = 1) -> None:
        """Wait until so many of them are there, and then a moment for what moves."""
        WebDriverWait(self.driver, PATIENCE, 0.2).until(
            lambda driver: len(driver.find_elements(By.CSS_SELECTOR, selector)) >= count, selector
        )
        time.sleep(1)

    def press(self, selector: str) -> None:
        """Press the first of them, wherever it is."""
        self.wait(selector)
        found = self.driver.find_element(By.CSS_SELECTOR, selector)
        self.driver.execute_script("arguments[0].click()", found)

    def ask(self, question: str, count: int) -> None:
        """Put a question, and wait for so many answers in all."""
        self.wait(QUESTION)
        self.driver.find_element(By.CSS_SELECTOR, QUESTION).send_keys(question + Keys.ENTER)
        self.wait(".bf-trace", count)

    def upload(self, name: str, text: str) -> None:
        """Give the page a file."""
        self.wait('input[type="file"]')
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, name)
            file.write_text(text)
            field = self.driver.find_element(By.CSS_SELECTOR, 'input[type="file"]')
            field.send_keys(str(file))
            time.sleep(2)


def door_states(page: Page) -> Iterator[str]:
    """Come to the door, try a wrong password, and come in."""
    page.go()
    page.wait('input[type="password"]')
    yield "door"
    field = 'input[type="password"]'
    page.driver.find_element(By.CSS_SELECTOR, field).send_keys("ebb" + Keys.ENTER)
    page.wait(".bf-error")
    yield "door, refused"
    for wrong in range(4):
        # After some tries the door asks to wait.
        page.driver.find_element(By.CSS_SELECTOR, field).send_keys(f"{wrong}" + Keys.ENTER)
        time.sleep(1)
    yield "door, wait"


def empty_states(page: Page) -> Iterator[str]:
    """See a library with nothing in it; it stays so."""
    page.go()
    page.wait(".st-key-samples button")
    page.press('[data-testid="stExpander"] summary')
    yield "empty"
    page.go("documents")
    page.wait(".st-key-samples button")
    yield "empty documents"


def several_states(page: Page) -> Iterator[str]:
    """Ask two libraries together, and look at the documents of each."""
    page.go()
    page.wait(QUESTION)
    _open_sidebar(page)
    field = page.driver.find_element(By.CSS_SELECTOR, ".stMultiSelect input")
    field.send_keys("duties")
    page.wait('[data-testid="stMultiSelectDropdown"]')
    yield "choice of libraries"
    field.send_keys(Keys.ENTER + Keys.ESCAPE)
    page.wait(".bf-documents", 2)
    page.driver.execute_script("document.activeElement.blur()")
    yield "two libraries"
    page.press(COLLAPSE)
    page.ask(QUESTIONS[page.language][0], 1)
    yield "answer of two libraries"
    _open_sidebar(page)
    page.press(".st-key-view-documents button")
    page.wait('[data-testid="stRadio"]', 2)
    yield "documents of two libraries"


def _open_sidebar(page: Page) -> None:
    """Have the sidebar open, as it is on a wide page."""
    if page.driver.find_elements(By.CSS_SELECTOR, EXPAND):
        page.press(EXPAND)
        time.sleep(1)


def states(page: Page) -> Iterator[str]:
    """Bring the page of one full library into one state after the other, and name each."""
    answerable, other = QUESTIONS[page.language]
    page.go()
    page.wait(QUESTION)
    yield "welcome"
    page.ask(answerable, 1)
    page.driver.execute_script(
        "document.querySelectorAll('.stHtml details').forEach((one) => (one.open = true))"
    )
    yield "answer, opened"
    page.press(".bf-mark")
    page.wait(".st-key-beside .bf-here")
    yield "page beside"
    page.press(".st-key-beside-close button")
    page.ask(other, 2)
    yield "no answer"
    page.press('[data-testid="stFeedback"] button, [class*="st-key-thumb-"] button')
    page.wait('[class*="st-key-note-"] input')
    page.press(".st-key-conversation-menu button")
    page.press(".st-key-delete-asks button")
    page.wait(".st-key-delete-not")
    yield "note and menu"
    page.go("documents")
    page.press('[data-testid="stExpander"] summary')
    yield "documents"
    page.press(".bf-library button")
    page.press(".st-key-remove-menu button")
    page.wait(".st-key-remove")
    yield "document and menu"
    page.go("documents")
    page.upload("berth.md", f"# Berth\n\nA berth for {time.time()}.\n")
    page.wait(".st-key-upload-forget")
    page.upload("berth.md", f"# Berth\n\nA berth for {time.time()}.\n")
    page.wait(".st-key-upload-keep")
    yield "new edition"
    page.press(".st-key-upload-leave button")
    page.go("settings")
    page.press(".st-key-own input")
    page.wait('[data-testid="stSlider"]', 3)
    yield "settings"
    _open_sidebar(page)
    yield "sidebar"


def findings(page: Page, axe: str) -> Iterator[str]:
    """Say what axe-core finds in the state that the page is in."""
    # What is about to be drawn anew is faded for a moment.
    WebDriverWait(page.driver, PATIENCE, 0.2).until(
        lambda driver: not driver.find_elements(By.CSS_SELECTOR, '[data-stale="true"]')
    )
    time.sleep(1)
    page.driver.execute_script(axe)
    for found in page.driver.execute_async_script(RUN)["violations"]:
        if found["impact"] in ("serious", "critical"):
            node = found["nodes"][0]["html"][:150]
            yield f"{found['impact']}: {found['id']}: {len(found['nodes'])} times, first {node}"


def look(page: Page, name: str, states: States, axe: str, shots: Path | None) -> tuple[int, int]:
    """Bring a page into every state, print what is found, and count states and findings."""
    looked = count = 0
    for state in states(page):
        for found in findings(page, axe):
            print(f"{name}, {state}: {found}", flush=True)
            count += 1
        looked += 1
        if shots:
            shots.mkdir(exist_ok=True)
            file = f"{name} {state}".replace(",", "").replace(" ", "-")
            page.driver.save_screenshot(shots / f"{file}.png")
    page.driver.quit()
    return looked, count


def main() -> None:
    """Look at every state in every combination."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("axe", type=Path, help="axe.min.js of the npm package axe-core")
    parser.add_argument("--shots", type=Path, help="a folder for a picture of each state")
    parser.add_argument("--only", default="", help="a word of the combinations wanted, as zh")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    given, options = parser.parse_known_args()
    axe, looked, count = given.axe.read_text(encoding="utf-8"), 0, 0
    for kind in given.kinds:
        with (
            tempfile.TemporaryDirectory() as folder,
            served(kind, Path(folder), options) as address,
        ):
            for combination in product(WIDTHS, ("light", "dark"), QUESTIONS):
                name = " ".join(combination)
                if given.only in name:
                    page = Page(address, *combination)
                    more = look(page, name, KINDS[kind], axe, given.shots)
                    looked, count = looked + more[0], count + more[1]
    print(f"{looked} states, {count} serious or critical findings")


def served(kind: str, folder: Path, options: list[str]) -> AbstractContextManager[str]:
    """Serve a library of a kind: with a password, empty, full, or beside a second one."""
    library, second, log = folder / "library", folder / "duties", folder / "chat.log"
    if kind in ("full", "several"):
        Library.open(library).add([ROOT / "sample_docs"])
    if kind == "several":
        Library.open(second).add([ROOT / "sample_docs" / "码头值班须知.txt"])
    return chatting(
        library,
        *options,
        log=log,
        also=[second] if kind == "several" else [],
        environment={"BIFOLIO_PASSWORD": PASSWORD} if kind == "door" else {},
    )


KINDS: dict[str, States] = {
    "full": states,
    "door": door_states,
    "empty": empty_states,
    "several": several_states,
}


if __name__ == "__main__":
    main()
