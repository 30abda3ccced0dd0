using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>A matrix of the input's shape with ones on a diagonal, zeros elsewhere; upper diagonals count positive.</summary>
internal sealed class EyeLike : Operator
{
    public int Diagonal;
    public DataType To = DataType.F32;

    public override bool ReadsOnlyShapes => true;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("diagonal", ref Diagonal);
        codec.DataType("to", ref To);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (inputs[0].Shape.IsUnranked) return [new TensorType(To, Shape.OfRank(2))];
        if (inputs[0].Shape.Rank != 2) throw Invalid($"{inputs[0].Type} is no matrix.");
        return [new TensorType(To, inputs[0].Shape)];
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape shape = outputs[0].Shape;
        using var ones = new Tensor(new TensorType(DataType.F32, shape));
        Span<float> y = ones.Span<float>();
        for (int row = 0; row < shape[0]; row++)
        {
            long column = (long)row + Diagonal;
            if (column >= 0 && column < shape[1]) y[(int)(row * shape[1] + column)] = 1;
        }
        new Cast { To = To }.Evaluate([ones.View], outputs);
    }
}
