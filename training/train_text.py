"""Second step: words for a finished image tower, which stays as it is.

    python -m training.train_text DATA RUN OUT --minutes 20 [--start FOLDER]

Reads RUN/tower.pt, writes the folder OUT that `search.towers.embedded` loads. With --start, the
words of a finished folder are the beginning, and its tokenizer stays. A run that was stopped goes
on where it was, if it is asked for the same minutes and layers, on the same tower, from the same
beginning; else it begins anew.

Reading: the text vector meets the sentence encoder's, and the picture's. A Chinese text has the
goal of the English that says the same. Writing: the decoder says a caption, in the language that
its first token names.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from evaluation.testsets import folder_of_testsets
from search.towers.embedded import Config, build_model, load_model
from search.towers.tokens import PAD
from search.towers.vision import build_tower

from .averaging import Average
from .command import keep, run
from .corpus import Pair, texts_alone
from .corpus_rows import Speaker, collect
from .dataset import Dataset, Teacher, at_least_once, open_dataset, open_teacher
from .evaluate import measure_folder
from .features import Seen, fingerprint, look
from .model_folder import TeacherMap, write_folder
from .schedule import Reports, Schedule, learning_rate
from .tower import HEAD, adamw, batches, soft_cross_entropy
from .trim_padding import read, write
from .vocabulary import Lines, begun, train_tokenizer

SOFT = 0.3
NEAR = 0.1
STATE = "speak.pt"  # what a stopped run goes on from

Asked = list[Any]  # what a run must have been asked for to be gone on with


@dataclass
class Recipe:
    minutes: float
    context: int = 24
    vocabulary: int = 12000
    layers: int = 3
    decoder_layers: int = 2
    views: int = 2
    batch: int = 256
    alone: int = 384  # texts without a picture, beside each batch
    peak: float = 1e-3
    final: float = 0.02
    decay: float = 0.05
    warm_up: int = 100
    seed: int = 0
    deadline: float = math.inf
    report_minutes: float = 10.0


class Run:
    def __init__(
        self,
        out: Path,
        config: Config,
        tokenizer: Tokenizer,
        model: Any,  # open_clip's CoCa
        taught: TeacherMap,
        recipe: Recipe,
        asked: Asked,
    ) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self.out, self.config, self.tokenizer = out, config, tokenizer
        self.taught, self.recipe, self.asked = taught, recipe, asked
        self.device = next(model.parameters()).device
        self.model = model.train()
        self.model.visual.requires_grad_(False).eval()
        self.model.logit_scale.requires_grad_(False)
        self.optimizer = adamw(self.model, recipe.peak, recipe.decay)
        self.average = Average(self.model, without="visual.")
        self.schedule = Schedule(recipe.minutes, recipe.deadline)
        self.step = self.seen = 0
        if stopped := stopped_run(out, asked):
            self._go_on(stopped)
            print(f"goes on from {self.schedule.spent / 60:.1f} minutes", flush=True)
        elif (out / STATE).exists():
            print(f"{out / STATE} was asked for something else: begins anew", flush=True)

    def train(
        self,
        seen: Seen,
        goals: Tensor,
        speaker: Speaker,
        weights: NDArray[np.float64],
        check: Path | None,
    ) -> None:
        source = batches(weights, self.recipe.batch, speaker.chance)
        running: dict[str, float] = {}
        self.epoch = float(weights.sum())
        minutes = self.recipe.report_minutes
        reports = Reports.of(self.schedule, self.epoch, minutes, self.seen)
        self.schedule.skip()
        while (progress := self.schedule.tick()) < 1:
            rows = next(source)
            view = int(speaker.chance.integers(len(seen.latents)))
            losses = self._step(*seen.pick(view, rows), goals, speaker, rows, progress)
            for name, loss in losses.items():
                running[name] = 0.97 * running.get(name, loss) + 0.03 * loss
            if reports.due(self.seen, self.schedule.spent):
                self.report(running, check)
                self.schedule.skip()
        self.report(running, check)
        (self.out / STATE).unlink(missing_ok=True)

    def _step(
        self,
        latents: Tensor,
        tokens: Tensor,
        goals: Tensor,
        speaker: Speaker,
        rows: NDArray[np.int64],
        progress: float,
    ) -> dict[str, float]:
        recipe = self.recipe
        rate = learning_rate(recipe.peak, progress, self.step, recipe.warm_up, recipe.final)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        texts = speaker.to_read(rows) + speaker.alone(recipe.alone)
        meaning, meeting = self._read(speaker.lines.rows(texts), goals[texts], latents)
        saying = self._write(tokens, speaker.to_say(rows))
        loss = 4 * meaning + 0.5 * meeting + saying
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.average.update()
        self.step += 1
        self.seen += len(rows)
        return {"meaning": meaning.item(), "meeting": meeting.item(), "saying": saying.item()}

    def _read(self, ids: Tensor, goals: Tensor, latents: Tensor) -> tuple[Tensor, Tensor]:
        """How far the texts are from their goals, and the first of them from their pictures."""
        with torch.autocast(self.device.type, torch.bfloat16):
            read_as = read(self.model.text, ids.to(self.device))
        read_as = functional.normalize(read_as.float(), dim=-1)
        goals, latents = goals.to(self.device), latents.to(self.device)
        meaning = (1 - (read_as * goals).sum(-1)).mean()
        number = len(latents)
        logits = self.model.logit_scale.exp().clamp(max=100) * latents @ read_as[:number].T
        near = functional.softmax(goals[:number] @ goals[:number].T / NEAR, -1)
        goal = (1 - SOFT) * torch.eye(number, device=self.device) + SOFT * near
        both = soft_cross_entropy(logits, goal) + soft_cross_entropy(logits.T, goal.T)
        return meaning, both / 2

    def _write(self, tokens: Tensor, ids: Tensor) -> Tensor:
        """Cross entropy of the next token."""
        tokens, ids = tokens.to(self.device), ids.to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            guesses, answers = write(self.model.text, self.model.text_decoder, tokens, ids)
        return functional.cross_entropy(
            guesses.float(), answers, ignore_index=PAD, label_smoothing=0.05
        )

    def report(self, losses: dict[str, float], check: Path | None) -> None:
        self.save()
        minutes = self.schedule.spent / 60
        line: dict[str, Any] = {"minutes": round(minutes, 2), "seen": self.seen}
        line |= {"epochs": round(self.seen / self.epoch, 2)}
        line |= {"per_second": round(self.seen / max(1, minutes * 60))}
        line |= {name: round(loss, 3) for name, loss in losses.items()}
        line |= measure_folder(self.out, check) if check else {}
        print(line, flush=True)
        with (self.out / "speak.jsonl").open("a") as log:
            log.write(json.dumps(line, ensure_ascii=False) + "\n")

    def save(self) -> None:
        """The folder with averaged weights, and what a stopped run needs to go on."""
        weights = {**self.model.state_dict(), **self.average.weights}
        write_folder(self.out, weights, self.config, self.tokenizer, self.taught)
        words = {k: v for k, v in self.model.state_dict().items() if not k.startswith("visual.")}
        state = {"words": words, "average": self.average.weights, "step": self.step}
        state |= {"optimizer": self.optimizer.state_dict(), "seen": self.seen}
        state |= {"spent": self.schedule.spent, "asked": self.asked}
        torch.save(state, self.out / "speak.new")
        (self.out / "speak.new").replace(self.out / STATE)

    def _go_on(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["words"], strict=False)
        self.average.weights = {k: v.to(self.device) for k, v in state["average"].items()}
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seen, self.schedule.spent = state["step"], state["seen"], state["spent"]
        self.average.steps = self.step


def stopped_run(out: Path, asked: Asked) -> dict[str, Any] | None:
    """What was kept of a run in `out` that was asked for the same."""
    if not (out / STATE).exists():
        return None
    state: dict[str, Any] = torch.load(out / STATE, weights_only=True, map_location="cpu")
    return state if state.get("asked") == asked else None


def begin(
    tower: dict[str, Any],
    recipe: Recipe,
    texts: list[str],
    kept: Path | None = None,
    start: Path | None = None,
) -> tuple[Config, Tokenizer, Any]:
    """A model around the finished tower: with the words of `start`, or with fresh ones.

    `kept` is the tokenizer of a stopped run.
    """
    if start:
        model, tokenizer, config = load_model(start)
        config = {**config, "tower": tower["spec"], "size": tower["size"]}
    else:
        tokenizer = (
            Tokenizer.from_file(str(kept)) if kept else train_tokenizer(texts, recipe.vocabulary)
        )
        config = _config(tower, recipe, tokenizer.get_vocab_size())
        model = build_model(config)
    fresh = build_tower(config["tower"])
    fresh.load_state_dict(tower["model"])
    model.visual = fresh
    with torch.no_grad():
        model.logit_scale.copy_(tower["scale"])
    return config, tokenizer, model


def _config(tower: dict[str, Any], recipe: Recipe, vocabulary: int) -> Config:
    embed = len(tower["text"]["weight"])
    return {
        "embed": embed,
        "tower": tower["spec"],
        "size": tower["size"],
        "text": {
            "context_length": recipe.context,
            "vocab_size": vocabulary,
            "width": embed,
            "heads": embed // HEAD,
            "layers": recipe.layers,
        },
        "decoder": {"layers": recipe.decoder_layers, "attn_pooler_heads": 4},
    }


def speak(
    dataset: Dataset,
    teacher: Teacher,
    pairs: list[Pair],
    tower: dict[str, Any],
    recipe: Recipe,
    *,
    seen_at: Path,
    out: Path,
    weights: NDArray[np.float64],
    start: Path | None = None,
    check: Path | None = None,
    again: bool = True,
) -> None:
    """`again` False: a finished model in `out` ends it, unless it is that of this run, stopped."""
    torch.manual_seed(recipe.seed)
    taught = TeacherMap(tower["text"]["weight"], tower["centre"], tower["scale"])
    library, words = collect(dataset.rows, pairs, lambda texts: taught(teacher.rows(texts)))
    goals = torch.stack(library.goals)
    asked: Asked = [recipe.minutes, recipe.layers, recipe.decoder_layers, recipe.vocabulary]
    asked += [fingerprint(tower["model"]), str(start)]
    kept = out / "tokenizer.json" if stopped_run(out, asked) else None
    keep(out / "model.safetensors", again or kept is not None)
    config, tokenizer, model = begin(tower, recipe, library.texts, kept, start)
    lines = Lines.of(tokenizer, library.texts, config["text"]["context_length"])
    if not start:
        embedding = model.text.token_embedding.weight
        embedding.data.copy_(begun(lines.ids, goals, embedding.data))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    seen = look(model.visual.to(device), dataset, tower["size"], recipe.views, seen_at)
    run = Run(out, config, tokenizer, model.to(device), taught, recipe, asked)
    chance = np.random.default_rng([recipe.seed, run.step])
    run.train(seen, goals, Speaker(words, lines, chance), weights, check)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("run", type=Path, help="where tower.pt is")
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="a finished folder whose words to begin with")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--deadline", type=float, default=math.inf, help="seconds since the epoch")
    parser.add_argument("--layers", type=int, default=3, help="of the text tower")
    parser.add_argument("--decoder-layers", type=int, default=2)
    parser.add_argument("--vocabulary", type=int, default=12000)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--alone", type=int, default=384, help="texts without a picture a step")
    parser.add_argument("--views", type=int, default=2)
    parser.add_argument("--peak", type=float, default=1e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--weights",
        type=json.loads,
        default={},
        help='{"SOURCE": times an epoch}; below 1: a share of its pictures',
    )
    parser.add_argument("--report-minutes", type=float, default=10, help="at the latest")
    parser.add_argument(
        "--check", type=folder_of_testsets, help="a folder of test sets, measured each epoch"
    )
    parser.add_argument("--again", action="store_true", help="overwrite a model in OUT")
    chosen = vars(parser.parse_args())
    again = chosen.pop("again")
    data, run, out, start = (chosen.pop(name) for name in ("data", "run", "out", "start"))
    by_source, check = chosen.pop("weights"), chosen.pop("check")
    dataset = open_dataset(data).thinned(by_source, chosen["seed"])
    teacher = open_teacher(data)
    known = [pair for pair in texts_alone(data) if teacher.row_of.keys() >= {*pair.texts()}]
    speak(
        dataset,
        teacher,
        known,
        torch.load(run / "tower.pt", weights_only=True, map_location="cpu"),
        Recipe(**chosen),
        seen_at=run / "seen",
        out=out,
        weights=dataset.weights(at_least_once(by_source)),
        start=start,
        check=check,
        again=again,
    )


if __name__ == "__main__":
    run(main)
