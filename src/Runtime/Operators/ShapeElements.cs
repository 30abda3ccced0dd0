using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// What can be told of the elements of small integer tensors before shapes are known: numbers, symbols, and unknown ones, one long each. Shape arithmetic
/// is followed so far that a reshape to [batch, length, heads·size] keeps the symbols of what it was computed from.
/// </summary>
internal static class ShapeElements
{
    /// <summary>An element of which nothing is known.</summary>
    public const long Unknown = long.MinValue;

    /// <summary>Symbol 0; others follow.</summary>
    private const long FirstSymbol = long.MinValue + 1;

    /// <summary>Longer vectors are no shapes.</summary>
    private const int MostElements = 64;

    /// <summary>True for a number.</summary>
    public static bool IsNumber(long element) => element >= FirstSymbol + int.MaxValue;

    /// <summary>The element that holds a dimension.</summary>
    public static long Of(int dimension) => dimension >= 0 ? dimension : Shape.SymbolIndex(dimension) is >= 0 and var symbol ? FirstSymbol + symbol : Unknown;

    /// <summary>The dimension that an element stands for; unknown for numbers that are none.</summary>
    public static int Dimension(long element) =>
        IsNumber(element) ? element is >= 0 and <= int.MaxValue ? (int)element : Shape.Unknown
        : element == Unknown ? Shape.Unknown : Shape.Symbol((int)(element - FirstSymbol));

    /// <summary>The elements of an operand, or null when nothing is known of them.</summary>
    public static long[]? Of(in Operand operand)
    {
        if (operand.Elements is not null) return operand.Elements;
        if (operand.Value is not { } view || view.Shape.Count > MostElements) return null;
        return operand.DataType == DataType.Bool ? Array.ConvertAll(view.Span<byte>().ToArray(), b => (long)b) : operand.Integers();
    }

    /// <summary>What is known of an operator's first output; null when nothing is.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="inputs">Its operands.</param>
    /// <param name="output">The type of the output.</param>
    public static long[]? Of(Operator op, ReadOnlySpan<Operand> inputs, in TensorType output)
    {
        if (output.DataType is not (DataType.I64 or DataType.I32 or DataType.Bool) || !output.Shape.IsStatic || output.Shape.Rank > 1 || output.Shape.Count > MostElements) return null;
        long[]? elements = op switch
        {
            ShapeOf shapeOf => OfShape(shapeOf, inputs[0].Shape),
            Cast or Reshape or Squeeze or Unsqueeze or Flatten or Unary { Function: UnaryFunction.Identity } => Of(inputs[0]),
            Gather => Gathered(inputs),
            Slice slice => Sliced(slice, inputs),
            Concat => Joined(inputs),
            Expand => Of(inputs[0]) is [var one] ? Repeated(one, output.Shape.Count) : null,
            Binary { Activation.IsNone: true } binary => Combined(binary.Function, inputs, (int)output.Shape.Count),
            Where => Chosen(inputs, (int)output.Shape.Count),
            _ => null,
        };
        return elements is not null && elements.Length == output.Shape.Count && Array.Exists(elements, e => e != Unknown) ? elements : null;
    }

    private static long[]? OfShape(ShapeOf op, in Shape x)
    {
        if (x.IsUnranked) return null;
        (int from, int to) = op.Bounds(x.Rank);
        long[] dimensions = Array.ConvertAll(x.Span[from..to].ToArray(), Of);
        return op.Product ? [dimensions.Aggregate(1L, (product, d) => Combine(BinaryFunction.Mul, product, d))] : dimensions;
    }

    private static long[]? Gathered(ReadOnlySpan<Operand> inputs)
    {
        if (inputs[0].Shape.Rank != 1 || Of(inputs[0]) is not { } source || inputs[1].Integers() is not { } indices) return null;
        var picked = new long[indices.Length];
        for (int i = 0; i < picked.Length; i++)
        {
            long index = indices[i] < 0 ? indices[i] + source.Length : indices[i];
            picked[i] = index >= 0 && index < source.Length ? source[index] : Unknown;
        }
        return picked;
    }

    private static long[]? Sliced(Slice op, ReadOnlySpan<Operand> inputs)
    {
        if (Of(inputs[0]) is not { } source || inputs[0].Shape.Rank != 1) return null;
        Span<long> first = stackalloc long[Shape.MaxRank], step = stackalloc long[Shape.MaxRank];
        Shape shape = op.Resolve(inputs, first, step);
        if (!shape.IsStatic) return null;
        var picked = new long[shape[0]];
        for (int i = 0; i < picked.Length; i++) picked[i] = source[first[0] + i * step[0]];
        return picked;
    }

    private static long[]? Joined(ReadOnlySpan<Operand> inputs)
    {
        List<long> all = [];
        foreach (Operand input in inputs)
        {
            if (!input.Shape.IsStatic) return null;
            all.AddRange(Of(input) ?? Repeated(Unknown, input.Shape.Count));
        }
        return [.. all];
    }

    private static long[]? Combined(BinaryFunction function, ReadOnlySpan<Operand> inputs, int count)
    {
        if (Of(inputs[0]) is not { Length: > 0 } a || Of(inputs[1]) is not { Length: > 0 } b) return null;
        var results = new long[count];
        for (int i = 0; i < count; i++) results[i] = Combine(function, a[i % a.Length], b[i % b.Length]);
        return results;
    }

    private static long[]? Chosen(ReadOnlySpan<Operand> inputs, int count)
    {
        if (Of(inputs[0]) is not { Length: > 0 } condition) return null;
        long[] a = Of(inputs[1]) ?? [Unknown], b = Of(inputs[2]) ?? [Unknown];
        if (a.Length == 0 || b.Length == 0) return null;
        var results = new long[count];
        for (int i = 0; i < count; i++)
        {
            (long yes, long no) = (a[i % a.Length], b[i % b.Length]);
            results[i] = condition[i % condition.Length] switch { 0 => no, 1 => yes, _ => yes == no ? yes : Unknown };
        }
        return results;
    }

    /// <summary>The function of two elements as far as it can be told; symbols are sizes, so they are never negative.</summary>
    private static long Combine(BinaryFunction function, long a, long b)
    {
        if (IsNumber(a) && IsNumber(b))
        {
            return function switch
            {
                BinaryFunction.Add => unchecked(a + b),
                BinaryFunction.Sub => unchecked(a - b),
                BinaryFunction.Mul => Math.BigMul(a, b, out long product) == product >> 63 ? product : Unknown,
                BinaryFunction.Div => b is 0 or -1 ? Unknown : a / b,
                BinaryFunction.Min => Math.Min(a, b),
                BinaryFunction.Max => Math.Max(a, b),
                BinaryFunction.Equal => a == b ? 1 : 0,
                _ => Unknown,
            };
        }
        bool same = a == b && a != Unknown;
        return function switch
        {
            BinaryFunction.Add when b == 0 => a,
            BinaryFunction.Add when a == 0 => b,
            BinaryFunction.Sub when b == 0 => a,
            BinaryFunction.Sub when same => 0,
            BinaryFunction.Mul when b == 1 => a,
            BinaryFunction.Mul when a == 1 => b,
            BinaryFunction.Div when b == 1 => a,
            BinaryFunction.Min or BinaryFunction.Max when same => a,
            BinaryFunction.Equal when same => 1,
            BinaryFunction.Equal when (a != Unknown && b != Unknown) && ((IsNumber(a) && a < 0) || (IsNumber(b) && b < 0)) => 0,
            _ => Unknown,
        };
    }

    private static long[] Repeated(long element, long count)
    {
        var all = new long[count];
        Array.Fill(all, element);
        return all;
    }
}
