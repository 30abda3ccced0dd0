using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// One function applied to each element: the activation family and its kin. Of a quantized operand of one scale it is the function of the reals, a table of 256 numbers; Identity then changes scale
/// and zero point.
/// </summary>
internal sealed class Unary : Operator
{
    public UnaryFunction Function;
    public float Alpha;
    public float Beta;

    /// <summary>How a function of a quantized operand writes its result; none for one of plain numbers.</summary>
    public QuantizedResult Result;

    public override Tolerance Tolerance => Result.IsNone ? Tolerance.Rounding : Tolerance.Exact;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("function", ref Function);
        codec.Float("alpha", ref Alpha);
        codec.Float("beta", ref Beta);
        Result.Visit(codec);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (!Result.IsNone)
        {
            if ((Result.Type == DataType.F32 ? "quantized operands give quantized results." : Result.Problem ?? QuantizedResult.OperandProblem(inputs[0].Type)) is { } problem) throw Invalid(problem);
            return [Result.Of(inputs[0].Shape)];
        }
        bool answersBool = Function is UnaryFunction.IsNaN or UnaryFunction.IsInf or UnaryFunction.Not;
        return [new TensorType(answersBool ? DataType.Bool : inputs[0].DataType, inputs[0].Shape)];
    }

    /// <summary>What each byte of a quantized operand of that type becomes, the bytes of I8 taken as U8 for indices.</summary>
    public byte[] Table(in TensorType x)
    {
        float scale = x.Quantization!.Scales[0];
        int zero = x.Quantization.ZeroPoints[0];
        (int low, int high) = Requantize.Range(Result.Type);
        byte[] table = new byte[256];
        for (int i = 0; i < table.Length; i++)
        {
            float real = ((x.DataType == DataType.I8 ? (sbyte)i : i) - zero) * scale;
            float y = Function == UnaryFunction.Identity ? real : (float)UnaryMath.Apply(Function, real, Alpha, Beta);
            table[i] = unchecked((byte)Requantize.Quantize(y, Result.Scale, Result.ZeroPoint, low, high));
        }
        return table;
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        if (!Result.IsNone)
        {
            byte[] table = Table(inputs[0].Type);
            Span<byte> from = inputs[0].Bytes, to = outputs[0].Bytes;
            for (int i = 0; i < from.Length; i++) to[i] = table[from[i]];
            return;
        }
        if (Function == UnaryFunction.Not)
        {
            Span<byte> x = inputs[0].Span<byte>(), y = outputs[0].Span<byte>();
            for (int i = 0; i < x.Length; i++) y[i] = x[i] == 0 ? (byte)1 : (byte)0;
            return;
        }
        if (Function == UnaryFunction.BitwiseNot)
        {
            for (int i = 0; i < inputs[0].Bytes.Length; i++) outputs[0].Bytes[i] = (byte)~inputs[0].Bytes[i];
            return;
        }
        var action = new Action { Operator = this, Input = inputs[0], Output = outputs[0] };
        TypeDispatch.Number(inputs[0].DataType, ref action);
    }

    private ref struct Action : INumberAction
    {
        public Unary Operator;
        public TensorView Input, Output;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<T> x = Input.Span<T>();
            UnaryFunction function = Operator.Function;
            if (function is UnaryFunction.IsNaN or UnaryFunction.IsInf)
            {
                Span<byte> answers = Output.Span<byte>();
                for (int i = 0; i < x.Length; i++)
                    answers[i] = function == UnaryFunction.IsNaN ? Bit(T.IsNaN(x[i]))
                        : Bit((T.IsNegativeInfinity(x[i]) && Operator.Alpha != 0) || (T.IsPositiveInfinity(x[i]) && Operator.Beta != 0));
                return;
            }
            Span<T> y = Output.Span<T>();
            for (int i = 0; i < x.Length; i++)
            {
                y[i] = function switch
                {
                    // Exact for 64-bit integers too, which doubles cannot hold.
                    UnaryFunction.Identity => x[i],
                    UnaryFunction.Abs => T.IsNegative(x[i]) ? T.Zero - x[i] : x[i],
                    UnaryFunction.Neg => -x[i],
                    UnaryFunction.Relu => x[i] < T.Zero ? T.Zero : x[i],
                    UnaryFunction.Sign => T.IsNaN(x[i]) ? x[i] : T.CreateTruncating(T.Sign(x[i])),
                    _ => T.CreateSaturating(UnaryMath.Apply(function, double.CreateSaturating(x[i]), Operator.Alpha, Operator.Beta)),
                };
            }
        }

        private static byte Bit(bool value) => value ? (byte)1 : (byte)0;
    }
}
