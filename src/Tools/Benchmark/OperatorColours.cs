using EdgeRuntime.Tools.Reports;
using OxyPlot;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>A colour for each operator, the same in all drawings of a page: those that take most time have one of their own, the others share grey.</summary>
internal sealed class OperatorColours
{
    /// <summary>Name of those that share a colour.</summary>
    public const string Others = "others";

    private static readonly OxyColor Grey = OxyColor.Parse("#9aa5b1");

    private readonly Dictionary<string, OxyColor> colours;

    public OperatorColours(IEnumerable<LayerTime> layers)
    {
        string[] names = [.. layers.GroupBy(KindOf).OrderByDescending(g => g.Sum(l => l.Us)).Select(g => g.Key)];
        int own = Math.Min(names.Length, Plot.Colours.Count);
        colours = names.Take(own).Select((name, i) => (name, i)).ToDictionary(n => n.name, n => Plot.Colours[n.i]);
        Names = [.. names.Take(own), .. names.Length > own ? new[] { Others } : []];
    }

    /// <summary>What legends name, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The name that an operator has in legends.</summary>
    public string NameOf(LayerTime layer) => KindOf(layer) is var kind && colours.ContainsKey(kind) ? kind : Others;

    /// <summary>The operator; of convolutions also which kind, since they differ more than other operators do.</summary>
    private static string KindOf(LayerTime layer) => layer.Operator != "Conv" ? layer.Operator
        : layer.Kernel.Contains("depthwise", StringComparison.OrdinalIgnoreCase) ? "Conv depthwise" : layer.Kernel.Contains("1x1", StringComparison.Ordinal) ? "Conv 1x1" : "Conv";

    /// <summary>The colour of a name in legends.</summary>
    public OxyColor Of(string name) => colours.GetValueOrDefault(name, Grey);
}
