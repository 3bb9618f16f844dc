"""The graph of codes that notes carry together, on figures one can check by hand."""

import torch
from torch import Tensor

from core.decoders.hypercore import CodeGraph
from core.knowledge.graph import co_occurrence
from core.parts import Knowledge


def dense(targets_NL: Tensor) -> Tensor:
    pairs_2N, weights_N = co_occurrence(targets_NL)
    labels = targets_NL.shape[1]
    return torch.sparse_coo_tensor(
        pairs_2N, weights_N, (labels, labels), check_invariants=True
    ).to_dense()


NOTES = torch.tensor([[1.0, 1, 0], [1, 1, 0], [1, 1, 0], [0, 0, 1]])
# counts 0 3 0, with each code itself 1 3 0, sums of rows 4, 4 and 1
#        3 0 0                         3 1 0
#        0 0 0                         0 0 1
GRAPH = torch.tensor([[1 / 4, 3 / 4, 0], [3 / 4, 1 / 4, 0], [0, 0, 1]])


def test_weights_are_shares_of_both_codes_company() -> None:
    torch.testing.assert_close(dense(NOTES), GRAPH)


def test_a_code_with_more_company_counts_less_for_each() -> None:
    graph_LL = dense(torch.tensor([[1.0, 1, 0], [0, 1, 1]]))
    assert torch.equal(graph_LL, graph_LL.T)
    torch.testing.assert_close(graph_LL[0, 1], torch.tensor(1 / (2 * 3) ** 0.5))
    assert graph_LL[0, 2] == 0


def test_codes_that_no_note_carries_stand_alone() -> None:
    torch.testing.assert_close(dense(torch.zeros(4, 3)), torch.eye(3))


def test_a_convolution_takes_in_the_neighbours() -> None:
    pairs_2N, weights_N = co_occurrence(NOTES)
    knowledge = Knowledge(
        texts_LW=torch.zeros(3, 0),
        pairs_2N=pairs_2N,
        weights_N=weights_N,
        places_LP=torch.zeros(3, 0),
    )
    graph = CodeGraph(knowledge, 2, 2)
    with torch.no_grad():
        for layer in (graph.first, graph.second):
            layer.weight.copy_(torch.eye(2))
    codes_LE = torch.tensor([[4.0, 0], [0, 4], [1, -1]])
    # once: (1, 3), (3, 1), (1, 0 for -1); twice: (10/4, 6/4), (6/4, 10/4), (1, 0)
    expected_LD = torch.tensor([[2.5, 1.5], [1.5, 2.5], [1, 0]])
    torch.testing.assert_close(graph(codes_LE), expected_LD)
