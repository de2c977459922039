"""The training loop: epochs of batches under a recipe, with inner validation, early stopping and
exact resuming.

Every random draw of an epoch comes from a stream of (seed, epoch), so an epoch can be repeated
without those before it: a run that was killed and resumed equals an undisturbed one bit for bit on
a CPU.
"""

import copy
import math
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from featkit.errors import DivergenceError, ParameterError
from featkit.nets import base
from featkit.training import steps
from featkit.training.checkpoints import Checkpoints, pack, unpack
from featkit.training.data import Loader, Part, split_batches
from featkit.training.progress import epochs_bar
from featkit.training.recipes import Recipe
from featkit.training.runtime import Machine, explained, stream, torch_seeded

Curves = list[dict[str, Any]]
_ORDER, _TORCH = 1, 2
_HERE = Machine()


class Trainer:
    """One run of a recipe on one net.

    Parameters
    ----------
    net : torch.nn.Module
        Trained in place.
    recipe : Recipe
        Every hyper-parameter.
    seed : int
        Of batch order, dropout and mixup.
    machine : Machine
        Where it runs.
    frozen : sequence of str
        Names of modules that stay as they are, batch-norm statistics included.
    checkpoints : Checkpoints, optional
        Where every epoch is kept; a run that is there already is continued.
    """

    def __init__(
        self,
        net: nn.Module,
        recipe: Recipe,
        *,
        seed: int = 0,
        machine: Machine = _HERE,
        frozen: Sequence[str] = (),
        checkpoints: Checkpoints | None = None,
    ) -> None:
        steps.freeze(net, frozen)
        self.frozen = tuple(frozen)
        self.layout = torch.channels_last if recipe.channels_last else torch.contiguous_format
        self.net = net.to(machine.device, memory_format=self.layout)
        self.call = torch.compile(self.net) if recipe.compile else self.net
        self.criterion = partial(base.loss, self.net)
        self.recipe = recipe
        self.seed = seed
        self.machine = machine
        self.device = machine.device
        self.checkpoints = checkpoints
        self.optimizer = steps.make_optimizer(recipe, self.net)
        self.curves: Curves = []
        self.best: dict[str, Tensor] = {}

    def fit(self, train: Part, valid: Part | None = None, test: Part | None = None) -> Curves:
        """Train the net and return a dictionary for each epoch.

        The net then has the weights of the epoch of lowest loss on ``valid``, else of the last.

        Parameters
        ----------
        train : Part
            What is learned from.
        valid : Part, optional
            Inner validation part, which selects the epoch and ends training early.
        test : Part, optional
            Rows that are scored after every epoch and decide nothing.

        Returns
        -------
        list of dict
            ``epoch`` (from 0), ``lr`` (of the epoch's last step), ``train_loss``,
            ``train_accuracy``, ``seconds``, and with the parts ``valid_loss``, ``valid_accuracy``,
            ``test_loss``, ``test_accuracy``; no accuracies where targets are values.

        Raises
        ------
        DivergenceError
            If the loss is NaN or infinite; earlier checkpoints stay.
        ParameterError
            If memory runs out; earlier checkpoints stay.
        """
        if self.recipe.patience and valid is None:
            raise ParameterError("patience stops on an inner validation part only; give one")
        memory = self.machine.memory
        scored = {
            name: (Loader(part.rows, self.device, memory), part.targets)
            for name, part in (("valid", valid), ("test", test))
            if part
        }
        loader = Loader(train.rows, self.device, memory)
        self._resume()
        per_epoch = len(split_batches(np.arange(len(train.rows)), self.recipe.batch_size))
        done, total = len(self.curves), self.recipe.n_epochs(per_epoch)
        with explained(self.recipe), epochs_bar(total, done, self.machine.verbose) as show:
            for epoch in range(done, total):
                if self._stopped():
                    break
                row = self._epoch(epoch, per_epoch, loader, train)
                for name, (rows, targets) in scored.items():
                    row |= self._measure(name, rows, targets)
                self.curves.append(row)
                self._keep(epoch)
                show(row)
        if self.best:
            self.net.load_state_dict(self.best)
        return self.curves

    def _epoch(self, epoch: int, per_epoch: int, loader: Loader, train: Part) -> dict[str, Any]:
        """Train for one epoch and return its line of the curves."""
        start, recipe = time.perf_counter(), self.recipe
        rng = np.random.default_rng(stream(self.seed, _ORDER, epoch))
        order = split_batches(rng.permutation(len(train.rows)), recipe.batch_size)
        if recipe.iterations:
            order = order[: recipe.iterations - epoch * per_epoch]
        steps.train_mode(self.net, self.frozen)
        loss = torch.zeros((), device=self.device)
        correct = torch.zeros((), device=self.device)
        with torch_seeded(stream(self.seed, _TORCH, epoch), self.device):
            for number, (rows, part) in enumerate(
                zip(loader.batches(order, epoch), order, strict=True)
            ):
                rate = recipe.rate(epoch, epoch * per_epoch + number)
                targets = torch.from_numpy(train.targets[part]).to(self.device)
                outputs, value = self._step(rows, targets, rate, rng)
                loss += value.detach() * len(part)
                correct += self._correct(outputs.detach(), targets)
        count = sum(map(len, order))
        mean = float(loss) / count
        steps.check_finite(self.net, mean, epoch, recipe, train.rows)
        row = {"epoch": epoch, "lr": rate, "train_loss": mean}
        if _are_classes(train.targets):
            row["train_accuracy"] = float(correct) / count
        return row | {"seconds": time.perf_counter() - start}

    def _step(
        self, rows: Tensor, targets: Tensor, rate: float, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """Take one step and return the outputs and the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        if self.recipe.mixup:
            weight, drawn = steps.draw_mixup(self.recipe.mixup, len(rows), rng)
            partners = torch.from_numpy(drawn).to(rows.device)
            outputs = self._outputs(steps.mix(rows, weight, partners))
            loss = steps.mixed_loss(self.criterion, outputs, targets, weight, partners)
        else:
            outputs = self._outputs(rows)
            loss = self.criterion(outputs, targets)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return outputs, loss

    def _outputs(self, rows: Tensor) -> Tensor:
        if rows.ndim == 4:
            rows = rows.contiguous(memory_format=self.layout)
        half = self.recipe.precision == "bfloat16"
        with torch.autocast(torch.device(self.device).type, torch.bfloat16, enabled=half):
            outputs: Tensor = self.call(rows)
        return outputs.float()

    def _correct(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return how many rows get their class; 0 where targets are values."""
        if targets.is_floating_point():
            return torch.zeros((), device=targets.device)
        return (base.probabilities(self.net, outputs).argmax(dim=1) == targets).sum()

    def _measure(self, name: str, loader: Loader, targets: NDArray[Any]) -> dict[str, float]:
        """Return loss and accuracy of a held-out part; a class that was not learned counts as wrong
        and has no loss.
        """
        self.net.eval()
        loss, correct = 0.0, 0
        learned_rows = targets >= 0 if _are_classes(targets) else np.ones(len(targets), dtype=bool)
        order = split_batches(np.arange(len(targets)), self.recipe.batch_size)
        with torch.inference_mode():
            for rows, part in zip(loader.batches(order), order, strict=True):
                truth = torch.from_numpy(targets[part]).to(self.device)
                outputs = self._outputs(rows)
                learned = torch.from_numpy(learned_rows[part]).to(self.device)
                if count := int(learned.sum()):
                    loss += count * float(self.criterion(outputs[learned], truth[learned]))
                correct += int(self._correct(outputs, truth))
        if not math.isfinite(loss):
            raise DivergenceError(
                f"the loss of the {name} part is {loss}: extract its rows again if they are not "
                "finite, else give a smaller lr"
            )
        measured = {f"{name}_loss": loss / int(learned_rows.sum())}
        if _are_classes(targets):
            measured[f"{name}_accuracy"] = correct / len(targets)
        return measured

    def _keep(self, epoch: int) -> None:
        """Keep the weights if the epoch is the best so far, and write its checkpoint."""
        if "valid_loss" in self.curves[-1] and _best(self.curves) == epoch:
            self.best = copy.deepcopy(self.net.state_dict())
        if self.checkpoints is not None:
            moments = steps.optimizer_tensors(self.optimizer)
            tensors = pack(net=self.net.state_dict(), best=self.best, optimizer=moments)
            self.checkpoints.save(epoch, tensors, {"curves": self.curves})

    def _resume(self) -> None:
        """Go back to the newest whole checkpoint, if there is one."""
        if self.checkpoints is None or (newest := self.checkpoints.load()) is None:
            return
        _, tensors, record = newest
        self.net.load_state_dict(unpack(tensors, "net"))
        self.best = unpack(tensors, "best")
        steps.restore_optimizer(self.optimizer, unpack(tensors, "optimizer"))
        self.curves = list(record["curves"])

    def _stopped(self) -> bool:
        """Return whether the validation loss has not improved for ``patience`` epochs."""
        patience, epochs = self.recipe.patience, len(self.curves)
        return bool(patience and epochs and epochs - 1 - _best(self.curves) >= patience)


def _are_classes(targets: NDArray[Any]) -> bool:
    return bool(np.issubdtype(targets.dtype, np.integer))


def _best(curves: Curves) -> int:
    """Return the epoch of the lowest validation loss; ties go to the first."""
    return int(np.argmin([row["valid_loss"] for row in curves]))
