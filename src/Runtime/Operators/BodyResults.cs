using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>What bodies give back: copied to where it is wanted, and slices of what they are given one by one.</summary>
internal static class BodyResults
{
    /// <summary>Copies results into the outputs that were inferred for them.</summary>
    /// <exception cref="EdgeException">A result has another type.</exception>
    public static void Copy(ReadOnlySpan<Tensor> results, ReadOnlySpan<TensorView> outputs, Operator op)
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            if (results[i].Type.DataType != outputs[i].DataType || results[i].Shape != outputs[i].Shape)
                throw new EdgeException(ErrorCode.InvalidOperands, $"{op.Name}: output {i} was to be {outputs[i].Type}, but its body gives {results[i].Type}.");
            results[i].View.Bytes.CopyTo(outputs[i].Bytes);
        }
    }

    /// <summary>Copies the slice at an index along an axis to <paramref name="slice"/>.</summary>
    public static void Take(in TensorView whole, int axis, int index, in TensorView slice)
    {
        (int outer, int inner, int step) = Blocks(whole, axis);
        Span<byte> from = whole.Bytes, to = slice.Bytes;
        for (int i = 0; i < outer; i++) from.Slice(i * step + index * inner, inner).CopyTo(to[(i * inner)..]);
    }

    /// <summary>Copies <paramref name="slice"/> to an index along an axis.</summary>
    public static void Put(in TensorView slice, in TensorView whole, int axis, int index)
    {
        (int outer, int inner, int step) = Blocks(whole, axis);
        Span<byte> from = slice.Bytes, to = whole.Bytes;
        for (int i = 0; i < outer; i++) from.Slice(i * inner, inner).CopyTo(to[(i * step + index * inner)..]);
    }

    /// <summary>The shape of one slice along an axis.</summary>
    public static Shape Without(in Shape shape, int axis)
    {
        Span<int> rest = stackalloc int[shape.Rank - 1];
        for (int i = 0; i < rest.Length; i++) rest[i] = shape[i < axis ? i : i + 1];
        return new Shape(rest);
    }

    /// <summary>The shape of so many slices along an axis.</summary>
    public static Shape With(in Shape slice, int axis, int count)
    {
        if (slice.IsUnranked) return slice;
        Span<int> all = stackalloc int[slice.Rank + 1];
        for (int i = 0; i < all.Length; i++) all[i] = i == axis ? count : slice[i < axis ? i : i - 1];
        return new Shape(all);
    }

    /// <summary>Operands of which no elements are known.</summary>
    public static Operand[] Operands(ReadOnlySpan<TensorType> types)
    {
        var operands = new Operand[types.Length];
        for (int i = 0; i < operands.Length; i++) operands[i] = new Operand(types[i]);
        return operands;
    }

    private static (int Outer, int Inner, int Step) Blocks(in TensorView whole, int axis)
    {
        int inner = checked((int)whole.Shape.Product(axis + 1, whole.Shape.Rank) * whole.DataType.Size());
        return (checked((int)whole.Shape.Product(0, axis)), inner, checked(inner * whole.Shape[axis]));
    }
}
