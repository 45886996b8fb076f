"""Evidence from a space of vectors: measured against what is usual there."""

from __future__ import annotations

import numpy as np
import pytest

from search.calibration import Calibration
from search.components import Component
from search.evidence import Evidence, SpaceEvidence, SpaceRetriever
from search.index import RowIndex, open_index
from search.query import Query
from tests.contracts.evidence import EvidenceContract
from tests.evidence import Listed
from tests.vectors import changes, units

DIM = 12


@pytest.fixture
def index() -> RowIndex:
    index = open_index("faiss:flat", DIM)
    index.apply(changes(np.arange(10, 510), units(500, DIM, 1)))
    return index


class TestASpaceOfVectors(EvidenceContract):
    @pytest.fixture
    def evidence(self, index: RowIndex) -> Evidence:
        asked = [
            Component(units(1, DIM, 2)[0], 1.0, True),
            Component(units(1, DIM, 3)[0], -0.7, False),
        ]
        return SpaceRetriever("image", index, Calibration()).evidence(Query(), asked)


class TestAList(EvidenceContract):
    @pytest.fixture
    def evidence(self) -> Evidence:
        return Listed("stars", {id_: (id_ % 5, float(id_ % 5 > 2)) for id_ in range(1, 40)}, 2)


def test_features_are_the_score_over_what_is_usual_and_the_cosine(index: RowIndex) -> None:
    """In 500 images the prior weighs little: about mean 0 and spread 1 over all of them."""
    query = units(1, DIM, 5)[0]
    space = SpaceEvidence.of("image", index, [Component(query, 2.0, True)], Calibration())
    z, cosine = space.features(index.ids()).T
    assert cosine == pytest.approx(index.vectors(index.ids()) @ query, abs=1e-3)
    assert z.mean() == pytest.approx(0, abs=0.1)
    assert z.std() == pytest.approx(1, abs=0.1)


def test_in_a_library_of_one_image_the_prior_says_what_is_usual() -> None:
    index = open_index("faiss:flat", DIM)
    vector = units(1, DIM, 6)[0]
    index.apply(changes([7], vector[None]))
    space = SpaceEvidence.of("image", index, [Component(vector, 1.0, True)], Calibration())
    prior = Calibration().prior("text", "image")
    z = float(space.features(np.array([7]))[0, 0])
    assert z == pytest.approx((1 - prior.mean) / prior.std, rel=0.1)
