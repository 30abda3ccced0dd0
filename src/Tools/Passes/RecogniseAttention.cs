using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// Finds attention, softmax(scale · Q·Kᵀ + mask)·V, and then takes in what stands around it: the transposes that split and join heads, and keys
/// and values that are repeated for heads that share them.
/// </summary>
internal static class RecogniseAttention
{
    /// <summary>Swaps heads and length.</summary>
    private static ReadOnlySpan<int> Swap => [0, 2, 1, 3];

    public static GraphPatch? Visit(Graph graph, Node node) => node.Operator switch
    {
        MatMul { TransposeA: false, TransposeB: false, Scale: 1, Activation.IsNone: true } when node.Input(MatMul.Bias) is null => Mixed(graph, node),
        Attention attention => Turned(node, attention) ?? Shared(node, attention),
        Transpose transpose => Joined(graph, node, transpose),
        _ => null,
    };

    /// <summary>The product of shares and values.</summary>
    private static GraphPatch? Mixed(Graph graph, Node node)
    {
        Value shares = node.Inputs[0]!, v = node.Inputs[1]!, y = node.Outputs[0];
        int rank = y.Type.Shape.Rank;
        if (y.Type.DataType != DataType.F32 || rank is not (3 or 4) || v.Type.Shape.Rank != rank || !graph.HasOneReader(shares)) return null;
        if (shares.Made<Softmax>() is not { Logarithm: false } softmax || (softmax.Axis != -1 && softmax.Axis != rank - 1)) return null;
        if (Scores.Of(graph, shares.Producer!.Inputs[0]!) is not { } scores) return null;
        Value q = scores.Query, k = scores.Key;
        if (q.Type.Shape.Rank != rank || k.Type.Shape.Rank != rank) return null;
        for (int axis = 0; axis < rank - 2; axis++)
            if (!Same(q, k, axis) || !Same(q, v, axis) || !Fits(scores.Added, q, axis, rank) || !Fits(scores.Open, q, axis, rank)) return null;

        var patch = new GraphPatch();
        Value? open = scores.Open;
        if (open is not null && scores.OpenIsHidden) open = patch.Add1($"{node.Name}/open", new Unary { Function = UnaryFunction.Not }, open);
        Value? added = scores.Added;
        if (added is null && scores.Raised is { } raised)
            added = patch.Add1($"{node.Name}/mask", new Where(), open, patch.Constant("zero", Tensor.Scalar(0f)), patch.Constant("raised", Tensor.Scalar(raised)));
        if (scores.Raised is not null) open = null;
        if (rank == 3)
        {
            (q, k, v) = (WithHeads(q)!, WithHeads(k)!, WithHeads(v)!);
            (added, open) = (added?.Type.Shape.Rank == 3 ? WithHeads(added) : added, open?.Type.Shape.Rank == 3 ? WithHeads(open) : open);
        }
        Value?[] inputs = open is not null ? [q, k, v, added, open] : added is not null ? [q, k, v, added] : [q, k, v];
        var attention = new Attention { Scale = scores.Scale, Fill = scores.Fill };
        if (rank == 4) return patch.Replace(y, patch.AddNamed(node, y.Name, attention, inputs));
        Value result = patch.Add1(node.Name, attention, inputs);
        return patch.Replace(y, patch.AddNamed(node, y.Name, new Squeeze { Axes = [1] }, result));

        Value? WithHeads(Value? x) => x is null ? null : patch.Add1($"{node.Name}/heads", new Unsqueeze { Axes = [1] }, x);
    }

    private static bool Same(Value a, Value b, int axis) => a.Type.Shape[axis] == b.Type.Shape[axis] && a.Type.Shape[axis] != Shape.Unknown;

    /// <summary>True when the mask surely does not repeat the scores along a leading axis.</summary>
    private static bool Fits(Value? mask, Value q, int axis, int rank)
    {
        if (mask is null) return true;
        if (mask.Type.Shape.IsUnranked || mask.Type.Shape.Rank > rank) return false;
        int own = axis - (rank - mask.Type.Shape.Rank);
        return own < 0 || mask.Type.Shape[own] == 1 || (mask.Type.Shape[own] == q.Type.Shape[axis] && q.Type.Shape[axis] != Shape.Unknown);
    }

    /// <summary>Operands that are transposed for attention are read as they were.</summary>
    private static GraphPatch? Turned(Node node, Attention attention)
    {
        for (int i = 0; i < 3; i++)
        {
            if (node.Inputs[i].Made<Transpose>() is not { } transpose || !transpose.For(4).AsSpan().SequenceEqual(Swap)) continue;
            Attention turned = attention.Copy();
            if (i == 0) turned.QueryByLength = !attention.QueryByLength;
            else if (i == 1) turned.KeyByLength = !attention.KeyByLength;
            else turned.ValueByLength = !attention.ValueByLength;
            return Replaced(node, turned, i, node.Inputs[i]!.Producer!.Inputs[0]!);
        }
        return null;
    }

    /// <summary>Keys and values that are repeated, as [batch, heads, 1, length, size] by [.., .., n, .., ..], are shared instead.</summary>
    private static GraphPatch? Shared(Node node, Attention attention)
    {
        if (attention.KeyByLength || attention.ValueByLength || Single(node.Inputs[1]!) is not { } k || Single(node.Inputs[2]!) is not { } v) return null;
        if (k.Type.Shape[1] != v.Type.Shape[1]) return null;
        var patch = new GraphPatch();
        Value?[] inputs = [.. node.Inputs];
        inputs[1] = patch.Add1($"{node.Name}/keys", new Squeeze { Axes = [2] }, k);
        inputs[2] = patch.Add1($"{node.Name}/values", new Squeeze { Axes = [2] }, v);
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(node, y.Name, attention, inputs));
    }

    private static Value? Single(Value repeated)
    {
        if (repeated.Made<Reshape>() is null || repeated.Producer!.Inputs[0] is not { } wide || wide.Made<Expand>() is null || wide.Producer!.Inputs[0] is not { Type.Shape.Rank: 5 } single) return null;
        Shape all = wide.Type.Shape, one = single.Type.Shape, joined = repeated.Type.Shape;
        if (all.Rank != 5 || one[2] != 1 || one[1] < 1 || all[2] < 1 || all[1] != one[1] || joined[1] != one[1] * all[2]) return null;
        return all[0] == one[0] && one[0] != Shape.Unknown && all[4] == one[4] && joined[3] == one[4] && joined[0] == one[0] ? single : null;
    }

    /// <summary>A transpose of the result, which joins heads, is done as it is written.</summary>
    private static GraphPatch? Joined(Graph graph, Node node, Transpose transpose)
    {
        if (node.Inputs[0] is not { } x || x.Made<Attention>() is not { } attention || !graph.HasOneReader(x) || !transpose.For(4).AsSpan().SequenceEqual(Swap)) return null;
        Attention joined = attention.Copy();
        joined.ResultByLength = !attention.ResultByLength;
        var patch = new GraphPatch();
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(x.Producer!, y.Name, joined, x.Producer!.InputArray));
    }

    private static GraphPatch Replaced(Node node, Attention attention, int index, Value input)
    {
        Value?[] inputs = [.. node.Inputs];
        inputs[index] = input;
        var patch = new GraphPatch();
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(node, y.Name, attention, inputs));
    }

    /// <summary>What scores are made of: a product of queries and keys, its scale, then a Bool mask, then a float one.</summary>
    private sealed class Scores
    {
        public required Value Query { get; init; }

        public required Value Key { get; init; }

        public float Scale { get; init; }

        public float Fill { get; init; }

        public Value? Added { get; init; }

        public Value? Open { get; init; }

        /// <summary>The Bool mask is true for what is hidden.</summary>
        public bool OpenIsHidden { get; init; }

        /// <summary>What is added where the Bool mask is false, instead of <see cref="Fill"/>.</summary>
        public float? Raised { get; init; }

        public static Scores? Of(Graph graph, Value value)
        {
            float scale = 1, fill = float.NegativeInfinity;
            Value? added = null, open = null;
            float? raised = null;
            bool hidden = false, scaled = false;
            while (value.Producer is { } node)
            {
                if (raised is null && !graph.HasOneReader(value)) return null;
                switch (node.Operator)
                {
                    case MatMul { TransposeA: false, TransposeB: true, Activation.IsNone: true } product when node.Input(MatMul.Bias) is null:
                        return new Scores { Query = node.Inputs[0]!, Key = node.Inputs[1]!, Scale = scale * product.Scale, Fill = fill, Added = added, Open = open, OpenIsHidden = hidden, Raised = raised };
                    case Binary { Function: BinaryFunction.Mul or BinaryFunction.Div, Activation.IsNone: true } binary:
                        Value factor = node.Inputs[1]!, rest = node.Inputs[0]!;
                        if (binary.Function == BinaryFunction.Mul && factor.Scalar() is null) (factor, rest) = (rest, factor);
                        if (factor.Scalar() is not { } number || number == 0 || rest.Type.Shape.Rank != value.Type.Shape.Rank) return null;
                        scale *= binary.Function == BinaryFunction.Mul ? number : 1 / number;
                        (scaled, value) = (true, rest);
                        break;
                    case Binary { Function: BinaryFunction.Add, Activation.IsNone: true } when added is null && open is null && !scaled:
                        bool first = LeadsToProduct(node.Inputs[0]!);
                        if (!first && !LeadsToProduct(node.Inputs[1]!)) return null;
                        (added, value) = first ? (node.Inputs[1], node.Inputs[0]!) : (node.Inputs[0], node.Inputs[1]!);
                        break;
                    case Where when open is null && !scaled:
                        open = node.Inputs[0];
                        if (node.Inputs[2].Scalar() is { } low) (fill, value) = (low, node.Inputs[1]!);
                        else if (node.Inputs[1].Scalar() is { } hiddenScore) (fill, hidden, value) = (hiddenScore, true, node.Inputs[2]!);
                        else if (added is null && FactorList.Shifted(node.Inputs[2]!) is { } shifted && shifted.Other == node.Inputs[1] && node.Inputs[1]!.Consumers.Count == 2)
                            (raised, value) = (shifted.Number, node.Inputs[1]!);
                        else return null;
                        break;
                    default:
                        return null;
                }
            }
            return null;
        }

        /// <summary>True when scales and choices lead to a product: a mask does not.</summary>
        private static bool LeadsToProduct(Value value)
        {
            for (int depth = 0; depth < 4 && value.Producer is { } node; depth++)
            {
                if (node.Operator is MatMul) return true;
                if (node.Operator is not (Binary or Where)) return false;
                value = node.Operator is Where ? node.Inputs[node.Inputs[1].Scalar() is null ? 1 : 2]! : node.Inputs[node.Inputs[0].Scalar() is null ? 0 : 1]!;
            }
            return false;
        }
    }
}
