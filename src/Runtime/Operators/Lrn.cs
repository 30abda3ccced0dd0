using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Local response normalisation over neighbouring channels of x [N, spatial…, C]: x / (bias + α/size · Σ x²)^β.</summary>
internal sealed class Lrn : Operator
{
    public int Size = 1;
    public float Alpha = 1e-4f;
    public float Beta = 0.75f;
    public float Bias = 1;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("size", ref Size);
        codec.Float("alpha", ref Alpha);
        codec.Float("beta", ref Beta);
        codec.Float("bias", ref Bias);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (Size < 1 || inputs[0].Shape.Rank == 0) throw Invalid($"a neighbourhood of {Size} channels of {inputs[0].Type} makes no sense.");
        return [inputs[0].Type];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => Operators.Cost.Elementwise(inputs, outputs, 2L * Size + 20);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var action = new Action { Operator = this, X = inputs[0], Y = outputs[0] };
        TypeDispatch.Float(inputs[0].DataType, ref action);
    }

    private ref struct Action : IFloatAction
    {
        public Lrn Operator;
        public TensorView X, Y;

        public readonly void Invoke<T>() where T : unmanaged, IFloatingPointIeee754<T>, IMinMaxValue<T>
        {
            Span<T> x = X.Span<T>(), y = Y.Span<T>();
            int channels = X.Shape[-1], before = (Operator.Size - 1) / 2, after = Operator.Size / 2;
            for (int i = 0; i < x.Length; i++)
            {
                int c = i % channels;
                double sum = 0;
                for (int other = Math.Max(0, c - before); other <= Math.Min(channels - 1L, c + (long)after); other++)
                {
                    double value = double.CreateTruncating(x[i - c + other]);
                    sum += value * value;
                }
                y[i] = T.CreateTruncating(double.CreateTruncating(x[i]) / Math.Pow(Operator.Bias + Operator.Alpha / Operator.Size * sum, Operator.Beta));
            }
        }
    }
}
