"""Long short-term memory, in both directions (LAAT) or in one (Attentive LSTM)."""

from dataclasses import dataclass

from torch import Tensor, nn

from core.encoders.bigru import read
from core.parts import Encoder


@dataclass(frozen=True, kw_only=True)
class LSTM:
    """h_i = [forward LSTM(x_i); backward LSTM(x_i)], or the forward half alone."""

    hidden: int = 256  # per direction; LAAT: 256 for the top 50, 512 for full codes
    bidirectional: bool = True

    def build(self, embedding: int) -> Encoder:
        return LSTMEncoder(embedding, self)


class LSTMEncoder(Encoder):
    """Reads each note up to its own last token."""

    def __init__(self, embedding: int, settings: LSTM) -> None:
        super().__init__()
        self.width = settings.hidden * (2 if settings.bidirectional else 1)
        self.lstm = nn.LSTM(
            embedding, settings.hidden, batch_first=True, bidirectional=settings.bidirectional
        )

    def forward(self, tokens_BTE: Tensor, mask_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Give (hidden_BTD, mask_BT): S = T. Masked positions must follow the real ones."""
        return read(self.lstm, tokens_BTE, mask_BT), mask_BT
