using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>What a reduction answers for the elements it takes together.</summary>
internal enum ReduceFunction
{
    Sum, Mean, Max, Min, Prod,

    /// <summary>Σ |x|.</summary>
    L1,

    /// <summary>√Σ x².</summary>
    L2,

    /// <summary>Σ x².</summary>
    SumSquare,

    /// <summary>ln Σ x.</summary>
    LogSum,

    /// <summary>ln Σ eˣ.</summary>
    LogSumExp,
}

/// <summary>
/// Takes elements together along some axes: the attribute, or input 1 when given. No axes mean all, unless
/// <see cref="NoopWithEmptyAxes"/> says that then each element is by itself.
/// </summary>
internal sealed class Reduce : Operator
{
    public ReduceFunction Function;
    public long[] Axes = [];
    public bool KeepDims = true;
    public bool NoopWithEmptyAxes;

    public override Tolerance Tolerance => Function is ReduceFunction.Max or ReduceFunction.Min ? Tolerance.Exact : Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("function", ref Function);
        codec.Longs("axes", ref Axes);
        codec.Bool("keep_dims", ref KeepDims);
        codec.Bool("noop_with_empty_axes", ref NoopWithEmptyAxes);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 2);
        Shape x = inputs[0].Shape;
        long[]? axes = inputs.Length > 1 && !inputs[1].IsMissing ? inputs[1].Integers() : Axes;
        if (x.IsUnranked) return [inputs[0].Type];
        Span<int> y = stackalloc int[x.Rank];
        if (axes is null)
        {
            if (!KeepDims) return [new TensorType(inputs[0].DataType, Shape.Unranked)];
            y.Fill(Shape.Unknown);
            return [new TensorType(inputs[0].DataType, new Shape(y))];
        }
        bool[] reduced = Reduced(axes, x.Rank);
        int rank = 0;
        for (int i = 0; i < x.Rank; i++)
            if (!reduced[i] || KeepDims) y[rank++] = reduced[i] ? 1 : x[i];
        return [new TensorType(inputs[0].DataType, new Shape(y[..rank]))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(inputs[0].Shape.Count, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        long[] axes = inputs.Length > 1 && !inputs[1].IsMissing ? new Operand(inputs[1].Type, inputs[1]).Integers()! : Axes;
        var action = new Action { Function = Function, Reduced = Reduced(axes, inputs[0].Shape.Rank), X = inputs[0], Y = outputs[0] };
        TypeDispatch.Number(inputs[0].DataType == DataType.Bool ? DataType.U8 : inputs[0].DataType, ref action);
    }

    private bool[] Reduced(long[] axes, int rank)
    {
        var reduced = new bool[rank];
        if (axes.Length == 0) Array.Fill(reduced, !NoopWithEmptyAxes);
        foreach (long axis in axes) reduced[NormalizeAxis((int)Math.Clamp(axis, int.MinValue, int.MaxValue), rank)] = true;
        return reduced;
    }

    private ref struct Action : INumberAction
    {
        public ReduceFunction Function;
        public bool[] Reduced;
        public TensorView X, Y;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<T> x = TypeDispatch.View<T>(X), y = TypeDispatch.View<T>(Y);
            bool real = X.DataType.IsFloat();
            var exact = new T[y.Length];
            var sums = new double[y.Length];
            var largest = new double[y.Length];
            Array.Fill(exact, Function switch
            {
                ReduceFunction.Max => real ? T.CreateSaturating(double.NegativeInfinity) : T.MinValue,
                ReduceFunction.Min => real ? T.CreateSaturating(double.PositiveInfinity) : T.MaxValue,
                ReduceFunction.Prod => T.One,
                _ => T.Zero,
            });
            Array.Fill(sums, Function == ReduceFunction.Prod ? 1 : 0);
            Array.Fill(largest, double.NegativeInfinity);

            Span<long> strides = stackalloc long[Shape.MaxRank];
            long stride = 1;
            for (int axis = X.Shape.Rank - 1; axis >= 0; axis--)
            {
                strides[axis] = Reduced[axis] ? 0 : stride;
                if (!Reduced[axis]) stride *= X.Shape[axis];
            }
            if (Function == ReduceFunction.LogSumExp)
            {
                var first = new IndexWalk(X.Shape, strides);
                for (int i = 0; first.Next(); i++) largest[first.Offset0] = Math.Max(largest[first.Offset0], double.CreateSaturating(x[i]));
            }
            var walk = new IndexWalk(X.Shape, strides);
            for (int i = 0; walk.Next(); i++)
            {
                long at = walk.Offset0;
                if (real || Function is ReduceFunction.Mean or ReduceFunction.L2 or ReduceFunction.LogSum or ReduceFunction.LogSumExp)
                    sums[at] = Next(sums[at], double.CreateSaturating(x[i]), largest[at]);
                exact[at] = Next(exact[at], x[i]);
            }
            long count = y.Length == 0 ? 0 : x.Length / y.Length;
            for (int i = 0; i < y.Length; i++)
            {
                y[i] = Function switch
                {
                    ReduceFunction.Max or ReduceFunction.Min => exact[i],
                    ReduceFunction.Mean => T.CreateSaturating(sums[i] / count),
                    ReduceFunction.L2 => T.CreateSaturating(Math.Sqrt(sums[i])),
                    ReduceFunction.LogSum => T.CreateSaturating(Math.Log(sums[i])),
                    ReduceFunction.LogSumExp => T.CreateSaturating(double.IsFinite(largest[i]) ? largest[i] + Math.Log(sums[i]) : largest[i]),
                    _ => real ? T.CreateSaturating(sums[i]) : exact[i],
                };
            }
        }

        private readonly double Next(double sum, double x, double largest) => Function switch
        {
            ReduceFunction.Prod => sum * x,
            ReduceFunction.L1 => sum + Math.Abs(x),
            ReduceFunction.L2 or ReduceFunction.SumSquare => sum + x * x,
            ReduceFunction.LogSumExp => sum + Math.Exp(x - largest),
            _ => sum + x,
        };

        /// <summary>Integers add up in their own type: doubles cannot hold all 64 bits.</summary>
        private readonly T Next<T>(T sum, T x) where T : INumber<T> => Function switch
        {
            ReduceFunction.Max => T.IsNaN(sum) || x < sum ? sum : x,
            ReduceFunction.Min => T.IsNaN(sum) || x > sum ? sum : x,
            ReduceFunction.Prod => sum * x,
            ReduceFunction.L1 => sum + (T.IsNegative(x) ? T.Zero - x : x),
            ReduceFunction.SumSquare => sum + x * x,
            _ => sum + x,
        };
    }
}
