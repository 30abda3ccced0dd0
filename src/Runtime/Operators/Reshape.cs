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
        long[]? target = inputs.Length > 1 && !inputs[1].IsMissing ? inputs[1].Integers() : Target;
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
        if (target.Length > Shape.MaxRank) throw Invalid($"the target [{string.Join(' ', target)}] has more than {Shape.MaxRank} axes.");
        Span<int> y = stackalloc int[target.Length];
        int open = -1;
        long known = 1;
        bool countable = true;
        for (int i = 0; i < target.Length; i++)
        {
            if (target[i] is < -1 or > int.MaxValue) throw Invalid($"the target [{string.Join(' ', target)}] has a negative or huge size.");
            if (target[i] == -1)
            {
                if (open >= 0) throw Invalid($"the target [{string.Join(' ', target)}] leaves more than one size open.");
                open = i;
                y[i] = Shape.Unknown;
                continue;
            }
            y[i] = target[i] == 0 && !AllowZero ? (i < x.Rank ? x[i] : x.IsUnranked ? Shape.Unknown
                : throw Invalid($"the target [{string.Join(' ', target)}] keeps axis {i}, which {x} has not.")) : (int)target[i];
            if (y[i] < 0) countable = false;
            else known = checked(known * y[i]);
        }
        if (!x.IsStatic || !countable) return new Shape(y);
        if (open >= 0) y[open] = known == 0 ? 0 : checked((int)(x.Count / known));
        var shape = new Shape(y);
        if (shape.Count != x.Count) throw Invalid($"{x} cannot become [{string.Join(' ', target)}]: {x.Count} elements do not fit.");
        return shape;
    }
}
