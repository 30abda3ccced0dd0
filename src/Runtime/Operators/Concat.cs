using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Joins tensors along an axis; quantized ones stay so where they all have the same scale and zero point.</summary>
internal sealed class Concat : Operator
{
    public int Axis;

    public override void Attributes(AttributeCodec codec) => codec.Int("axis", ref Axis);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, int.MaxValue);
        Shape result = inputs[0].Shape;
        foreach (Operand input in inputs)
            if (input.Shape.IsUnranked) return [new TensorType(inputs[0].DataType, Shape.Unranked)];
        int axis = NormalizeAxis(Axis, result.Rank), total = 0;
        foreach (Operand input in inputs)
        {
            Shape shape = input.Shape;
            if (input.DataType != inputs[0].DataType || shape.Rank != result.Rank || !result.With(axis, 0).Accepts(shape.With(axis, 0)))
                throw Invalid($"{input.Type} cannot be joined to {inputs[0].Type} along axis {axis}.");
            for (int i = 0; i < shape.Rank; i++)
                if (result[i] < 0 && shape[i] >= 0 || result[i] == Shape.Unknown) result = result.With(i, shape[i]);
            total = total < 0 || shape[axis] < 0 ? Shape.Unknown : checked(total + shape[axis]);
        }
        Quantization? quantization = inputs[0].Type.Quantization;
        foreach (Operand input in inputs)
            if (quantization is { Axis: >= 0 } || !Equals(quantization, input.Type.Quantization)) quantization = null;
        return [new TensorType(inputs[0].DataType, result.With(axis, inputs.Length == 1 ? inputs[0].Shape[axis] : total), quantization)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape y = outputs[0].Shape;
        int axis = NormalizeAxis(Axis, y.Rank), size = outputs[0].DataType.Size();
        int outer = (int)y.Product(0, axis), row = (int)y.Product(axis, y.Rank) * size, column = 0;
        foreach (TensorView input in inputs)
        {
            int width = (int)input.Shape.Product(axis, y.Rank) * size;
            for (int o = 0; o < outer; o++)
                input.Bytes.Slice(o * width, width).CopyTo(outputs[0].Bytes[(o * row + column)..]);
            column += width;
        }
    }
}
