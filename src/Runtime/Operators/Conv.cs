using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Convolution, channels last: x [N, spatial…, C] with weight [O, kernel…, C/groups] gives [N, spatial…, O] =
/// activation(sum + bias [O] + residual). The residual has the output's shape, but may have fewer channels: the rest adds nothing.
/// Depthwise convolution is groups = C. Of quantized operands it is the convolution in integers (see <see cref="Requantize"/>): x has one scale, the weight one or one
/// for each output channel, the bias is I32, there is no residual, and the activation clamps or is one of <see cref="AppliedFunction"/>,
/// after which each channel may be multiplied by a gain [O].
/// </summary>
internal sealed class Conv : Operator
{
    public Window Window = new();
    public int Groups = 1;
    public Activation Activation;

    /// <summary>How a convolution of quantized operands writes its result; none for one of plain numbers.</summary>
    public QuantizedResult Result;

    /// <summary>Positions of the optional inputs; a convolution of quantized operands has a gain where others have a residual.</summary>
    public const int Bias = 2, Residual = 3, Gain = 3;

    public override Tolerance Tolerance => Result.IsNone ? Tolerance.Accumulation : Tolerance.Exact;

    public override void Attributes(AttributeCodec codec)
    {
        Window.Visit(codec);
        codec.Int("groups", ref Groups);
        Activation.Visit(codec);
        Result.Visit(codec);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 4);
        Window.Validate(Name);
        if (!Result.IsNone && (QuantizedProduct.Problem(inputs, 0, Result, Activation, mayApply: true) ?? GainProblem(inputs)) is { } problem)
            throw Invalid(problem);
        Shape x = inputs[0].Shape, w = inputs[1].Shape;
        if (x.IsUnranked || w.IsUnranked) return [TypeOf(inputs[0], Shape.Unranked)];
        int axes = Window.Axes;
        if (x.Rank != axes + 2 || w.Rank != axes + 2)
            throw Invalid($"a window of {axes} axes needs input and weight of rank {axes + 2}, not {inputs[0].Type} and {inputs[1].Type}.");
        if (Groups < 1 || (w[0] >= 0 && w[0] % Groups != 0)) throw Invalid($"{w[0]} output channels cannot be split into {Groups} groups.");
        if (x[-1] >= 0 && w[-1] >= 0 && x[-1] != w[-1] * Groups)
            throw Invalid($"the weight {inputs[1].Type} takes {w[-1]} channels in each of {Groups} groups; the input {inputs[0].Type} has {x[-1]}.");
        for (int i = 0; i < axes; i++)
            if (w[i + 1] >= 0 && w[i + 1] != Window.Kernel[i]) throw Invalid($"the weight {inputs[1].Type} does not fit the kernel [{string.Join(' ', Window.Kernel)}].");
        if (inputs.Length > Bias && !inputs[Bias].IsMissing && !new Shape(w[0]).Accepts(inputs[Bias].Shape))
            throw Invalid($"the bias {inputs[Bias].Type} does not fit {w[0]} output channels.");

        Span<int> y = stackalloc int[axes + 2];
        y[0] = x[0];
        for (int i = 0; i < axes; i++) y[i + 1] = Window.Output(x[i + 1], i);
        y[axes + 1] = w[0];
        var shape = new Shape(y);
        if (Result.IsNone && inputs.Length > Residual && !inputs[Residual].IsMissing)
        {
            Shape r = inputs[Residual].Shape;
            if (!r.IsUnranked && (r.Rank != shape.Rank || (w[0] >= 0 && r[-1] > w[0]) || !shape.Accepts(r.With(-1, w[0]))))
                throw Invalid($"the residual {inputs[Residual].Type} does not fit the output {shape}.");
        }
        return [TypeOf(inputs[0], shape)];
    }

    /// <summary>What is wrong with the gain of a convolution of quantized operands, or null.</summary>
    private string? GainProblem(ReadOnlySpan<Operand> inputs)
    {
        if (inputs.Length <= Gain || inputs[Gain].IsMissing) return null;
        if (Requantize.IsClamp(Activation)) return "a quantized convolution adds no residual, and has a gain only where it applies a function.";
        Shape weight = inputs[1].Shape;
        return inputs[Gain].DataType == DataType.F32 && (weight.IsUnranked || new Shape(weight[0]).Accepts(inputs[Gain].Shape)) ? null : $"the gain {inputs[Gain].Type} does not fit the weight {inputs[1].Type}.";
    }

    private TensorType TypeOf(in Operand x, in Shape shape) => Result.IsNone ? new TensorType(x.DataType, shape) : Result.Of(shape);

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs)
    {
        Shape w = inputs[1].Shape;
        return new(2 * outputs[0].Shape.Count * w.Product(1, w.Rank), Operators.Cost.Traffic(inputs, outputs));
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        if (!Result.IsNone)
        {
            using Tensor zeroX = QuantizedProduct.ZeroPoints(inputs[0].Type), zeroW = QuantizedProduct.ZeroPoints(inputs[1].Type);
            using var sums = new Tensor(new TensorType(DataType.I32, outputs[0].Shape));
            new ConvInteger { Window = Window, Groups = Groups }.Evaluate([inputs[0], inputs[1], zeroX.View, zeroW.View], [sums.View]);
            QuantizedProduct.Of(inputs[0].Type, inputs[1].Type, Result, Activation, inputs.Length > Gain ? inputs[Gain] : default)
                .Write(sums.Span<int>(), inputs.Length > Bias ? inputs[Bias] : default, outputs[0].Shape[-1], outputs[0]);
            return;
        }
        var action = new Action
        {
            Operator = this,
            X = inputs[0],
            W = inputs[1],
            Bias = inputs.Length > Bias ? inputs[Bias] : default,
            Residual = inputs.Length > Residual ? inputs[Residual] : default,
            Y = outputs[0],
        };
        TypeDispatch.Float(inputs[0].DataType, ref action);
    }

    private ref struct Action : IFloatAction
    {
        public Conv Operator;
        public TensorView X, W, Bias, Residual, Y;

        public readonly void Invoke<T>() where T : unmanaged, IFloatingPointIeee754<T>, IMinMaxValue<T>
        {
            Span<T> x = X.Span<T>(), w = W.Span<T>(), y = Y.Span<T>();
            Window window = Operator.Window;
            int axes = window.Axes, channels = X.Shape[-1], perGroup = W.Shape[-1], outputs = W.Shape[0];
            int outputsPerGroup = outputs / Operator.Groups;
            var kernel = new Shape(window.Kernel);
            Span<long> strides = stackalloc long[Shape.MaxRank];
            Broadcast.Strides(X.Shape, strides);
            int residualChannels = Residual.IsMissing ? 0 : Residual.Shape[-1];

            var at = new IndexWalk(Y.Shape, []);
            for (int i = 0; at.Next(); i++)
            {
                int o = at[axes + 1], firstChannel = o / outputsPerGroup * perGroup;
                double sum = 0;
                var k = new IndexWalk(kernel, []);
                for (long tap = 0; k.Next(); tap++)
                {
                    long offset = at[0] * strides[0];
                    bool inside = true;
                    for (int a = 0; a < axes; a++)
                    {
                        int size = X.Shape[a + 1];
                        int position = at[a + 1] * window.Strides[a] + k[a] * window.Dilations[a] - window.PadBegin(size, a);
                        inside &= position >= 0 && position < size;
                        offset += position * strides[a + 1];
                    }
                    if (!inside) continue;
                    long weight = (o * kernel.Count + tap) * perGroup;
                    for (int c = 0; c < perGroup; c++)
                        sum += double.CreateTruncating(x[(int)offset + firstChannel + c]) * double.CreateTruncating(w[(int)weight + c]);
                }
                if (!Bias.IsMissing) sum += double.CreateTruncating(Bias.Span<T>()[o]);
                if (o < residualChannels) sum += double.CreateTruncating(Residual.Span<T>()[i / outputs * residualChannels + o]);
                y[i] = T.CreateTruncating(Operator.Activation.Apply(sum));
            }
        }
    }
}
