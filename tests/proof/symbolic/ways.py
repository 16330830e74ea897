# SPDX-License-Identifier: BSD-3-Clause
"""Where a branch may go both ways, both are gone: each by a process of its own, a fork. z3 says which may."""
import os

import z3


class Refuted(Exception):
    """There is a value for which a check fails; the message says which check."""


def go_every_way(way, run):
    """Calls RUN, which goes WAY; returns how many ways that made. Raises Refuted."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        way.report = write_end
        way.finish(run)
    os.close(write_end)
    with os.fdopen(read_end, encoding="utf-8") as lines:
        said = lines.read()
    _, status = os.waitpid(child, 0)
    ways = said.count("way\n")
    said = said.replace("way\n", "")
    if said.startswith("refuted: "):
        raise Refuted(said[9:])
    if said or status != 0 or ways == 0:
        raise RuntimeError(said or f"status {status}")
    return ways


class Way:
    """What is known on one way: conditions that hold, in a LOGIC that z3 knows."""

    def __init__(self, logic):
        self.report = None  # where to say how it came out
        self.solver = z3.SolverFor(logic)
        self.model = None  # some values that go this way
        self.fresh = 0

    def finish(self, run):
        """Runs the process to its end, and says how it came out."""
        status = 1
        try:
            run()
            os.write(self.report, b"way\n")
            status = 0
        except Refuted as refuted:
            os.write(self.report, f"refuted: {refuted}\n".encode())
        except BaseException as error:  # pylint: disable=broad-except
            os.write(self.report, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(status)

    def may_be(self, condition):
        if self.model is not None and z3.is_true(self.model.eval(condition, model_completion=True)):
            return True
        answer = self.solver.check(condition)
        if answer == z3.unknown:
            raise RuntimeError(f"z3: {self.solver.reason_unknown()}")
        if answer == z3.sat:
            self.model = self.solver.model()
        return answer == z3.sat

    def decide(self, condition):
        """Whether CONDITION holds on this way. Where it may and may not, there are two from here on."""
        condition = z3.simplify(condition)
        if z3.is_true(condition) or z3.is_false(condition):
            return z3.is_true(condition)
        choice = self.may_be(condition)
        if choice and self.may_be(z3.Not(condition)):
            child = os.fork()
            choice = child == 0
            if child and os.waitpid(child, 0)[1] != 0:
                os._exit(1)
        self.add(condition if choice else z3.Not(condition))
        return choice

    def add(self, condition):
        self.solver.add(condition)
        if self.model is not None and not z3.is_true(self.model.eval(condition, model_completion=True)):
            self.model = None

    def require(self, condition, what):
        condition = z3.simplify(condition)
        if not z3.is_true(condition) and self.may_be(z3.Not(condition)):
            raise Refuted(what)

    def name(self, what):
        self.fresh += 1
        return f"{what}.{self.fresh}"
