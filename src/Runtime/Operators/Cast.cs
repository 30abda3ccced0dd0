using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Conversion of each element to another type; floats to integers truncate, to Bool all but zero is true, and texts are read and written in decimals.</summary>
internal sealed class Cast : Operator
{
    public DataType To = DataType.F32;

    public override void Attributes(AttributeCodec codec) => codec.DataType("to", ref To);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (To is DataType.None or DataType.Sequence || inputs[0].DataType == DataType.Sequence) throw Invalid($"{inputs[0].Type} cannot become {To}.");
        return [new TensorType(To, inputs[0].Shape)];
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        TensorView x = inputs[0];
        if (x.DataType == DataType.Text || (outputs[0].DataType == DataType.Text && x.DataType != DataType.BF16))
        {
            TextCast.Convert(x, outputs[0]);
            return;
        }
        if (x.DataType == DataType.BF16)
        {
            using var wide = new Tensor(new TensorType(DataType.F32, x.Shape));
            Span<ushort> bits = x.Span<ushort>();
            Span<float> values = wide.Span<float>();
            for (int i = 0; i < bits.Length; i++) values[i] = BitConverter.UInt32BitsToSingle((uint)bits[i] << 16);
            Evaluate([wide.View], outputs);
            return;
        }
        var action = new From { Input = x, Output = outputs[0] };
        TypeDispatch.Number(x.DataType == DataType.Bool ? DataType.U8 : x.DataType, ref action);
    }

    private ref struct From : INumberAction
    {
        public TensorView Input, Output;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<T> x = TypeDispatch.View<T>(Input);
            switch (Output.DataType)
            {
                case DataType.Bool:
                    Span<byte> answers = Output.Span<byte>();
                    for (int i = 0; i < x.Length; i++) answers[i] = T.IsZero(x[i]) ? (byte)0 : (byte)1;
                    break;
                case DataType.BF16:
                    Span<ushort> bits = Output.Span<ushort>();
                    for (int i = 0; i < x.Length; i++) bits[i] = ToBFloat16(float.CreateTruncating(x[i]));
                    break;
                default:
                    var action = new Into<T> { Input = x, Output = Output };
                    TypeDispatch.Number(Output.DataType, ref action);
                    break;
            }
        }

        /// <summary>Rounds to nearest, ties to even; NaN stays NaN.</summary>
        private static ushort ToBFloat16(float value)
        {
            uint bits = BitConverter.SingleToUInt32Bits(value);
            if (float.IsNaN(value)) return (ushort)((bits >> 16) | 0x40);
            return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }

    private ref struct Into<TFrom> : INumberAction where TFrom : unmanaged, INumber<TFrom>
    {
        public Span<TFrom> Input;
        public TensorView Output;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<T> y = Output.Span<T>();
            for (int i = 0; i < Input.Length; i++) y[i] = T.CreateTruncating(Input[i]);
        }
    }
}
