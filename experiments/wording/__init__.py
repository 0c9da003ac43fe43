"""Texts, numbers, amounts and dates in Korean and English: one way to read them, one way to write them."""

from pkgutil import iter_modules

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(__name__, {one.name for one in iter_modules(__path__)})
