using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Inspection;

/// <summary>Operators and names in a few characters, for tables.</summary>
internal static class ShortText
{
    /// <summary>Such as <c>Conv 3x3 s2 dw +residual Relu</c>.</summary>
    public static string Of(Node node)
    {
        var parts = new List<string> { node.Operator.Name };
        switch (node.Operator)
        {
            case Conv conv:
                Add(parts, conv.Window);
                int channels = node.Inputs[0]!.Type.Shape is { IsUnranked: false } x ? x[-1] : -1;
                if (conv.Groups > 1) parts.Add(conv.Groups == channels ? "dw" : $"g{conv.Groups}");
                if (node.Input(Conv.Residual) is not null) parts.Add("+residual");
                Add(parts, conv.Activation);
                break;
            case ConvTranspose deconvolution:
                Add(parts, deconvolution.Window);
                Add(parts, deconvolution.Activation);
                break;
            case Pool pool:
                parts = [$"{pool.Function}Pool"];
                Add(parts, pool.Window);
                break;
            case Reduce reduce:
                parts = [$"Reduce{reduce.Function}"];
                break;
            case MatMul product:
                Add(parts, product.Activation);
                break;
            case Unary unary:
                parts = [unary.Function.ToString()];
                break;
            case Binary binary:
                parts = [binary.Function.ToString()];
                Add(parts, binary.Activation);
                break;
            case Transpose transpose:
                parts.Add(string.Join(' ', transpose.Permutation));
                break;
            case Reshape or Pad or Quantize or Dequantize or Concat or Flatten or Squeeze or Unsqueeze:
                break;
            default:
                string text = node.Operator.ToString();
                parts = [text];
                break;
        }
        return string.Join(' ', parts);
    }

    /// <summary>At most so many characters; the middle is left out.</summary>
    public static string Fit(string text, int width)
    {
        if (text.Length <= width) return text;
        int tail = (width - 1) * 2 / 3;
        return $"{text[..(width - 1 - tail)]}…{text[^tail..]}";
    }

    /// <summary>At most so many characters; the end is left out.</summary>
    public static string Cut(string text, int width) => text.Length <= width ? text : $"{text[..(width - 1)]}…";

    /// <summary>The folder that all names share, such as model/backbone/; empty when there is none.</summary>
    public static string CommonPrefix(IReadOnlyCollection<string> names)
    {
        if (names.Count < 2) return "";
        string first = names.Min(StringComparer.Ordinal)!, last = names.Max(StringComparer.Ordinal)!;
        int same = first.AsSpan().CommonPrefixLength(last);
        return first[..(first.AsSpan(0, same).LastIndexOf('/') + 1)];
    }

    /// <summary>The name without that prefix.</summary>
    public static string Without(string prefix, string name) => name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;

    private static void Add(List<string> parts, in Window window)
    {
        parts.Add(string.Join('x', window.Kernel));
        if (Array.Exists(window.Strides, s => s > 1)) parts.Add($"s{Same(window.Strides)}");
        if (Array.Exists(window.Dilations, d => d > 1)) parts.Add($"d{Same(window.Dilations)}");
    }

    private static string Same(int[] values) => Array.TrueForAll(values, v => v == values[0]) ? $"{values[0]}" : string.Join('x', values);

    private static void Add(List<string> parts, Activation activation)
    {
        if (activation.IsNone) return;
        parts.Add(activation is { Function: UnaryFunction.Clip, Alpha: 0, Beta: 6 } ? "Relu6" : activation.Function.ToString());
    }
}
