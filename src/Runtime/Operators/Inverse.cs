using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The inverses of square matrices, the last two axes; one that has none gives infinities or no numbers.</summary>
internal sealed class Inverse : Operator
{
    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        Shape x = inputs[0].Shape;
        if (!x.IsUnranked && (x.Rank < 2 || (x[-1] >= 0 && x[-2] >= 0 && x[-1] != x[-2]))) throw Invalid($"{inputs[0].Type} holds no square matrices.");
        return [new TensorType(inputs[0].DataType, x)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => Operators.Cost.Elementwise(inputs, outputs, 4L * inputs[0].Shape[-1]);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        int n = inputs[0].Shape[-1];
        double[] x = Elements.Read(inputs[0]), y = new double[x.Length];
        for (int at = 0; at < x.Length; at += n * n) Invert(x.AsSpan(at, n * n), y.AsSpan(at, n * n), n);
        Elements.Write(outputs[0], y);
    }

    /// <summary>Gauss and Jordan's way, each time with the largest pivot.</summary>
    private static void Invert(Span<double> a, Span<double> inverse, int n)
    {
        for (int i = 0; i < n; i++) inverse[i * n + i] = 1;
        for (int column = 0; column < n; column++)
        {
            int pivot = column;
            for (int row = column + 1; row < n; row++)
                if (Math.Abs(a[row * n + column]) > Math.Abs(a[pivot * n + column])) pivot = row;
            double scale = 1 / a[pivot * n + column];
            for (int k = 0; k < n; k++)
            {
                (a[column * n + k], a[pivot * n + k]) = (a[pivot * n + k], a[column * n + k]);
                (inverse[column * n + k], inverse[pivot * n + k]) = (inverse[pivot * n + k], inverse[column * n + k]);
                a[column * n + k] *= scale;
                inverse[column * n + k] *= scale;
            }
            for (int row = 0; row < n; row++)
            {
                double factor = a[row * n + column];
                if (row == column || factor == 0) continue;
                for (int k = 0; k < n; k++)
                {
                    a[row * n + k] -= factor * a[column * n + k];
                    inverse[row * n + k] -= factor * inverse[column * n + k];
                }
            }
        }
    }
}
