"""The graph of codes that notes carry together, normalised as graph convolutions want it."""

import numpy as np
import torch
from scipy.sparse import csr_matrix, diags, identity
from torch import Tensor


def co_occurrence(targets_NL: Tensor) -> tuple[Tensor, Tensor]:
    """Give (pairs_2N, weights_N): the entries of D^-1/2 (A + I) D^-1/2 that are not zero.

    A counts the notes that carry both codes, D sums the rows of A + I (Kipf & Welling 2017,
    eq. 2; HyperCore). targets_NL: 1 where a training note carries a code.
    """
    labels = targets_NL.shape[1]
    notes, codes = targets_NL.nonzero(as_tuple=True)
    carried = csr_matrix(
        (np.ones(len(notes)), (notes.numpy(), codes.numpy())), shape=tuple(targets_NL.shape)
    )
    counts = (carried.T @ carried).tocsr()
    counts = counts - diags(counts.diagonal()) + identity(labels, format="csr")
    scale = diags(1 / np.sqrt(np.asarray(counts.sum(axis=1)).ravel()))
    normalised = (scale @ counts @ scale).tocsr()
    normalised.eliminate_zeros()
    entries = normalised.tocoo()  # by row, then by column, each pair once
    pairs_2N = torch.from_numpy(np.stack([entries.row, entries.col]).astype(np.int64))
    return pairs_2N, torch.from_numpy(entries.data.astype(np.float32))
