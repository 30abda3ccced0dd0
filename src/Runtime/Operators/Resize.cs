using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Samples the input anew along some axes (ONNX Resize-19): to sizes, or by scales, that the attributes hold or inputs 1 to 3 give
/// (region of interest, scales, sizes). Works on any axes; channels last is what fast kernels expect. Of a quantized operand, linear interpolation along up to two axes is that of the reals, computed as
/// <see cref="QuantizedTaps"/> says.
/// </summary>
internal sealed class Resize : Operator
{
    public Interpolation Interpolation;
    public ResizeCoordinates Coordinates;
    public NearestRounding Rounding;
    public AspectRatio AspectRatio;

    /// <summary>A filter as wide as the step when the result is smaller than the input.</summary>
    public bool AntiAlias;

    /// <summary>Leaves elements beyond the border out instead of repeating the border.</summary>
    public bool ExcludeOutside;

    /// <summary>Keys' coefficient of the cubic.</summary>
    public float CubicA = -0.75f;

    /// <summary>What lies outside of the input for <see cref="ResizeCoordinates.CropAndResize"/>.</summary>
    public float Extrapolation;

    /// <summary>The axes that scales, sizes and region speak of; empty for all.</summary>
    public long[] Axes = [];
    public long[] Sizes = [];
    public float[] Scales = [];

    /// <summary>How the interpolation of a quantized operand is written; none for one of plain numbers.</summary>
    public QuantizedResult Result;

    /// <summary>Positions of the optional inputs.</summary>
    public const int RegionInput = 1, ScalesInput = 2, SizesInput = 3;

    public override Tolerance Tolerance => Interpolation == Interpolation.Nearest || !Result.IsNone ? Tolerance.Exact : Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("interpolation", ref Interpolation);
        codec.Enum("coordinates", ref Coordinates);
        codec.Enum("rounding", ref Rounding);
        codec.Enum("aspect_ratio", ref AspectRatio);
        codec.Bool("anti_alias", ref AntiAlias);
        codec.Bool("exclude_outside", ref ExcludeOutside);
        codec.Float("cubic_a", ref CubicA);
        codec.Float("extrapolation", ref Extrapolation);
        codec.Longs("axes", ref Axes);
        codec.Longs("sizes", ref Sizes);
        codec.Floats("scales", ref Scales);
        Result.Visit(codec);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 4);
        if (!Result.IsNone && QuantizedProblem(inputs) is { } problem) throw Invalid(problem);
        Shape x = inputs[0].Shape;
        Shape y = x.IsUnranked ? x : Resolve(inputs, new float[x.Rank]);
        if (Result.IsNone) return [Moved(inputs[0].Type, y)];
        if (x.IsStatic && y.IsStatic && Enumerable.Range(0, x.Rank).Count(axis => x[axis] != y[axis]) > QuantizedTaps.MostAxes) throw Invalid($"quantized {inputs[0].Type} cannot be resized along so many axes.");
        return [Result.Of(y)];
    }

    private string? QuantizedProblem(ReadOnlySpan<Operand> inputs)
    {
        if (Interpolation != Interpolation.Linear || Coordinates == ResizeCoordinates.CropAndResize || Result.Type == DataType.F32) return "only linear interpolation of quantized operands, without a region, changes their scale.";
        return Result.Problem ?? QuantizedResult.OperandProblem(inputs[0].Type)
            ?? (float.IsFinite(inputs[0].Type.Quantization!.Scales[0] / Result.Scale) ? null : $"the scales of {inputs[0].Type} and the result are too far apart.");
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        Operators.Cost.Elementwise(inputs, outputs, Interpolation switch { Interpolation.Nearest => 0, Interpolation.Linear => 8, _ => 32 });

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        if (outputs[0].Shape.Count == 0) return;
        ResizeTaps[] taps = Taps(Operand.Known(inputs), outputs[0].Shape);
        if (Interpolation == Interpolation.Nearest && Coordinates != ResizeCoordinates.CropAndResize)
        {
            var action = new Nearest { Taps = taps, X = inputs[0], Y = outputs[0] };
            TypeDispatch.Bits(inputs[0].DataType, ref action);
            return;
        }
        if (!Result.IsNone)
        {
            new QuantizedTaps(taps, inputs[0].Type, Result).Evaluate(inputs[0], outputs[0]);
            return;
        }
        Shape shape = inputs[0].Shape;
        double[] x = Elements.Read(inputs[0]), y = new double[outputs[0].Shape.Count];
        var strides = new long[shape.Rank];
        Broadcast.Strides(shape, strides);
        var at = new IndexWalk(outputs[0].Shape, []);
        for (int i = 0; at.Next(); i++)
        {
            bool outside = false;
            for (int axis = 0; axis < taps.Length; axis++) outside |= taps[axis].Outside(at[axis]);
            y[i] = outside ? Extrapolation : Sample(x, taps, strides, ref at, 0, 0);
        }
        Elements.Write(outputs[0], y);
    }

    /// <summary>For each axis, the elements that each result is made of, and their weights.</summary>
    public ResizeTaps[] Taps(ReadOnlySpan<Operand> inputs, in Shape result)
    {
        Shape x = inputs[0].Shape;
        var scales = new float[x.Rank];
        Resolve(inputs, scales);
        double[] region = inputs.Length > RegionInput && inputs[RegionInput].Value is { } view ? Elements.Read(view) : [];
        int[] axes = AxesOf(x.Rank);
        var taps = new ResizeTaps[x.Rank];
        for (int axis = 0; axis < x.Rank; axis++)
        {
            int listed = Array.IndexOf(axes, axis);
            bool hasRegion = listed >= 0 && region.Length == 2 * axes.Length;
            (double from, double to) = hasRegion ? (region[listed], region[listed + axes.Length]) : (0, 1);
            taps[axis] = new ResizeTaps(this, x[axis], result[axis], scales[axis], (float)from, (float)to);
        }
        return taps;
    }

    private static double Sample(double[] x, ResizeTaps[] taps, long[] strides, ref IndexWalk at, int axis, long offset)
    {
        if (axis == taps.Length) return x[offset];
        double sum = 0;
        foreach ((int index, double weight) in taps[axis].Of(at[axis]))
            sum += weight * Sample(x, taps, strides, ref at, axis + 1, offset + index * strides[axis]);
        return sum;
    }

    private int[] AxesOf(int rank)
    {
        if (Axes.Length == 0) return [.. Enumerable.Range(0, rank)];
        return Array.ConvertAll(Axes, axis => NormalizeAxis(axis, rank));
    }

    /// <summary>The resulting shape; the scales are written where they are known.</summary>
    private Shape Resolve(ReadOnlySpan<Operand> inputs, float[] scales)
    {
        Shape x = inputs[0].Shape, y = x;
        int[] axes = AxesOf(x.Rank);
        Array.Fill(scales, 1);
        if (Given(inputs, SizesInput) || (Sizes.Length > 0 && !Given(inputs, ScalesInput)))
        {
            if (Integers(inputs, SizesInput, Sizes) is not { } sizes) return Open(x, axes);
            if (sizes.Length != axes.Length || Array.Exists(sizes, v => v is < 0 or > int.MaxValue))
                throw Invalid($"the sizes [{string.Join(' ', sizes)}] do not fit {axes.Length} axes of {inputs[0].Type}.");
            if (AspectRatio != AspectRatio.Stretch) return Proportional(x, axes, sizes, scales);
            for (int i = 0; i < axes.Length; i++)
            {
                y = y.With(axes[i], (int)sizes[i]);
                if (x[axes[i]] == 0 && sizes[i] > 0) throw Invalid($"axis {axes[i]} of {inputs[0].Type} has nothing to sample.");
                if (x[axes[i]] > 0) scales[axes[i]] = (float)sizes[i] / x[axes[i]];
            }
            return y;
        }

        float[]? factors = Given(inputs, ScalesInput)
            ? inputs[ScalesInput].Value is { } view ? Array.ConvertAll(Elements.Read(view), v => (float)v) : null
            : Scales;
        if (factors is null) return Open(x, axes);
        if (factors.Length != axes.Length || Array.Exists(factors, v => !(v > 0 && v <= 1 << 20)))
            throw Invalid($"the scales [{string.Join(' ', factors)}] do not fit {axes.Length} axes of {inputs[0].Type}.");
        for (int i = 0; i < axes.Length; i++)
        {
            scales[axes[i]] = factors[i];
            if (factors[i] != 1) y = y.With(axes[i], x[axes[i]] < 0 ? Shape.Unknown : checked((int)MathF.Floor(factors[i] * x[axes[i]])));
        }
        return y;
    }

    private Shape Proportional(in Shape x, int[] axes, long[] sizes, float[] scales)
    {
        Shape y = x;
        float scale = AspectRatio == AspectRatio.NotLarger ? float.MaxValue : 0;
        for (int i = 0; i < axes.Length; i++)
        {
            if (x[axes[i]] < 0) return Open(x, axes);
            if (x[axes[i]] == 0) throw Invalid($"axis {axes[i]} of {x} has nothing to sample.");
            float own = (float)sizes[i] / x[axes[i]];
            scale = AspectRatio == AspectRatio.NotLarger ? Math.Min(scale, own) : Math.Max(scale, own);
        }
        foreach (int axis in axes)
        {
            scales[axis] = scale;
            y = y.With(axis, checked((int)MathF.Floor(scale * x[axis] + 0.5f)));
        }
        return y;
    }

    private static bool Given(ReadOnlySpan<Operand> inputs, int index) => index < inputs.Length && !inputs[index].IsMissing;

    private static Shape Open(in Shape x, int[] axes)
    {
        Shape y = x;
        foreach (int axis in axes) y = y.With(axis, Shape.Unknown);
        return y;
    }

    private ref struct Nearest : IBitsAction
    {
        public ResizeTaps[] Taps;
        public TensorView X, Y;

        public readonly void Invoke<T>() where T : unmanaged, IEquatable<T>
        {
            Span<T> x = TypeDispatch.View<T>(X), y = TypeDispatch.View<T>(Y);
            Span<long> strides = stackalloc long[Shape.MaxRank];
            Broadcast.Strides(X.Shape, strides);
            var at = new IndexWalk(Y.Shape, []);
            for (int i = 0; at.Next(); i++)
            {
                long from = 0;
                for (int axis = 0; axis < Taps.Length; axis++) from += Taps[axis].Of(at[axis])[0].Index * strides[axis];
                y[i] = x[(int)from];
            }
        }
    }
}
