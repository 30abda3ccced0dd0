using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The dimensions of the input from one axis up to another as an I64 vector, or their product as an I64 scalar.</summary>
internal sealed class ShapeOf : Operator
{
    /// <summary>The first axis; negative ones count from the end, and both bounds are clamped to the rank.</summary>
    public int Start;

    /// <summary>The axis after the last.</summary>
    public int End = int.MaxValue;

    /// <summary>Gives the product instead.</summary>
    public bool Product;

    public override bool ReadsOnlyShapes => true;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("start", ref Start);
        codec.Int("end", ref End);
        codec.Bool("product", ref Product);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (Product) return [new TensorType(DataType.I64)];
        if (inputs[0].Shape.IsUnranked) return [new TensorType(DataType.I64, Shape.Unknown)];
        (int from, int to) = Bounds(inputs[0].Shape.Rank);
        return [new TensorType(DataType.I64, to - from)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => default;

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape x = inputs[0].Shape;
        (int from, int to) = Bounds(x.Rank);
        Span<long> y = outputs[0].Span<long>();
        if (Product) y[0] = x.Product(from, to);
        else for (int axis = from; axis < to; axis++) y[axis - from] = x[axis];
    }

    /// <summary>The bounds for a rank.</summary>
    public (int From, int To) Bounds(int rank)
    {
        int from = Math.Clamp(Start < 0 ? Start + rank : Start, 0, rank);
        return (from, Math.Clamp(End < 0 ? End + rank : End, from, rank));
    }
}
