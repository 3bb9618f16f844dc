"""Code embeddings in the plane: principal components, and which vectors they are of."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.analysis.plane import Plane, code_vectors, plane, principal
from core.types import CodeSpace
from tests.models import tiny_checkpoint, tiny_model


def test_codes_on_a_line_have_one_component() -> None:
    line_LD = np.array([[3.0, 4.0]]) * np.array([[-1.0], [0.0], [1.0]]) + 7
    points_L2, explained = principal(line_LD)
    np.testing.assert_allclose(points_L2, [[-5, 0], [0, 0], [5, 0]], atol=1e-6)
    assert explained == pytest.approx((1, 0))


def test_components_are_those_of_a_singular_value_decomposition() -> None:
    vectors_LD = np.random.default_rng(1).normal(size=(40, 7)) * np.arange(1, 8)
    centred_LD = vectors_LD - vectors_LD.mean(axis=0)
    left_LD, values_D, _ = np.linalg.svd(centred_LD, full_matrices=False)
    points_L2, explained = principal(vectors_LD)
    np.testing.assert_allclose(np.abs(points_L2), np.abs(left_LD * values_D)[:, :2])
    assert explained == pytest.approx(tuple((values_D**2 / (values_D**2).sum())[:2]))


def test_a_component_never_flips_with_the_sign_of_the_solver() -> None:
    vectors_LD = np.random.default_rng(2).normal(size=(30, 5))
    turned_L2, _ = principal(vectors_LD[::-1].copy())
    np.testing.assert_allclose(turned_L2[::-1], principal(vectors_LD)[0], atol=1e-9)


def test_equal_codes_explain_nothing() -> None:
    points_L2, explained = principal(np.ones((4, 3)))
    assert not points_L2.any()
    assert explained == (0, 0)


def test_the_vectors_are_the_last_layer_and_not_the_queries() -> None:
    model = tiny_model("marn")
    found = code_vectors(model, "icd", labels=5)
    expected = model.get_parameter("decoders.icd.weight_LD").detach().double().numpy()
    np.testing.assert_array_equal(found, expected)


def test_a_decoder_without_a_vector_for_each_code_has_none() -> None:
    assert code_vectors(tiny_model("marn"), "icd", labels=6) is None


def test_both_tasks_share_one_plane(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c", "marn")
    with torch.no_grad():  # ICD codes along one axis, CCS codes along another
        for task, axis in (("icd", 0), ("ccs", 1)):
            weight_LD = checkpoint.model.get_parameter(f"decoders.{task}.weight_LD")
            weight_LD.zero_()
            weight_LD[:, axis] = torch.arange(len(weight_LD)).float() - len(weight_LD) // 2
    found = plane(checkpoint)
    assert isinstance(found, Plane)
    np.testing.assert_allclose(found.icd_L2, [[-2, 0], [-1, 0], [0, 0], [1, 0], [2, 0]], atol=1e-6)
    np.testing.assert_allclose(found.ccs_L2, [[0, -1], [0, 0], [0, 1]], atol=1e-6)
    assert found.explained == pytest.approx((10 / 12, 2 / 12))


def test_a_row_with_one_task_has_no_ccs_codes_and_says_so(tmp_path: Path) -> None:
    found = plane(tiny_checkpoint(tmp_path / "c", "bigru_lan"))
    assert isinstance(found, Plane)
    assert found.ccs_L2 is None
    assert found.notes[-1] == "Row 'bigru_lan' ranks no CCS codes: no CCS codes in the plane."


def test_a_row_without_label_attention_says_which_vectors_it_shows(tmp_path: Path) -> None:
    found = plane(tiny_checkpoint(tmp_path / "c", "cnn"))
    assert isinstance(found, Plane)
    assert "the linear layer over the pooled note" in found.notes[0]


def test_one_code_makes_no_plane(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c", "bigru_lan")
    icd = checkpoint.spaces["icd"]
    model = tiny_model("bigru_lan")
    weight_LD = model.get_parameter("decoders.icd.weight_LD")
    model.decoder("icd").register_parameter("weight_LD", torch.nn.Parameter(weight_LD[:1].detach()))
    one = {"icd": CodeSpace(name="icd", codes=icd.codes[:1])}
    assert plane(replace(checkpoint, model=model, spaces=one)) == (
        "Needs at least two codes and two numbers a code."
    )
