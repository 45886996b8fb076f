"""First step: an image tower alone, taught by a frozen sentence encoder.

    python -m training.tower DATA RUN --minutes 30 --size 64     # small pictures first
    python -m training.tower DATA RUN --minutes 30 --size 96     # goes on from RUN/tower.pt

Each picture is drawn to the sentence vector of one of its texts and away from the others'; a text
that means nearly the same is nearly as right. On the text side one linear map is trained, so all
time goes to the eye. A run that was stopped goes on where it was when it is started again.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from evaluation.testsets import folder_of_testsets
from search.towers.embedded import Config
from search.towers.vision import EfficientNetTower, build_tower

from .augment import augment, augment_on_card
from .averaging import Average
from .command import run
from .dataset import Dataset, Teacher, open_dataset, open_teacher
from .evaluate import TowerCheck
from .model_folder import FIRST_SCALE
from .schedule import Reports, Schedule, learning_rate
from .shards import Meta
from .unfreeze import unfreeze

HUMAN = 0.8  # how often a picture that has human captions is shown with one
SOFT = 0.3  # how much of the goal is shared out among texts that mean nearly the same
NEAR = 0.05  # temperature of "nearly the same"
EMBED = 256  # numbers of a vector, if the tower's arguments do not say
HEAD = 64  # the text tower's heads are so wide


@dataclass
class Recipe:
    minutes: float
    size: int
    batch: int = 256
    peak: float = 1e-3
    final: float = 0.02
    decay: float = 0.05
    warm_up: int = 150
    seed: int = 0
    deadline: float = math.inf
    report_minutes: float = 10.0
    thaw: int = 0  # first stage of a pretrained stem that learns
    shares: dict[str, float] = field(default_factory=dict)  # of the rate, by the weights' names


class Pupil(nn.Module):
    """The tower and what ties it to the teacher: one linear map and a temperature."""

    def __init__(self, spec: Config, dim: int, teacher_dim: int) -> None:
        super().__init__()
        self.tower = build_tower(spec)
        self.text = nn.Linear(teacher_dim, dim, bias=False)
        self.scale = nn.Parameter(torch.tensor(FIRST_SCALE))

    def loss(self, pixels: Tensor, sentences: Tensor, centre: Tensor) -> Tensor:
        """Contrastive, both ways; `sentences` (n, teacher_dim) unit vectors."""
        with torch.autocast(pixels.device.type, torch.bfloat16):
            latents, _ = self.tower(pixels)
        seen = functional.normalize(latents.float(), dim=-1)
        meant = functional.normalize(self.text(sentences - centre), dim=-1)
        logits = self.scale.exp().clamp(max=100) * seen @ meant.T
        near = functional.softmax(sentences @ sentences.T / NEAR, -1)
        goal = (1 - SOFT) * torch.eye(len(near), device=near.device) + SOFT * near
        return (soft_cross_entropy(logits, goal) + soft_cross_entropy(logits.T, goal.T)) / 2


def soft_cross_entropy(logits: Tensor, goal: Tensor) -> Tensor:
    return -(goal * functional.log_softmax(logits, -1)).sum(-1).mean()


def pick_sentence(row: Meta, chance: np.random.Generator) -> str:
    """One text of a picture: a human caption mostly, where there is one."""
    human, made = row["human_en"], row["made_en"]
    texts = human if human and (not made or chance.random() < HUMAN) else made
    return str(texts[chance.integers(len(texts))])


def draw_epoch(weights: NDArray[np.float64], chance: np.random.Generator) -> NDArray[np.int64]:
    """Row numbers in random order; a row of weight 1.5 comes once or twice, evenly."""
    times = np.floor(weights + chance.random(len(weights))).astype(int)
    deck: NDArray[np.int64] = np.repeat(np.arange(len(weights)), times)
    return chance.permutation(deck)


def batches(
    weights: NDArray[np.float64], size: int, chance: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Row numbers without end; sorted within a batch, so that the disk is read in order.

    ValueError if nothing weighs anything.
    """
    if not weights.sum() > 0:
        raise ValueError("no picture to train with: all weigh nothing, or there are none")
    queue: NDArray[np.int64] = np.array([], np.int64)
    while True:
        while len(queue) < size:
            queue = np.concatenate([queue, draw_epoch(weights, chance)])
        yield np.sort(queue[:size])
        queue = queue[size:]


def feed(
    dataset: Dataset, teacher: Teacher, weights: NDArray[np.float64], recipe: Recipe, start: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Augmented pictures and sentence vectors, made one batch ahead in a thread."""
    chance = np.random.default_rng([recipe.seed, start])
    gentle = np.array([row["gentle"] for row in dataset.rows])

    def make(rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        pixels = augment(dataset.pixels(rows), recipe.size, gentle[rows], chance)
        return pixels, teacher.rows([pick_sentence(dataset.rows[i], chance) for i in rows])

    with ThreadPoolExecutor(1) as pool:
        source = batches(weights, recipe.batch, np.random.default_rng(chance.integers(2**32)))
        ahead = pool.submit(make, next(source))
        while True:
            ready, ahead = ahead.result(), pool.submit(make, next(source))
            yield ready


def feed_on_card(
    dataset: Dataset, teacher: Teacher, weights: NDArray[np.float64], recipe: Recipe, start: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """As `feed`, with all pictures on the GPU: 60,000 at 128 px are 3 GB of bytes."""
    chance = np.random.default_rng([recipe.seed, start])
    pixels = torch.from_numpy(dataset.pixels(slice(None))).cuda()
    gentle = torch.tensor([row["gentle"] for row in dataset.rows], device="cuda")
    for rows in batches(weights, recipe.batch, chance):
        on_card = torch.from_numpy(rows).cuda()
        sentences = teacher.rows([pick_sentence(dataset.rows[i], chance) for i in rows])
        yield augment_on_card(pixels[on_card], recipe.size, gentle[on_card]), sentences.cuda()


class Run:
    """One stage of training; its state is RUN/tower.pt."""

    def __init__(self, folder: Path, spec: Config, recipe: Recipe, teacher: Teacher) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(recipe.seed)
        self.path, self.log, self.recipe = folder / "tower.pt", folder / "tower.jsonl", recipe
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        state = self._saved()
        self.spec: Config = state.get("spec", spec)
        embed = self.spec["args"].get("embed", EMBED)
        self.centre: Tensor = state.get("centre", teacher.vectors.mean(0)).to(self.device)
        self.pupil = Pupil(self.spec, embed, teacher.vectors.shape[1])
        self.pupil.to(self.device).to(memory_format=torch.channels_last)
        if isinstance(self.pupil.tower, EfficientNetTower):
            self.pupil.tower.entry.requires_grad_(False)
            unfreeze(self.pupil.tower.stem, recipe.thaw)
        self.optimizer = adamw(self.pupil, recipe.peak, recipe.decay, recipe.shares)
        self.schedule = Schedule(recipe.minutes, recipe.deadline)
        self.step = self.seen = 0
        if state:
            self._start_from(state)
        self.average = Average(self.pupil)
        if "going" in state:
            self._go_on(state["going"])
            print(f"goes on from {self.schedule.spent / 60:.1f} minutes", flush=True)

    def train(
        self, feed: Iterator[tuple[Tensor, Tensor]], epoch: float, check: TowerCheck | None
    ) -> None:
        """`epoch` pictures make an epoch; `check` is asked at the end of each."""
        running, self.epoch = math.nan, epoch
        reports = Reports.of(self.schedule, epoch, self.recipe.report_minutes, self.seen)
        self.schedule.skip()
        while (progress := self.schedule.tick()) < 1:
            loss = self.learn(*next(feed), progress)
            running = loss if math.isnan(running) else 0.97 * running + 0.03 * loss
            if reports.due(self.seen, self.schedule.spent):
                self.save(going=True)
                self.report(running, check)
                self.schedule.skip()
        self.save(going=False)
        self.report(running, check)

    def learn(self, pixels: Tensor, sentences: Tensor, progress: float) -> float:
        recipe = self.recipe
        rate = learning_rate(recipe.peak, progress, self.step, recipe.warm_up, recipe.final)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["share"]
        loss = self.pupil.loss(pixels, sentences, self.centre)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.pupil.parameters(), 1.0)
        self.optimizer.step()
        self.average.update()
        self.step += 1
        self.seen += len(pixels)
        return loss.item()

    def report(self, loss: float, check: TowerCheck | None) -> None:
        """One line of the log: where we are, and the figures on the test sets."""
        minutes = self.schedule.spent / 60
        line: dict[str, Any] = {"minutes": round(minutes, 2), "size": self.recipe.size}
        line |= {"seen": self.seen, "epochs": round(self.seen / self.epoch, 2)}
        line |= {"per_second": round(self.seen / max(1, minutes * 60))}
        line |= {"loss": round(loss, 3)} | (check(*self.averaged()) if check else {})
        print(line, flush=True)
        with self.log.open("a") as log:
            log.write(json.dumps(line) + "\n")

    def averaged(self) -> tuple[nn.Module, nn.Linear, Tensor]:
        """The averaged tower and linear map, on the CPU, and the mean sentence vector."""
        pupil = Pupil(self.spec, self.pupil.text.out_features, self.pupil.text.in_features)
        pupil.load_state_dict(self.average.weights)
        return pupil.tower.eval(), pupil.text, self.centre.cpu()

    def save(self, going: bool) -> None:
        """Averaged weights, and what a stopped run needs to go on; whole or not at all."""
        tower, text, centre = self.averaged()
        state: dict[str, Any] = {"spec": self.spec, "size": self.recipe.size, "centre": centre}
        state |= {"model": tower.state_dict(), "text": text.state_dict()}
        state |= {"scale": self.pupil.scale.detach().cpu()}
        if going:
            state["going"] = {
                "spent": self.schedule.spent,
                "minutes": self.recipe.minutes,
                "step": self.step,
                "seen": self.seen,
                "pupil": self.pupil.state_dict(),
                "average": self.average.weights,
                "optimizer": self.optimizer.state_dict(),
            }
        beside = self.path.with_suffix(".new")
        torch.save(state, beside)
        beside.replace(self.path)

    def _saved(self) -> dict[str, Any]:
        if not self.path.exists():
            return {}
        state: dict[str, Any] = torch.load(self.path, weights_only=True, map_location="cpu")
        going = state.get("going")
        if going and (state["size"], going["minutes"]) != (self.recipe.size, self.recipe.minutes):
            del state["going"]  # another stage begins: its own schedule
        return state

    def _start_from(self, state: dict[str, Any]) -> None:
        self.pupil.tower.load_state_dict(state["model"])
        self.pupil.text.load_state_dict(state["text"])
        self.pupil.scale.data.copy_(state["scale"])

    def _go_on(self, going: dict[str, Any]) -> None:
        self.pupil.load_state_dict(going["pupil"])
        self.average.weights = going["average"]
        self.optimizer.load_state_dict(going["optimizer"])
        self.schedule.spent, self.step, self.seen = going["spent"], going["step"], going["seen"]
        self.average.steps = self.step


def adamw(
    module: nn.Module, rate: float, decay: float, shares: Mapping[str, float] | None = None
) -> torch.optim.AdamW:
    """Matrices decay; biases, norms and single numbers do not.

    `shares`: weights whose names begin so learn at that share of the rate, each group's "share".
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, weight in module.named_parameters():
        if weight.requires_grad:
            share = next((s for start, s in (shares or {}).items() if name.startswith(start)), 1.0)
            groups.setdefault((share, decay if weight.ndim > 1 else 0.0), []).append(weight)
    told = [{"params": w, "share": s, "weight_decay": d} for (s, d), w in groups.items()]
    return torch.optim.AdamW(told, lr=rate, betas=(0.9, 0.98), fused=True)


def spec_for(run: Path, kind: str | None, args: Config | None) -> Config:
    """Of the tower that is in RUN, else of a new one; ValueError if what was asked cannot be."""
    file = run / "tower.pt"
    if file.exists():
        there: Config = torch.load(file, weights_only=True, map_location="cpu")["spec"]
        if (kind or there["kind"], args or there["args"]) != (there["kind"], there["args"]):
            raise ValueError(f"{file} is another tower, {json.dumps(there)}: name another folder")
        return there
    args = args or {}
    dim, embed = (args.get(name, EMBED) for name in ("dim", "embed"))
    if dim != embed or embed % HEAD:
        raise ValueError(
            f"dim {dim}, embed {embed}: both must be the same multiple of {HEAD}, for the text "
            "tower and the decoder have that width"
        )
    return {"kind": kind or "hybrid", "args": args}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--deadline", type=float, default=math.inf, help="seconds since the epoch")
    parser.add_argument("--size", type=int, default=96, help="pixels a side")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--peak", type=float, default=1e-3, help="highest learning rate")
    parser.add_argument("--final", type=float, default=0.02, help="the last rate / the highest")
    parser.add_argument("--warm-up", type=int, default=150, help="steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--weights", type=json.loads, default={}, help='{"SOURCE": times an epoch}')
    parser.add_argument(
        "--kind", choices=["hybrid", "efficientnet", "timm"], help="of a new tower: hybrid"
    )
    parser.add_argument("--args", type=json.loads, help="arguments of a new tower")
    parser.add_argument("--thaw", type=int, default=3, help="first stage of a stem that learns")
    parser.add_argument(
        "--shares", type=json.loads, default={}, help='{"tower.stem": 0.2}: slower weights'
    )
    parser.add_argument("--report-minutes", type=float, default=10, help="at the latest")
    parser.add_argument(
        "--check", type=folder_of_testsets, help="a folder of test sets, measured each epoch"
    )
    return parser.parse_args()


def main() -> None:
    chosen = parse()
    recipe = Recipe(
        minutes=chosen.minutes,
        size=chosen.size,
        batch=chosen.batch,
        peak=chosen.peak,
        final=chosen.final,
        warm_up=chosen.warm_up,
        seed=chosen.seed,
        deadline=chosen.deadline,
        report_minutes=chosen.report_minutes,
        thaw=chosen.thaw,
        shares=chosen.shares,
    )
    dataset, teacher = open_dataset(chosen.data), open_teacher(chosen.data)
    try:
        spec = spec_for(chosen.run, chosen.kind, chosen.args)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    if chosen.size > dataset.mapped.shape[1]:
        print(f"{chosen.data} has {dataset.mapped.shape[1]} px; {chosen.size} px show no more")
    run = Run(chosen.run, spec, recipe, teacher)
    source = feed_on_card if run.device.type == "cuda" else feed
    check = TowerCheck(chosen.check, chosen.size) if chosen.check else None
    weights = dataset.weights(chosen.weights)
    run.train(source(dataset, teacher, weights, recipe, run.step), float(weights.sum()), check)


if __name__ == "__main__":
    run(main)
