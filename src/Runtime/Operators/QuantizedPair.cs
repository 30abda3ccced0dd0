using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>A function of two quantized numbers, with its constants worked out; see <see cref="Requantize"/>. The second operand may have scales along its last axis, and then constants for each of its channels.</summary>
internal sealed class QuantizedPair
{
    private readonly BinaryFunction function;
    private readonly float scaleA;

    /// <summary>Works out the constants for operands of these types.</summary>
    public QuantizedPair(Binary op, in TensorType a, in TensorType b)
    {
        function = op.Function;
        QuantizedResult y = op.Result;
        Quantization quantizationA = a.Quantization!, quantizationB = b.Quantization!;
        scaleA = quantizationA.Scales[0];
        ScaleY = y.Scale;
        ZeroA = quantizationA.ZeroPoints[0];
        ZeroY = y.ZeroPoint;
        Range = Requantize.Clamp(op.Activation, y);
        FactorA = scaleA / y.Scale;
        ZerosB = quantizationB.ZeroPoints.ToArray();
        ScalesB = quantizationB.Scales.ToArray();
        FactorsB = new float[ScalesB.Length];
        Offsets = new float[ScalesB.Length];
        for (int i = 0; i < ScalesB.Length; i++)
        {
            float factor = ScalesB[i] / y.Scale;
            FactorsB[i] = function switch
            {
                BinaryFunction.Add => factor,
                BinaryFunction.Sub => -factor,
                _ => Requantize.Multiplier(scaleA, ScalesB[i], y.Scale),
            };
            if (IsSum) Offsets[i] = y.ZeroPoint - MathF.FusedMultiplyAdd(FactorA, ZeroA, FactorsB[i] * ZerosB[i]);
        }
    }

    /// <summary>The functions that there are of quantized operands.</summary>
    public static bool Has(BinaryFunction function) =>
        function is BinaryFunction.Add or BinaryFunction.Sub or BinaryFunction.Mul or BinaryFunction.Min or BinaryFunction.Max or BinaryFunction.PRelu;

    /// <summary>True for those whose second operand may have scales along its last axis.</summary>
    public static bool HasChannels(BinaryFunction function) => function is not (BinaryFunction.Min or BinaryFunction.Max);

    /// <summary>True for sum and difference.</summary>
    public bool IsSum => function is BinaryFunction.Add or BinaryFunction.Sub;

    /// <summary>The scale of the first operand over that of the result.</summary>
    public float FactorA { get; }

    /// <summary>Scale of the first operand.</summary>
    public float ScaleA => scaleA;

    /// <summary>Scales of the second operand: one, or one for each channel.</summary>
    public float[] ScalesB { get; }

    /// <summary>Sum: the scale of the second operand over that of the result, negative for a difference. Product and slope: what products are multiplied by.</summary>
    public float[] FactorsB { get; }

    /// <summary>Sum: what is added.</summary>
    public float[] Offsets { get; }

    /// <summary>Zero point of the first operand.</summary>
    public int ZeroA { get; }

    /// <summary>Zero points of the second operand.</summary>
    public int[] ZerosB { get; }

    /// <summary>Scale of the result.</summary>
    public float ScaleY { get; }

    /// <summary>Zero point of the result.</summary>
    public int ZeroY { get; }

    /// <summary>The range of the result.</summary>
    public (int Low, int High) Range { get; }

    /// <summary>True when no factor overflows.</summary>
    public bool IsFinite => float.IsFinite(FactorA) && Array.TrueForAll(FactorsB, float.IsFinite) && Array.TrueForAll(Offsets, float.IsFinite);

    /// <summary>The result for two numbers, the second of that channel.</summary>
    public int Apply(int a, int b, int channel)
    {
        switch (function)
        {
            case BinaryFunction.Add or BinaryFunction.Sub:
                float sum = MathF.FusedMultiplyAdd(a, FactorA, MathF.FusedMultiplyAdd(b, FactorsB[channel], Offsets[channel]));
                return (int)Math.Clamp(MathF.Round(sum, MidpointRounding.ToEven), Range.Low, Range.High);
            case BinaryFunction.Min:
                return Math.Min(Rescaled(a - ZeroA, scaleA), Rescaled(b - ZerosB[0], ScalesB[0]));
            case BinaryFunction.Max:
                return Math.Max(Rescaled(a - ZeroA, scaleA), Rescaled(b - ZerosB[0], ScalesB[0]));
            case BinaryFunction.PRelu when a >= ZeroA:
                return Requantize.Apply(a - ZeroA, FactorA, ZeroY, Range.Low, Range.High);
            default:
                return Requantize.Apply((a - ZeroA) * (b - ZerosB[channel]), FactorsB[channel], ZeroY, Range.Low, Range.High);
        }
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
        {
            int at = (int)walk.Offset1;
            bytes[i] = unchecked((byte)Apply(Requantize.Element(a, (int)walk.Offset0), Requantize.Element(b, at), at % ScalesB.Length));
        }
    }

    private int Rescaled(int number, float scale) => Requantize.Quantize(number * scale, ScaleY, ZeroY, Range.Low, Range.High);
}
