"""Every protection that is checked with and without, by name; each subject has a file of its own.

records: kept, chained, backed up, migrated, shown again. words: of notes, quoted and deleted.
files: uploads and checkpoints. people: rights, blindness, time limits. serving: headers and the
gate. model: offsets and threads.
"""

from tests.safety.protection import Place, Protection
from tests.safety.protections_files import FILES
from tests.safety.protections_model import MODEL
from tests.safety.protections_people import PEOPLE
from tests.safety.protections_records import RECORDS
from tests.safety.protections_serving import SERVING
from tests.safety.protections_words import WORDS

__all__ = ["PROTECTIONS", "Place", "Protection"]

PROTECTIONS = {each.name: each for each in (*RECORDS, *WORDS, *FILES, *PEOPLE, *SERVING, *MODEL)}
