"""Who may come in, and how those who guess are slowed down."""

from pathlib import Path

import pytest

from bifolio.cli import chat
from bifolio.cli.commands import main
from bifolio.entrance import Door, LoginUnavailable, is_loopback, password_from
from bifolio.settings import BadSetting, Settings


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_this_machine_is_told_from_others(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "::", "192.168.1.4", "a.example", "127"])
def test_what_others_reach_is_not_this_machine(address: str | None) -> None:
    assert not is_loopback(address)


def test_a_password_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from file \n")
    assert password_from({}) is None
    assert password_from({"BIFOLIO_PASSWORD": "said", "BIFOLIO_PASSWORD_FILE": "x"}) == "said"
    assert password_from({"BIFOLIO_PASSWORD_FILE": str(file)}) == "from file "
    file.write_text("\n")
    with pytest.raises(BadSetting, match="is empty"):
        password_from({"BIFOLIO_PASSWORD_FILE": str(file)})
    with pytest.raises(BadSetting, match="cannot be read"):
        password_from({"BIFOLIO_PASSWORD_FILE": str(tmp_path / "gone")})


def test_the_door_opens_to_the_password_alone() -> None:
    door = Door("tide")
    for wrong in ("", "tid", "tide ", "TIDE", "\ud800"):
        assert not Door("tide").enter(wrong, "a")
    token = door.enter("tide", "a")
    assert door.knows(token)
    assert not door.knows("")
    assert not door.knows("tide")
    assert not Door("tide").knows(token)


def test_wrong_tries_are_slowed_down_and_more_each_time() -> None:
    clock = Clock()
    door = Door("tide", clock=clock)
    for _ in range(3):
        assert door.wait("a") == 0
        assert not door.enter("wrong", "a")
    assert door.wait("a") == pytest.approx(1.0)
    assert not door.enter("tide", "a")
    assert door.wait("b") == 0
    clock.now += 1.0
    assert not door.enter("wrong", "a")
    assert door.wait("a") == pytest.approx(2.0)
    clock.now += 100
    assert door.enter("tide", "a")
    assert door.wait("a") == 0


def test_many_addresses_gain_nothing() -> None:
    clock = Clock()
    door = Door("tide", clock=clock)
    tried = sum(door.wait(str(n)) == 0 and door.enter("wrong", str(n)) == "" for n in range(200))
    assert tried == 30


def test_the_chat_does_not_open_to_others_without_a_password(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code = main(["--library", str(tmp_path / "new"), "chat", "--address", "0.0.0.0"])
    assert code == 1
    told = capsys.readouterr().err
    assert "0.0.0.0 can be reached from other machines: set BIFOLIO_PASSWORD" in told
    assert told.count("\n") == 1


def test_a_login_without_its_package_is_told_before_anything_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit/secrets.toml").write_text("[auth]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bifolio.entrance.find_spec", lambda _: None)
    with pytest.raises(LoginUnavailable, match=r"pip install 'bifolio\[login\]'"):
        chat.serve(Settings(), port=1)
