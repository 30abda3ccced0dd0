using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// One function of two tensors, element by element, with broadcasting, and an activation after it. Of quantized operands, Add, Sub, Mul, Min, Max and PRelu are those of the reals, computed as
/// <see cref="Requantize"/> says; each has one scale, but the second may have one for each index of its last axis (not for Min and Max).
/// </summary>
internal sealed class Binary : Operator
{
    public BinaryFunction Function;
    public Activation Activation;

    /// <summary>How a function of quantized operands writes its result; none for one of plain numbers.</summary>
    public QuantizedResult Result;

    public override Tolerance Tolerance => Result.IsNone ? Tolerance.Rounding : Tolerance.Exact;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("function", ref Function);
        Activation.Visit(codec);
        Result.Visit(codec);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 2);
        if (!Result.IsNone)
        {
            if (QuantizedProblem(inputs) is { } problem) throw Invalid(problem);
            return [Result.Of(Broadcast.Shapes(inputs[0].Shape, inputs[1].Shape))];
        }
        if (inputs[0].DataType != inputs[1].DataType && Function != BinaryFunction.Pow)
            throw Invalid($"{Function} of {inputs[0].Type} and {inputs[1].Type}: the element types differ.");
        if (inputs[0].DataType.IsNoNumber() && (Function != BinaryFunction.Equal || inputs[0].DataType != DataType.Text))
            throw Invalid($"{Function} is not defined for {inputs[0].Type}.");
        bool answersBool = Function is >= BinaryFunction.Equal and <= BinaryFunction.Xor;
        return [new TensorType(answersBool ? DataType.Bool : inputs[0].DataType, Broadcast.Shapes(inputs[0].Shape, inputs[1].Shape))];
    }

    private string? QuantizedProblem(ReadOnlySpan<Operand> inputs)
    {
        if (!QuantizedPair.Has(Function)) return $"there is no {Function} of quantized operands.";
        if (!Requantize.IsClamp(Activation)) return $"{Activation.Function} cannot be applied to quantized results.";
        if (Result.Type == DataType.F32) return "quantized operands give quantized results.";
        Shape b = inputs[1].Shape;
        // Which axis is the last cannot be told without a rank; nor can anything be computed.
        int channels = !QuantizedPair.HasChannels(Function) ? -1 : b.IsUnranked ? inputs[1].Type.Quantization?.Axis ?? -1 : b.Rank - 1;
        return Result.Problem ?? QuantizedResult.OperandProblem(inputs[0].Type) ?? QuantizedResult.OperandProblem(inputs[1].Type, channels)
            ?? (new QuantizedPair(this, inputs[0].Type, inputs[1].Type).IsFinite ? null : $"the scales of {inputs[0].Type}, {inputs[1].Type} and the result are too far apart.");
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        if (!Result.IsNone)
        {
            new QuantizedPair(this, inputs[0].Type, inputs[1].Type).Evaluate(inputs[0], inputs[1], outputs[0]);
            return;
        }
        if (inputs[0].DataType == DataType.Text)
        {
            CompareTexts(inputs[0], inputs[1], outputs[0]);
            return;
        }
        DataType type = inputs[0].DataType == DataType.Bool ? DataType.U8 : inputs[0].DataType;
        TensorView exponent = inputs[1];
        if (Function == BinaryFunction.Pow && exponent.DataType != type)
        {
            using var converted = new Tensor(new TensorType(DataType.F64, exponent.Shape));
            new Cast { To = DataType.F64 }.Evaluate([exponent], [converted.View]);
            Run(type, inputs[0], converted.View, outputs[0]);
            return;
        }
        Run(type, inputs[0], exponent, outputs[0]);
    }

    private static void CompareTexts(TensorView a, TensorView b, TensorView c)
    {
        Span<long> stridesA = stackalloc long[Shape.MaxRank], stridesB = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(a.Shape, c.Shape, stridesA);
        Broadcast.Strides(b.Shape, c.Shape, stridesB);
        Span<TextElement> x = a.Span<TextElement>(), y = b.Span<TextElement>();
        Span<byte> equal = c.Span<byte>();
        var walk = new IndexWalk(c.Shape, stridesA, stridesB);
        for (int i = 0; walk.Next(); i++) equal[i] = x[(int)walk.Offset0].Equals(y[(int)walk.Offset1]) ? (byte)1 : (byte)0;
    }

    private void Run(DataType type, TensorView a, TensorView b, TensorView c)
    {
        var action = new Action { Operator = this, A = a, B = b, C = c };
        TypeDispatch.Number(type, ref action);
    }

    /// <summary>The quotient of integers, towards zero. What ONNX leaves undefined must not throw: the smallest number divided by -1 wraps around.</summary>
    internal static T Divide<T>(T a, T b) where T : INumber<T> => b == T.Zero ? T.Zero : IsMinusOne(b) ? T.Zero - a : a / b;

    /// <summary>The remainder with the sign of <paramref name="b"/>.</summary>
    internal static T Modulo<T>(T a, T b) where T : INumber<T>
    {
        T r = IsFloat<T>() ? a % b : Remainder(a, b);
        return r != T.Zero && T.IsNegative(r) != T.IsNegative(b) ? r + b : r;
    }

    /// <summary>The remainder of integers, with the sign of <paramref name="a"/>.</summary>
    internal static T Remainder<T>(T a, T b) where T : INumber<T> => b == T.Zero || IsMinusOne(b) ? T.Zero : a % b;

    private static bool IsMinusOne<T>(T b) where T : INumber<T> => T.IsNegative(b) && b + T.One == T.Zero;

    private static bool IsFloat<T>() => typeof(T) == typeof(float) || typeof(T) == typeof(double) || typeof(T) == typeof(Half);

    private ref struct Action : INumberAction
    {
        public Binary Operator;
        public TensorView A, B, C;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<long> stridesA = stackalloc long[Shape.MaxRank], stridesB = stackalloc long[Shape.MaxRank];
            Broadcast.Strides(A.Shape, C.Shape, stridesA);
            Broadcast.Strides(B.Shape, C.Shape, stridesB);
            Span<T> a = TypeDispatch.View<T>(A);
            BinaryFunction function = Operator.Function;
            var walk = new IndexWalk(C.Shape, stridesA, stridesB);
            int i = 0;
            if (function == BinaryFunction.Pow && B.DataType == DataType.F64 && A.DataType != DataType.F64)
            {
                Span<double> exponents = B.Span<double>();
                Span<T> y = TypeDispatch.View<T>(C);
                while (walk.Next())
                    y[i++] = T.CreateSaturating(Math.Pow(double.CreateSaturating(a[(int)walk.Offset0]), exponents[(int)walk.Offset1]));
                return;
            }
            Span<T> b = TypeDispatch.View<T>(B);
            if (C.DataType == DataType.Bool)
            {
                Span<byte> y = C.Span<byte>();
                while (walk.Next()) y[i++] = Compare(function, a[(int)walk.Offset0], b[(int)walk.Offset1]) ? (byte)1 : (byte)0;
                return;
            }
            Span<T> result = TypeDispatch.View<T>(C);
            Activation activation = Operator.Activation;
            while (walk.Next())
            {
                T value = Apply(function, a[(int)walk.Offset0], b[(int)walk.Offset1]);
                result[i++] = activation.IsNone ? value : T.CreateSaturating(activation.Apply(double.CreateSaturating(value)));
            }
        }

        private static bool Compare<T>(BinaryFunction function, T a, T b) where T : INumber<T> => function switch
        {
            BinaryFunction.Equal => a == b,
            BinaryFunction.Greater => a > b,
            BinaryFunction.GreaterOrEqual => a >= b,
            BinaryFunction.Less => a < b,
            BinaryFunction.LessOrEqual => a <= b,
            BinaryFunction.And => a != T.Zero && b != T.Zero,
            BinaryFunction.Or => a != T.Zero || b != T.Zero,
            _ => (a != T.Zero) != (b != T.Zero),
        };

        private static T Apply<T>(BinaryFunction function, T a, T b) where T : unmanaged, INumber<T> => function switch
        {
            BinaryFunction.Add => a + b,
            BinaryFunction.Sub => a - b,
            BinaryFunction.Mul => a * b,
            BinaryFunction.Div => IsFloat<T>() ? a / b : Divide(a, b),
            BinaryFunction.Pow => T.CreateSaturating(Math.Pow(double.CreateSaturating(a), double.CreateSaturating(b))),
            BinaryFunction.Min => T.IsNaN(a) || T.IsNaN(b) ? a + b : a < b ? a : b,
            BinaryFunction.Max => T.IsNaN(a) || T.IsNaN(b) ? a + b : a > b ? a : b,
            BinaryFunction.FMod => IsFloat<T>() ? a % b : Remainder(a, b),
            BinaryFunction.Mod => Modulo(a, b),
            BinaryFunction.PRelu => a < T.Zero ? a * b : a,
            _ => Bits(function, a, b),
        };

        private static T Bits<T>(BinaryFunction function, T a, T b) where T : INumber<T>
        {
            ulong x = ulong.CreateTruncating(a), y = ulong.CreateTruncating(b);
            ulong result = function switch
            {
                BinaryFunction.ShiftLeft => y > 63 ? 0 : x << (int)y,
                BinaryFunction.ShiftRight => y > 63 ? 0 : x >> (int)y,
                BinaryFunction.BitwiseAnd => x & y,
                BinaryFunction.BitwiseOr => x | y,
                BinaryFunction.BitwiseXor => x ^ y,
                _ => throw new ArgumentOutOfRangeException(nameof(function), function, "It is no arithmetic function."),
            };
            return T.CreateTruncating(result);
        }
    }
}
