"""Knowledge about codes: texts on them, their hierarchy, and which of them notes carry together.

A row's `knowledge` cell says what it needs; a checkpoint carries what was gathered for it, so that
it gives the same scores where the code tables are others, or none.
"""

from core.knowledge.gathering import Needs, gather
from core.knowledge.poincare import distance
from core.knowledge.storing import KNOWLEDGE_FILE, dump_knowledge, load_knowledge
from core.knowledge.texts import read_texts

__all__ = [
    "KNOWLEDGE_FILE",
    "Needs",
    "distance",
    "dump_knowledge",
    "gather",
    "load_knowledge",
    "read_texts",
]
