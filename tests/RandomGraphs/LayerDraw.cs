using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.RandomGraphs;

/// <summary>Draws layers: each of the operators that docs/numerics.md has a rule for, on values that a graph has so far.</summary>
internal sealed class LayerDraw(Random random, OperandDraw draw, RandomGraph graph)
{
    private static readonly UnaryFunction[] Tables = [.. Enum.GetValues<UnaryFunction>().Except([UnaryFunction.IsNaN, UnaryFunction.IsInf, UnaryFunction.Not, UnaryFunction.BitwiseNot])];

    /// <summary>Adds one, or nothing where no value fits it.</summary>
    public void Add()
    {
        switch (random.Next(24))
        {
            case 0 or 1 or 2: Convolution(1); break;
            case 3 or 4: Convolution(3); break;
            case 5 or 6: Depthwise(); break;
            case 7 or 8: Product(); break;
            case 9 or 10: Pair(); break;
            case 11: PairWithConstant(); break;
            case 12: Table(); break;
            case 13: Pooling(); break;
            case 14: Resizing(); break;
            case 15: Reduction(); break;
            case 16 or 17: Join(); break;
            case 18: Cut(); break;
            case 19 or 22 or 23: Move(); break;
            case 20: Padding(); break;
            default: Lookup(); break;
        }
    }

    private Value? Spatial() => graph.Pick(v => v.Type.Shape.Rank is >= 3 and <= 5);

    private bool OneIn(int count) => random.Next(count) == 0;

    private int[] Draw(int count, params int[] choices) => [.. Enumerable.Range(0, count).Select(_ => draw.Pick(choices))];

    /// <summary>Clamps, and the functions that sums can have applied.</summary>
    private (Activation Activation, bool Applies) Function(bool mayApply) => random.Next(mayApply ? 8 : 4) switch
    {
        0 => (new Activation(UnaryFunction.Relu), false),
        1 => (new Activation(UnaryFunction.Clip, draw.Pick(0f, -1f), draw.Pick(6f, 1f)), false),
        4 => (new Activation(UnaryFunction.LeakyRelu, draw.Pick(0.1f, 0.01f, -2f)), true),
        5 => (new Activation(UnaryFunction.HardSwish, 1 / 6f, 0.5f), true),
        6 => (new Activation(UnaryFunction.Swish, draw.Pick(1f, 1f, 1.702f, -0.5f)), true),
        _ => (default, false),
    };

    private void Convolution(int kernel)
    {
        if (Spatial() is not { } x) return;
        int axes = x.Type.Shape.Rank - 2, channels = x.Type.Shape[-1], groups = 1;
        if (OneIn(6))
            foreach (int divisor in (int[])[2, 3, 5])
                if (channels % divisor == 0 && channels > divisor) groups = divisor;
        Window window = kernel == 1 ? Window.Of(Draw(axes, 1)) : Windows(axes);
        if (kernel == 1 && OneIn(4)) window.Strides = Draw(axes, 1, 2);
        Conv(x, window, groups * Math.Max(1, draw.Channels() / groups), groups);
    }

    private void Depthwise()
    {
        if (Spatial() is not { } x) return;
        int channels = x.Type.Shape[-1];
        Conv(x, Windows(x.Type.Shape.Rank - 2), OneIn(8) ? channels * 2 : channels, channels);
    }

    private Window Windows(int axes)
    {
        Window window = Window.Of(Draw(axes, 3, 3, 3, 1, 2, 4, 5));
        if (OneIn(2)) window.Strides = Draw(axes, 2, 2, 1, 3);
        if (OneIn(6)) window.Dilations = Draw(axes, 1, 2);
        if (!OneIn(4)) window.Pads = Draw(2 * axes, 0, 1, 1, 1, 2);
        else if (OneIn(2)) window.AutoPad = draw.Pick(AutoPad.SameUpper, AutoPad.SameLower);
        return window;
    }

    private void Conv(Value x, Window window, int outputs, int groups)
    {
        var shape = new Shape([outputs, .. window.Kernel, x.Type.Shape[-1] / groups]);
        QuantizedResult result = draw.Result(mayBeReal: true);
        (Activation activation, bool applies) = Function(result.Type != DataType.F32);
        Value? bias = OneIn(3) ? null : graph.Constant("bias", draw.Biases(outputs, shape.Count / outputs));
        Value?[] operands = [x, graph.Constant("weight", draw.Weights(shape, 0)), bias, .. applies && OneIn(2) ? [graph.Constant("gain", draw.Gains(outputs))] : Array.Empty<Value>()];
        graph.AddScaled(result, r => new Conv { Window = window, Groups = groups, Activation = activation, Result = r }, operands);
    }

    private void Product()
    {
        if (graph.Pick(v => v.Type.Shape.Rank >= 2) is not { } x) return;
        Shape shape = x.Type.Shape;
        QuantizedResult result = draw.Result(mayBeReal: true);
        (Activation activation, _) = Function(mayApply: false);
        Operator Make(QuantizedResult r) => new MatMul { Activation = activation, Result = r };
        int columns = draw.Channels();
        if (OneIn(3) && graph.Pick(v => v.Type.Shape.Rank >= 2 && v.Type.Shape[-2] == shape[-1]) is { } other)
            graph.AddScaled(result, Make, x, other);
        else if (OneIn(3) && shape.Rank <= 4)
        {
            // A product of what is computed, and of that turned around.
            int[] turned = [.. Enumerable.Range(0, shape.Rank - 2), shape.Rank - 1, shape.Rank - 2];
            Value right = graph.Add(new Transpose { Permutation = turned }, x)[0];
            graph.AddScaled(result, Make, x, right);
        }
        else
            graph.AddScaled(result, Make, x, graph.Constant("weight", draw.Weights(new Shape(shape[-1], columns), 1)), OneIn(2) ? null : graph.Constant("bias", draw.Biases(OneIn(6) ? 1 : columns, shape[-1])));
    }

    private void Pair()
    {
        if (graph.Pick() is not { } a) return;
        Shape shape = a.Type.Shape;
        Value b = graph.Pick(v => v != a && Fits(v.Type.Shape)) ?? a;
        (a, b) = OneIn(2) ? (a, b) : (b, a);
        BinaryFunction function = draw.Pick(BinaryFunction.Add, BinaryFunction.Add, BinaryFunction.Mul, BinaryFunction.Sub, BinaryFunction.Min, BinaryFunction.Max, BinaryFunction.PRelu);
        (Activation activation, _) = Function(mayApply: false);
        graph.AddScaled(draw.Result(), r => new Binary { Function = function, Activation = activation, Result = r }, a, b);

        bool Fits(Shape other)
        {
            if (other.Rank > shape.Rank) return false;
            for (int i = 1; i <= other.Rank; i++)
                if (other[-i] != shape[-i] && other[-i] != 1) return false;
            return true;
        }
    }

    private void PairWithConstant()
    {
        if (graph.Pick() is not { } a) return;
        int channels = a.Type.Shape[-1];
        BinaryFunction function = draw.Pick(BinaryFunction.Add, BinaryFunction.Mul, BinaryFunction.Sub, BinaryFunction.PRelu);
        Tensor constant = OneIn(4) ? draw.Elements(draw.Activation(OneIn(2) ? new Shape(1) : new Shape(channels))) : draw.Weights(new Shape(channels), 0);
        graph.AddScaled(draw.Result(), r => new Binary { Function = function, Result = r }, a, graph.Constant("factor", constant));
    }

    private void Table()
    {
        if (graph.Pick() is not { } x) return;
        UnaryFunction function = draw.Pick(Tables);
        graph.AddScaled(draw.Result(), r => new Unary { Function = function, Alpha = 0.2f, Beta = 0.5f, Result = r }, x);
    }

    private void Pooling()
    {
        if (Spatial() is not { } x) return;
        Window window = Windows(x.Type.Shape.Rank - 2);
        // Pads as large as the window would leave windows with nothing in them.
        for (int i = 0; i < window.Pads.Length; i++) window.Pads[i] = Math.Min(window.Pads[i], window.Kernel[i % window.Axes] - 1);
        window.Ceil = OneIn(3);
        bool counts = OneIn(2);
        if (OneIn(2)) graph.Add(new Pool { Window = window }, x);
        else graph.AddScaled(draw.Result(), r => new Pool { Function = PoolFunction.Average, CountIncludePad = counts, Window = window, Result = r }, x);
    }

    private void Resizing()
    {
        if (Spatial() is not { } x || x.Type.Shape.Rank > 4) return;
        long[] axes = [.. Enumerable.Range(1, x.Type.Shape.Rank - 2)], sizes = Array.ConvertAll(axes, a => OneIn(2) ? x.Type.Shape[(int)a] * 2L : random.Next(1, 14));
        ResizeCoordinates coordinates = draw.Pick(ResizeCoordinates.HalfPixel, ResizeCoordinates.AlignCorners, ResizeCoordinates.Asymmetric);
        if (OneIn(2)) graph.Add(new Resize { Axes = axes, Sizes = sizes, Coordinates = coordinates, Interpolation = Interpolation.Nearest }, x);
        else graph.AddScaled(draw.Result(), r => new Resize { Axes = axes, Sizes = sizes, Coordinates = coordinates, Interpolation = Interpolation.Linear, Result = r }, x);
    }

    private void Reduction()
    {
        if (graph.Pick(v => v.Type.Shape.Rank >= 2) is not { } x) return;
        int rank = x.Type.Shape.Rank;
        long[] axes = OneIn(2) ? [.. Enumerable.Range(1, Math.Max(1, rank - 2))] : [random.Next(rank)];
        bool keeps = !OneIn(3);
        switch (random.Next(6))
        {
            case 0: graph.Add(new ArgMax { Axis = (int)axes[0], KeepDims = keeps, SelectLast = OneIn(2), Smallest = OneIn(3) }, x); break;
            case 1: graph.Add(new Reduce { Function = draw.Pick(ReduceFunction.Max, ReduceFunction.Min), Axes = axes, KeepDims = keeps }, x); break;
            default:
                ReduceFunction function = draw.Pick(ReduceFunction.Mean, ReduceFunction.Mean, ReduceFunction.Sum);
                graph.AddScaled(draw.Result(), r => new Reduce { Function = function, Axes = axes, KeepDims = keeps, Result = r }, x);
                break;
        }
    }

    private void Join()
    {
        if (graph.Pick() is not { } a) return;
        Shape shape = a.Type.Shape;
        int axis = OneIn(3) ? random.Next(shape.Rank) : shape.Rank - 1;
        var parts = new List<Value> { a };
        for (int i = random.Next(1, 3); i > 0; i--)
        {
            Value b = graph.Pick(v => v.Type.Shape.Rank == shape.Rank && v.Type.Shape.With(axis, 0) == shape.With(axis, 0)) ?? a;
            // Bytes can be joined only where they stand for the same reals.
            if (b.Type.DataType != a.Type.DataType || !Equals(b.Type.Quantization, a.Type.Quantization)) b = graph.Add(new Unary { Result = QuantizedResult.Like(a.Type) }, b)[0];
            parts.Insert(random.Next(parts.Count + 1), b);
        }
        graph.Add(new Concat { Axis = axis }, [.. parts]);
    }

    private void Cut()
    {
        if (graph.Pick() is not { } x) return;
        Shape shape = x.Type.Shape;
        int axis = OneIn(3) ? random.Next(shape.Rank) : shape.Rank - 1, size = shape[axis];
        if (size < 2) return;
        if (OneIn(3))
        {
            int first = random.Next(1, size);
            graph.Add(new Split { Axis = axis, Parts = 2, Sizes = [first, size - first] }, x);
            return;
        }
        int start = random.Next(size - 1), end = random.Next(start + 1, size + 1);
        bool backwards = OneIn(6);
        graph.Add(backwards ? new Slice { Axes = [axis], Starts = [end - 1], Ends = [start - 1 - (start == 0 ? size : 0)], Steps = [-1] }
            : new Slice { Axes = [axis], Starts = [start], Ends = [end], Steps = [draw.Pick<int>(1, 1, 2, 3)] }, x);
    }

    private void Move()
    {
        if (graph.Pick() is not { } x) return;
        Shape shape = x.Type.Shape;
        int rank = shape.Rank;
        switch (random.Next(6))
        {
            case 0:
                int[] order = [.. Enumerable.Range(0, rank)];
                random.Shuffle(order);
                graph.Add(new Transpose { Permutation = order }, x);
                break;
            case 1 when rank == 4:
                // Shuffled channels: two axes for one, turned around, and back.
                if (shape[-1] % 2 != 0) return;
                Value apart = graph.Add(new Reshape { Target = [shape[0], shape[1], shape[2], 2, shape[3] / 2] }, x)[0];
                Value turned = graph.Add(new Transpose { Permutation = [0, 1, 2, 4, 3] }, apart)[0];
                graph.Add(new Reshape { Target = [shape[0], shape[1], shape[2], shape[3]] }, turned);
                break;
            case 2 when rank == 4:
                bool joins = shape[1] % 2 == 0 && shape[2] % 2 == 0;
                if (!joins && shape[3] % 4 != 0) return;
                graph.Add(new DepthSpace { Function = joins ? DepthSpaceFunction.SpaceToDepth : draw.Pick(DepthSpaceFunction.DepthToSpace, DepthSpaceFunction.DepthToSpaceColumnFirst), Block = 2 }, x);
                break;
            case 3:
                long[] repeats = [.. Enumerable.Range(0, rank).Select(_ => OneIn(3) ? 2L : 1)];
                graph.Add(new Tile { Repeats = repeats }, x);
                break;
            case 4:
                int[] wide = [.. Enumerable.Range(0, rank).Select(i => shape[i] == 1 && OneIn(2) ? draw.Pick<int>(2, 3, 5) : shape[i])];
                graph.Add(new Expand { Target = Array.ConvertAll(wide, v => (long)v) }, x);
                break;
            default:
                graph.Add(new Reshape { Target = rank == 4 ? [shape[0], -1, shape[3]] : OneIn(2) ? [1, -1] : [1, shape[0], -1, shape[-1]] }, x);
                break;
        }
    }

    private void Padding()
    {
        if (graph.Pick() is not { } x) return;
        int rank = x.Type.Shape.Rank;
        var pads = new long[2 * rank];
        for (int i = 0; i < pads.Length; i++)
            if (i % rank > 0 && OneIn(2)) pads[i] = random.Next(0, 4);
        PadMode mode = draw.Pick(PadMode.Constant, PadMode.Constant, PadMode.Edge, PadMode.Reflect, PadMode.Wrap);
        int zero = x.Type.Quantization!.ZeroPoints[0];
        graph.Add(new Pad { Mode = mode, Pads = pads, Value = zero }, x);
    }

    private void Lookup()
    {
        if (graph.Pick() is not { } x) return;
        Shape shape = x.Type.Shape;
        int axis = random.Next(shape.Rank);
        int count = draw.Pick<int>(1, 2, 3, 7);
        graph.Add(new Gather { Axis = axis }, x, graph.Constant("indices", Tensor.From<long>(new Shape(count), [.. Enumerable.Range(0, count).Select(_ => (long)random.Next(shape[axis]))])));
    }
}
