"""Trained networks as ONNX files, for programs without torch.

Heights and widths are free (multiples of 32), one photo goes through at a time, and no file is put
in place before onnxruntime has given torch's chroma on the sample photos. The numbers are computed
in float32 always; `Precision` says how the weights are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from timm.layers.conv2d_same import Conv2dSame
from torch import Tensor, nn
from torch.nn.functional import conv2d, interpolate

from colorlab.data.files import write_whole
from colorlab.data.samples import sample_photos
from colorlab.inference.join import to_pixels
from colorlab.inference.predict import working_size
from colorlab.models import STRIDE, Colorizer, create_model, read_card
from colorlab.models.efficientnet import EfficientNetColorizer
from colorlab.models.encoders import PAPER_TAPS
from colorlab.models.fast import fast
from colorlab.models.live import LOWEST, LiveColorizer

OPSET = 18
"""Of ONNX: the oldest that torch's exporter writes; runtimes have had it since early 2023."""

TOLERANCE = 1e-3
"""How far chroma in [-1, 1] may be from torch's before weights are rounded; 1e-6 is usual."""

Precision = Literal["fp32", "fp16", "int8"]
"""How weights are stored. In int8 each output channel of a convolution has a scale of its own (of a
transposed one each input channel), and small convolutions (most of them depthwise) stay in fp16:
they feel the rounding most, and weigh least."""

TAP_NAMES = tuple(f"tap{stride}" for stride in PAPER_TAPS.strides.values())
"""What the five activations between encoder and decoder are called, finest first."""

_FLOAT32 = 1024
"""Tensors of fewer numbers, such as biases, stay in float32 at any precision."""

_SMALL = 65_536
"""Of fewer numbers, int8 becomes fp16: 9 % more bytes, a third of the difference in colour."""

Run = Callable[[Tensor, float], NDArray[np.float32]]


@dataclass(frozen=True)
class Exported:
    """The files and how they do on the sample photos.

    `difference` is the largest one from torch before weights were rounded, in chroma units;
    `mse` and `mse_torch` are the mean squared errors of the files and of the network, in scaled
    chroma, at the network's working size.
    """

    files: tuple[Path, ...]
    photos: int
    difference: float
    mse: float
    mse_torch: float


def export(
    model: str, target: Path, precision: Precision = "fp32", split: bool = False
) -> Exported:
    """Write a trained model as an ONNX file, or as two with `split`.

    The one file takes `luma` (1, 1, H, W) in [0, 1] and gives `chroma` (1, 2, H, W), scaled as the
    file's metadata say. Split, `target` is a folder: `encoder.onnx` takes `luma` and gives the five
    `TAP_NAMES`, `decoder.onnx` takes those and `luma`. A network that takes lambda has one more
    input, `lam` (1,) in [0.1, 1], at the end.

    Raises ValueError for a model or precision there is not and a network that can't be split,
    RuntimeError where a package is missing or onnxruntime's chroma is not torch's.
    """
    if precision not in get_args(Precision):
        raise ValueError(f"no precision {precision!r}; there are: {', '.join(get_args(Precision))}")
    _need_packages()
    network = prepare(create_model(model))
    exact = {name: _to_onnx(part) for name, part in _parts(network, split).items()}
    samples = [_sample(network, photo.rgb) for photo in sample_photos()]
    difference = _check(_in_torch(network), _in_onnxruntime(exact), samples, network)
    graphs = {name: _store(graph, precision) for name, graph in exact.items()}
    for graph in graphs.values():
        _describe(graph, model, network, precision)
    mse, mse_torch = (_mse(run, samples) for run in (_in_onnxruntime(graphs), _in_torch(network)))
    files = tuple(target / f"{name}.onnx" if split else target for name in graphs)
    for path, graph in zip(files, graphs.values(), strict=True):
        write_whole(path, graph.SerializeToString())
    return Exported(files, len(samples), difference, mse, mse_torch)


def _need_packages() -> None:
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise RuntimeError(
            f"exporting needs the package {error.name}: pip install 'colorlab-course[export]'"
        ) from None


def prepare(network: Colorizer) -> Colorizer:
    """The same function in operations that a graph holds as constants; changed in place.

    It is made `fast`, and padding that would depend on the size of the photo, but for its being a
    multiple of 32, is settled.
    """
    fast(network).to(memory_format=torch.contiguous_format)
    for name, module in list(network.named_modules()):
        if isinstance(module, Conv2dSame):
            network.set_submodule(name, _PaddedConv(module))
        elif getattr(module, "inplace", False):
            module.inplace = False  # else the exporter takes twice as long
    return network.eval().requires_grad_(False)


class _PaddedConv(nn.Module):
    """timm's "same" convolution on heights and widths that its stride divides."""

    def __init__(self, conv: Conv2dSame) -> None:
        super().__init__()
        sides = [max(k - s, 0) for k, s in zip(conv.kernel_size, conv.stride, strict=True)]
        top, left = (side // 2 for side in sides)
        self.pad = nn.ZeroPad2d((left, sides[1] - left, top, sides[0] - top))
        self.conv = conv

    def forward(self, x: Tensor) -> Tensor:
        conv = self.conv
        return conv2d(self.pad(x), conv.weight, conv.bias, conv.stride, groups=conv.groups)


class Part(nn.Module):
    """What becomes a file: a network or half of one, with the names of its inputs and outputs."""

    def __init__(
        self,
        network: Colorizer,
        run: Callable[..., Tensor | list[Tensor]],
        inputs: tuple[str, ...],
        outputs: tuple[str, ...] = ("chroma",),
    ) -> None:
        super().__init__()
        self.network, self.inputs, self.outputs = network, inputs, outputs
        self._run = run

    def forward(self, *inputs: Tensor) -> Tensor | list[Tensor]:
        """Tensors in the order of `inputs` to those of `outputs`; shapes are those of `_run`."""
        return self._run(*inputs)


def _parts(network: Colorizer, split: bool) -> dict[str, Part]:
    inputs = ("luma", "lam") if isinstance(network, LiveColorizer) else ("luma",)
    if not split:
        return {"whole": Part(network, network.forward, inputs)}
    if not isinstance(network, EfficientNetColorizer):
        raise ValueError("only networks of the paper's design, efficientnet_*, can be split")
    decode, taps = network.decode, len(TAP_NAMES)

    def decoder(*inputs: Tensor) -> Tensor:
        return decode(list(inputs[:taps]), *inputs[taps:])

    return {
        "encoder": Part(network, network.encode, ("luma",), TAP_NAMES),
        "decoder": Part(network, decoder, (*TAP_NAMES, *inputs)),
    }


def _to_onnx(part: Part) -> Any:
    """The part as an onnx.ModelProto, weights as they are."""
    luma = torch.rand(1, 1, 4 * STRIDE, 5 * STRIDE)
    examples = {"luma": luma, "lam": torch.ones(1)}
    if isinstance(part.network, EfficientNetColorizer):
        examples |= zip(TAP_NAMES, part.network.encode(luma), strict=True)
    high, wide = (torch.export.Dim(name, min=1, max=128) for name in "hw")
    shapes: list[dict[int, Any] | None] = []
    for name in part.inputs:
        times = STRIDE // int(name.removeprefix("tap")) if name in TAP_NAMES else STRIDE
        sides = {2: high, 3: wide} if times == 1 else {2: times * high, 3: times * wide}
        shapes.append(None if name == "lam" else sides)
    program = torch.onnx.export(
        part.eval(),
        tuple(examples[name] for name in part.inputs),
        input_names=part.inputs,
        output_names=part.outputs,
        opset_version=OPSET,
        dynamo=True,
        dynamic_shapes=(tuple(shapes),),
        verbose=False,
    )
    assert program is not None
    graph = program.model_proto
    # The exporter notes where in the source each operation came from, paths of this machine too.
    for node in graph.graph.node:
        del node.metadata_props[:]
    del graph.graph.value_info[:], graph.graph.metadata_props[:], graph.metadata_props[:]
    return graph


def _store(graph: Any, precision: Precision) -> Any:
    """A copy whose large tensors are stored smaller, each brought back to float32 by a node.

    Runtimes do that once, when they load the file. (QuantizeLinear's pair would keep int8 weights
    small in memory too, and convert them anew for every photo.)
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    copy = onnx.ModelProto()
    copy.CopyFrom(graph)
    if precision == "fp32":
        return copy
    tensors, nodes = copy.graph.initializer, []
    for tensor in list(tensors):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _FLOAT32:
            continue
        name, stored = tensor.name, f"{tensor.name}.stored"
        tensors.remove(tensor)
        if precision == "fp16" or values.size < _SMALL:
            tensors.append(numpy_helper.from_array(values.astype(np.float16), stored))
            nodes.append(helper.make_node("Cast", [stored], [name], to=TensorProto.FLOAT))
            continue
        largest = np.abs(values).max(axis=tuple(range(1, values.ndim)), keepdims=True)
        scale = np.maximum(largest, np.finfo(np.float32).tiny) / np.float32(127)
        tensors.append(numpy_helper.from_array(np.round(values / scale).astype(np.int8), stored))
        tensors.append(numpy_helper.from_array(scale, f"{name}.scale"))
        nodes.append(helper.make_node("Cast", [stored], [f"{name}.whole"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [f"{name}.whole", f"{name}.scale"], [name]))
    nodes.extend(copy.graph.node)
    del copy.graph.node[:]
    copy.graph.node.extend(nodes)
    onnx.checker.check_model(copy)
    return copy


def _describe(graph: Any, model: str, network: Colorizer, precision: Precision) -> None:
    """Say in the file's metadata what it is and how its numbers are scaled."""
    from onnx import helper

    space = network.space
    card = read_card(model) or {}
    facts = {
        "model": Path(model).name,  # of a run, its name alone
        "space": space.name,
        "luma": f"1 is {space.luma_scale:g}",
        "chroma": f"1 is {space.chroma_scale[0]:g} and {space.chroma_scale[1]:g}",
        "sizes": f"multiples of {STRIDE}",
        "weights": precision,
        "head_sha256": card.get("sha256", ""),
    }
    helper.set_model_props(graph, {f"colorlab.{key}": value for key, value in facts.items()})


def _sample(network: Colorizer, rgb: NDArray[np.uint8]) -> tuple[Tensor, Tensor]:
    """A photo's luma (1, 1, H, W) and chroma (1, 2, H, W) at the network's working size."""
    pixels = to_pixels(rgb)[None]
    small = interpolate(pixels, working_size(*pixels.shape[2:]), mode="bilinear", antialias=True)
    return network.space.split(small / 255)


def _in_torch(network: Colorizer) -> Run:
    @torch.inference_mode()
    def run(luma: Tensor, lam: float) -> NDArray[np.float32]:
        more = (lam,) if isinstance(network, LiveColorizer) else ()
        return network(luma, *more).numpy()

    return run


def _in_onnxruntime(graphs: Mapping[str, Any]) -> Run:
    """The files' chroma: each graph takes what it asks for of what those before it gave."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    sessions = [
        onnxruntime.InferenceSession(
            graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        for graph in graphs.values()
    ]

    def run(luma: Tensor, lam: float) -> NDArray[np.float32]:
        known: dict[str, NDArray[np.float32]] = {"luma": luma.numpy()}
        known["lam"] = np.array([lam], np.float32)
        for session in sessions:
            asked = {wanted.name: known[wanted.name] for wanted in session.get_inputs()}
            given = [output.name for output in session.get_outputs()]
            known |= zip(given, session.run(given, asked), strict=True)
        return known["chroma"]

    return run


def _mse(run: Run, samples: list[tuple[Tensor, Tensor]]) -> float:
    errors = [np.square(run(luma, 1.0) - truth.numpy()).mean() for luma, truth in samples]
    return float(np.mean(errors))


def _check(
    torch_run: Run, onnx_run: Run, samples: list[tuple[Tensor, Tensor]], network: Colorizer
) -> float:
    """The largest difference of the two on the samples; RuntimeError where it is too large."""
    lams = (1.0, 0.5, LOWEST) if isinstance(network, LiveColorizer) else (1.0,)
    largest = max(
        float(np.abs(torch_run(luma, lam) - onnx_run(luma, lam)).max())
        for luma, _ in samples
        for lam in lams
    )
    if largest > TOLERANCE:
        raise RuntimeError(
            f"onnxruntime's chroma is up to {largest:.2g} from torch's; nothing was written"
        )
    return largest
