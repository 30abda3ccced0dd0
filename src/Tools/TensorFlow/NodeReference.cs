namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>One output of a node, as inputs and signatures name it: <c>name</c> or <c>name:1</c>.</summary>
/// <param name="Node">The node.</param>
/// <param name="Output">Which of its outputs.</param>
internal readonly record struct NodeReference(string Node, int Output)
{
    /// <summary>Reads a name; node names have no colons of their own.</summary>
    public static NodeReference Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > 0 && int.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out int output) ? new(text[..colon], output) : new(text, 0);
    }

    public override string ToString() => Output == 0 ? Node : $"{Node}:{Output}";
}
