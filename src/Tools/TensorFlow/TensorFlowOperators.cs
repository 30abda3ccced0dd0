using System.Collections.Frozen;
using EdgeRuntime.Tools.TensorFlow.Operators;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>Builds what a node of the model means; returns its outputs, as many as anybody may want.</summary>
internal delegate TensorFlowResult[] TensorFlowImport(TensorFlowNode node);

/// <summary>Every TensorFlow operator that can be imported. Each family's file has one line for each of its operators.</summary>
internal static class TensorFlowOperators
{
    private static readonly FrozenDictionary<string, TensorFlowImport> ByName = new (string Name, TensorFlowImport Import)[][]
    {
        Constants.All,
        Arithmetic.All,
        Functions.All,
        Logic.All,
        Convolutions.All,
        Matrices.All,
        Normalizations.All,
        Reductions.All,
        Shapes.All,
        Slices.All,
        Padding.All,
        Images.All,
        Selection.All,
        Lists.All,
    }.SelectMany(family => family).ToFrozenDictionary(entry => entry.Name, entry => entry.Import, StringComparer.Ordinal);

    /// <summary>The names of all operators that can be imported.</summary>
    public static IEnumerable<string> Names => ByName.Keys.Concat(TensorFlowLoops.Operators).Order(StringComparer.Ordinal);

    /// <summary>How to import an operator, or null when nobody knows.</summary>
    public static TensorFlowImport? Find(string name) => ByName.GetValueOrDefault(name);
}
