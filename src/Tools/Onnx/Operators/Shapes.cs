using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Range = EdgeRuntime.Operators.Range;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>The shape of tensors and how elements move: reshape, slice, pad, resize.</summary>
internal static class Shapes
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("Shape", n => [n.Add1(new ShapeOf { Start = n.Attributes.Int32("start", 0), End = n.Attributes.Int32("end", int.MaxValue) }, n.Input(0))]),
        ("Size", n => [n.Add1(new ShapeOf { Product = true }, n.Input(0))]),
        ("Reshape", Reshape),
        ("Flatten", n => [n.Add1(new Flatten { Axis = n.Attributes.Int32("axis", 1) }, n.Input(0))]),
        ("Squeeze", Squeeze),
        ("Unsqueeze", Unsqueeze),
        ("Transpose", n => [n.Add1(new Transpose { Permutation = n.Attributes.Int32s("perm") }, n.Input(0))]),
        ("Concat", n => [n.Add1(new Concat { Axis = n.Attributes.Int32("axis", 1) }, n.AllInputs())]),
        ("Expand", Expand),
        ("Tile", Tile),
        ("Slice", Slice),
        ("Split", Split),
        ("Pad", Pad),
        ("Resize", Resizing.Resize),
        ("Upsample", Resizing.Upsample),
        ("DepthToSpace", DepthToSpace),
        ("SpaceToDepth", n => BlockMove(n, DepthSpaceFunction.SpaceToDepth)),
        ("Col2Im", n => [n.Add1(new Col2Im { Dilations = n.Attributes.Ints("dilations"), Pads = n.Attributes.Ints("pads"), Strides = n.Attributes.Ints("strides") }, n.Input(0), n.Input(1), n.Input(2))]),
        ("CenterCropPad", CenterCropPad),
        ("ConstantOfShape", ConstantOfShape),
        ("Range", n => [n.Add1(new Range(), n.Input(0), n.Input(1), n.Input(2))]),
        ("EyeLike", n => [n.Add1(new EyeLike { Diagonal = n.Attributes.Int32("k", 0), To = n.Attributes.DataType("dtype", n.Input(0).Type.DataType) }, n.Input(0))]),
        ("Trilu", Trilu),
        ("ReverseSequence", n => [n.Add1(new ReverseSequence { BatchAxis = n.Attributes.Int32("batch_axis", 1), TimeAxis = n.Attributes.Int32("time_axis", 0) }, n.Input(0), n.Input(1))]),
    ];

    /// <summary>
    /// Integers of an attribute (older operator sets) or an input (newer ones): the numbers where they are known, else the input.
    /// </summary>
    public static (long[] Known, Value? Computed) List(OnnxNode node, string attribute, int input)
    {
        if (node.Attributes.Has(attribute)) return (node.Attributes.Ints(attribute), null);
        return node.Optional(input) switch
        {
            null => ([], null),
            { Constant: not null } constant => (node.Integers(constant), null),
            Value computed => ([], computed),
        };
    }

    private static Value[] Reshape(OnnxNode node)
    {
        (long[] target, Value? computed) = List(node, "shape", 1);
        return [node.Add1(new Reshape { Target = target, AllowZero = node.Attributes.Bool("allowzero", false) }, node.Input(0), computed)];
    }

    private static Value[] Squeeze(OnnxNode node)
    {
        (long[] axes, Value? computed) = List(node, "axes", 1);
        return [node.Add1(new Squeeze { Axes = axes }, node.Input(0), computed)];
    }

    private static Value[] Unsqueeze(OnnxNode node)
    {
        (long[] axes, Value? computed) = List(node, "axes", 1);
        return [node.Add1(new Unsqueeze { Axes = axes }, node.Input(0), computed)];
    }

    private static Value[] Expand(OnnxNode node)
    {
        (long[] target, Value? computed) = List(node, "", 1);
        return [node.Add1(new Expand { Target = target }, node.Input(0), computed)];
    }

    private static Value[] ConstantOfShape(OnnxNode node)
    {
        (long[] target, Value? computed) = List(node, "", 0);
        Tensor? given = node.Attributes.Tensor("value");
        if (given is not null && given.Shape.Count != 1) throw node.Problem($"its value {given.Type} is not one element");
        Value element = node.Constant(given ?? Tensor.Scalar(0f));
        if (given is { Shape.Rank: > 0 }) element = node.Reshape(element);
        return [node.Add1(new Expand { Target = target }, element, computed)];
    }

    private static Value[] Tile(OnnxNode node)
    {
        (long[] repeats, Value? computed) = List(node, "", 1);
        return [node.Add1(new Tile { Repeats = repeats }, node.Input(0), computed)];
    }

    private static Value[] Slice(OnnxNode node)
    {
        (long[] starts, Value? computedStarts) = List(node, "starts", 1);
        (long[] ends, Value? computedEnds) = List(node, "ends", 2);
        (long[] axes, Value? computedAxes) = List(node, "axes", 3);
        (long[] steps, Value? computedSteps) = List(node, "steps", 4);
        var slice = new Slice { Starts = starts, Ends = ends, Axes = axes, Steps = steps };
        return [node.Add1(slice, node.Input(0), computedStarts, computedEnds, computedAxes, computedSteps)];
    }

    private static Value[] Split(OnnxNode node)
    {
        (long[] sizes, Value? computed) = List(node, "split", 1);
        int parts = node.Attributes.Int32("num_outputs", node.Outputs.Count);
        return node.Add(new Split { Axis = node.Attributes.Int32("axis", 0), Parts = parts, Sizes = sizes }, node.Input(0), computed);
    }

    /// <summary>What pads are filled with.</summary>
    public static PadMode Mode(OnnxNode node) => node.Attributes.OneOf("mode", "constant", "reflect", "edge", "wrap") switch
    {
        "constant" => PadMode.Constant,
        "reflect" => PadMode.Reflect,
        "edge" => PadMode.Edge,
        _ => PadMode.Wrap,
    };

    private static Value[] Pad(OnnxNode node)
    {
        (long[] pads, Value? computedPads) = List(node, "pads", 1);
        (long[] axes, Value? computedAxes) = List(node, "", 3);
        var pad = new Pad { Mode = Mode(node), Pads = pads, Axes = axes };
        Value? value = node.Optional(2);
        if (node.Version < 11) pad.Value = node.Attributes.Float("value", 0);
        else if (value is { Constant: not null, Type.DataType: DataType.F32 })
        {
            pad.Value = (float)node.Number(value, 0);
            value = null;
        }
        return [node.Add1(pad, node.Input(0), computedPads, value, computedAxes)];
    }

    /// <summary>Axes that are too long lose as much at both ends, those that are too short gain zeros; an odd element counts at the end.</summary>
    private static Value[] CenterCropPad(OnnxNode node)
    {
        Value x = node.Input(0), target = node.Cast(node.Input(1), DataType.I64);
        long[] given = node.Attributes.Ints("axes");
        Value axes = node.Integers(given.Length > 0 ? given : [.. Enumerable.Range(0, node.Rank(x)).Select(a => (long)a)]);
        Value sizes = node.Prepare(new Gather(), node.Prepare(new ShapeOf(), x), axes);
        Value none = node.Scalar(DataType.I64, 0), two = node.Scalar(DataType.I64, 2);
        Value excess = node.Binary(BinaryFunction.Sub, sizes, target);
        Value starts = node.Binary(BinaryFunction.Div, node.Binary(BinaryFunction.Max, excess, none), two);
        Value ends = node.Binary(BinaryFunction.Add, starts, node.Binary(BinaryFunction.Min, sizes, target));
        Value missing = node.Binary(BinaryFunction.Max, node.Binary(BinaryFunction.Sub, target, sizes), none);
        Value before = node.Binary(BinaryFunction.Div, missing, two), after = node.Binary(BinaryFunction.Sub, missing, before);
        Value cropped = node.Prepare(new Slice(), x, starts, ends, axes);
        return [node.Add1(new Pad(), cropped, node.Prepare(new Concat(), before, after), null, axes)];
    }

    private static Value[] DepthToSpace(OnnxNode node) => BlockMove(node,
        node.Attributes.OneOf("mode", "DCR", "CRD") == "DCR" ? DepthSpaceFunction.DepthToSpace : DepthSpaceFunction.DepthToSpaceColumnFirst);

    private static Value[] BlockMove(OnnxNode node, DepthSpaceFunction function)
    {
        var move = new DepthSpace { Function = function, Block = node.Attributes.Int32("blocksize", 1) };
        return [node.ChannelsLast(node.Input(0), x => node.Add1(move, x))];
    }

    public static Value[] Trilu(OnnxNode node)
    {
        var trilu = new Trilu { Upper = node.Attributes.Bool("upper", true) };
        Value? diagonal = node.Optional(1);
        if (diagonal is { Constant: not null })
        {
            trilu.Diagonal = node.Integers(diagonal) is [long k] ? k : throw node.Problem($"the diagonal '{diagonal.Name}' is not one number");
            diagonal = null;
        }
        return [node.Add1(trilu, node.Input(0), diagonal)];
    }
}
