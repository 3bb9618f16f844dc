"""Evicode's core: notes -> text -> model -> suggestions, with evidence on the original text."""
