"""The Poincaré ball, on figures one can check by hand, and the places of codes in it."""

import math

import pytest
import torch

from core.knowledge import distance
from core.knowledge.poincare import STEP, move, path, places
from core.types import Code, CodeSystem


def icd10(*codes: str) -> list[Code]:
    return [Code(CodeSystem.ICD10CM, code) for code in codes]


def test_from_the_centre_a_radius_r_is_a_distance_of_ln_1_plus_r_over_1_minus_r() -> None:
    centre_XP = torch.zeros(2, 2, dtype=torch.double)
    points_XP = torch.tensor([[0.5, 0.0], [0.0, -0.8]], dtype=torch.double)
    expected_X = torch.tensor([math.log(3), math.log(9)], dtype=torch.double)
    torch.testing.assert_close(distance(centre_XP, points_XP), expected_X)


def test_distances_along_a_line_through_the_centre_add_up() -> None:
    left_P, right_P = torch.tensor([-0.5, 0.0]), torch.tensor([0.8, 0.0])
    assert distance(left_P, right_P).item() == pytest.approx(math.log(3) + math.log(9), rel=1e-5)


def test_the_same_step_near_the_edge_is_a_longer_way() -> None:
    near = distance(torch.tensor([0.0, 0.0]), torch.tensor([0.1, 0.0]))
    far = distance(torch.tensor([0.8, 0.0]), torch.tensor([0.9, 0.0]))
    assert far > 3 * near


def test_a_distance_of_nothing_has_a_gradient_that_is_a_number() -> None:
    point_P = torch.tensor([0.3, 0.4], requires_grad=True)
    apart = distance(point_P, point_P.detach())
    apart.backward()
    assert apart.item() == pytest.approx(0, abs=1e-3)
    assert point_P.grad is not None
    assert point_P.grad.isfinite().all()


def test_a_move_along_a_line_adds_as_velocities_do() -> None:
    half_P = torch.tensor([0.5, 0.0])
    torch.testing.assert_close(move(half_P, half_P), torch.tensor([0.8, 0.0]))


def test_a_move_leads_as_far_from_anywhere_as_from_the_centre() -> None:
    start_P, step_P = torch.tensor([0.3, -0.6]), torch.tensor([-0.2, 0.4])
    moved_P = move(start_P, step_P)
    torch.testing.assert_close(
        distance(start_P, moved_P), distance(torch.zeros(2), step_P), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize(
    ("system", "code", "line"),
    [
        (CodeSystem.ICD10CM, "I25.10", ["ICD-10-CM", "I", "I25", "I25.1", "I25.10"]),
        (CodeSystem.ICD10CM, "I10", ["ICD-10-CM", "I", "I10"]),
        (CodeSystem.ICD9CM, "E880.9", ["ICD-9-CM", "E", "E880", "E880.9"]),
        (CodeSystem.ICD9PROC, "96.04", ["ICD-9-PROC", "9", "96", "96.0", "96.04"]),
        (CodeSystem.ICD10PCS, "BW03", ["ICD-10-PCS", "B", "BW", "BW0", "BW03"]),
        (CodeSystem.CCSR, "CIR007", ["CCSR", "CIR", "CIR007"]),
        (CodeSystem.CCS, "98", ["CCS", "98"]),
    ],
)
def test_a_code_tells_its_ancestors(system: CodeSystem, code: str, line: list[str]) -> None:
    assert path(Code(system, code)) == tuple(line)


def test_a_child_lies_one_step_from_its_parent_and_farther_out() -> None:
    heading, code = places(icd10("I25.1", "I25.10"), dimensions=20)
    assert distance(heading, code).item() == pytest.approx(STEP, rel=1e-4)
    assert code.norm() > heading.norm()


def test_relatives_lie_nearer_than_strangers() -> None:
    codes = icd10("I25.10", "I25.11", "I25.2", "I10", "J18.9")
    places_LP = places(codes, dimensions=50)
    apart = [distance(places_LP[0], place_P).item() for place_P in places_LP]
    assert apart == sorted(apart)
    assert apart[4] > 2 * apart[1]


def test_a_code_has_the_same_place_in_every_label_space() -> None:
    first, second = icd10("I10", "J18.9"), icd10("E11.9", "J18.9", "Z99.2")
    assert torch.equal(places(first, dimensions=9)[1], places(second, dimensions=9)[1])


def test_every_place_is_well_inside_the_ball() -> None:
    codes = [Code(CodeSystem.ICD10PCS, "0DTJ4ZZ"), *icd10("S72.001A")]
    assert (places(codes, dimensions=50).norm(dim=1) < 0.9999).all()
