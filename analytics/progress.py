"""A progress bar over epochs for people who watch the training in a terminal."""

from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class EpochBar:
    """Call it after each epoch with (epoch, epochs, figures); shows the losses beside the bar. A context manager."""

    def __init__(self, title: str) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[losses]}"),
        )
        self._task = self._bar.add_task(title, total=None, losses="")

    def __enter__(self) -> "EpochBar":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, epoch: int, epochs: int, figures: dict[str, float]) -> None:
        """Show that `epoch` of at most `epochs` is done."""
        losses = f"loss {figures['loss']:.3f}"
        if "validation_loss" in figures:
            losses += f", validation {figures['validation_loss']:.3f}"
        self._bar.update(self._task, completed=epoch, total=epochs, losses=losses)
