"""The threshold of hits: which of the images in an order are any, and how good each of them is.

Pictures always have neighbours, so for them a probability by the curve alone decides. Words may
name what a library does not have, and then the nearest image is as wrong as the last. So for words
it takes two steps. Does this library answer at all? Only if its best images are nearer than those
of words that nothing answers; that bar rises with the number of images, of which one may always
come near by chance. And which images do? Those that stay close to the best ones.

Both are read off what pictures show. What is written about them raises an image above all that;
where the pictures answer nothing, it decides alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .calibration import Floats, Yardstick, floor_of, probability
from .records import Relevance

THOUSAND = 1000  # images of the library that the gate of a yardstick is for
BEST = 3  # images whose mean says how well a library answers
CROWD = 40  # the image by which one sees whether many are near or few; of few images a quarter
FEWEST, MOST = 50, 10_000  # images between which the gate rises; beyond, nobody has measured it


@dataclass(frozen=True, slots=True)
class Threshold:
    """From log-odds of an order to calibrated ones: `top - fall x (best - odds)`, at most `top` as
    far as the `peak`, and as much more as an image has beyond it.

    The plain one takes a curve at its word.
    """

    weak: float = 0.03  # score from which an image is a hit
    strong: float = 0.25  # and from which it is a good one
    best: float = np.inf
    top: float = np.inf
    fall: float = 1.0
    peak: float = np.inf  # the most that any picture has
    shut: bool = False  # nothing here answers: no image is a hit, however near

    def scores(self, odds: Floats) -> Floats:
        """(n,) probabilities; they never rise where the odds fall."""
        if self.best == np.inf:
            return probability(odds)
        calibrated = self.top - self.fall * np.maximum(self.best - odds, 0.0)
        calibrated += np.maximum(odds - self.peak, 0.0)
        return probability(calibrated) * (self.weak if self.shut else 1.0)

    def floor(self, score: float) -> float:
        """The log-odds from which images have this score or more."""
        if score <= 0:
            return -np.inf
        if self.best == np.inf:
            return floor_of(score)
        wanted = floor_of(score / self.weak if self.shut else score)
        if wanted > self.top:
            return np.inf if self.shut else self.peak + wanted - self.top
        return self.best - (self.top - wanted) / self.fall

    def relevance(self, score: float) -> Relevance:
        if score >= self.strong:
            return Relevance.STRONG
        return Relevance.WEAK if score >= self.weak else Relevance.NONE


PLAIN = Threshold()
WEAK, STRONG = 0.05, 0.4  # of words that a yardstick was fitted for
SURE = 0.5  # log-odds above the gate; of words nearer to it no picture alone is a good hit
DOUBT = 1.0  # log-odds that written words lose where no picture speaks for them
WRITTEN = Threshold(WEAK, STRONG)  # where what is written decides alone


def threshold_of(yardstick: Yardstick, odds: Floats, images: int) -> Threshold:
    """Of words whose best images have these log-odds, falling: CROWD + 1 at the least, or all."""
    if not len(odds):
        return Threshold(WEAK, STRONG, best=0.0, top=0.0, shut=True)
    best = float(odds[:BEST].mean())
    crowd = best - float(odds[min(CROWD, max(images // 4, 1), len(odds) - 1)])
    bar = yardstick.gate + yardstick.growth * np.log(min(max(images, FEWEST), MOST) / THOUSAND)
    top = yardstick.top - yardstick.crowd * crowd
    beyond = max(STRONG, float(np.nextafter(probability(np.array(top)), 1.0)))
    return Threshold(
        WEAK,
        STRONG if best >= bar + SURE else beyond,
        best=best,
        top=top,
        fall=yardstick.fall,
        peak=float(odds[0]),
        shut=bool(best < bar),
    )
