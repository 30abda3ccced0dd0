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
/// <see cref="NoopWithEmptyAxes"/> says that then each element is by itself. Sums and means of a quantized operand are those of the reals, computed as <see cref="Requantize"/> says.
/// </summary>
internal sealed class Reduce : Operator
{
    public ReduceFunction Function;
    public long[] Axes = [];
    public bool KeepDims = true;
    public bool NoopWithEmptyAxes;

    /// <summary>How the sum or mean of a quantized operand is written; none for plain numbers.</summary>
    public QuantizedResult Result;

    public override Tolerance Tolerance => !Result.IsNone || Function is ReduceFunction.Max or ReduceFunction.Min ? Tolerance.Exact : Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("function", ref Function);
        codec.Longs("axes", ref Axes);
        codec.Bool("keep_dims", ref KeepDims);
        codec.Bool("noop_with_empty_axes", ref NoopWithEmptyAxes);
        Result.Visit(codec);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 2);
        if (!Result.IsNone)
        {
            string? problem = Function is not (ReduceFunction.Sum or ReduceFunction.Mean) || Result.Type == DataType.F32 ? "only sums and means of quantized operands change their scale."
                : Result.Problem ?? QuantizedResult.OperandProblem(inputs[0].Type) ?? (float.IsFinite(inputs[0].Type.Quantization!.Scales[0] / Result.Scale) ? null : $"the scales of {inputs[0].Type} and the result are too far apart.");
            if (problem is not null) throw Invalid(problem);
        }
        Shape x = inputs[0].Shape;
        long[]? axes = inputs.Length > 1 && !inputs[1].IsMissing ? inputs[1].Integers() : Axes;
        if (x.IsUnranked) return [TypeOf(inputs[0], x)];
        Span<int> y = stackalloc int[x.Rank];
        if (axes is null)
        {
            if (!KeepDims) return [TypeOf(inputs[0], Shape.Unranked)];
            y.Fill(Shape.Unknown);
            return [TypeOf(inputs[0], new Shape(y))];
        }
        bool[] reduced = Reduced(axes, x.Rank);
        int rank = 0;
        for (int i = 0; i < x.Rank; i++)
            if (!reduced[i] || KeepDims) y[rank++] = reduced[i] ? 1 : x[i];
        return [TypeOf(inputs[0], new Shape(y[..rank]))];
    }

    private TensorType TypeOf(in Operand x, in Shape shape) => Result.IsNone ? new TensorType(x.DataType, shape) : Result.Of(shape);

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(inputs[0].Shape.Count, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        long[] axes = inputs.Length > 1 && !inputs[1].IsMissing ? new Operand(inputs[1].Type, inputs[1]).Integers()! : Axes;
        bool[] reduced = Reduced(axes, inputs[0].Shape.Rank);
        if (!Result.IsNone)
        {
            using var sums = new Tensor(new TensorType(DataType.I32, outputs[0].Shape));
            using var centred = new Tensor(new TensorType(DataType.I32, inputs[0].Shape));
            var mean = new QuantizedMean(inputs[0].Type, Result);
            Span<int> numbers = centred.Span<int>();
            for (int i = 0; i < numbers.Length; i++) numbers[i] = Requantize.Element(inputs[0], i) - mean.Zero;
            var sum = new Action { Function = ReduceFunction.Sum, Reduced = reduced, X = centred.View, Y = sums.View };
            sum.Invoke<int>();
            int count = sums.Shape.Count == 0 ? 0 : (int)(numbers.Length / sums.Shape.Count);
            for (int i = 0; i < sums.Shape.Count; i++) outputs[0].Bytes[i] = mean.Apply(sums.Span<int>()[i], Function == ReduceFunction.Mean ? count : 1);
            return;
        }
        var action = new Action { Function = Function, Reduced = reduced, X = inputs[0], Y = outputs[0] };
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
