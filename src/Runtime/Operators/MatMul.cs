using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// activation(scale · A·B + bias): A [… M K] and B [… K N], either transposed in its last two axes, the leading axes broadcast;
/// a rank-1 operand is a row (A) or column (B) whose axis is dropped again, as NumPy's matmul. The bias broadcasts to the result.
/// Of quantized operands it is the product in integers (see <see cref="Requantize"/>), not transposed or scaled: A has one scale, B one or one for each column, the bias is I32
/// [N] or one number, and the activation clamps.
/// </summary>
internal sealed class MatMul : Operator
{
    public bool TransposeA;
    public bool TransposeB;
    public float Scale = 1;
    public Activation Activation;

    /// <summary>How a product of quantized operands writes its result; none for one of plain numbers.</summary>
    public QuantizedResult Result;

    /// <summary>Position of the optional input.</summary>
    public const int Bias = 2;

    public override Tolerance Tolerance => Result.IsNone ? Tolerance.Accumulation : Tolerance.Exact;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Bool("transpose_a", ref TransposeA);
        codec.Bool("transpose_b", ref TransposeB);
        codec.Float("scale", ref Scale);
        Activation.Visit(codec);
        Result.Visit(codec);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 3);
        if (!Result.IsNone && QuantizedProblem(inputs) is { } problem) throw Invalid(problem);
        Shape a = inputs[0].Shape, b = inputs[1].Shape;
        if (a.IsUnranked || b.IsUnranked) return [TypeOf(inputs[0], Shape.Unranked)];
        if (a.Rank == 0 || b.Rank == 0) throw Invalid($"{inputs[0].Type} and {inputs[1].Type}: scalars have no product.");
        if ((TransposeA && a.Rank == 1) || (TransposeB && b.Rank == 1)) throw Invalid($"{inputs[0].Type} and {inputs[1].Type}: a vector cannot be transposed.");
        (Shape wideA, Shape wideB) = Widen(a, b);
        int k = wideA[TransposeA ? -2 : -1], otherK = wideB[TransposeB ? -1 : -2];
        if (k >= 0 && otherK >= 0 && k != otherK) throw Invalid($"{inputs[0].Type} and {inputs[1].Type}: the inner dimensions {k} and {otherK} differ.");

        Shape batch = Broadcast.Shapes(new Shape(wideA.Span[..^2]), new Shape(wideB.Span[..^2]));
        Span<int> y = stackalloc int[Shape.MaxRank];
        batch.Span.CopyTo(y);
        int rank = batch.Rank;
        if (a.Rank > 1) y[rank++] = wideA[TransposeA ? -1 : -2];
        if (b.Rank > 1) y[rank++] = wideB[TransposeB ? -2 : -1];
        var shape = new Shape(y[..rank]);
        if (inputs.Length > Bias && !inputs[Bias].IsMissing && shape.IsStatic && inputs[Bias].Shape.IsStatic
            && Broadcast.Shapes(shape, inputs[Bias].Shape) != shape)
            throw Invalid($"the bias {inputs[Bias].Type} does not broadcast to the result {shape}.");
        return [TypeOf(inputs[0], shape)];
    }

    private TensorType TypeOf(in Operand a, in Shape shape) => Result.IsNone ? new TensorType(a.DataType, shape) : Result.Of(shape);

    private string? QuantizedProblem(ReadOnlySpan<Operand> inputs)
    {
        Shape b = inputs[1].Shape;
        if (TransposeA || TransposeB || Scale != 1) return "a quantized product is not transposed or scaled.";
        // Along which axis the columns lie cannot be told without a rank; nor can anything be computed.
        if (b.IsUnranked) return null;
        if (b.Rank < 2) return $"the second operand of a quantized product has at least two axes, not {inputs[1].Type}.";
        if (inputs.Length > Bias && !inputs[Bias].IsMissing && inputs[Bias].Shape is { IsStatic: true } bias && bias.Count != 1 && (bias.Rank != 1 || (b[-1] >= 0 && bias[0] != b[-1])))
            return $"the bias {inputs[Bias].Type} does not fit {b[-1]} columns.";
        return QuantizedProduct.Problem(inputs, b.Rank - 1, Result, Activation);
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(2 * outputs[0].Shape.Count * Widen(inputs[0].Shape, inputs[1].Shape).A[TransposeA ? -2 : -1], Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        if (!Result.IsNone)
        {
            using Tensor zeroA = QuantizedProduct.ZeroPoints(inputs[0].Type), zeroB = QuantizedProduct.ZeroPoints(inputs[1].Type);
            using var sums = new Tensor(new TensorType(DataType.I32, outputs[0].Shape));
            new MatMulInteger().Evaluate([inputs[0], inputs[1], zeroA.View, zeroB.View], [sums.View]);
            QuantizedProduct.Of(inputs[0].Type, inputs[1].Type, Result, Activation)
                .Write(sums.Span<int>(), inputs.Length > Bias ? inputs[Bias] : default, inputs[1].Shape[-1], outputs[0]);
            return;
        }
        var action = new Action { Operator = this, A = inputs[0], B = inputs[1], C = inputs.Length > Bias ? inputs[Bias] : default, Y = outputs[0] };
        TypeDispatch.Number(inputs[0].DataType, ref action);
    }

    /// <summary>Both shapes with at least two axes.</summary>
    private static (Shape A, Shape B) Widen(in Shape a, in Shape b) =>
        (a.Rank == 1 ? new Shape(1, a[0]) : a, b.Rank == 1 ? new Shape(b[0], 1) : b);

    private ref struct Action : INumberAction
    {
        public MatMul Operator;
        public TensorView A, B, C, Y;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<T> a = A.Span<T>(), b = B.Span<T>(), y = Y.Span<T>();
            (Shape shapeA, Shape shapeB) = Widen(A.Shape, B.Shape);
            bool transposeA = Operator.TransposeA, transposeB = Operator.TransposeB;
            int m = shapeA[transposeA ? -1 : -2], k = shapeA[transposeA ? -2 : -1], n = shapeB[transposeB ? -2 : -1];
            Shape batch = Broadcast.Shapes(new Shape(shapeA.Span[..^2]), new Shape(shapeB.Span[..^2]));
            Span<long> stridesA = stackalloc long[Shape.MaxRank], stridesB = stackalloc long[Shape.MaxRank], stridesC = stackalloc long[Shape.MaxRank];
            Broadcast.Strides(new Shape(shapeA.Span[..^2]), batch, stridesA);
            Broadcast.Strides(new Shape(shapeB.Span[..^2]), batch, stridesB);

            var walk = new IndexWalk(batch, stridesA, stridesB);
            int at = 0;
            while (walk.Next())
            {
                Span<T> left = a[(int)(walk.Offset0 * m * k)..], right = b[(int)(walk.Offset1 * k * n)..];
                for (int row = 0; row < m; row++)
                    for (int column = 0; column < n; column++)
                    {
                        double sum = 0;
                        T exact = T.Zero;
                        for (int i = 0; i < k; i++)
                        {
                            T p = left[transposeA ? i * m + row : row * k + i], q = right[transposeB ? column * k + i : i * n + column];
                            if (A.DataType.IsFloat()) sum += double.CreateTruncating(p) * double.CreateTruncating(q);
                            else exact += p * q;
                        }
                        y[at++] = A.DataType.IsFloat() ? T.CreateTruncating(sum * Operator.Scale) : exact;
                    }
            }
            if (C.IsMissing && Operator.Activation.IsNone) return;

            Span<T> c = C.IsMissing ? [T.Zero] : C.Span<T>();
            Broadcast.Strides(C.IsMissing ? new Shape(1) : C.Shape, Y.Shape, stridesC);
            var bias = new IndexWalk(Y.Shape, stridesC);
            for (int i = 0; bias.Next(); i++)
            {
                T sum = y[i] + c[(int)bias.Offset0];
                y[i] = Operator.Activation.IsNone ? sum : T.CreateTruncating(Operator.Activation.Apply(double.CreateTruncating(sum)));
            }
        }
    }
}
