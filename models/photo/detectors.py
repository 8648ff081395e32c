"""The two detectors as ONNX graphs of one form.

Input ``image``: float32 ``[1, 3, side, side]``, RGB, 0 to 255, the photograph centred on black.
Output ``detections``: float32 ``[1, 100, 6]``: left, top, right and bottom in pixels of the
input, a score of 0 to 1, and one of COCO's 80 classes; highest scores first. Boxes overlap: leaving
out the lesser ones of an object is up to the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx

from models.graph_builder import GraphBuilder
from models.photo.tfjs_to_onnx import CHANNELS_LAST, Converter, Value
from models.readers.tfjs_graph import GraphModel

CLASSES = 80
MOST = 100  # detections


@dataclass(frozen=True)
class Detector:
    """What tells one detector from the other.

    Attributes:
        file: its JSON file in the package.
        image_side: of its square input in pixels.
        add_boxes: translates the graph from the image's value on; returns the values of all boxes
            float32 ``[boxes, 4]`` and scores float32 ``[classes, boxes]``.
    """

    file: str
    image_side: int
    add_boxes: Callable[[Converter, str], tuple[str, str]]


def build_detector(
    model: GraphModel, detector: Detector, *, keep_float: bool = False
) -> onnx.ModelProto:
    """Write the graph of a detector.

    Args:
        model: as read from the detector's file.
        detector: which one that is.
        keep_float: store all weights as float32, to measure what storing them shorter costs.
    """
    graph = GraphBuilder(detector.file.removesuffix(".json"), {})
    side = detector.image_side
    image = graph.input("image", "float32", [1, 3, side, side])
    converter = Converter(model, graph, keep_float=keep_float)
    boxes, scores = detector.add_boxes(converter, image)
    graph.output("detections", _best(graph, boxes, scores), "float32", [1, MOST, 6])
    return graph.model()


def _best(graph: GraphBuilder, boxes: str, scores: str) -> str:
    """Pick the boxes and classes of the highest scores."""
    every = graph.reshape(scores, -1)  # class by class
    best, index = graph.add_many("TopK", [every, graph.constant([MOST], "int64")], 2)
    count = graph.dimension(boxes, 0)
    class_index = graph.add("Div", index, count)
    box_index = graph.add("Sub", index, graph.add("Mul", class_index, count))
    columns = [
        graph.add("Gather", boxes, box_index, axis=0),
        graph.reshape(best, MOST, 1),
        graph.reshape(graph.add("Cast", class_index, to=onnx.TensorProto.FLOAT), MOST, 1),
    ]
    return graph.reshape(graph.add("Concat", *columns, axis=1), 1, MOST, 6)


def _corners(graph: GraphBuilder, centres: str, distances: str) -> str:
    """Turn distances left, up, right and down ``[boxes, 4]`` from centres into corners."""
    twice = graph.add("Concat", centres, centres, axis=1)
    signs = graph.constant([-1, -1, 1, 1])
    return graph.add("Add", twice, graph.add("Mul", distances, signs))


def _grid(graph: GraphBuilder, side: int, stride: int, offset: float) -> str:
    """Centres of a map's cells in pixels of the input: x and y, row by row.

    Made in the graph from one line, because a table takes as many bytes as a kernel.
    """
    line = (np.arange(side, dtype=np.float32) + np.float32(offset)) * stride
    size = graph.constant([side, side], "int64")
    columns = [
        graph.reshape(graph.add("Expand", graph.constant(line.reshape(shape)), size), -1, 1)
        for shape in ((1, side), (side, 1))
    ]
    return graph.add("Concat", *columns, axis=1)


def _centernet(converter: Converter, image: str) -> tuple[str, str]:
    """MobileNetV3-CenterNet: a map of centres for each class, and one of distances.

    A centre is where a score is the highest of its 3 x 3 neighbours'.
    """
    graph = converter.graph
    converter.place("tower_0/images", Value(image, CHANNELS_LAST))
    scores = converter.image("tower_0/keypoints")  # [1, 80, 128, 128]
    highest = graph.add("MaxPool", scores, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    is_centre = graph.add("Cast", graph.add("Equal", scores, highest), to=onnx.TensorProto.FLOAT)
    centres = graph.reshape(graph.add("Mul", scores, is_centre), CLASSES, -1)
    distances = graph.reshape(converter.image("tower_0/wh"), 4, -1)
    grid = _grid(graph, 128, 4, 0)
    return _corners(graph, grid, graph.add("Transpose", distances, perm=[1, 0])), centres


# NanoDet sees colours as blue, green, red, each with the mean and deviation of ImageNet's.
# Source: RangiLyu/nanodet, config/nanodet-g.yml.
NANODET_MEAN = (103.53, 116.28, 123.675)
NANODET_DEVIATION = (57.375, 57.12, 58.395)
NANODET_BINS = 11
NANODET_HEADS = {8: "Add_29", 16: "Add_33", 32: "Add_37"}


def _nanodet(converter: Converter, image: str) -> tuple[str, str]:
    """NanoDet-g: maps of three strides; each distance is the mean of a distribution over 11 bins.

    Source: RangiLyu/nanodet, nanodet/model/head/gfl_head.py.
    """
    graph = converter.graph
    reversed_channels = graph.add("Gather", image, graph.constant([2, 1, 0], "int64"), axis=1)
    mean, deviation = (
        graph.constant(np.reshape(numbers, (3, 1, 1)))
        for numbers in (NANODET_MEAN, NANODET_DEVIATION)
    )
    normal = graph.add("Div", graph.add("Sub", reversed_channels, mean), deviation)
    converter.place("input_1", Value(normal, (0, 1, 2, 3)))
    scores, boxes = [], []
    for stride, head in NANODET_HEADS.items():
        parts = [CLASSES, 4 * NANODET_BINS]
        values = graph.reshape(converter.image(f"PartitionedCall/{head}"), sum(parts), -1)
        logits, bins = graph.add_many("Split", [values], 2, axis=0, split=parts)
        scores.append(graph.add("Sigmoid", logits))
        turned = graph.add("Transpose", bins, perm=[1, 0])
        shares = graph.add("Softmax", graph.reshape(turned, -1, NANODET_BINS), axis=1)
        steps = np.arange(NANODET_BINS, dtype=np.float32)[:, None] * stride
        distances = graph.add("MatMul", shares, graph.constant(steps))
        grid = _grid(graph, 416 // stride, stride, 0.5)
        boxes.append(_corners(graph, grid, graph.reshape(distances, -1, 4)))
    return graph.add("Concat", *boxes, axis=0), graph.add("Concat", *scores, axis=1)


DETECTORS = {
    "centernet": Detector("centernet.json", 512, _centernet),
    "nanodet": Detector("nanodet.json", 416, _nanodet),
}
