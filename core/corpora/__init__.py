"""Corpora: folders of coded notes in their official layouts -> notes, label spaces, targets."""

from core.corpora.corpus import CORPORA, Corpus, holdout, labels_of, load, splits, translations
from core.corpora.feedback import Lesson, held_out, read_feedback
from core.corpora.labels import Category, Labelled, label_spaces, targets
from core.corpora.unlabelled import unlabelled

__all__ = [
    "CORPORA",
    "Category",
    "Corpus",
    "Labelled",
    "Lesson",
    "held_out",
    "holdout",
    "label_spaces",
    "labels_of",
    "load",
    "read_feedback",
    "splits",
    "targets",
    "translations",
    "unlabelled",
]
