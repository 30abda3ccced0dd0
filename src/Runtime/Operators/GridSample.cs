using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>What a sample beyond the border sees.</summary>
internal enum GridPadding
{
    Zeros, Border, Reflection,
}

/// <summary>
/// Samples pictures at given places (ONNX GridSample), channels last: x [N H W C] and a grid [N, h, w, (x y)] from -1 to 1 give [N h w C]; volumes have an axis
/// more before the height.
/// </summary>
internal sealed class GridSample : Operator
{
    public Interpolation Interpolation = Interpolation.Linear;
    public GridPadding Padding;

    /// <summary>-1 and 1 are the centres of the border pixels instead of their outer edges.</summary>
    public bool AlignCorners;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("interpolation", ref Interpolation);
        codec.Enum("padding", ref Padding);
        codec.Bool("align_corners", ref AlignCorners);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 2);
        Shape x = inputs[0].Shape, grid = inputs[1].Shape;
        int rank = x.IsUnranked ? grid.Rank : x.Rank;
        if (rank < 0) return [new TensorType(inputs[0].DataType, Shape.Unranked)];
        if (rank is not (4 or 5)) throw Invalid($"{inputs[0].Type} is no picture or volume.");
        if (x.IsUnranked) x = Shape.OfRank(rank);
        if (grid.IsUnranked) grid = Shape.OfRank(rank);
        if (grid.Rank != rank || !grid.Accepts(grid.With(0, x[0]).With(-1, rank - 2))) throw Invalid($"{inputs[1].Type} is no grid for {inputs[0].Type}.");
        for (int axis = 1; axis < rank - 1; axis++)
            if (x[axis] == 0) throw Invalid($"{inputs[0].Type} has nothing to sample.");
        return [new TensorType(inputs[0].DataType, grid.With(0, x[0]).With(-1, x[-1]))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        Operators.Cost.Elementwise(inputs, outputs, Interpolation == Interpolation.Cubic ? 32 : 8);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape shape = inputs[0].Shape;
        int axes = shape.Rank - 2, channels = shape[-1], places = (int)outputs[0].Shape.Product(1, axes + 1), pixels = (int)shape.Product(1, axes + 1);
        double[] x = Elements.Read(inputs[0]), grid = Elements.Read(inputs[1]), y = new double[outputs[0].Shape.Count];
        Span<int> indices = stackalloc int[3 * MostTaps];
        Span<double> weights = stackalloc double[3 * MostTaps];
        for (int i = 0; i < shape[0] * places; i++)
        {
            // The first number of a place goes along the last axis.
            int count = 0;
            for (int axis = 0; axis < axes; axis++)
                count = Taps(grid[i * axes + axes - 1 - axis], shape[1 + axis], indices[(axis * MostTaps)..], weights[(axis * MostTaps)..]);
            Add(indices, weights, count, 0, i / places * pixels, 1, x, y.AsSpan(i * channels, channels), shape);
        }
        Elements.Write(outputs[0], y);
    }

    /// <summary>Pixels that a place sees along one axis at most.</summary>
    public const int MostTaps = 4;

    /// <summary>Adds what the taps of an axis see, and of those behind it. So far the pixel's index is that of the axes before.</summary>
    private static void Add(ReadOnlySpan<int> indices, ReadOnlySpan<double> weights, int count, int axis, int picture, double weight, double[] x, Span<double> y, in Shape shape, int index = 0)
    {
        if (axis == shape.Rank - 2)
        {
            for (int c = 0; c < y.Length; c++) y[c] += weight * x[(picture + index) * y.Length + c];
            return;
        }
        for (int tap = axis * MostTaps; tap < axis * MostTaps + count; tap++)
            if (indices[tap] >= 0) Add(indices, weights, count, axis + 1, picture, weight * weights[tap], x, y, shape, index * shape[1 + axis] + indices[tap]);
    }

    /// <summary>The pixels along an axis that a place sees, and their weights; index -1 stands for a zero. How many there are depends on the interpolation only.</summary>
    public int Taps(double place, int size, Span<int> indices, Span<double> weights)
    {
        double position = AlignCorners ? (place + 1) / 2 * (size - 1) : ((place + 1) * size - 1) / 2;
        // A place that is no number, or too far away to count with, sees the first pixel.
        if (!(Math.Abs(position) < 1 << 30)) position = Padding == GridPadding.Zeros ? -2 : 0;
        // Borders and reflections apply to the place itself, but for cubics to each pixel.
        if (Interpolation != Interpolation.Cubic) position = Inside(position, size);
        int first = (int)Math.Floor(position);
        double t = position - first;
        switch (Interpolation)
        {
            case Interpolation.Nearest:
                (indices[0], weights[0]) = (Pixel((int)Math.Round(position, MidpointRounding.ToEven), size), 1);
                return 1;
            case Interpolation.Linear:
                (indices[0], weights[0]) = (Pixel(first, size), 1 - t);
                (indices[1], weights[1]) = (Pixel(first + 1, size), t);
                return 2;
            default:
                for (int i = 0; i < MostTaps; i++) (indices[i], weights[i]) = (Pixel((int)Inside(first - 1 + i, size), size), ResizeTaps.Cubic(t + 1 - i, -0.75));
                return MostTaps;
        }
    }

    private double Inside(double position, int size)
    {
        if (Padding == GridPadding.Border) return Math.Clamp(position, 0, size - 1);
        if (Padding == GridPadding.Zeros) return position;
        double low = AlignCorners ? 0 : -0.5, span = AlignCorners ? size - 1 : size;
        if (span == 0) return 0;
        double folded = (position - low) % (2 * span);
        if (folded < 0) folded += 2 * span;
        return Math.Clamp(folded > span ? 2 * span - folded + low : folded + low, 0, size - 1);
    }

    private static int Pixel(int index, int size) => index >= 0 && index < size ? index : -1;
}
