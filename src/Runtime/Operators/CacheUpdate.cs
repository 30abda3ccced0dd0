using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// A cache (input 0) with slices overwritten along an axis by an update (input 1), for each entry of the first axis from the position on that input 2
/// says, or from 0 (ONNX TensorScatter).
/// </summary>
internal sealed class CacheUpdate : Operator
{
    public int Axis = -2;

    /// <summary>Goes on at the beginning behind the end, where it is an error otherwise.</summary>
    public bool Circular;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("axis", ref Axis);
        codec.Bool("circular", ref Circular);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 3);
        Shape cache = inputs[0].Shape, update = inputs[1].Shape;
        if (inputs[0].DataType != inputs[1].DataType) throw Invalid($"{inputs[1].Type} cannot be written into {inputs[0].Type}.");
        if (cache.IsUnranked || update.IsUnranked) return [inputs[0].Type];
        int axis = NormalizeAxis(Axis, cache.Rank);
        bool fits = cache.Rank == update.Rank && axis > 0;
        for (int i = 0; fits && i < cache.Rank; i++)
            fits = cache[i] < 0 || update[i] < 0 || (i == axis ? update[i] <= cache[i] : update[i] == cache[i]);
        if (!fits) throw Invalid($"{inputs[1].Type} cannot be written into {inputs[0].Type} along axis {axis}.");
        if (inputs.Length > 2 && !inputs[2].IsMissing && !inputs[2].Shape.IsUnranked && (inputs[2].Shape.Rank != 1 || (cache[0] >= 0 && inputs[2].Shape[0] >= 0 && inputs[2].Shape[0] != cache[0])))
            throw Invalid($"{inputs[2].Type} are no positions for {inputs[0].Type}.");
        return [inputs[0].Type];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape cache = inputs[0].Shape, update = inputs[1].Shape;
        int axis = NormalizeAxis(Axis, cache.Rank), width = (int)cache.Product(axis + 1, cache.Rank) * inputs[0].DataType.Size();
        int outer = (int)cache.Product(1, axis), length = cache[axis], count = update[axis];
        long[] first = inputs.Length > 2 && !inputs[2].IsMissing ? Integers(inputs[2]) : new long[cache[0]];
        Span<byte> x = inputs[1].Bytes, y = outputs[0].Bytes;
        inputs[0].Bytes.CopyTo(y);
        for (int row = 0; row < cache[0] * outer; row++)
            for (int i = 0; i < count; i++)
            {
                long at = first[row / outer];
                if (at < 0 || at > length || (!Circular && at + count > length)) throw Invalid($"position {at} leaves no room for {count} in {length}.");
                at = (at + i) % length;
                x.Slice((row * count + i) * width, width).CopyTo(y[(int)((row * (long)length + at) * width)..]);
            }
    }
}
