using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>What lies beyond the border.</summary>
internal enum PadMode
{
    /// <summary>One value.</summary>
    Constant,

    /// <summary>The mirror image, without the border itself.</summary>
    Reflect,

    /// <summary>The nearest element.</summary>
    Edge,

    /// <summary>The tensor again from its other side.</summary>
    Wrap,
}

/// <summary>
/// Adds elements before and after along some axes, or takes away where the pads are negative. Inputs: x, and where given instead
/// of the attributes, pads (all begins, then all ends), the value, and the axes.
/// </summary>
internal sealed class Pad : Operator
{
    public PadMode Mode;
    public long[] Pads = [];

    /// <summary>The axes; empty for all.</summary>
    public long[] Axes = [];
    public float Value;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("mode", ref Mode);
        codec.Longs("pads", ref Pads);
        codec.Longs("axes", ref Axes);
        codec.Float("value", ref Value);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 4);
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [Moved(inputs[0].Type, x)];
        if (Resolve(inputs) is not { } pads)
        {
            // Axes that are not padded keep their sizes, however much the others grow.
            Shape open = x;
            long[]? axes = Integers(inputs, 3, Axes);
            for (int i = 0; i < x.Rank; i++)
                if (axes is null or [] || axes.Contains(i) || axes.Contains(i - x.Rank)) open = open.With(i, Shape.Unknown);
            return [Moved(inputs[0].Type, open)];
        }
        Shape y = x;
        for (int i = 0; i < x.Rank; i++)
        {
            if (pads[i] == 0 && pads[i + x.Rank] == 0) continue;
            long size = x[i] < 0 ? Shape.Unknown : x[i] + pads[i] + pads[i + x.Rank];
            if (x[i] >= 0 && size < 0) throw Invalid($"the pads take more than there is along axis {i} of {inputs[0].Type}.");
            if (x[i] == 0 && size > 0 && Mode != PadMode.Constant) throw Invalid($"axis {i} of {inputs[0].Type} has nothing to repeat.");
            y = y.With(i, checked((int)size));
        }
        return [Moved(inputs[0].Type, y)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        using var value = new Tensor(new TensorType(inputs[0].DataType));
        if (inputs.Length > 2 && !inputs[2].IsMissing) inputs[2].Bytes.CopyTo(value.View.Bytes);
        else if (Mode == PadMode.Constant) new Cast { To = value.Type.DataType }.Evaluate([Tensor.Scalar(Value).View], [value.View]);
        var action = new Action { Operator = this, Pads = Resolve(Operand.Known(inputs))!, X = inputs[0], Value = value.View, Y = outputs[0] };
        TypeDispatch.Bits(inputs[0].DataType, ref action);
    }

    /// <summary>The pads of all axes, begins first; null when they are not known.</summary>
    public long[]? Resolve(ReadOnlySpan<Operand> inputs)
    {
        int rank = inputs[0].Shape.Rank;
        long[]? pads = Integers(inputs, 1, Pads), axes = Integers(inputs, 3, Axes);
        if (pads is null || axes is null) return null;
        if (axes.Length == 0) axes = Array.ConvertAll([.. Enumerable.Range(0, rank)], i => (long)i);
        if (pads.Length != 2 * axes.Length || Array.Exists(pads, v => v is < -int.MaxValue or > int.MaxValue))
            throw Invalid($"the pads [{string.Join(' ', pads)}] do not fit {axes.Length} axes.");
        var all = new long[2 * rank];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = NormalizeAxis(axes[i], rank);
            all[axis] = pads[i];
            all[axis + rank] = pads[i + axes.Length];
        }
        return all;
    }

    /// <summary>The position that stands for one outside of the size; -1 for the constant.</summary>
    public int Inside(long position, int size)
    {
        if (position >= 0 && position < size) return (int)position;
        switch (Mode)
        {
            case PadMode.Edge: return position < 0 ? 0 : size - 1;
            case PadMode.Wrap: return (int)((position % size + size) % size);
            case PadMode.Reflect:
                if (size == 1) return 0;
                long period = 2L * (size - 1), folded = (position % period + period) % period;
                return (int)(folded < size ? folded : period - folded);
            default: return -1;
        }
    }

    private ref struct Action : IBitsAction
    {
        public Pad Operator;
        public long[] Pads;
        public TensorView X, Value, Y;

        public readonly void Invoke<T>() where T : unmanaged, IEquatable<T>
        {
            Span<T> x = TypeDispatch.View<T>(X), y = TypeDispatch.View<T>(Y);
            T value = TypeDispatch.View<T>(Value)[0];
            Span<long> strides = stackalloc long[Shape.MaxRank];
            Broadcast.Strides(X.Shape, strides);
            var at = new IndexWalk(Y.Shape, []);
            for (int i = 0; at.Next(); i++)
            {
                long from = 0;
                bool inside = true;
                for (int axis = 0; axis < X.Shape.Rank; axis++)
                {
                    int position = Operator.Inside(at[axis] - Pads[axis], X.Shape[axis]);
                    inside &= position >= 0;
                    from += position * strides[axis];
                }
                y[i] = inside ? x[(int)from] : value;
            }
        }
    }
}
