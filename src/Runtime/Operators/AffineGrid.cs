using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The grid by which <see cref="GridSample"/> turns, moves and scales pictures: matrices [N 2 3] or [N 3 4], and the size of the result (N C H W or
/// N C D H W) give places [N H W (x y)] or [N D H W (x y z)].
/// </summary>
internal sealed class AffineGrid : Operator
{
    /// <summary>-1 and 1 are the centres of the border pixels instead of their outer edges.</summary>
    public bool AlignCorners;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec) => codec.Bool("align_corners", ref AlignCorners);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 2);
        Shape theta = inputs[0].Shape;
        if (theta.IsUnranked) return [new TensorType(inputs[0].DataType, theta)];
        int axes = theta.Rank == 3 ? theta[1] < 0 ? theta[2] - 1 : theta[1] : 0;
        if (axes < 0) return [new TensorType(inputs[0].DataType, Shape.Unranked)];
        if (axes is not (2 or 3) || !theta.Accepts(new Shape(theta[0], axes, axes + 1))) throw Invalid($"{inputs[0].Type} holds no affine maps.");
        if (inputs[1].Integers() is not { } size) return [new TensorType(inputs[0].DataType, Shape.OfRank(axes + 2).With(0, theta[0]).With(-1, axes))];
        if (size.Length != axes + 2 || size.Any(s => s is < 0 or > int.MaxValue) || (theta[0] >= 0 && theta[0] != size[0]))
            throw Invalid($"a result of [{string.Join(' ', size.Take(9))}] does not fit the maps {inputs[0].Type}.");
        return [new TensorType(inputs[0].DataType, [(int)size[0], .. size[2..].Select(s => (int)s), axes])];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => Operators.Cost.Elementwise(inputs, outputs, 8);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape shape = outputs[0].Shape;
        int axes = shape.Rank - 2;
        double[] theta = Elements.Read(inputs[0]), y = new double[shape.Count];
        Span<double> place = stackalloc double[4];
        place[axes] = 1;
        var walk = new IndexWalk(new Shape(shape.Span[..^1]), []);
        for (int at = 0; walk.Next(); at += axes)
        {
            // x belongs to the last axis.
            for (int axis = 0; axis < axes; axis++) place[axis] = Place(walk[axes - axis], shape[axes - axis]);
            for (int row = 0; row < axes; row++)
                for (int column = 0; column <= axes; column++)
                    y[at + row] += theta[(walk[0] * axes + row) * (axes + 1) + column] * place[column];
        }
        Elements.Write(outputs[0], y);
    }

    private double Place(int index, int size) => AlignCorners ? size == 1 ? -1 : 2.0 * index / (size - 1) - 1 : (2.0 * index + 1) / size - 1;
}
