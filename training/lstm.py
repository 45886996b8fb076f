"""The other decoder of the textbooks: an LSTM that looks at the picture's tokens as it writes.

    python -m training.lstm DATA RUN FOLDER OUT --minutes 10 --check SETS

FOLDER is a finished model: its tokenizer and its eye stay; RUN/seen holds what
`training.train_text` has looked at. Attention as in Xu et al. 2015, "Show, Attend and Tell". The
Transformer decoder is what ships and what `search` captions with; this one is for comparison and
for study. At the end of each epoch OUT/lstm.jsonl gets a line, with --check what its captions are
worth on the test sets.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from evaluation.testsets import folder_of_testsets
from search.towers.embedded import load_model
from search.towers.tokens import EOS, LANGUAGE_TOKENS, PAD, words

from .command import keep, run
from .corpus_rows import Speaker, collect
from .dataset import Dataset, at_least_once, open_dataset
from .evaluate import Check, open_checks
from .features import Seen, look
from .model_folder import save_weights
from .schedule import Reports, Schedule, learning_rate
from .tower import adamw, batches
from .vocabulary import Lines

LONGEST = 22  # tokens of a caption


class LstmDecoder(nn.Module):
    """Next-token logits from image tokens and the tokens so far."""

    def __init__(self, vocabulary: int, dim: int, width: int = 384) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, dim, padding_idx=PAD)
        self.begin = nn.Linear(dim, 2 * width)  # image -> first hidden and cell state
        self.ask = nn.Linear(width, dim)
        self.cell = nn.LSTMCell(2 * dim, width)
        self.out = nn.Linear(width + dim, vocabulary)

    def forward(self, tokens: Tensor, ids: Tensor) -> Tensor:
        """Tokens (n, t, dim), ids (n, length) -> logits (n, length, vocabulary)."""
        state = self.start(tokens)
        steps = []
        for step in range(ids.shape[1]):
            logits, state = self.step(tokens, ids[:, step], state)
            steps.append(logits)
        return torch.stack(steps, 1)

    def start(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        hidden, cell = self.begin(tokens.mean(1)).tanh().chunk(2, -1)
        return hidden, cell

    def step(
        self, tokens: Tensor, ids: Tensor, state: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """One token (n,) further: logits (n, vocabulary) and the new state."""
        glance = self.attend(tokens, state[0])
        state = self.cell(torch.cat([self.embedding(ids), glance], -1), state)
        logits: Tensor = self.out(torch.cat([state[0], glance], -1))
        return logits, state

    def attend(self, tokens: Tensor, hidden: Tensor) -> Tensor:
        """The part of the picture that matters now, (n, dim)."""
        wanted = self.ask(hidden)[:, None]
        weights = (tokens * wanted).sum(-1).div(math.sqrt(tokens.shape[-1])).softmax(-1)
        part: Tensor = (weights[..., None] * tokens).sum(1)
        return part


@torch.inference_mode()
def write(decoder: LstmDecoder, tokenizer: Tokenizer, tokens: Tensor, language: str) -> list[str]:
    """Greedy captions of image tokens (n, t, dim)."""
    state = decoder.start(tokens)
    ids = torch.full((len(tokens),), LANGUAGE_TOKENS[language])
    done, said = torch.zeros(len(tokens), dtype=torch.bool), []
    for _ in range(LONGEST):
        logits, state = decoder.step(tokens, ids, state)
        ids = torch.where(done, PAD, logits.argmax(-1))
        done = done | (ids == EOS)
        said.append(torch.where(done, PAD, ids))
    return [words(tokenizer, row) for row in torch.stack(said, 1).tolist()]


@dataclass
class Recipe:
    minutes: float
    batch: int = 128
    peak: float = 2e-3
    seed: int = 0
    report_minutes: float = 10.0


def train(
    decoder: LstmDecoder,
    seen: Seen,
    speaker: Speaker,
    weights: NDArray[np.float64],
    recipe: Recipe,
    report: Callable[[dict[str, float]], None],
) -> None:
    """Teacher forcing, cosine schedule; `report` gets a line at the end of each epoch."""
    optimizer, schedule = adamw(decoder, recipe.peak, 0.01), Schedule(recipe.minutes)
    source = batches(weights, recipe.batch, speaker.chance)
    epoch = float(weights.sum())
    reports = Reports.of(schedule, epoch, recipe.report_minutes)
    step, pictures, running = 0, 0, math.nan

    def line() -> dict[str, float]:
        minutes, epochs = schedule.spent / 60, pictures / epoch
        return {"minutes": round(minutes, 2), "epochs": round(epochs, 2), "loss": round(running, 3)}

    while (progress := schedule.tick()) < 1:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(recipe.peak, progress, step, 50, 0.02)
        rows = next(source)
        _, tokens = seen.pick(int(speaker.chance.integers(len(seen.tokens))), rows)
        ids = speaker.to_say(rows)
        guesses = decoder(tokens, ids[:, :-1]).flatten(0, 1)
        loss = functional.cross_entropy(guesses, ids[:, 1:].flatten(), ignore_index=PAD)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimizer.step()
        running = loss.item() if math.isnan(running) else 0.97 * running + 0.03 * loss.item()
        step, pictures = step + 1, pictures + len(rows)
        if reports.due(pictures, schedule.spent):
            report(line())
            schedule.skip()
    report(line())


def open_speaker(dataset: Dataset, tokenizer: Tokenizer, context: int, seed: int) -> Speaker:
    """Captions only: what is read, and so the goals, are not asked for."""
    library, words_of = collect(dataset.rows, [], lambda texts: torch.zeros(len(texts), 1))
    lines = Lines.of(tokenizer, library.texts, context)
    return Speaker(words_of, lines, np.random.default_rng(seed))


def open_report(
    decoder: LstmDecoder, tokenizer: Tokenizer, tower: nn.Module, checks: list[Check], log: Path
) -> Callable[[dict[str, float]], None]:
    """Adds what the captions of test pictures are worth, prints the line and logs it."""
    looked_at = [(check, check.look(tower)[1]) for check in checks]

    def say(tokens: Tensor, language: str) -> list[str]:
        return write(decoder, tokenizer, tokens, language)

    def report(line: dict[str, float]) -> None:
        for check, tokens in looked_at:
            for language in LANGUAGE_TOKENS:
                line |= check.captions(tokens, say, language)
        print(line, flush=True)
        with log.open("a") as file:
            file.write(json.dumps(line) + "\n")

    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("folder", type=Path, help="a finished model")
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--weights",
        type=json.loads,
        default={},
        help="as for training.train_text, to compare",
    )
    parser.add_argument(
        "--check", type=folder_of_testsets, help="a folder of test sets, measured each epoch"
    )
    parser.add_argument("--again", action="store_true", help="overwrite a decoder in OUT")
    chosen = parser.parse_args()
    keep(chosen.out / "lstm.safetensors", chosen.again)
    torch.manual_seed(chosen.seed)
    model, tokenizer, config = load_model(chosen.folder)
    dataset = open_dataset(chosen.data).thinned(chosen.weights, chosen.seed)
    seen = look(model.visual, dataset, config["size"], 1, chosen.run / "seen")
    speaker = open_speaker(dataset, tokenizer, config["text"]["context_length"], chosen.seed)
    decoder = LstmDecoder(tokenizer.get_vocab_size(), seen.tokens.shape[-1])
    chosen.out.mkdir(parents=True, exist_ok=True)
    checks = open_checks(chosen.check, config["size"]) if chosen.check else []
    report = open_report(decoder, tokenizer, model.visual, checks, chosen.out / "lstm.jsonl")
    recipe = Recipe(chosen.minutes, seed=chosen.seed)
    weights = dataset.weights(at_least_once(chosen.weights))
    train(decoder, seen, speaker, weights, recipe, report)
    save_weights(decoder.state_dict(), chosen.out / "lstm.safetensors")
    _, tokens = seen.pick(0, np.arange(min(5, len(dataset.rows))))
    for language in LANGUAGE_TOKENS:
        print(*write(decoder, tokenizer, tokens, language), sep="\n")


if __name__ == "__main__":
    run(main)
