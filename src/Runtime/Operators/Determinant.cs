using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The determinant of each matrix in the last two axes.</summary>
internal sealed class Determinant : Operator
{
    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [inputs[0].Type];
        if (x.Rank < 2 || (x[-1] >= 0 && x[-2] >= 0 && x[-1] != x[-2])) throw Invalid($"{inputs[0].Type} holds no square matrices.");
        return [new TensorType(inputs[0].DataType, new Shape(x.Span[..^2]))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(inputs[0].Shape.Count * inputs[0].Shape[-1], Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var action = new Action { X = inputs[0], Y = outputs[0] };
        TypeDispatch.Float(inputs[0].DataType, ref action);
    }

    private ref struct Action : IFloatAction
    {
        public TensorView X, Y;

        public readonly void Invoke<T>() where T : unmanaged, IFloatingPointIeee754<T>, IMinMaxValue<T>
        {
            Span<T> x = X.Span<T>(), y = Y.Span<T>();
            int n = X.Shape[-1];
            var m = new double[n, n];
            for (int i = 0; i < y.Length; i++)
            {
                for (int j = 0; j < n * n; j++) m[j / n, j % n] = double.CreateTruncating(x[i * n * n + j]);
                y[i] = T.CreateTruncating(Eliminate(m, n));
            }
        }

        /// <summary>Gaussian elimination with the largest pivot of each column.</summary>
        private static double Eliminate(double[,] m, int n)
        {
            double determinant = 1;
            for (int column = 0; column < n; column++)
            {
                int pivot = column;
                for (int row = column + 1; row < n; row++)
                    if (Math.Abs(m[row, column]) > Math.Abs(m[pivot, column])) pivot = row;
                if (m[pivot, column] == 0) return 0;
                if (pivot != column)
                {
                    determinant = -determinant;
                    for (int k = 0; k < n; k++) (m[pivot, k], m[column, k]) = (m[column, k], m[pivot, k]);
                }
                determinant *= m[column, column];
                for (int row = column + 1; row < n; row++)
                {
                    double factor = m[row, column] / m[column, column];
                    for (int k = column; k < n; k++) m[row, k] -= factor * m[column, k];
                }
            }
            return determinant;
        }
    }
}
