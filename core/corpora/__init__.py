"""Corpora: folders of coded notes in their official layouts -> notes, label spaces, targets."""

from core.corpora.corpus import CORPORA, Corpus, holdout, labels_of, load, splits, translations
from core.corpora.labels import Category, Labelled, label_spaces, targets
from core.corpora.unlabelled import unlabelled

__all__ = [
    "CORPORA",
    "Category",
    "Corpus",
    "Labelled",
    "holdout",
    "label_spaces",
    "labels_of",
    "load",
    "splits",
    "targets",
    "translations",
    "unlabelled",
]
