"""The public face is a list of names, sorted, and each of them is there."""

import bifolio
from bifolio import evaluation, ingest, retrieval


def test_every_exported_name_is_there_and_the_lists_are_sorted() -> None:
    for module in (bifolio, evaluation, ingest, retrieval):
        names = module.__all__
        assert len(set(names)) == len(names)
        assert names == sorted(names, key=lambda name: (not name.isupper(), name.islower(), name))
        assert all(getattr(module, name) is not None for name in names)


def test_every_error_of_the_face_is_drawn_in_its_tree() -> None:
    errors = {
        name
        for name in bifolio.__all__
        if isinstance(getattr(bifolio, name), type)
        and issubclass(getattr(bifolio, name), bifolio.BifolioError)
    }
    assert bifolio.__doc__ is not None
    assert {name for name in errors if name not in bifolio.__doc__} == set()
