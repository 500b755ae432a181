"""Imports every module in Pyodide, with stand-ins for the libraries that are not there, and holds a session."""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import operator
import pkgutil
import sys
import threading
import traceback
from abc import ABCMeta
from pathlib import Path

LIBRARIES = {
    "IPython", "anywidget", "cloudpickle", "ipywidgets", "joblib", "modAL", "msgspec", "narwhals", "nh3", "numpy",
    "pandas", "plotly", "scipy", "segno", "skactiveml", "sklearn", "skops", "threadpoolctl", "tornado", "tqdm",
    "traitlets",
}  # fmt: skip


class _Anything(ABCMeta):
    """A class that has every attribute, can be called, computed with and inherited from."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _anything(name)

    def __call__(cls, *arguments, **options):
        # What inherits from one is made as usual.
        return _anything(cls.__name__) if cls.__bases__ == (object,) else super().__call__(*arguments, **options)

    def __getitem__(cls, _key):
        return cls

    def __iter__(cls):
        return iter(())


def _anything(name):
    return _Anything(name, (), {"__init__": lambda _self, *_arguments, **_options: None})


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "lshift", "rshift"):
    for _method in (f"__{_name}__", f"__r{_name}__"):
        setattr(_Anything, _method, lambda cls, _other: cls)
_Anything.__neg__ = _Anything.__invert__ = operator.itemgetter(0)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a stand-in for each library, and for each module of it."""

    def find_spec(self, name, _path, _target=None):
        is_one = name.partition(".")[0] in LIBRARIES
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if is_one else None

    def create_module(self, spec):
        module = type(sys)(spec.name)
        module.__getattr__ = lambda name: _Anything.__getattr__(_Anything, name)
        return module

    def exec_module(self, module):
        pass


def imported():
    """Import all there is; return the names, and for each that cannot be imported why."""
    import alwidgets

    done, failed = [], {}
    for found in pkgutil.walk_packages(alwidgets.__path__, "alwidgets.", onerror=lambda _name: None):
        if ".static" in found.name or found.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(found.name)
            done.append(found.name)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            failed[found.name] = f"{type(error).__name__}: {error} at {traceback.extract_tb(error.__traceback__)[-1]}"
    return done, failed


def held(folder):
    """Take a session twice and give it back, in files that have no second name."""
    from alwidgets.journal import lock

    first = lock.take(folder, None)
    assert lock.holds(folder, first)
    assert lock.may_write(first)
    assert lock.take(folder, None) is None
    second = lock.take(folder, first)
    assert lock.holds(folder, second)
    assert not lock.holds(folder, first)
    lock.release(folder, second)
    assert not lock.may_write(lock.current(folder))


def worked_on():
    """Return in which thread the background works: there is only this one."""
    from alwidgets.loop.worker import Background

    where = []
    Background(lambda: where.append(threading.current_thread() is threading.main_thread())).wake()
    return where


def main():
    sys.dont_write_bytecode = True
    sys.meta_path.append(_Finder())
    done, failed = imported()
    folder = Path("/home/digits.alw")
    folder.mkdir(parents=True)
    held(folder)
    return json.dumps({"platform": sys.platform, "n_imported": len(done), "failed": failed, "worked": worked_on()})
