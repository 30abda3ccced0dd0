using System.Globalization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>
/// A step in words, for `bench --kernel`: "conv 56x56x24 3x3 s2 -> 144 relu", "depthwise 56x56x24 3x3", "matmul 64x128x256", each with int8 behind it for integers. Elements are random, the same each time.
/// </summary>
internal static class KernelText
{
    /// <summary>How it is written, for help and errors.</summary>
    public const string Syntax = "conv HxWxC KxK [sN] [dN] [gN] [valid] -> C [relu|relu6|silu|hardswish] [int8]; depthwise HxWxC KxK [sN] [dN] [valid] [relu...] [int8]; matmul MxKxN [relu...] [int8]";

    private const int MostSize = 1 << 16;

    private const long MostElements = 1L << 28;

    private static readonly Dictionary<string, Activation> Activations = new()
    {
        ["relu"] = new(UnaryFunction.Relu), ["relu6"] = new(UnaryFunction.Clip, 0, 6), ["silu"] = new(UnaryFunction.Swish), ["hardswish"] = new(UnaryFunction.HardSwish, 1f / 6, 0.5f),
    };

    /// <summary>The step as a graph of one node.</summary>
    /// <exception cref="EdgeException">The words make no sense, or the step is too large.</exception>
    public static Graph Parse(string text)
    {
        string[] words = text.Replace("->", " -> ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || Sizes(words[1]) is not { Length: 3 } size) throw Wrong(text, "its first word is no kind of step, or its second no size");
        bool bytes = false, valid = false;
        int stride = 1, dilation = 1, groups = 1, outputs = size[2];
        int[]? kernel = null;
        Activation activation = default;
        for (int i = 2; i < words.Length; i++)
        {
            string word = words[i];
            if (word == "int8") bytes = true;
            else if (word == "valid") valid = true;
            else if (Activations.TryGetValue(word, out Activation known)) activation = known;
            else if (word == "->" && i + 1 < words.Length && Sizes(words[i + 1]) is [var wanted]) (outputs, i) = (wanted, i + 1);
            else if (word.Length > 1 && "sdg".Contains(word[0], StringComparison.Ordinal) && Sizes(word[1..]) is [var number])
                (stride, dilation, groups) = (word[0] == 's' ? number : stride, word[0] == 'd' ? number : dilation, word[0] == 'g' ? number : groups);
            else if (kernel is null && Sizes(word) is { Length: 2 } window) kernel = window;
            else throw Wrong(text, $"'{word}' is not understood");
        }
        switch (words[0])
        {
            case "matmul" when kernel is null && outputs == size[2]:
                return Build(text, new MatMul { Activation = activation, Result = Result(bytes) }, [size[0], size[1]], [size[1], size[2]], size[2], bytes, columns: 1);
            case "conv" or "depthwise" when kernel is not null:
                if (words[0] == "depthwise") (groups, outputs) = (size[2], outputs == size[2] ? outputs : throw Wrong(text, "a depthwise convolution has as many outputs as inputs"));
                if (size[2] % groups != 0 || outputs % groups != 0) throw Wrong(text, $"{groups} groups divide neither {size[2]} nor {outputs}");
                int[] pads = valid ? [0, 0, 0, 0] : [.. Pads(kernel, dilation)];
                var window = Window.Of(kernel) with { Strides = [stride, stride], Dilations = [dilation, dilation], Pads = pads };
                return Build(text, new Conv { Window = window, Groups = groups, Activation = activation, Result = Result(bytes) }, [1, .. size], [outputs, .. kernel, size[2] / groups], outputs, bytes, columns: 0);
            default:
                throw Wrong(text, "its first word is no kind of step, or its sizes do not belong to it");
        }
    }

    private static Graph Build(string text, Operator op, int[] x, int[] w, int outputs, bool bytes, int columns)
    {
        if (new Shape(x).Count > MostElements || new Shape(w).Count > MostElements) throw Wrong(text, "it is too large");
        var random = new Random(7);
        var builder = new GraphBuilder("kernel");
        Tensor weights, bias;
        if (bytes)
        {
            // Within what every way to multiply bytes takes.
            weights = new Tensor(new TensorType(DataType.I8, new Shape(w), outputs == 1 ? new Quantization(0.01f, 0) : new Quantization([.. Enumerable.Repeat(0.01f, outputs)], new int[outputs], columns)));
            foreach (ref sbyte weight in weights.Span<sbyte>()) weight = (sbyte)random.Next(-63, 64);
            bias = new Tensor(new TensorType(DataType.I32, outputs));
            foreach (ref int value in bias.Span<int>()) value = random.Next(-1000, 1000);
        }
        else
        {
            weights = new Tensor(new TensorType(DataType.F32, w));
            float scale = 1 / MathF.Sqrt(Math.Max(1, weights.Span<float>().Length / outputs));
            foreach (ref float weight in weights.Span<float>()) weight = (random.NextSingle() * 2 - 1) * scale;
            bias = new Tensor(new TensorType(DataType.F32, outputs));
            foreach (ref float value in bias.Span<float>()) value = random.NextSingle() - 0.5f;
        }
        Value input = builder.Input("x", bytes ? new TensorType(DataType.U8, new Shape(x), new Quantization(0.02f, 128)) : new TensorType(DataType.F32, x));
        builder.Output("y", builder.Add1(text, op, input, builder.Constant("w", weights), builder.Constant("bias", bias)));
        return builder.Build();
    }

    private static QuantizedResult Result(bool bytes) => bytes ? new QuantizedResult(DataType.U8, 0.05f, 128) : default;

    /// <summary>Those that keep the size, as ONNX and TensorFlow divide them for strides of 1.</summary>
    private static IEnumerable<int> Pads(int[] kernel, int dilation) => kernel.Select(k => (k - 1) * dilation / 2).Concat(kernel.Select(k => (k - 1) * dilation - (k - 1) * dilation / 2));

    private static int[]? Sizes(string word)
    {
        string[] parts = word.Split('x');
        int[] sizes = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out sizes[i]) || sizes[i] is < 1 or > MostSize) return null;
        return sizes;
    }

    private static EdgeException Wrong(string text, string why) => new(ErrorCode.BadUsage, $"The kernel '{text}' cannot be read: {why}.", $"Write it as {Syntax}.");
}
