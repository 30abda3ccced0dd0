using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>Gathering and scattering elements, and finding the best ones. Indices are I32, as everywhere in TensorFlow.js.</summary>
internal static class Selection
{
    public static readonly (string Name, TensorFlowImport Import)[] All =
    [
        ("Gather", n => [n.Add1(new Gather(), n.Input(0), n.Input(1))]),
        ("GatherV2", GatherV2),
        ("GatherNd", n => [n.Add1(new GatherND { BatchAxes = n.Attributes.Int("batch_dims", 0) }, n.Input(0), n.Input(1))]),
        ("ScatterNd", n => [n.Add1(new ScatterND { Reduction = ScatterReduction.Add }, Constants.Filled(n, n.Scalar(n.Input(1).Type.DataType, 0), 2), n.Input(0), n.Input(1))]),
        ("TensorScatterUpdate", n => [n.Add1(new ScatterND(), n.Input(0), n.Input(1), n.Input(2))]),
        ("SparseToDense", SparseToDense),
        ("Where", n => [n.Int32(n.Transpose(n.Add1(new NonZero(), n.Input(0)), 1, 0))]),
        ("TopKV2", TopK),
        ("Unique", Unique),
        ("NonMaxSuppressionV2", n => [Suppress(n, 4)]),
        ("NonMaxSuppressionV3", n => [Suppress(n, 5)]),
        ("NonMaxSuppressionV4", SuppressAndPad),
        ("NonMaxSuppressionV5", SuppressAndScore),
    ];

    private static TensorFlowResult[] GatherV2(TensorFlowNode node)
    {
        int axis = node.InputCount > 2 ? node.Integer(2) : 0, batch = node.Attributes.Int("batch_dims", 0);
        Value x = node.Input(0), indices = node.Input(1);
        if (batch == 0) return [node.Add1(new Gather { Axis = axis }, x, indices)];
        if (axis < 0) axis += node.Rank(x);
        if (batch < 0) batch += node.Rank(indices);
        if (axis != batch) throw node.Problem($"it gathers along axis {axis} with {batch} batch axes; only the axis after these is supported");
        return [node.Add1(new GatherND { BatchAxes = batch }, x, node.Prepare(new Unsqueeze { Axes = [-1] }, indices))];
    }

    /// <summary>Inputs: indices, the shape, what goes there, and what goes elsewhere.</summary>
    private static TensorFlowResult[] SparseToDense(TensorFlowNode node)
    {
        Value indices = node.Input(0), values = node.Input(2);
        int rank = node.Rank(indices);
        if (rank == 0) indices = node.Reshape(indices, 1, 1);
        if (rank == 1) indices = node.Reshape(indices, -1, 1);
        Value background = Constants.Filled(node, node.InputCount > 3 ? node.Input(3) : node.Scalar(values.Type.DataType, 0), 1);
        if (node.Rank(values) == 0)
        {
            Value count = node.Prepare(new ShapeOf { End = 1 }, indices);
            values = node.Prepare(new Expand(), values, count);
        }
        return [node.Add1(new ScatterND(), background, indices, values)];
    }

    private static TensorFlowResult[] TopK(TensorFlowNode node)
    {
        (long[] known, Value? computed) = node.Known(1);
        if (computed is null && known.Length != 1) throw node.Problem($"[{string.Join(' ', known)}] is not one number of elements");
        Value[] best = node.Add(new TopK { K = computed is null ? known[0] : 1 }, node.Input(0), computed);
        return [best[0], node.Int32(best[1])];
    }

    /// <summary>The different elements in the order of their first occurrence, and for each input which of them it is.</summary>
    private static TensorFlowResult[] Unique(TensorFlowNode node)
    {
        Value[] found = node.Add(new Unique { Sorted = false }, node.Input(0));
        return [found[0], node.Int32(found[2])];
    }

    /// <summary>The boxes that stand out, best first. Inputs: boxes [n, 4], scores [n], the largest number, the overlap and perhaps the score to exceed.</summary>
    private static Value Suppress(TensorFlowNode node, int inputs)
    {
        var first = new Unsqueeze { Axes = [0] };
        Value boxes = node.Prepare(first, node.Float(0)), scores = node.Prepare(new Unsqueeze { Axes = [0, 1] }, node.Float(1));
        Value[] limits = [.. Enumerable.Range(2, inputs - 2).Select(node.Input)];
        // Rows of picture, class and box.
        Value rows = node.Add1(new NonMaxSuppression(), [boxes, scores, .. limits]);
        Value indices = node.Prepare(new Slice { Axes = [1], Starts = [2], Ends = [3] }, rows);
        return node.Int32(node.Prepare(new Squeeze { Axes = [1] }, indices));
    }

    private static TensorFlowResult[] SuppressAndPad(TensorFlowNode node)
    {
        Value indices = Suppress(node, 5), count = Count(node, indices);
        return [node.Attributes.Bool("pad_to_max_output_size", false) ? Padded(node, indices, count) : indices, count];
    }

    private static TensorFlowResult[] SuppressAndScore(TensorFlowNode node)
    {
        if (node.InputCount > 5 && node.Number(node.Input(5), 0) != 0) throw node.Problem("soft suppression, which lowers scores instead of dropping boxes, is not supported");
        Value indices = Suppress(node, 5), count = Count(node, indices);
        Value scores = node.Prepare(new Gather(), node.Float(1), indices);
        if (!node.Attributes.Bool("pad_to_max_output_size", false)) return [indices, scores, count];
        return [Padded(node, indices, count), Padded(node, scores, count), count];
    }

    private static Value Count(TensorFlowNode node, Value indices) => node.Int32(node.Prepare(new ShapeOf { Product = true }, indices));

    /// <summary>Zeros behind, up to the largest number.</summary>
    private static Value Padded(TensorFlowNode node, Value x, Value count)
    {
        Value missing = node.Prepare(new Reshape { Target = [1] }, node.Binary(BinaryFunction.Sub, node.Int32(node.Input(2)), count));
        Value pads = node.Prepare(new Concat(), node.Cast(node.Integers([0]), DataType.I32), missing);
        return node.Prepare(new Pad(), x, pads);
    }
}
