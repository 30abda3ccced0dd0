using System.Collections.Frozen;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tools.Onnx.Operators;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>Builds what a node of the model means; returns the values of its outputs, as many as are wanted at least.</summary>
internal delegate Value[] OnnxImport(OnnxNode node);

/// <summary>
/// Every ONNX operator that can be imported. Each family's file has one line for each of its operators; operators of other domains
/// than ONNX's own are listed as domain.Name.
/// </summary>
internal static class OnnxOperators
{
    private static readonly FrozenDictionary<string, OnnxImport> ByName = new (string Name, OnnxImport Import)[][]
    {
        Elementwise.All,
        Spatial.All,
        Normalizations.All,
        Reductions.All,
        Products.All,
        Shapes.All,
        Indexing.All,
        Recurrent.All,
        Signal.All,
        Quantized.All,
        QuantizedRuntime.All,
        Detection.All,
        Transformers.All,
        Attentions.All,
        Rotary.All,
        Fused.All,
        ControlFlow.All,
        Sequences.All,
        Texts.All,
        ClassicalLearning.All,
        RandomNumbers.All,
        Training.All,
        Experimental.All,
    }.SelectMany(family => family).ToFrozenDictionary(entry => entry.Name, entry => entry.Import, StringComparer.Ordinal);

    /// <summary>The names of all operators that can be imported.</summary>
    public static IEnumerable<string> Names => ByName.Keys.Order(StringComparer.Ordinal);

    /// <summary>How to import an operator, or null when nobody knows.</summary>
    public static OnnxImport? Find(string domain, string name) => ByName.GetValueOrDefault(FullName(domain, name));

    /// <summary>The name with its domain, unless that is ONNX's own.</summary>
    public static string FullName(string domain, string name) => domain is "" or "ai.onnx" ? name : $"{domain}.{name}";
}
