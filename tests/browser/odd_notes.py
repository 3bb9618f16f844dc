"""Random notes of odd characters, with random offsets into them."""

import random

PIECES = (
    *(
        "fever",
        "no",
        "dolor",
        "Año",
        "µg",
        " ",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\r",
        "\t",
        ". ",
        "<&>",
        "</mark>",
    ),
    *(
        "&amp;",
        "<b>",
        "🫁",
        "👩🏽‍⚕️",
        "🇪🇸",
        "é",
        "e\u0301",
        "n\u0303o",
        "\u0928\u093f",
        "ﬁ",
        "\u200b",
    ),
    *("\u2028", "\x85", "\u00a0", "٣", "היי", "\u202e", "𝛽", "\ufeff", "½"),
)


def random_note(seed: int) -> dict[str, object]:
    chance = random.Random(seed)
    text = "".join(chance.choices(PIECES, k=chance.randint(1, 80)))
    points = len(text)

    def spans(most: int) -> list[list[int]]:
        cuts = [
            sorted(chance.choices(range(points + 1), k=2)) for _ in range(chance.randint(0, most))
        ]
        return [[start, end] for start, end in cuts if start < end]

    return {
        "text": text,
        "spans": [[start, end, chance.random()] for start, end in spans(8)],
        "marks": spans(2),
        "truncatedAt": chance.choice([None, None, chance.randint(0, points)]),
    }
