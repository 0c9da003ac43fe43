"""The whole world as one pointer, so that passing it on costs nothing.

numba hands a named tuple to every function field by field, some sixty numbers for the world, and counts references
to every array in it. ``lend`` writes once where everything lies, eight bytes a number, into a block of memory, and
compiled code gets the address of the block and reads fields with the same expressions. The owner must outlive what
is lent: ``Ecosystem`` owns all tables for as long as a month runs. A compiled function that borrows what it has
allocated itself must use the owner once more afterwards, because numba frees an array after its last use.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import typeof, types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate
from numba.extending import NativeValue, infer_getattr, intrinsic, lower_getattr_generic, models, register_model, unbox
from numba.np.arrayobj import populate_array

from injae.agents.kernels import jit_is_on

SLOT = 8  # bytes of a number in the block
_BYTES = ir.IntType(8).as_pointer()


def _slots(kind: Any) -> int:
    """Numbers that a field takes in the block: an array its address and shape, anything else one."""
    if isinstance(kind, types.NamedTuple):
        return sum(map(_slots, kind.types))
    return 1 + kind.ndim if isinstance(kind, types.Array) else 1


class Borrowed(types.Type):
    """numba type of a borrowed named tuple."""

    def __init__(self, owner: types.NamedTuple) -> None:
        self.owner = owner
        self.fields: dict[str, tuple[int, Any]] = {}  # place in the block, and type
        place = 0
        for name, kind in zip(owner.fields, owner.types, strict=True):
            self.fields[name] = place, kind
            place += _slots(kind)
        content = hashlib.sha256(str(owner).encode()).hexdigest()[:16]  # names go into every symbol: keep them short
        super().__init__(name=f"Borrowed({owner.instance_class.__name__}, {content})")


@register_model(Borrowed)
class _Pointer(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Borrowed) -> None:
        super().__init__(manager, kind, _BYTES)


@infer_getattr
class _Fields(AttributeTemplate):
    key = Borrowed

    def generic_resolve(self, kind: Borrowed, name: str) -> Any:
        _, field = kind.fields.get(name, (0, None))
        return Borrowed(field) if isinstance(field, types.NamedTuple) else field


@lower_getattr_generic(Borrowed)
def _read(context: Any, builder: Any, kind: Borrowed, pointer: Any, name: str) -> Any:
    """Read a field; arrays come without a share in their ownership, and with strides that the compiler knows."""
    place, field = kind.fields[name]

    def at(slot: int, what: Any) -> Any:
        where = builder.gep(pointer, [ir.Constant(ir.IntType(64), SLOT * slot)], inbounds=True)
        return builder.bitcast(where, what.as_pointer())

    if isinstance(field, types.NamedTuple):
        return at(place, ir.IntType(8))
    if isinstance(field, types.Boolean):
        return builder.icmp_unsigned("!=", builder.load(at(place, ir.IntType(64))), ir.Constant(ir.IntType(64), 0))
    if not isinstance(field, types.Array):
        return builder.load(at(place, context.get_value_type(field)))
    data = builder.load(at(place, context.get_data_type(field.dtype).as_pointer()))
    shape = [builder.load(at(place + 1 + axis, ir.IntType(64))) for axis in range(field.ndim)]
    itemsize = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(field.dtype)))
    strides = [itemsize]
    for size in shape[:0:-1]:
        strides.insert(0, builder.mul(strides[0], size))
    view = context.make_array(field)(context, builder)
    populate_array(view, data, shape, strides, itemsize, meminfo=None)
    return view._getvalue()


@unbox(Borrowed)
def _address(kind: Any, lent: Any, c: Any) -> Any:
    number = c.pyapi.object_getattr_string(lent, "address")
    pointer = c.pyapi.long_as_voidptr(number)
    c.pyapi.decref(number)
    return NativeValue(pointer)


def _leaves(value: Any) -> Iterator[Any]:
    """Fields of a named tuple, and of those in it, in order."""
    for field in value:
        if isinstance(field, tuple):
            yield from _leaves(field)
        else:
            yield field


def _numbers(field: Any) -> tuple[Any, ...]:
    """What the block says of a field."""
    if isinstance(field, np.ndarray):
        if not field.flags.c_contiguous:
            raise ValueError("only contiguous arrays can be lent")
        return field.__array_interface__["data"][0], *field.shape
    if isinstance(field, np.void):
        return (np.frombuffer(field, np.uint8).__array_interface__["data"][0],)
    return (int(field),)


_KINDS: dict[Any, Borrowed] = {}


class Lent:
    """A named tuple as compiled processes take it: arrays, records and whole numbers, by address.

    Args:
        owner: the named tuple; it is kept alive.
    """

    def __init__(self, owner: Any) -> None:
        leaves = list(_leaves(owner))
        key = type(owner), *((one.dtype, one.ndim) if hasattr(one, "dtype") else type(one) for one in leaves)
        if key not in _KINDS:
            _KINDS[key] = Borrowed(typeof(owner))
        self._numba_type_ = _KINDS[key]
        self.owner = owner
        self._block = np.array([number for one in leaves for number in _numbers(one)], np.uint64)
        self.address = self._block.__array_interface__["data"][0]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.owner, name)

    def with_fields(self, fields: dict[str, Any]) -> "Lent":
        """The same with other arrays or records of the same types in place of some; the block is written over."""
        self.owner = self.owner._replace(**fields)
        for name, value in fields.items():
            place, _ = self._numba_type_.fields[name]
            for n, number in enumerate(_numbers(value)):
                self._block[place + n] = number
        return self


def lend(owner: Any) -> Any:
    """What processes are called with for a named tuple: the tuple itself where nothing is compiled."""
    return Lent(owner) if jit_is_on() else owner


def with_fields(lent: Any, **fields: Any) -> Any:
    """What was lent, with other fields in place of some."""
    return lent.with_fields(fields) if isinstance(lent, Lent) else lent._replace(**fields)


if jit_is_on():

    @intrinsic
    def borrow(typing_context, owner):  # pyright: ignore[reportRedeclaration]
        """A pointer to a named tuple of arrays, valid until the calling function returns."""

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            word = ir.IntType(64)
            block = cgutils.alloca_once(builder, word, size=_slots(owner))
            place = 0
            for n, kind in enumerate(owner.types):
                array = context.make_array(kind)(context, builder, builder.extract_value(arguments[0], n))
                shape = cgutils.unpack_tuple(builder, array.shape)
                for number in (builder.ptrtoint(array.data, word), *shape):
                    builder.store(number, builder.gep(block, [ir.Constant(word, place)]))
                    place += 1
            return builder.bitcast(block, _BYTES)

        return Borrowed(owner)(owner), generate

else:

    def borrow(owner):
        """The tuple itself: plain Python passes everything by pointer anyway."""
        return owner
