using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Convolution and pooling. ONNX has channels first; each is wrapped in transposes, which the passes remove.</summary>
internal static class Spatial
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("Conv", Conv),
        ("ConvTranspose", ConvTranspose),
        ("DeformConv", DeformConv),
        ("MaxPool", n => Pool(n, PoolFunction.Max)),
        ("AveragePool", n => Pool(n, PoolFunction.Average)),
        ("LpPool", n => Pool(n, PoolFunction.Lp)),
        ("MaxUnpool", MaxUnpool),
        ("GlobalAveragePool", n => Global(n, ReduceFunction.Mean)),
        ("GlobalMaxPool", n => Global(n, ReduceFunction.Max)),
        ("GlobalLpPool", GlobalLp),
    ];

    /// <summary>Reads the window that convolution and pooling share. The kernel is the attribute, or else the weight's.</summary>
    public static Window Window(OnnxNode node, int[]? weightKernel)
    {
        OnnxAttributes given = node.Attributes;
        int[] kernel = given.Has("kernel_shape") ? given.Int32s("kernel_shape") : weightKernel ?? throw node.Problem("attribute 'kernel_shape' is missing");
        int axes = kernel.Length;
        Window window = EdgeRuntime.Operators.Window.Of(kernel);
        if (given.Has("strides")) window.Strides = given.Int32s("strides");
        if (given.Has("dilations")) window.Dilations = given.Int32s("dilations");
        string auto = given.OneOf("auto_pad", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER", "");
        if (given.Has("pads") && auto is "NOTSET" or "") window.Pads = given.Int32s("pads", new int[2 * axes]);
        window.AutoPad = auto switch { "SAME_UPPER" => AutoPad.SameUpper, "SAME_LOWER" => AutoPad.SameLower, _ => AutoPad.Explicit };
        window.Ceil = given.Bool("ceil_mode", false);
        window.Validate(node.OpType);
        return window;
    }

    public static Value[] Conv(OnnxNode node)
    {
        Value weight = node.Input(1);
        var op = new Conv { Window = Window(node, Kernel(node, weight)), Groups = node.Attributes.Int32("group", 1) };
        return [node.ChannelsLast(node.Input(0), x => node.Add1(op, x, node.ToChannelsLast(weight), node.Optional(2)), node.Rank(weight))];
    }

    private static Value[] ConvTranspose(OnnxNode node)
    {
        Value weight = node.Input(1);
        Window window = Window(node, Kernel(node, weight));
        int groups = node.Attributes.Int32("group", 1);
        var op = new ConvTranspose
        {
            Window = window,
            Groups = groups,
            OutputPadding = node.Attributes.Int32s("output_padding", new int[window.Axes]),
            OutputSizes = node.Attributes.Int32s("output_shape"),
        };
        // Some exporters give all dimensions instead of the spatial ones.
        if (op.OutputSizes.Length == window.Axes + 2) op.OutputSizes = op.OutputSizes[2..];
        Value turned = TurnWeight(node, weight, groups, window.Axes);
        return [node.ChannelsLast(node.Input(0), x => node.Add1(op, x, turned, node.Optional(2)))];
    }

    private static Value[] DeformConv(OnnxNode node)
    {
        var op = new DeformConv
        {
            Window = Window(node, Kernel(node, node.Input(1))), Groups = node.Attributes.Int32("group", 1), OffsetGroups = node.Attributes.Int32("offset_group", 1),
        };
        return [node.Add1(op, node.Input(0), node.Input(1), node.Input(2), node.Optional(3), node.Optional(4))];
    }

    /// <summary>[C, O/groups, kernel…] as [O, kernel…, C/groups].</summary>
    private static Value TurnWeight(OnnxNode node, Value weight, int groups, int axes)
    {
        Shape w = weight.Type.Shape;
        if (!w.IsStatic) throw node.Problem($"the shape of its weight {weight.Type} must be known");
        if (groups < 1 || w[0] % groups != 0) throw node.Problem($"{w[0]} channels cannot be split into {groups} groups");
        int[] kernel = [.. Enumerable.Range(3, axes)];
        if (groups == 1) return node.Transpose(weight, [1, .. kernel.Select(axis => axis - 1), 0]);
        long[] sizes = [.. w.Span[2..].ToArray().Select(size => (long)size)];
        Value split = node.Reshape(weight, [groups, w[0] / groups, w[1], .. sizes]);
        return node.Reshape(node.Transpose(split, [0, 2, .. kernel, 1]), [(long)groups * w[1], .. sizes, w[0] / groups]);
    }

    /// <summary>The spatial dimensions of a weight, or null when they are not known.</summary>
    public static int[]? Kernel(OnnxNode node, Value weight)
    {
        int rank = node.Rank(weight);
        if (rank is < 3 or > 5) throw node.Problem($"its weight {weight.Type} has {rank - 2} spatial axes; 1 to 3 are supported");
        int[] kernel = weight.Type.Shape.Span[2..].ToArray();
        return kernel.Any(size => size < 0) ? null : kernel;
    }

    private static Value[] Pool(OnnxNode node, PoolFunction function)
    {
        var op = new Pool
        {
            Function = function,
            Window = Window(node, null),
            CountIncludePad = node.Attributes.Bool("count_include_pad", false),
            P = function == PoolFunction.Lp ? node.Attributes.Int32("p", 2) : 2,
            WithIndices = node.Wants(1),
            ColumnMajor = node.Wants(1) && node.Attributes.Bool("storage_order", false),
        };
        if (op.P < 1) throw node.Problem($"attribute 'p' is {op.P}; it must be positive");
        Value x = node.ToChannelsLast(node.Input(0));
        return [.. node.Add(op, x).Select(node.ToChannelsFirst)];
    }

    private static Value[] MaxUnpool(OnnxNode node) =>
        [node.Add1(new MaxUnpool { Window = Window(node, null) }, node.Input(0), node.Input(1), node.Optional(2))];

    private static Value[] Global(OnnxNode node, ReduceFunction function)
    {
        Value x = node.Input(0);
        int rank = node.Rank(x);
        if (rank < 3) return [x];
        var op = new Reduce { Function = function, Axes = [.. Enumerable.Range(1, rank - 2).Select(axis => (long)axis)] };
        return [node.ChannelsLast(x, last => node.Add1(op, last))];
    }

    private static Value[] GlobalLp(OnnxNode node) => node.Attributes.Int("p", 2) switch
    {
        1 => Global(node, ReduceFunction.L1),
        2 => Global(node, ReduceFunction.L2),
        long p => throw node.Problem($"attribute 'p' is {p}; 1 and 2 are supported"),
    };
}
