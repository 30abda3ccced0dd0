using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The ways to exchange channels for pixels.</summary>
internal enum DepthSpaceFunction
{
    /// <summary>Channels become pixels of a block; the pixel counts slower than the remaining channel.</summary>
    DepthToSpace,

    /// <summary>The same, the pixel counting faster than the remaining channel, as PyTorch's pixel shuffle.</summary>
    DepthToSpaceColumnFirst,

    /// <summary>Pixels of a block become channels, the pixel counting slower.</summary>
    SpaceToDepth,
}

/// <summary>Moves square blocks of pixels to channels or back, channels last: [N H W C] to [N H·b W·b C/b²] or [N H/b W/b C·b²].</summary>
internal sealed class DepthSpace : Operator
{
    public DepthSpaceFunction Function;
    public int Block = 1;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("function", ref Function);
        codec.Int("block", ref Block);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [Moved(inputs[0].Type, Shape.OfRank(4))];
        if (x.Rank != 4 || Block is < 1 or > 1 << 12) throw Invalid($"blocks of {Block} cannot be moved in {inputs[0].Type}.");
        int square = Block * Block;
        bool fits = Function == DepthSpaceFunction.SpaceToDepth
            ? (x[1] < 0 || x[1] % Block == 0) && (x[2] < 0 || x[2] % Block == 0)
            : x[3] < 0 || x[3] % square == 0;
        if (!fits) throw Invalid($"{inputs[0].Type} cannot be divided into blocks of {Block}.");
        return [Moved(inputs[0].Type, Function == DepthSpaceFunction.SpaceToDepth
            ? new Shape(x[0], Divide(x[1], Block), Divide(x[2], Block), Multiply(x[3], square))
            : new Shape(x[0], Multiply(x[1], Block), Multiply(x[2], Block), Divide(x[3], square)))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Shape walked = Walk(inputs[0].Shape, outputs[0].Shape, strides);
        StridedCopy.Run(inputs[0], outputs[0], walked, strides[..walked.Rank]);
    }

    /// <summary>The result's elements in order, with blocks as axes of their own, and how far apart the input's are along each axis.</summary>
    public Shape Walk(in Shape x, in Shape y, Span<long> strides)
    {
        long w = x[2], c = x[3], b = Block, pixel = x[1] * w * c;
        if (Function == DepthSpaceFunction.SpaceToDepth)
        {
            ((ReadOnlySpan<long>)[pixel, b * w * c, b * c, w * c, c, 1]).CopyTo(strides);
            return new Shape(x[0], y[1], y[2], Block, Block, x[3]);
        }
        bool columnFirst = Function == DepthSpaceFunction.DepthToSpaceColumnFirst;
        long row = columnFirst ? b : b * y[3], column = columnFirst ? 1 : y[3], channel = columnFirst ? b * b : 1;
        ((ReadOnlySpan<long>)[pixel, w * c, row, c, column, channel]).CopyTo(strides);
        return new Shape(x[0], x[1], Block, x[2], Block, y[3]);
    }

    private static int Divide(int size, int by) => size < 0 ? Shape.Unknown : size / by;

    private static int Multiply(int size, int by) => size < 0 ? Shape.Unknown : checked(size * by);
}
