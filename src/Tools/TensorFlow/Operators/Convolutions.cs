using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>
/// Convolution and pooling. Activations are channels last here as there, so nothing moves but the weights, which are turned once: from
/// [kernel…, in, out] to [out, kernel…, in].
/// </summary>
internal static class Convolutions
{
    public static readonly (string Name, TensorFlowImport Import)[] All =
    [
        ("Conv1D", Conv1D),
        ("Conv2D", n => [Fused(n, bias => Convolve(n, bias))]),
        ("_FusedConv2D", n => [Fused(n, bias => Convolve(n, bias))]),
        ("Conv3D", n => [Fused(n, bias => Convolve(n, bias))]),
        ("DepthwiseConv2d", n => [Fused(n, bias => Depthwise(n, bias))]),
        ("DepthwiseConv2dNative", n => [Fused(n, bias => Depthwise(n, bias))]),
        ("FusedDepthwiseConv2dNative", n => [Fused(n, bias => Depthwise(n, bias))]),
        ("Conv2DBackpropInput", Transposed),
        ("MaxPool", n => Pool(n, PoolFunction.Max)),
        ("AvgPool", n => Pool(n, PoolFunction.Average)),
        ("MaxPool3D", n => Pool(n, PoolFunction.Max)),
        ("AvgPool3D", n => Pool(n, PoolFunction.Average)),
        ("MaxPoolWithArgmax", n => Pool(n, PoolFunction.Max)),
    ];

    /// <summary>What a fused operator does after its product: a bias, and an activation.</summary>
    /// <param name="node">The node.</param>
    /// <param name="product">Makes the product, given the bias where that comes first.</param>
    public static Value Fused(TensorFlowNode node, Func<Value?, Value> product)
    {
        string[] steps = node.Attributes.Strings("fused_ops");
        int next = 2;
        bool biased = steps.Length > 0 && steps[0] == "BiasAdd";
        Value x = product(biased ? node.Float(next++) : null);
        for (int i = biased ? 1 : 0; i < steps.Length; i++)
        {
            if (steps[i] == "Add") x = node.Binary(BinaryFunction.Add, x, node.Float(next++));
            else if (steps[i] != "Linear") x = Functions.Activate(node, x, steps[i], next);
        }
        return x;
    }

    private static Value Convolve(TensorFlowNode node, Value? bias)
    {
        Value weight = node.Float(1);
        Shape w = Known(node, weight);
        int axes = w.Rank - 2;
        Value x = node.Float(0), turned = node.Transpose(weight, [axes + 1, .. Enumerable.Range(0, axes + 1)]);
        var op = new Conv { Window = Window(node, w.Span[..axes]), Groups = Groups(node, x, w[axes]) };
        return ChannelsLast(node, x, last => node.Add1(op, last, turned, bias));
    }

    /// <summary>Each channel by itself, [kernel…, in, multiplier]: a convolution in as many groups as there are channels.</summary>
    private static Value Depthwise(TensorFlowNode node, Value? bias)
    {
        Value weight = node.Float(1);
        Shape w = Known(node, weight);
        if (w.Rank != 4) throw node.Problem($"its weight {weight.Type} must have two spatial axes");
        Value flat = node.Reshape(weight, w[0], w[1], (long)w[2] * w[3], 1);
        var op = new Conv { Window = Window(node, w.Span[..2]), Groups = w[2] };
        return ChannelsLast(node, node.Float(0), x => node.Add1(op, x, node.Transpose(flat, 2, 0, 1, 3), bias));
    }

    private static TensorFlowResult[] Conv1D(TensorFlowNode node)
    {
        Value weight = node.Float(1);
        Shape w = Known(node, weight);
        if (w.Rank != 3) throw node.Problem($"its weight {weight.Type} must have one spatial axis");
        Window window = EdgeRuntime.Operators.Window.Of(w[0]);
        window.Strides = [node.Attributes.Int("stride", 1)];
        window.Dilations = [node.Attributes.Int("dilation", 1)];
        if (node.Attributes.OneOf("padding", "VALID", "SAME") == "SAME") window.AutoPad = AutoPad.SameUpper;
        return [node.Add1(new Conv { Window = window }, node.Float(0), node.Transpose(weight, 2, 0, 1))];
    }

    /// <summary>The gradient of a convolution, [kernel…, out, in], used as a layer of its own: inputs are the size of the result, the weight and x.</summary>
    private static TensorFlowResult[] Transposed(TensorFlowNode node)
    {
        Value weight = node.Float(1);
        Shape w = Known(node, weight);
        if (w.Rank != 4) throw node.Problem($"its weight {weight.Type} must have two spatial axes");
        Window window = Window(node, w.Span[..2]);
        var op = new ConvTranspose { Window = window, OutputPadding = [0, 0] };
        bool channelsFirst = IsChannelsFirst(node);
        Value x = node.Float(2);
        if (node.Input(0).Constant is not null)
        {
            long[] size = node.Integers(0);
            if (size.Length is not (2 or 4) || Array.Exists(size, s => s is < -1 or > 1 << 24)) throw node.Problem($"[{string.Join(' ', size)}] is no size of a result");
            op.OutputSizes = [.. (size.Length == 2 ? size : channelsFirst ? size[2..] : size[1..3]).Select(s => (int)s)];
        }
        else
        {
            // The size is computed from the input's, as exporters write it for any batch: what strides and padding say is what it will be.
            Shape input = x.Type.Shape;
            if (input.Rank != 4) throw node.Problem("the size of its result must be constant");
            bool same = window.AutoPad != AutoPad.Explicit;
            for (int i = 0; i < 2 && !same; i++) op.OutputPadding[i] = Math.Max(0, window.Strides[i] - window.Extent(i));
        }
        if (op.OutputSizes.Length > 0 && window.AutoPad == AutoPad.Explicit && Array.Exists(window.Pads, p => p != 0)) op.OutputSizes = [];
        if (op.OutputSizes.Length > 0) op.Window.AutoPad = AutoPad.SameUpper;
        return [ChannelsLast(node, x, last => node.Add1(op, last, node.Transpose(weight, 2, 0, 1, 3)))];
    }

    private static TensorFlowResult[] Pool(TensorFlowNode node, PoolFunction function)
    {
        int[] kernel = node.Attributes.Ints("ksize");
        if (kernel.Length is not (4 or 5)) throw node.Problem($"attribute 'ksize' [{string.Join(' ', kernel)}] does not fit pictures");
        var op = new Pool { Function = function, Window = Window(node, Spatial(node, "ksize", kernel)) };
        return [ChannelsLast(node, node.Input(0), x => node.Add1(op, x))];
    }

    private static Window Window(TensorFlowNode node, ReadOnlySpan<int> kernel)
    {
        Window window = EdgeRuntime.Operators.Window.Of(kernel);
        int[] strides = node.Attributes.Ints("strides"), dilations = node.Attributes.Ints("dilations");
        if (strides.Length > 0) window.Strides = Spatial(node, "strides", strides);
        if (dilations.Length > 0) window.Dilations = Spatial(node, "dilations", dilations);
        switch (node.Attributes.OneOf("padding", "VALID", "SAME", "EXPLICIT"))
        {
            case "SAME":
                window.AutoPad = AutoPad.SameUpper;
                break;
            case "EXPLICIT":
                // Begin and end of each axis in turn, batch and channels with them.
                int[] pads = node.Attributes.Ints("explicit_paddings");
                if (pads.Length != 2 * (kernel.Length + 2)) throw node.Problem($"the explicit paddings [{string.Join(' ', pads)}] do not fit {kernel.Length} axes");
                window.Pads = [.. Spatial(node, "explicit_paddings", [.. pads.Where((_, i) => i % 2 == 0)]), .. Spatial(node, "explicit_paddings", [.. pads.Where((_, i) => i % 2 == 1)])];
                break;
        }
        window.Validate(node.Definition.Operator);
        return window;
    }

    /// <summary>What a list for all axes says of the spatial ones.</summary>
    private static int[] Spatial(TensorFlowNode node, string attribute, int[] all)
    {
        if (all.Length < 3) throw node.Problem($"attribute '{attribute}' [{string.Join(' ', all)}] does not fit pictures");
        (int[] spatial, int channels) = IsChannelsFirst(node) ? (all[2..], all[1]) : (all[1..^1], all[^1]);
        int neutral = attribute == "explicit_paddings" ? 0 : 1;
        return all[0] == neutral && channels == neutral ? spatial : throw node.Problem($"attribute '{attribute}' [{string.Join(' ', all)}] reaches over the batch or the channels");
    }

    private static bool IsChannelsFirst(TensorFlowNode node) => node.Attributes.OneOf("data_format", "NHWC", "NCHW", "NDHWC", "NCDHW").StartsWith("NC", StringComparison.Ordinal);

    private static Value ChannelsLast(TensorFlowNode node, Value x, Func<Value, Value> apply)
    {
        if (!IsChannelsFirst(node)) return apply(x);
        int rank = node.Rank(x);
        return node.Transpose(apply(node.Transpose(x, [0, .. Enumerable.Range(2, rank - 2), 1])), [0, rank - 1, .. Enumerable.Range(1, rank - 2)]);
    }

    private static Shape Known(TensorFlowNode node, Value weight) =>
        weight.Type.Shape is { IsStatic: true, Rank: >= 3 and <= 5 } shape ? shape : throw node.Problem($"the shape of its weight {weight.Type} must be known and have 1 to 3 spatial axes");

    /// <summary>A weight that takes fewer channels than there are divides them into groups.</summary>
    private static int Groups(TensorFlowNode node, Value x, int taken)
    {
        int channels = x.Type.Shape.IsUnranked || x.Type.Shape.Rank < 2 ? Shape.Unknown : x.Type.Shape[IsChannelsFirst(node) ? 1 : -1];
        return channels > 0 && taken > 0 && channels % taken == 0 ? channels / taken : 1;
    }
}
