using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Transposed convolution, channels last: x [N, spatial…, C] with weight [O, kernel…, C/groups] gives [N, spatial…, O]. Each input
/// pixel adds the kernel to the output, strides apart; pads are cut off at the borders, bias and activation come last.
/// </summary>
internal sealed class ConvTranspose : Operator
{
    public Window Window = new();

    /// <summary>For each spatial axis, what is added to the output size at the end.</summary>
    public int[] OutputPadding = [];

    /// <summary>For each spatial axis, the output size, from which the pads follow; empty when the pads are given.</summary>
    public int[] OutputSizes = [];
    public int Groups = 1;
    public Activation Activation;

    /// <summary>Position of the optional input.</summary>
    public const int Bias = 2;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        Window.Visit(codec);
        codec.Ints("output_padding", ref OutputPadding);
        codec.Ints("output_sizes", ref OutputSizes);
        codec.Int("groups", ref Groups);
        Activation.Visit(codec);
    }

    /// <summary>The output size along an axis, or unknown if the input size is.</summary>
    public int OutputSize(int size, int axis)
    {
        if (OutputSizes.Length > 0) return OutputSizes[axis];
        if (size < 0) return Shape.Unknown;
        return Window.AutoPad == AutoPad.Explicit
            ? Math.Max(0, Full(size, axis) - Window.Pads[axis] - Window.Pads[axis + Window.Axes])
            : checked(size * Window.Strides[axis]);
    }

    /// <summary>Pixels cut off before the first one of an axis.</summary>
    public int PadBegin(int size, int axis)
    {
        if (OutputSizes.Length == 0 && Window.AutoPad == AutoPad.Explicit) return Window.Pads[axis];
        int total = Math.Max(0, Full(size, axis) - OutputSize(size, axis));
        return Window.AutoPad == AutoPad.SameUpper ? total / 2 : total - total / 2;
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 3);
        Window.Validate(Name);
        int axes = Window.Axes;
        if (OutputPadding.Length != axes || (OutputSizes.Length != 0 && OutputSizes.Length != axes)
            || Array.Exists(OutputPadding, p => p is < 0 or > 1 << 16) || Array.Exists(OutputSizes, s => s is < 0 or > 1 << 24))
            throw Invalid($"output padding [{string.Join(' ', OutputPadding)}] and sizes [{string.Join(' ', OutputSizes)}] do not fit {axes} axes.");
        Shape x = inputs[0].Shape, w = inputs[1].Shape;
        if (x.IsUnranked || w.IsUnranked) return [new TensorType(inputs[0].DataType, Shape.Unranked)];
        if (x.Rank != axes + 2 || w.Rank != axes + 2)
            throw Invalid($"a window of {axes} axes needs input and weight of rank {axes + 2}, not {inputs[0].Type} and {inputs[1].Type}.");
        if (Groups < 1 || (w[0] >= 0 && w[0] % Groups != 0)) throw Invalid($"{w[0]} output channels cannot be split into {Groups} groups.");
        if (x[-1] >= 0 && w[-1] >= 0 && x[-1] != (long)w[-1] * Groups)
            throw Invalid($"the weight {inputs[1].Type} takes {w[-1]} channels in each of {Groups} groups; the input {inputs[0].Type} has {x[-1]}.");
        for (int i = 0; i < axes; i++)
            if (w[i + 1] >= 0 && w[i + 1] != Window.Kernel[i]) throw Invalid($"the weight {inputs[1].Type} does not fit the kernel [{string.Join(' ', Window.Kernel)}].");
        if (inputs.Length > Bias && !inputs[Bias].IsMissing && !new Shape(w[0]).Accepts(inputs[Bias].Shape))
            throw Invalid($"the bias {inputs[Bias].Type} does not fit {w[0]} output channels.");

        Span<int> y = stackalloc int[axes + 2];
        y[0] = x[0];
        for (int i = 0; i < axes; i++) y[i + 1] = OutputSize(x[i + 1], i);
        y[axes + 1] = w[0];
        return [new TensorType(inputs[0].DataType, new Shape(y))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(2 * inputs[0].Shape.Count * inputs[1].Shape.Product(0, inputs[1].Shape.Rank - 1) / Groups, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var action = new Action { Operator = this, X = inputs[0], W = inputs[1], Bias = inputs.Length > Bias ? inputs[Bias] : default, Y = outputs[0] };
        TypeDispatch.Float(inputs[0].DataType, ref action);
    }

    /// <summary>The output size before anything is cut off.</summary>
    private int Full(int size, int axis) => checked(Window.Strides[axis] * (size - 1) + OutputPadding[axis] + Window.Extent(axis));

    private ref struct Action : IFloatAction
    {
        public ConvTranspose Operator;
        public TensorView X, W, Bias, Y;

        public readonly void Invoke<T>() where T : unmanaged, IFloatingPointIeee754<T>, IMinMaxValue<T>
        {
            Span<T> x = X.Span<T>(), w = W.Span<T>(), y = Y.Span<T>();
            Window window = Operator.Window;
            int axes = window.Axes, perGroup = W.Shape[-1], outputsPerGroup = W.Shape[0] / Operator.Groups;
            var kernel = new Shape(window.Kernel);
            Span<long> strides = stackalloc long[Shape.MaxRank];
            Broadcast.Strides(X.Shape, strides);

            var at = new IndexWalk(Y.Shape, []);
            for (int i = 0; at.Next(); i++)
            {
                int o = at[axes + 1], firstChannel = o / outputsPerGroup * perGroup;
                double sum = Bias.IsMissing ? 0 : double.CreateTruncating(Bias.Span<T>()[o]);
                var k = new IndexWalk(kernel, []);
                for (long tap = 0; k.Next(); tap++)
                {
                    // Which input pixel, if any, puts this tap of the kernel here?
                    long offset = at[0] * strides[0];
                    bool hits = true;
                    for (int a = 0; a < axes; a++)
                    {
                        int size = X.Shape[a + 1], position = at[a + 1] + Operator.PadBegin(size, a) - k[a] * window.Dilations[a];
                        hits &= position >= 0 && position % window.Strides[a] == 0 && position / window.Strides[a] < size;
                        offset += position / window.Strides[a] * strides[a + 1];
                    }
                    if (!hits) continue;
                    long weight = (o * kernel.Count + tap) * perGroup;
                    for (int c = 0; c < perGroup; c++)
                        sum += double.CreateTruncating(x[(int)offset + firstChannel + c]) * double.CreateTruncating(w[(int)weight + c]);
                }
                y[i] = T.CreateTruncating(Operator.Activation.Apply(sum));
            }
        }
    }
}
