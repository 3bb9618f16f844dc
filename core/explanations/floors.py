"""What a method must beat to be worth anything: chance, and the words of the code's own title."""

import torch

from core.errors import BadSettings
from core.explanations.reading import Question, TokenScores, answers
from core.text.tokens import normalise, tokenize


def chance(question: Question) -> list[TokenScores]:
    """Random scores from 0 to 1, the same for the same note and code each time."""
    size = question.reading.tokens_BT.shape[1]
    drawn = [torch.rand(size, generator=question.generator(code)) for code in question.codes]
    return answers(torch.stack(drawn))


def title_words(question: Question) -> list[TokenScores]:
    """1 for each word of the note that stands in the code's title too, 0 for the others.

    BadSettings if the reading comes without titles.
    """
    reading, encoded = question.reading, question.reading.encoded
    if reading.titles is None or encoded is None:
        raise BadSettings("title_words needs a reading with its text and titles; ask a Coder")
    numbers = encoded.words or range(len(encoded.ids))
    written: dict[int, str] = {}
    for number, (start, end) in zip(numbers, encoded.spans, strict=True):
        written[number] = written.get(number, "") + reading.text[start:end]
    known = {number: normalise(word) for number, word in written.items()}
    titles = [reading.titles(question.task, code) for code in question.codes]
    asked = [{token.word for token in tokenize(title)} for title in titles]
    return answers(
        torch.tensor([[float(known[number] in title) for number in numbers] for title in asked])
    )
