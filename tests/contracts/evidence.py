"""What all Evidence does. A test class inherits this and gives `evidence`.

It knows more than ten images, and not that of the number UNKNOWN.
"""

from __future__ import annotations

import numpy as np

from search.evidence import Evidence

UNKNOWN = 10**9
ALL = 10**6


class EvidenceContract:
    def test_its_list_falls_in_every_feature_and_names_each_image_once(
        self, evidence: Evidence
    ) -> None:
        found = evidence.best(ALL, None)
        assert found.exhausted
        assert len(np.unique(found.ids)) == len(found.ids) > 10
        features = evidence.features(found.ids)
        assert (np.diff(features, axis=0) <= 1e-6).all()

    def test_what_does_not_fit_into_the_beginning_has_no_more_of_any_feature_than_its_last(
        self, evidence: Evidence
    ) -> None:
        every = evidence.best(ALL, None).ids
        for k in (1, 3, 10):
            found = evidence.best(k, None)
            assert 1 <= len(found.ids) <= k
            assert not found.exhausted
            assert (evidence.features(found.ids) >= found.last - 1e-6).all()
            others = np.setdiff1d(every, found.ids)
            assert len(others) + len(found.ids) == len(every)
            assert (evidence.features(others) <= found.last + 1e-6).all()

    def test_of_allowed_images_it_gives_those_that_it_knows(self, evidence: Evidence) -> None:
        allowed = np.append(evidence.best(ALL, None).ids[1::2], UNKNOWN)
        found = evidence.best(ALL, allowed)
        assert sorted(found.ids.tolist()) == sorted(allowed[:-1].tolist())
        assert sorted(evidence.known(allowed).tolist()) == sorted(allowed[:-1].tolist())
        nothing = evidence.best(5, np.array([UNKNOWN]))
        assert (nothing.ids.tolist(), nothing.exhausted) == ([], True)

    def test_it_says_which_images_it_knows_and_nothing_of_others(self, evidence: Evidence) -> None:
        known = evidence.known(None)
        assert sorted(known.tolist()) == sorted(evidence.best(ALL, None).ids.tolist())
        features = evidence.features(np.array([UNKNOWN, known[0]]))
        assert np.isnan(features).any(1).tolist() == [True, False]
        assert np.isnan(features[0]).all()

    def test_its_features_do_not_depend_on_what_else_is_asked(self, evidence: Evidence) -> None:
        known = evidence.known(None)
        together = evidence.features(known)
        assert together.shape[0] == len(known)
        for place in (0, len(known) // 2, len(known) - 1):
            assert evidence.features(known[[place]])[0].tolist() == together[place].tolist()
