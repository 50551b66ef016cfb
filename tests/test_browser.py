"""The real thing: `bifolio chat`, a browser, and somebody who types a question."""

from contextlib import ExitStack
from pathlib import Path

from browsing import QUESTION, Reader, needs_chromium
from chatting import chatting
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from bifolio import Library
from bifolio.answers.prompts import NOT_FOUND_EN

SAMPLES = Path(__file__).parent.parent / "sample_docs"
HOSTILE = """\
# Zeppelin <img src=http://evil.test/0.png>

The zeppelin departs at noon ![a](http://evil.test/1.png) <img src="http://evil.test/2.png">
<script>document.title = "owned"</script> <style>@import "http://evil.test/3.css";</style>
[b](javascript:alert(1)) :material/home: http://evil.test/4
"""


pytestmark = needs_chromium


def test_an_answer_opens_to_its_quote_on_its_page(reader: Reader, chat_folder: Path) -> None:
    reader.ask("What is the largest suitcase each passenger may take?")
    reader.press(".bf-source summary")
    reader.await_script("return document.querySelector('.bf-source[open] mark')?.checkVisibility()")
    library = Library.open(chat_folder)
    path = str(SAMPLES / "passenger-guide.pdf")
    guide = library.document(path)
    quote = reader.text(".bf-source[open] mark")
    assert "suitcase" in quote
    start = guide.text.index(quote)
    page = guide.pages_of(start, start + len(quote))[0]
    assert f"passenger-guide.pdf · page {page}" in reader.text(".bf-source[open] .bf-facts")


def test_a_chinese_question_is_answered_after_an_english_one(reader: Reader) -> None:
    reader.ask("Which is the capital of Mongolia?")
    assert NOT_FOUND_EN in reader.text(".bf-note")
    assert not reader.count(".bf-nearest")
    assert not reader.text(".bf-answer, .bf-quote")
    reader.ask("风速超过多少时，靠泊要再加一根缆绳？")
    assert "每秒十五米" in reader.text(".bf-source mark")


def test_a_hostile_upload_is_only_words(reader: Reader, tmp_path: Path) -> None:
    file = tmp_path / "zeppelin.md"
    file.write_text(HOSTILE)
    reader.give(file)
    reader.await_text(".bf-note", "zeppelin.md: added")
    reader.await_many(".bf-documents li", 3)
    reader.ask("When does the zeppelin depart?")
    assert "![a](http://evil.test/1.png)" in reader.text('[data-testid="stChatMessage"]')
    assert not reader.count(".stHtml img, .stHtml script, .stHtml a")
    assert reader.driver.title == "Bifolio"


def test_a_reload_keeps_the_conversation_and_a_click_does_not_end_an_upload(
    reader: Reader, tmp_path: Path
) -> None:
    names = [f"harbour-{number}.md" for number in range(4)]
    for name in names:
        (tmp_path / name).write_text(f"# Harbour\n\nThe harbour of {name} is deep.\n" * 20)
    reader.give(*(tmp_path / name for name in names))
    reader.ask("What is the largest suitcase each passenger may take?")
    reader.driver.refresh()
    reader.await_text('[data-testid="stChatMessage"]', "suitcase of up to 25 kilograms")
    for name in names:
        reader.await_text(".bf-documents", name)


def test_the_page_tells_the_browser_its_language(reader: Reader) -> None:
    reader.driver.find_element(By.XPATH, "//label[contains(., '中文')]").click()
    reader.await_many('html[lang="zh-CN"]', 1)


def test_a_chinese_reader_of_two_libraries_meets_no_english_and_is_told_when_the_chat_is_gone(
    tmp_path: Path,
) -> None:
    Library.open(tmp_path / "guides").add([SAMPLES / "passenger-guide.pdf"])
    Library.open(tmp_path / "duties").add([SAMPLES / "码头值班须知.txt"])
    log = tmp_path / "chat.log"
    with ExitStack() as ends:
        serving = chatting(tmp_path / "guides", also=[tmp_path / "duties"], log=log)
        with serving as address:
            query = "?lang=zh&library=guides&library=duties"
            reader = Reader(f"{address}/{query}", tmp_path / "profile")
            ends.callback(reader.driver.quit)
            known = {"English", "guides", "duties"}
            reader.await_english(known)
            reader.ask("风速超过多少时，靠泊要再加一根缆绳？")
            reader.await_text(".bf-source mark", "每秒十五米")
            assert "duties" in reader.text(".bf-source summary")
            reader.type(".stMultiSelect input", "zz")
            reader.await_text('[data-testid="stMultiSelectDropdown"]', "没有匹配项")
            reader.type(".stMultiSelect input", Keys.BACKSPACE * 2 + Keys.ESCAPE)
            reader.press('[class*="st-key-edit-"] button')
            reader.await_many('[class*="st-key-text-"] textarea', 1)
            reader.await_english(known)
            reader.press(".st-key-view-settings button")
            reader.await_many('[data-testid="stSlider"]', 2)
            reader.await_english(known)
        reader.await_text('[data-testid="stDialog"]', "Bifolio 没有响应")


def test_the_door_speaks_the_readers_language_and_knows_a_browser_again(
    chat_folder: Path, tmp_path: Path
) -> None:
    environment = {"BIFOLIO_PASSWORD": "tide"}
    with chatting(chat_folder, log=tmp_path / "chat.log", environment=environment) as address:
        reader = Reader(f"{address}/?lang=zh", tmp_path / "profile", password="tide")
        try:
            reader.await_many('html[lang="zh-CN"]', 1)
            reader.ask("风速超过多少时，靠泊要再加一根缆绳？")
            reader.driver.refresh()
            reader.await_text(".bf-history", "风速超过多少时")
        finally:
            reader.driver.quit()


def test_the_first_of_many_files_can_be_asked_while_the_others_are_added(tmp_path: Path) -> None:
    files = [tmp_path / f"pier-{number}.md" for number in range(40)]
    for number, file in enumerate(files):
        file.write_text(f"# Pier {number}\n\n" + f"Pier {number} is made of wood.\n" * 20)
    with chatting(tmp_path / "library", log=tmp_path / "chat.log") as address:
        reader = Reader(address, tmp_path / "profile", is_empty=True)
        try:
            reader.give(*files)
            reader.await_script(
                "return document.querySelector(arguments[0]) &&"
                " document.querySelector('.st-key-upload-cancel') &&"
                " / of 40 /.test(document.querySelector('.bf-status').textContent);",
                f"{QUESTION}:enabled",
            )
            reader.press(".st-key-upload-cancel button")
            reader.await_many(".st-key-upload-forget", 1)
            assert "files were cancelled and not added" in reader.text(".bf-note")
        finally:
            reader.driver.quit()
