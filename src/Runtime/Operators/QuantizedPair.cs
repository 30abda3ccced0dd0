using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The sum or product of two quantized numbers, with its constants worked out; see <see cref="Requantize"/>.</summary>
internal readonly struct QuantizedPair
{
    /// <summary>True for the product, false for the sum.</summary>
    public bool IsProduct { get; private init; }

    /// <summary>Sum: what each number is multiplied by, and what is added. Product: the multiplier and the zero points.</summary>
    public float FactorA { get; private init; }

    /// <summary>See <see cref="FactorA"/>.</summary>
    public float FactorB { get; private init; }

    /// <summary>See <see cref="FactorA"/>.</summary>
    public float Offset { get; private init; }

    /// <summary>Zero point of the first operand.</summary>
    public int ZeroA { get; private init; }

    /// <summary>Zero point of the second operand.</summary>
    public int ZeroB { get; private init; }

    /// <summary>Zero point of the result.</summary>
    public int ZeroY { get; private init; }

    /// <summary>The range of the result.</summary>
    public (int Low, int High) Range { get; private init; }

    /// <summary>True when no factor overflows.</summary>
    public bool IsFinite => float.IsFinite(FactorA) && float.IsFinite(FactorB) && float.IsFinite(Offset);

    /// <summary>Works out the constants for operands of these types.</summary>
    public static QuantizedPair Of(Binary op, in TensorType a, in TensorType b)
    {
        QuantizedResult y = op.Result;
        float scaleA = a.Quantization!.Scales[0], scaleB = b.Quantization!.Scales[0];
        int zeroA = a.Quantization.ZeroPoints[0], zeroB = b.Quantization.ZeroPoints[0];
        bool product = op.Function == BinaryFunction.Mul;
        float factorA = product ? Requantize.Multiplier(scaleA, scaleB, y.Scale) : scaleA / y.Scale, factorB = product ? 0 : scaleB / y.Scale;
        return new QuantizedPair
        {
            IsProduct = product,
            FactorA = factorA,
            FactorB = factorB,
            Offset = product ? 0 : y.ZeroPoint - MathF.FusedMultiplyAdd(factorA, zeroA, factorB * zeroB),
            ZeroA = zeroA,
            ZeroB = zeroB,
            ZeroY = y.ZeroPoint,
            Range = Requantize.Clamp(op.Activation, y),
        };
    }

    /// <summary>The result for two numbers.</summary>
    public int Apply(int a, int b)
    {
        if (IsProduct) return Requantize.Apply((a - ZeroA) * (b - ZeroB), FactorA, ZeroY, Range.Low, Range.High);
        float sum = MathF.FusedMultiplyAdd(a, FactorA, MathF.FusedMultiplyAdd(b, FactorB, Offset));
        return (int)Math.Clamp(MathF.Round(sum, MidpointRounding.ToEven), Range.Low, Range.High);
    }

    /// <summary>The results for two tensors, with broadcasting.</summary>
    public void Evaluate(in TensorView a, in TensorView b, in TensorView y)
    {
        Span<long> stridesA = stackalloc long[Shape.MaxRank], stridesB = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(a.Shape, y.Shape, stridesA);
        Broadcast.Strides(b.Shape, y.Shape, stridesB);
        Span<byte> bytes = y.Bytes;
        var walk = new IndexWalk(y.Shape, stridesA, stridesB);
        for (int i = 0; walk.Next(); i++)
            bytes[i] = unchecked((byte)Apply(Requantize.Element(a, (int)walk.Offset0), Requantize.Element(b, (int)walk.Offset1)));
    }
}
