"""``consult encoder``: the embedded sentence encoder, trained and tuned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import fail, out
from api.settings import get_settings
from knowledge.encoder import StaticEncoder
from knowledge.entries import load_folder
from knowledge.paths import DATA
from knowledge.training import Recipe, save, tune, wordings

encoder = typer.Typer(no_args_is_help=True, help="The embedded sentence encoder.")
Folder = Annotated[Path, typer.Option(help="folder of the model")]


@encoder.command("tune")
def tune_encoder(
    folder: Folder = DATA / "encoder", epochs: Annotated[int, typer.Option(min=1)] = Recipe.epochs
) -> None:
    """Tune the model to the entries' wordings, in place, always from its untuned state. Then calibrate search."""
    try:
        base = StaticEncoder.untuned(folder)
    except FileNotFoundError as error:
        raise fail(error) from error
    _tune(base, folder, epochs)
    out.print(f"tuned: {folder}. Next: consult evaluate --calibrate")


@encoder.command("train")
def train_encoder(
    data: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="folder with the general text")],
    folder: Annotated[Path, typer.Option(help="where to write the model")],
    tokenizer: Annotated[Path, typer.Option(help="model whose vocabulary is used")] = DATA / "encoder",
    teacher: Annotated[Path | None, typer.Option(help="English sentence model; else the installed package")] = None,
    steps: Annotated[int, typer.Option(min=1)] = 1100,
) -> None:
    """Train a base from general text, write it with a model card, and tune it to the entries' wordings."""
    from knowledge.corpora import NoCorpusError, read_pairs
    from knowledge.pretraining import (
        BaseRecipe,
        NoTeacherError,
        found_first,
        held_back,
        load_teacher,
        train_base,
        write_model,
    )

    try:
        pairs, measured = held_back(read_pairs(data, out.print))
        vocabulary = StaticEncoder(tokenizer)
        weights = train_base(vocabulary, pairs, load_teacher(teacher), BaseRecipe(steps=steps), out.print)
    except (NoCorpusError, NoTeacherError, FileNotFoundError) as error:
        raise fail(error) from error
    share = found_first(vocabulary.with_weights(weights, "base"), measured)
    figures = (
        f"English to Chinese, {len(measured):,} held-back Tatoeba sentences, found first: {share:.1%} (untuned)."
    )
    out.print(figures)
    write_model(tokenizer, folder, weights, pairs, figures)
    _tune(StaticEncoder(folder), folder, Recipe.epochs)
    out.print(f"trained and tuned: {folder}. Next: consult evaluate --calibrate")


def _tune(base: StaticEncoder, folder: Path, epochs: int) -> None:
    texts, labels = wordings(load_folder(get_settings().data_dir / "knowledge" / "entries"))
    out.print(f"{len(texts):,} wordings of {len(set(labels.tolist()))} entries, {epochs} epochs")
    save(base, folder, tune(base, texts, labels, Recipe(epochs=epochs)))
