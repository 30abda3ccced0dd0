using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The I32 product of 8-bit matrices less their zero points, which are scalars, or one for each row of A or column of B
/// (ONNX MatMulInteger-10). Inputs: A, B, and optionally the zero points of A and B. With a scale (a scalar, or one for each column), the result is F32: the sums times the
/// scale, plus the bias of input 5 where it is given.
/// </summary>
internal sealed class MatMulInteger : Operator
{
    /// <summary>Positions of the optional inputs that make the result F32.</summary>
    public const int Scale = 4, Bias = 5;

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 6);
        for (int i = 0; i < Math.Min(4, inputs.Length); i++)
            if (!inputs[i].IsMissing && inputs[i].DataType != inputs[i % 2].DataType) throw Invalid($"the zero point {inputs[i].Type} is not of the type of {inputs[i % 2].Type}.");
        if (inputs[0].DataType is not (DataType.I8 or DataType.U8) || inputs[1].DataType is not (DataType.I8 or DataType.U8))
            throw Invalid($"{inputs[0].Type} and {inputs[1].Type} are not of 8 bits.");
        for (int i = 2; i < Math.Min(4, inputs.Length); i++)
        {
            Shape x = inputs[i - 2].Shape;
            if (inputs[i].IsMissing || !x.IsStatic || !inputs[i].Shape.IsStatic) continue;
            if (Broadcast.Shapes(x, Along(inputs[i].Shape, x, rows: i == 2)) != x) throw Invalid($"the zero point {inputs[i].Type} does not fit {inputs[i - 2].Type}.");
        }
        Shape b = inputs[1].Shape;
        if (ScaledSums.Problem(inputs, b.IsUnranked ? Shape.Unknown : b.Rank < 2 ? 1 : b[-1]) is { } problem) throw Invalid(problem);
        return [new TensorType(ScaledSums.TypeOf(inputs), new MatMul().Infer(inputs[..2])[0].Shape)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(2 * outputs[0].Shape.Count * inputs[0].Shape[-1], Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        using Tensor a = Centre(inputs[0], inputs.Length > 2 ? inputs[2] : default, rows: true);
        using Tensor b = Centre(inputs[1], inputs.Length > 3 ? inputs[3] : default, rows: false);
        if (ScaledSums.TypeOf(inputs) == DataType.I32)
        {
            new MatMul().Evaluate([a.View, b.View], outputs);
            return;
        }
        using var sums = new Tensor(new TensorType(DataType.I32, outputs[0].Shape));
        new MatMul().Evaluate([a.View, b.View], [sums.View]);
        ScaledSums.Write(sums.Span<int>(), inputs, outputs[0]);
    }

    private static Tensor Centre(TensorView x, TensorView zero, bool rows)
    {
        using var wide = new Tensor(new TensorType(DataType.I32, x.Shape));
        new Cast { To = DataType.I32 }.Evaluate([x], [wide.View]);
        if (zero.IsMissing) return wide.Clone();
        using var wideZero = new Tensor(new TensorType(DataType.I32, Along(zero.Shape, x.Shape, rows)));
        new Cast { To = DataType.I32 }.Evaluate([zero], [wideZero.View]);
        var centred = new Tensor(wide.Type);
        new Binary { Function = BinaryFunction.Sub }.Evaluate([wide.View, wideZero.View], [centred.View]);
        return centred;
    }

    /// <summary>A zero point for each row stands along the last axis but one.</summary>
    private static Shape Along(in Shape zero, in Shape x, bool rows) => rows && zero.Rank == 1 && x.Rank > 1 ? new Shape(zero[0], 1) : zero;
}
