using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>What a pooling window answers.</summary>
internal enum PoolFunction
{
    /// <summary>The largest element; padding never wins.</summary>
    Max,

    /// <summary>The mean.</summary>
    Average,

    /// <summary>(Σ |x|ᵖ)^(1/p).</summary>
    Lp,
}

/// <summary>
/// One answer for each window of x [N, spatial…, C], each channel by itself. With indices, output 1 tells where each maximum was: its
/// position in the flattened channels-first tensor, as ONNX counts. The maximum of quantized numbers is plain; their mean is that of the reals, computed as <see cref="Requantize"/> says.
/// </summary>
internal sealed class Pool : Operator
{
    public PoolFunction Function;
    public Window Window = new();

    /// <summary>Average: padding counts as zeros, instead of not at all.</summary>
    public bool CountIncludePad;

    /// <summary>The exponent of <see cref="PoolFunction.Lp"/>.</summary>
    public int P = 2;
    public bool WithIndices;

    /// <summary>Indices count the spatial axes from the last to the first.</summary>
    public bool ColumnMajor;

    /// <summary>How the mean of a quantized operand is written; none for plain numbers.</summary>
    public QuantizedResult Result;

    public override Tolerance Tolerance => Function == PoolFunction.Max || !Result.IsNone ? Tolerance.Exact : Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("function", ref Function);
        Window.Visit(codec);
        codec.Bool("count_include_pad", ref CountIncludePad);
        codec.Int("p", ref P);
        codec.Bool("with_indices", ref WithIndices);
        codec.Bool("column_major", ref ColumnMajor);
        Result.Visit(codec);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        Window.Validate(Name);
        if (!Result.IsNone)
        {
            string? problem = Function != PoolFunction.Average || Result.Type == DataType.F32 ? "only means of quantized operands change their scale." : Result.Problem ?? QuantizedResult.OperandProblem(inputs[0].Type);
            if (problem is not null) throw Invalid(problem);
        }
        Shape x = inputs[0].Shape, shape = Shape.Unranked;
        int axes = Window.Axes;
        if (!x.IsUnranked)
        {
            if (x.Rank != axes + 2) throw Invalid($"a window of {axes} axes needs an input of rank {axes + 2}, not {inputs[0].Type}.");
            shape = x;
            for (int i = 0; i < axes; i++) shape = shape.With(i + 1, Window.Output(x[i + 1], i));
        }
        TensorType y = Result.IsNone ? inputs[0].Type with { Shape = shape } : Result.Of(shape);
        return WithIndices ? [y, new TensorType(DataType.I64, shape)] : [y];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        Operators.Cost.Elementwise(inputs, outputs, new Shape(Window.Kernel).Count);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var action = new Action { Operator = this, X = inputs[0], Y = outputs[0], Indices = WithIndices ? outputs[1] : default };
        TypeDispatch.Number(inputs[0].DataType, ref action);
    }

    private ref struct Action : INumberAction
    {
        public Pool Operator;
        public TensorView X, Y, Indices;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<T> x = X.Span<T>(), y = Operator.Result.IsNone ? Y.Span<T>() : [];
            QuantizedMean mean = Operator.Result.IsNone ? default : new(X.Type, Operator.Result);
            Window window = Operator.Window;
            int axes = window.Axes;
            var kernel = new Shape(window.Kernel);
            Span<long> strides = stackalloc long[Shape.MaxRank];
            Broadcast.Strides(X.Shape, strides);
            Span<int> position = stackalloc int[3];

            var at = new IndexWalk(Y.Shape, []);
            for (int i = 0; at.Next(); i++)
            {
                int count = 0, taps = 0, best = -1;
                long bestIndex = 0;
                double sum = 0;
                var k = new IndexWalk(kernel, []);
                while (k.Next())
                {
                    long offset = at[0] * strides[0] + at[axes + 1];
                    bool inside = true, counted = true;
                    for (int a = 0; a < axes; a++)
                    {
                        int size = X.Shape[a + 1];
                        int p = position[a] = at[a + 1] * window.Strides[a] + k[a] * window.Dilations[a] - window.PadBegin(size, a);
                        inside &= p >= 0 && p < size;
                        // A window that sticks out beyond the padding (ceil mode) counts what is within it.
                        counted &= window.AutoPad != AutoPad.Explicit || p < size + window.Pads[a + axes];
                        offset += p * strides[a + 1];
                    }
                    if (inside || (counted && Operator.CountIncludePad)) count++;
                    if (!inside) continue;
                    taps++;
                    T value = x[(int)offset];
                    if (Operator.Function == PoolFunction.Max)
                    {
                        if (best >= 0 && !(value > x[best]) && !T.IsNaN(value)) continue;
                        best = (int)offset;
                        bestIndex = Index(at[0], at[axes + 1], position);
                    }
                    else
                    {
                        double real = double.CreateTruncating(value);
                        sum += Operator.Function == PoolFunction.Average ? real : Math.Pow(Math.Abs(real), Operator.P);
                    }
                }
                if (y.IsEmpty)
                {
                    // The taps inside of the picture less their zero points; what is outside of it is zero.
                    Y.Bytes[i] = mean.Apply((int)sum - taps * mean.Zero, count);
                    continue;
                }
                y[i] = Operator.Function switch
                {
                    PoolFunction.Max => best < 0 ? T.MinValue : x[best],
                    PoolFunction.Average => count == 0 ? T.Zero : T.CreateTruncating(sum / count),
                    _ => T.CreateTruncating(Math.Pow(sum, 1.0 / Operator.P)),
                };
                if (!Indices.IsMissing) Indices.Span<long>()[i] = bestIndex;
            }
        }

        /// <summary>Where an element lies in the channels-first tensor.</summary>
        private readonly long Index(int n, int c, ReadOnlySpan<int> position)
        {
            int axes = Operator.Window.Axes;
            long pixels = X.Shape.Product(1, axes + 1), index = 0;
            for (int i = 0; i < axes; i++)
            {
                int a = Operator.ColumnMajor ? axes - 1 - i : i;
                index = index * X.Shape[a + 1] + position[a];
            }
            return ((long)n * X.Shape[axes + 1] + c) * pixels + index;
        }
    }
}
