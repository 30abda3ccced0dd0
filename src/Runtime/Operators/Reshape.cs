using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The same elements under another shape. The target is the attribute, or input 1 when given; -1 stands for what is left over,
/// and 0 for the input's own dimension unless zeros are allowed (ONNX Reshape-14).
/// </summary>
internal sealed class Reshape : Operator
{
    public long[] Target = [];
    public bool AllowZero;

    public override bool IsView => true;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Longs("target", ref Target);
        codec.Bool("allow_zero", ref AllowZero);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 2);
        Operand x = inputs[0];
        long[]? target = inputs.Length > 1 && !inputs[1].IsMissing ? inputs[1].Integers() ?? inputs[1].Elements : Target;
        if (target is null)
        {
            // The values are not known, but perhaps how many there are.
            if (inputs[1].Shape.Rank != 1 || inputs[1].Shape[0] is < 0 or > Shape.MaxRank) return [new TensorType(x.DataType, Shape.Unranked)];
            Span<int> unknown = stackalloc int[inputs[1].Shape[0]];
            unknown.Fill(Shape.Unknown);
            return [new TensorType(x.DataType, new Shape(unknown))];
        }
        return [new TensorType(x.DataType, Resolve(x.Shape, target), x.Type.Quantization)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => default;

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        inputs[0].Bytes.CopyTo(outputs[0].Bytes);

    private Shape Resolve(in Shape x, long[] target)
    {
        if (target.Length > Shape.MaxRank) throw Invalid($"the target [{Text(target)}] has more than {Shape.MaxRank} axes.");
        Span<int> y = stackalloc int[target.Length];
        Span<bool> kept = stackalloc bool[Shape.MaxRank];
        kept.Clear();
        int open = -1;
        for (int i = 0; i < target.Length; i++)
        {
            bool known = ShapeElements.IsNumber(target[i]);
            if (known && target[i] is < -1 or > int.MaxValue) throw Invalid($"the target [{Text(target)}] has a negative or huge size.");
            if (target[i] == -1)
            {
                if (open >= 0) throw Invalid($"the target [{Text(target)}] leaves more than one size open.");
                open = i;
            }
            kept[i] = target[i] == 0 && !AllowZero && i < x.Rank;
            y[i] = kept[i] ? x[i] : target[i] != 0 || AllowZero ? ShapeElements.Dimension(target[i]) : x.IsUnranked ? Shape.Unknown
                : throw Invalid($"the target [{Text(target)}] keeps axis {i}, which {x} has not.");
        }
        if (x.IsUnranked) return new Shape(y);
        // A single size that is not known is what is left over, as if it had been left open.
        for (int i = 0; i < y.Length && open < 0; i++)
            if (y[i] == Shape.Unknown && !kept[i]) open = i;
        if (open >= 0) y[open] = LeftOver(x, y, kept, open);
        var shape = new Shape(y);
        if (x.IsStatic && shape.IsStatic && shape.Count != x.Count) throw Invalid($"{x} cannot become [{Text(target)}]: {x.Count} elements do not fit.");
        return shape;
    }

    /// <summary>What the open size must be so that both shapes have the same number of elements; kept axes and symbols on both sides cancel.</summary>
    private static int LeftOver(in Shape x, ReadOnlySpan<int> y, ReadOnlySpan<bool> kept, int open)
    {
        long before = 1, after = 1;
        List<int> symbols = [];
        for (int i = 0; i < x.Rank; i++)
        {
            if (i < y.Length && kept[i]) continue;
            if (x[i] == Shape.Unknown) return Shape.Unknown;
            if (x[i] < 0) symbols.Add(x[i]);
            else before = checked(before * x[i]);
        }
        for (int i = 0; i < y.Length; i++)
        {
            if (i == open || kept[i]) continue;
            if (y[i] >= 0) after = checked(after * y[i]);
            else if (!symbols.Remove(y[i])) return Shape.Unknown;
        }
        if (symbols.Count == 0) return after == 0 ? 0 : before % after == 0 || x.IsStatic ? checked((int)(before / after)) : Shape.Unknown;
        return symbols.Count == 1 && before == after && before > 0 ? symbols[0] : Shape.Unknown;
    }

    private static string Text(long[] target) => string.Join(' ', Array.ConvertAll(target, t => ShapeElements.IsNumber(t) ? $"{t}" : "?"));
}
