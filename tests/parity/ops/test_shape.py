"""Compares the operators of shape with PyTorch's: results, derivatives, sharing and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from tests.parity.compare import both, check_refused, check_same, check_values

RANDOM = np.random.default_rng(7)
A23 = RANDOM.standard_normal((2, 3))
B23 = RANDOM.standard_normal((2, 3))
A234 = RANDOM.standard_normal((2, 3, 4))
A1213 = RANDOM.standard_normal((1, 2, 1, 3))
A7 = RANDOM.standard_normal(7)
A3 = RANDOM.standard_normal(3)
A2 = RANDOM.standard_normal(2)
A0 = np.zeros((0, 3))
EMPTY = np.zeros(0)
SCALAR = np.array(2.5)
INTS = np.arange(6).reshape(2, 3)
FLOAT32 = A23.astype(np.float32)
BOOL = INTS % 2 == 0

CASES: dict[str, tuple[Any, ...]] = {
    "reshape": (lambda m, x: x.reshape(3, 2), A23),
    "reshape_infers": (lambda m, x: x.reshape(-1, 2), A23),
    "reshape_tuple": (lambda m, x: x.reshape((3, 2, 1)), A23),
    "reshape_list": (lambda m, x: m.reshape(x, [6]), A23),
    "reshape_keyword": (lambda m, x: x.reshape(shape=(3, 2)), A23),
    "reshape_size": (lambda m, x: x.reshape(x.shape), A23),
    "reshape_copies": (lambda m, x: x.permute(2, 0, 1).reshape(4, 6), A234),
    "reshape_one": (lambda m, x: x.reshape(1, 1), SCALAR),
    "reshape_scalar": (lambda m, x: x.reshape(1).reshape(()), SCALAR),
    "reshape_empty": (lambda m, x: x.reshape(3, -1, 5), A0),
    "reshape_tensor_size": (lambda m, x: x.reshape(m.tensor(3), 2), A23),
    "reshape_ints": (lambda m, x: x.reshape(3, 2), INTS),
    "view": (lambda m, x: x.contiguous().view(6), A23),
    "view_infers": (lambda m, x: x.contiguous().view(3, -1), A23),
    "view_keyword": (lambda m, x: x.contiguous().view(size=(3, 2)), A23),
    "view_of_transposed": (lambda m, x: x.contiguous().t().view(3, 2, 1), A23),
    "view_same_dtype": (lambda m, x: x.view(m.float64), A23),
    "view_empty": (lambda m, x: x.view(3, 0), A0),
    "view_as": (lambda m, x, y: x.contiguous().view_as(y.reshape(3, 2)), A23, B23),
    "reshape_as": (lambda m, x, y: x.reshape_as(y.t()), A23, B23),
    "unsqueeze": (lambda m, x: x.unsqueeze(1), A23),
    "unsqueeze_last": (lambda m, x: m.unsqueeze(x, -1), A23),
    "unsqueeze_axis": (lambda m, x: m.unsqueeze(x, axis=0), A23),
    "unsqueeze_scalar": (lambda m, x: x.unsqueeze(0), SCALAR),
    "squeeze": (lambda m, x: x.squeeze(), A1213),
    "squeeze_dim": (lambda m, x: x.squeeze(2), A1213),
    "squeeze_kept": (lambda m, x: x.squeeze(1), A1213),
    "squeeze_dims": (lambda m, x: x.squeeze((0, -2)), A1213),
    "squeeze_no_dims": (lambda m, x: x.squeeze(()), A1213),
    "squeeze_scalar": (lambda m, x: x.squeeze(0), SCALAR),
    "flatten": (lambda m, x: x.flatten(), A234),
    "flatten_some": (lambda m, x: x.flatten(1, 2), A234),
    "flatten_keyword": (lambda m, x: m.flatten(x, start_dim=-2), A234),
    "flatten_scalar": (lambda m, x: x.flatten(), SCALAR),
    "flatten_empty": (lambda m, x: x.flatten(), A0),
    "unflatten": (lambda m, x: x.unflatten(2, (2, -1)), A234),
    "unflatten_negative": (lambda m, x: m.unflatten(x, -2, [3, 1]), A234),
    "ravel": (lambda m, x: x.t().ravel(), A23),
    "atleast_1d": (lambda m, x: m.atleast_1d(x), SCALAR),
    "atleast_2d": (lambda m, x, y: m.atleast_2d(x, y), A3, SCALAR),
    "atleast_3d": (lambda m, x, y, z: m.atleast_3d([x, y, z]), A3, A23, SCALAR),
    "transpose": (lambda m, x: x.transpose(0, -1), A234),
    "transpose_keyword": (lambda m, x: m.transpose(x, dim0=0, dim1=1), A23),
    "transpose_scalar": (lambda m, x: x.transpose(0, -1), SCALAR),
    "swapaxes": (lambda m, x: x.swapaxes(axis0=0, axis1=1), A234),
    "swapdims": (lambda m, x: m.swapdims(x, 1, 2), A234),
    "permute": (lambda m, x: x.permute(2, 0, 1), A234),
    "permute_tuple": (lambda m, x: m.permute(x, (1, -1, 0)), A234),
    "permute_keyword": (lambda m, x: x.permute(dims=(1, 0)), A23),
    "permute_scalar": (lambda m, x: x.permute(()), SCALAR),
    "movedim": (lambda m, x: x.movedim(0, 2), A234),
    "movedim_several": (lambda m, x: m.movedim(x, (0, 1), (-1, 0)), A234),
    "moveaxis": (lambda m, x: m.moveaxis(x, 2, 0), A234),
    "t": (lambda m, x: x.t(), A23),
    "t_vector": (lambda m, x: x.t(), A3),
    "T": (lambda m, x: x.T, A23),
    "mT": (lambda m, x: x.mT, A234),
    "adjoint": (lambda m, x: x.adjoint(), A234),
    "contiguous": (lambda m, x: x.t().contiguous(), A23),
    "expand": (lambda m, x: x.expand(2, -1, 3), A23[:, :1]),
    "expand_front": (lambda m, x: x.expand(4, 2, 3), A23),
    "expand_keyword": (lambda m, x: x.expand(size=(2, 3)), A3),
    "expand_to_none": (lambda m, x: x.expand(0, 3), A23[:1]),
    "expand_scalar": (lambda m, x: x.expand(2, 2), SCALAR),
    "expand_same": (lambda m, x: x.expand(2, 3), A23),
    "expand_as": (lambda m, x, y: x.expand_as(y), A3, A23),
    "broadcast_to": (lambda m, x: m.broadcast_to(x, (2, 3)), A3),
    "broadcast_tensors": (lambda m, x, y: m.broadcast_tensors(x, y), A3, A23[:, :1]),
    "cat": (lambda m, x, y: m.cat([x, y]), A23, B23),
    "cat_last": (lambda m, x, y: m.cat((x, y, x), dim=-1), A23, B23),
    "cat_axis": (lambda m, x, y: m.cat((x, y), axis=1), A23, B23),
    "cat_sizes": (lambda m, x, y: m.concat([x, y], 1), A23, A23[:, :1]),
    "cat_skips": (lambda m, x, y: m.cat([y, x]), A23, EMPTY),
    "cat_empties": (lambda m, x: m.cat([x, x], 1), EMPTY),
    "cat_promotes": (lambda m, x, y: m.concatenate([x, y]), A23, FLOAT32),
    "cat_ints": (lambda m, x, y: m.cat([x, y]), FLOAT32, INTS),
    "cat_bool": (lambda m, x, y: m.cat([x, y]), INTS, BOOL),
    "cat_empty_promotes": (lambda m, x, y: m.cat([x, y]), FLOAT32, EMPTY),
    "stack": (lambda m, x, y: m.stack([x, y]), A23, B23),
    "stack_last": (lambda m, x, y: m.stack((x, y), -1), A23, B23),
    "stack_promotes": (lambda m, x, y: m.stack((x, y), 1), FLOAT32, B23),
    "stack_scalars": (lambda m, x, y: m.stack((x, y)), SCALAR, SCALAR),
    "hstack": (lambda m, x, y: m.hstack([x, y]), A23, B23),
    "hstack_vectors": (lambda m, x, y, z: m.hstack([x, y, z]), A3, A2, SCALAR),
    "vstack": (lambda m, x, y: m.vstack([x, y]), A23, A3),
    "row_stack": (lambda m, x, y: m.row_stack([x, y]), A3, A3),
    "dstack": (lambda m, x, y: m.dstack([x, y]), A23, B23),
    "dstack_vectors": (lambda m, x, y: m.dstack([x, y]), A3, A3),
    "column_stack": (lambda m, x, y: m.column_stack([x, y]), A2, A23),
    "split": (lambda m, x: x.split(2, 1), A23),
    "split_function": (lambda m, x: m.split(x, split_size_or_sections=3), A7),
    "split_sections": (lambda m, x: x.split([1, 0, 2], dim=1), A23),
    "split_one": (lambda m, x: x.split(10), A23),
    "split_empty": (lambda m, x: x.split(0), EMPTY),
    "split_partly_used": (lambda m, x: x.split(2, 1)[1], A23),
    "chunk": (lambda m, x: x.chunk(3), A7),
    "chunk_fewer": (lambda m, x: x.chunk(5), A7[:6]),
    "chunk_empty": (lambda m, x: m.chunk(x, 3, 0), A0),
    "tensor_split": (lambda m, x: x.tensor_split(3), A7),
    "tensor_split_places": (lambda m, x: x.tensor_split((2, -1, 9)), A7),
    "tensor_split_backwards": (lambda m, x: x.tensor_split((5, 2)), A7),
    "tensor_split_tensor": (lambda m, x: x.tensor_split(m.tensor([2, 3])), A7),
    "tensor_split_number": (lambda m, x: m.tensor_split(x, m.tensor(2), dim=1), A23),
    "tensor_split_keyword": (lambda m, x: x.tensor_split(indices=(1,), dim=1), A23),
    "tensor_split_sections": (lambda m, x: x.tensor_split(sections=2, dim=1), A23),
    "hsplit": (lambda m, x: x.hsplit(3), A23),
    "hsplit_vector": (lambda m, x: m.hsplit(x, (1, 2)), A3),
    "vsplit": (lambda m, x: x.vsplit(2), A23),
    "dsplit": (lambda m, x: x.dsplit(2), A234),
    "unbind": (lambda m, x: x.unbind(), A23),
    "unbind_dim": (lambda m, x: m.unbind(x, 1), A23),
    "unbind_vector": (lambda m, x: x.unbind(), A3),
    "unbind_one": (lambda m, x: x.unbind(1)[2], A23),
    "narrow": (lambda m, x: x.narrow(1, 1, 2), A23),
    "narrow_negative": (lambda m, x: m.narrow(x, 1, -2, 1), A23),
    "narrow_tensor": (lambda m, x: x.narrow(1, m.tensor(1), 2), A23),
    "narrow_nothing": (lambda m, x: x.narrow(1, 3, 0), A23),
    "select": (lambda m, x: x.select(1, -1), A234),
    "select_keyword": (lambda m, x: m.select(x, dim=0, index=1), A3),
    "repeat": (lambda m, x: x.repeat(2, 3), A23),
    "repeat_front": (lambda m, x: x.repeat((2, 1, 2)), A23),
    "repeat_none": (lambda m, x: x.repeat(0, 1), A23),
    "repeat_scalar": (lambda m, x: x.repeat(3), SCALAR),
    "repeat_scalar_nothing": (lambda m, x: x.repeat(()), SCALAR),
    "repeat_keyword": (lambda m, x: x.repeat(repeats=(1, 2)), A23),
    "tile": (lambda m, x: x.tile(2), A23),
    "tile_front": (lambda m, x: m.tile(x, (2, 1, 2)), A23),
    "tile_keyword": (lambda m, x: x.tile(dims=(2, 1)), A23),
    "flip": (lambda m, x: x.flip(0), A23),
    "flip_several": (lambda m, x: x.flip(0, -1), A234),
    "flip_tuple": (lambda m, x: m.flip(x, (1,)), A23),
    "flip_nothing": (lambda m, x: m.flip(x, ()), A23),
    "flip_scalar": (lambda m, x: x.flip(0), SCALAR),
    "fliplr": (lambda m, x: x.fliplr(), A23),
    "flipud": (lambda m, x: m.flipud(x), A3),
    "roll": (lambda m, x: x.roll(1), A23),
    "roll_dim": (lambda m, x: x.roll(-2, 1), A23),
    "roll_several": (lambda m, x: m.roll(x, (1, 2), (0, 1)), A23),
    "roll_twice": (lambda m, x: m.roll(x, shifts=(1, 1), dims=(1, 1)), A23),
    "roll_scalar": (lambda m, x: x.roll(1), SCALAR),
    "roll_far": (lambda m, x: x.roll(100, 1), A23),
    "roll_empty": (lambda m, x: x.roll(1, 1), A0),
    "rot90": (lambda m, x: x.rot90(), A23),
    "rot90_back": (lambda m, x: x.rot90(-1, (0, 2)), A234),
    "rot90_half": (lambda m, x: m.rot90(x, 2, [1, 0]), A23),
    "rot90_full": (lambda m, x: x.rot90(4), A23),
    "unfold": (lambda m, x: x.unfold(0, 3, 2), A7),
    "unfold_gaps": (lambda m, x: x.unfold(0, 2, 3), A7),
    "unfold_middle": (lambda m, x: x.unfold(dimension=1, size=2, step=1), A234),
    "unfold_nothing": (lambda m, x: x.unfold(1, 0, 1), A23),
    "unfold_twice": (lambda m, x: x.unfold(1, 2, 1).unfold(2, 2, 2), A234),
    "unfold_scalar": (lambda m, x: x.unfold(0, 1, 1), SCALAR),
    "meshgrid": (lambda m, x, y: m.meshgrid(x, y, indexing="ij"), A3, A2),
    "meshgrid_list": (lambda m, x, y, z: m.meshgrid([x, y, z], indexing="ij"), A3, A2, SCALAR),
    "meshgrid_xy": (lambda m, x, y, z: m.meshgrid(x, y, z, indexing="xy"), A3, A2, A2),
    "meshgrid_one": (lambda m, x: m.meshgrid(x, indexing="xy"), A3),
    "meshgrid_default": (lambda m, x, y: m.meshgrid(x, y), A3, A2),
    "cartesian_prod": (lambda m, x, y: m.cartesian_prod(x, y, x), A3, A2),
    "cartesian_prod_one": (lambda m, x: m.cartesian_prod(x), A3),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.filterwarnings("ignore:.*meshgrid:UserWarning")
def test_same(case: str) -> None:
    call, *arrays = CASES[case]
    check_same(call, *arrays)


PLAIN: dict[str, tuple[Any, ...]] = {
    "view_int32": (lambda m, x: x.view(m.int32), FLOAT32),
    "view_smaller": (lambda m, x: x.view(dtype=m.int16), FLOAT32),
    "view_larger": (lambda m, x: x.view(m.float64), A23.astype(np.float32)[:, :2].copy()),
    "view_no_gradient": (lambda m, x: x.clone().requires_grad_().view(m.float16), FLOAT32),
    "is_contiguous": (lambda m, x: (x.is_contiguous(), x.t().is_contiguous()), A23),
    "stride": (lambda m, x: (x.stride(), x.t().stride(), x.stride(-1), x.stride(0)), A234[0]),
    "stride_expanded": (lambda m, x: x.expand(2, 3).stride(), A3),
    "stride_unfolded": (lambda m, x: x.unfold(0, 3, 2).stride(), A7),
    "contiguous_itself": (lambda m, x: x.contiguous() is x, A23),
    "flatten_itself": (lambda m, x: x.flatten() is x, A3),
    "T_deprecated": (lambda m, x: x.T, A234),
    "T_vector": (lambda m, x: x.T, A3),
    "mT_scalar": (lambda m, x: x.mT, SCALAR),
    "ints": (lambda m, x: m.cat([x.flip(0), x.roll(1, 1), x.repeat(1, 1)]), INTS),
    "bools": (lambda m, x: m.stack([x.t().reshape(2, 3), x]), BOOL),
    "broadcast_shapes": (lambda m: tuple(m.broadcast_shapes((2, 1), (3,), (1, 1, 1))),),
    "broadcast_shapes_int": (lambda m: tuple(m.broadcast_shapes(3, (2, 1))),),
}


@pytest.mark.parametrize("case", PLAIN)
def test_same_values(case: str) -> None:
    call, *arrays = PLAIN[case]
    check_values(*both(call, *arrays))


REFUSED: dict[str, tuple[Any, ...]] = {
    "reshape": (lambda m, x: x.reshape(4, 2), A23),
    "reshape_two_unknown": (lambda m, x: x.reshape(-1, -1), A23),
    "reshape_negative": (lambda m, x: x.reshape(-2, 3), A23),
    "reshape_indivisible": (lambda m, x: x.reshape(-1, 4), A23),
    "reshape_ambiguous": (lambda m, x: x.reshape(0, -1), EMPTY),
    "reshape_nothing": (lambda m, x: x.reshape(), A23),
    "reshape_float": (lambda m, x: x.reshape(2.0, 3), A23),
    "reshape_bool": (lambda m, x: x.reshape(True, 6), A23),
    "reshape_tensor": (lambda m, x: x.reshape(m.tensor([3, 2])), A23),
    "view_strided": (lambda m, x: x.t().view(6), A23),
    "view_expanded": (lambda m, x: x.expand(2, 3).view(6), A3),
    "view_size": (lambda m, x: x.view(5), A23),
    "view_nothing": (lambda m, x: x.view(), A23),
    "view_dtype_indivisible": (lambda m, x: x.view(m.float64), FLOAT32),
    "view_dtype_strided": (lambda m, x: x.t().view(m.int16), FLOAT32),
    "view_dtype_scalar": (lambda m, x: x.view(m.int16), SCALAR),
    "unsqueeze": (lambda m, x: x.unsqueeze(3), A23),
    "unsqueeze_negative": (lambda m, x: x.unsqueeze(-4), A23),
    "unsqueeze_float": (lambda m, x: x.unsqueeze(1.0), A23),
    "squeeze": (lambda m, x: x.squeeze(2), A23),
    "squeeze_twice": (lambda m, x: x.squeeze((0, -2)), A23),
    "squeeze_scalar": (lambda m, x: x.squeeze(1), SCALAR),
    "transpose": (lambda m, x: x.transpose(0, 2), A23),
    "permute_few": (lambda m, x: x.permute(0), A23),
    "permute_twice": (lambda m, x: x.permute(0, 0), A23),
    "permute_outside": (lambda m, x: x.permute(0, 2), A23),
    "permute_nothing": (lambda m, x: x.permute(), A23),
    "movedim_counts": (lambda m, x: x.movedim((0, 1), (1,)), A23),
    "movedim_twice": (lambda m, x: x.movedim((0, 0), (0, 1)), A23),
    "movedim_outside": (lambda m, x: x.movedim(0, 5), A23),
    "t": (lambda m, x: x.t(), A234),
    "mT": (lambda m, x: x.mT, A3),
    "adjoint": (lambda m, x: x.adjoint(), A3),
    "stride": (lambda m, x: x.stride(-3), A23),
    "expand": (lambda m, x: x.expand(4, 3), A23),
    "expand_few": (lambda m, x: x.expand(3), A23),
    "expand_unknown": (lambda m, x: x.expand(-1, 2, 3), A23),
    "expand_negative": (lambda m, x: x.expand(2, -2), A23),
    "broadcast_tensors": (lambda m, x, y: m.broadcast_tensors(x, y), A3, A2),
    "broadcast_shapes": (lambda m: m.broadcast_shapes((2,), (3,)),),
    "flatten": (lambda m, x: x.flatten(1, 0), A23),
    "flatten_outside": (lambda m, x: x.flatten(0, 5), A23),
    "unflatten": (lambda m, x: x.unflatten(1, (2, 2)), A23),
    "unflatten_nothing": (lambda m, x: x.unflatten(1, ()), A23),
    "unflatten_unknown": (lambda m, x: x.unflatten(1, (-1, -1)), A23),
    "unflatten_outside": (lambda m, x: x.unflatten(5, (1,)), A23),
    "cat_nothing": (lambda m: m.cat([]),),
    "cat_tensor": (lambda m, x: m.cat(x), A23),
    "cat_number": (lambda m, x: m.cat([x, 1]), A23),
    "cat_sizes": (lambda m, x, y: m.cat([x, y]), A23, A23[:, :2]),
    "cat_dims": (lambda m, x, y: m.cat([x, y]), A23, A3),
    "cat_scalars": (lambda m, x: m.cat([x, x]), SCALAR),
    "cat_outside": (lambda m, x: m.cat([x, x], 2), A23),
    "stack_nothing": (lambda m: m.stack([]),),
    "stack_sizes": (lambda m, x, y: m.stack([x, y]), A3, A2),
    "stack_outside": (lambda m, x: m.stack([x], 3), A3),
    "hstack_nothing": (lambda m: m.hstack([]),),
    "split_sum": (lambda m, x: x.split([1, 1], 1), A23),
    "split_zero": (lambda m, x: x.split(0, 1), A23),
    "split_negative": (lambda m, x: x.split(-1), A23),
    "split_negative_section": (lambda m, x: x.split([2, -2, 3], 1), A23),
    "split_scalar": (lambda m, x: x.split(1), SCALAR),
    "chunk_zero": (lambda m, x: x.chunk(0), A23),
    "chunk_scalar": (lambda m, x: x.chunk(1), SCALAR),
    "tensor_split_zero": (lambda m, x: x.tensor_split(0), A7),
    "tensor_split_scalar": (lambda m, x: x.tensor_split(2), SCALAR),
    "hsplit": (lambda m, x: x.hsplit(2), A23),
    "vsplit": (lambda m, x: x.vsplit(2), A3),
    "dsplit": (lambda m, x: x.dsplit(2), A23),
    "unbind_scalar": (lambda m, x: x.unbind(), SCALAR),
    "narrow_long": (lambda m, x: x.narrow(1, 2, 2), A23),
    "narrow_negative": (lambda m, x: x.narrow(1, 0, -1), A23),
    "narrow_start": (lambda m, x: x.narrow(1, 4, 0), A23),
    "narrow_dim": (lambda m, x: x.narrow(2, 0, 1), A23),
    "narrow_scalar": (lambda m, x: x.narrow(0, 0, 1), SCALAR),
    "select": (lambda m, x: x.select(1, 3), A23),
    "select_negative": (lambda m, x: x.select(1, -4), A23),
    "select_dim": (lambda m, x: x.select(2, 0), A23),
    "select_scalar": (lambda m, x: x.select(0, 0), SCALAR),
    "repeat_few": (lambda m, x: x.repeat(2), A23),
    "repeat_negative": (lambda m, x: x.repeat(-1, 1), A23),
    "repeat_nothing": (lambda m, x: x.repeat(), A23),
    "tile_nothing": (lambda m, x: x.tile(), A23),
    "flip_twice": (lambda m, x: x.flip(0, 0), A23),
    "flip_outside": (lambda m, x: x.flip(2), A23),
    "flip_missing": (lambda m, x: x.flip(), A23),
    "fliplr": (lambda m, x: x.fliplr(), A3),
    "flipud": (lambda m, x: x.flipud(), SCALAR),
    "roll_counts": (lambda m, x: x.roll((1, 2), 0), A23),
    "roll_no_dims": (lambda m, x: x.roll((1, 2)), A23),
    "roll_outside": (lambda m, x: x.roll(1, 2), A23),
    "roll_nothing": (lambda m, x: x.roll((), ()), A23),
    "roll_scalar": (lambda m, x: x.roll(1, 0), SCALAR),
    "rot90_same": (lambda m, x: x.rot90(1, (0, 0)), A23),
    "rot90_one": (lambda m, x: x.rot90(1, (0,)), A23),
    "rot90_vector": (lambda m, x: x.rot90(), A3),
    "rot90_outside": (lambda m, x: x.rot90(1, (0, 2)), A23),
    "unfold_large": (lambda m, x: x.unfold(1, 4, 1), A23),
    "unfold_negative": (lambda m, x: x.unfold(1, -1, 1), A23),
    "unfold_step": (lambda m, x: x.unfold(1, 2, 0), A23),
    "unfold_outside": (lambda m, x: x.unfold(2, 1, 1), A23),
    "unfold_scalar": (lambda m, x: x.unfold(0, 2, 1), SCALAR),
    "meshgrid_indexing": (lambda m, x: m.meshgrid(x, indexing="k"), A3),
    "meshgrid_matrix": (lambda m, x: m.meshgrid(x, indexing="ij"), A23),
    "meshgrid_dtypes": (lambda m, x, y: m.meshgrid(x, y, indexing="ij"), A3, A3.astype("f")),
    "meshgrid_nothing": (lambda m: m.meshgrid(indexing="ij"),),
    "cartesian_prod": (lambda m, x: m.cartesian_prod(x), A23),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    call, *arrays = REFUSED[case]
    check_refused(call, *arrays)


VIEWS: dict[str, Any] = {
    "reshape": lambda x: x.reshape(-1),
    "view": lambda x: x.view(4, 6),
    "unsqueeze": lambda x: x.unsqueeze(0),
    "squeeze": lambda x: x.squeeze(),
    "transpose": lambda x: x.transpose(0, 2),
    "permute": lambda x: x.permute(2, 0, 1),
    "movedim": lambda x: x.movedim(0, 1),
    "T": lambda x: x[0].t(),
    "mT": lambda x: x.mT,
    "flatten": lambda x: x.flatten(1),
    "unflatten": lambda x: x.unflatten(2, (2, 2)),
    "expand": lambda x: x[:, :1].expand(2, 3, 4)[0, 0],
    "split": lambda x: x.split(1)[1],
    "chunk": lambda x: x.chunk(2, 1)[0],
    "tensor_split": lambda x: x.tensor_split(2, 2)[1],
    "unbind": lambda x: x.unbind(1)[2],
    "narrow": lambda x: x.narrow(1, 1, 2),
    "select": lambda x: x.select(2, 3),
    "unfold": lambda x: x.unfold(1, 2, 2),
    "view_dtype": lambda x: x.view(x.dtype),
    "atleast_3d": lambda x: x[0, 0].reshape(4)[None],
    "flip": lambda x: x.flip(0),
    "roll": lambda x: x.roll(1),
    "repeat": lambda x: x.repeat(1, 1, 1),
    "cat": lambda x: x.swapaxes(0, 1).contiguous(),
    "reshape_copies": lambda x: x.transpose(0, 2).reshape(-1),
}


@pytest.mark.parametrize("case", VIEWS)
def test_shares_memory_where_pytorch_does(case: str) -> None:
    seen = []
    for library in (minitorch, torch):
        base = library.tensor(A234)
        part = VIEWS[case](base)
        part.mul_(-1)
        version = base._version
        seen.append((base.tolist(), part.tolist(), version))
    assert seen[0] == seen[1]


def step(library: Any, x: Any, number: int) -> Any:
    """One of many views, joins and copies, as `number` says."""
    ndim = len(x.shape)
    dim, other = number % ndim, number // 7 % ndim
    size = x.shape[dim]
    choices = [
        lambda: x.transpose(dim, other),
        lambda: x.unsqueeze(dim),
        lambda: x.squeeze(dim) if ndim > 1 else x.flip(0),
        lambda: x.flatten(min(dim, other), max(dim, other)),
        lambda: library.cat([x, x.flip(dim)], other),
        lambda: library.stack([x, -x], dim),
        lambda: library.cat(x.split(1 + number % 3, dim)[::-1], dim),
        lambda: x.narrow(dim, number % size, size - number % size),
        lambda: x.roll(number % 5, dim),
        lambda: x.repeat(*(1 + (each == dim) for each in range(ndim))),
        lambda: x.unfold(dim, min(2, size), 1),
        lambda: x.movedim(dim, other).reshape(-1, x.shape[dim]),
        lambda: x.unsqueeze(dim).expand(*x.shape[:dim], 2, *x.shape[dim:]),
        lambda: x.rot90(number % 4, (dim, other)) if dim != other else x,
    ]
    return choices[number // 11 % len(choices)]()


@pytest.mark.parametrize("seed", range(40))
def test_random_chains(seed: int) -> None:
    random = np.random.default_rng(seed)
    array = random.standard_normal(tuple(random.integers(1, 4, random.integers(1, 5))))
    numbers = [int(number) for number in random.integers(0, 1 << 30, 5)]

    def call(library: Any, x: Any) -> Any:
        for number in numbers:
            x = step(library, x, number)
        return x

    check_same(call, array)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("flatten", ()), ("ravel", ()), ("squeeze", ()), ("t", ()), ("unbind", ()),
        ("permute", ((0,),)), ("flip", ((0,),)), ("roll", (1,)), ("tile", ((2,),)),
        ("reshape", ((2, 1),)), ("diag", ()), ("diagonal", ()), ("trace", ()), ("tril", ()),
    ],
)  # fmt: skip
def test_a_list_is_no_tensor(name: str, arguments: tuple[Any, ...]) -> None:
    for library in (minitorch, torch):
        with pytest.raises(TypeError):
            getattr(library, name)([1.0, 2.0], *arguments)
