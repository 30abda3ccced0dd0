using System.Text.RegularExpressions;
using System.Xml.Linq;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Passes;
using EdgeRuntime.Tools.Quantizing;
using Xunit;

namespace EdgeRuntime.Tests.Conversion;

/// <summary>The report on a quantized model, and what inspect prints of it, also for models whose names are meant to break them.</summary>
public partial class QuantizationPageTests
{
    private const string Hostile = "</title><script>alert('1')</script>\"&\u0000\u001b[31m]]>-->\uD800";

    /// <summary>One of them with more layers than are drawn by name.</summary>
    public static TheoryData<int, string, bool> Models => new()
    {
        { 3, "layer", true },
        { 3, Hostile, true },
        { 60, "a/long/path/to/layer", true },
        { 3, "layer", false },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void The_page_is_well_formed_and_has_each_layer(int layers, string name, bool isShipped)
    {
        QuantizedModel model = Quantized(layers, name);
        QuantizationReport report = QuantizationReport.Of(model, null, isShipped ? null : $"'{name}' is bad", TestContext.Current.CancellationToken);
        string page = QuantizationPage.Page(report with { Pictures = [new PicturePair(name, [1, 2, 3], 1, [4, 5], 0)] }).ToString();

        XElement html = XDocument.Parse(page.Replace("<!doctype html>", "", StringComparison.Ordinal)).Root!;
        XElement table = html.Descendants("table").Last();
        Assert.Equal(model.Evidence.Layers.Count, table.Elements("tr").Count() - 1);
        Assert.Equal(layers, model.Evidence.Layers.Count);
        for (int i = 0; i < layers; i++)
            Assert.Contains(table.Elements("tr"), row => row.Elements("td").FirstOrDefault()?.Value == EdgeRuntime.Tools.Reports.HtmlPage.Plain(model.Evidence.Layers[i].Name));
        Assert.Equal(model.Values.Count, html.Descendants("div").Where(d => d.Attribute("class")?.Value == "small").Sum(d => d.Elements("figure").Count()));
        Assert.Equal(isShipped ? "--good" : "--bad", html.Descendants("p").Select(p => Colour().Match(p.Attribute("style")?.Value ?? "").Groups[1].Value).First(c => c.Length > 0));
        // One script, ours, and nothing that is elsewhere.
        XElement script = Assert.Single(html.Descendants("script"));
        Assert.DoesNotContain("alert", script.Value, StringComparison.Ordinal);
        Assert.All(html.Descendants().Attributes().Where(a => a.Name.LocalName is "src" or "href"), a => Assert.StartsWith("data:image/png;base64,", a.Value, StringComparison.Ordinal));
        Assert.DoesNotContain("url(http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", page, StringComparison.Ordinal);
        Assert.True(page.Length < 3_000_000, $"the page has {page.Length:N0} characters");
    }

    [Fact]
    public void Inspect_prints_the_evidence_of_any_model_on_plain_lines()
    {
        QuantizationEvidence evidence = Quantized(3, Hostile).Evidence;
        string[] brief = [.. EvidenceText.Lines(evidence, verbose: false).Select(l => $"{l.Title} {l.Text}")], all = [.. EvidenceText.Lines(evidence, verbose: true).Select(l => $"{l.Title} {l.Text}")];
        Assert.All(all, line => Assert.DoesNotContain(line, c => char.IsControl(c)));
        Assert.Contains(brief, line => line.StartsWith("accuracy ", StringComparison.Ordinal) && line.Contains(evidence.Metric, StringComparison.Ordinal));
        Assert.Contains(brief, line => line.StartsWith("calibrated ", StringComparison.Ordinal) && line.Contains("noise of a seed", StringComparison.Ordinal));
        Assert.Contains(brief, line => line.Contains(evidence.Tool, StringComparison.Ordinal));
        Assert.Contains(brief, line => line.StartsWith("noisiest ", StringComparison.Ordinal));
        Assert.True(all.Length >= brief.Length + evidence.Ranges.Count);
        Assert.DoesNotContain(EvidenceText.Lines(new QuantizationEvidence(), verbose: true), l => l.Title is "accuracy" or "ranges");
    }

    [Fact]
    public void The_spread_of_a_value_counts_all_that_was_seen_and_what_is_cut_off()
    {
        var seen = new ValueStatistics();
        seen.Add([.. Enumerable.Range(0, 1000).Select(i => i / 1000f)], 1);
        ValueHistogram all = ValueHistogram.Of("x", ValueRange.Of(0, 1, "min-max"), seen), half = ValueHistogram.Of("x", ValueRange.Of(0, 0.5f, "mse"), seen);
        Assert.Equal(1000, all.Counts.Sum());
        Assert.Equal((0.0, 0.5), (all.Outside, Math.Round(half.Outside, 2)));
        Assert.Empty(ValueHistogram.Of("nothing", ValueRange.Of(0, 0, "min-max"), new ValueStatistics()).Counts);
    }

    [Fact]
    public void Parameters_are_counted_in_integers_as_in_floats()
    {
        QuantizedModel model = Quantized(3, "layer");
        long floats = model.Float.Graph.Constants.Where(ModelParameters.Is).Sum(c => c.Type.Shape.Count);
        Assert.Equal(3 * (4 * 4 + 4), floats);
        Assert.Equal(floats, model.Graph.Constants.Where(ModelParameters.Is).Sum(c => c.Type.Shape.Count));
        Dictionary<string, long> before = LayerBytes.Of(model.Float.Graph), after = LayerBytes.Of(model.Graph);
        Assert.Equal(before.Keys.Order(), after.Keys.Where(before.ContainsKey).Order());
        Assert.All(before, layer => Assert.Equal(4 * (4 * 4 + 4), layer.Value));
        Assert.All(before.Keys, name => Assert.Equal(4 * 4 + 4 * 4 + 4 * 4, after[name]));
    }

    private static QuantizedModel Quantized(int layers, string name)
    {
        var builder = new GraphBuilder(name);
        Value x = builder.Input("x", new TensorType(DataType.F32, 1, 5, 5, 4));
        for (int i = 0; i < layers; i++)
        {
            x = builder.Add1($"{name}{i}", new Conv { Window = Window.Of(1, 1), Activation = new Activation(i + 1 < layers ? UnaryFunction.Relu : UnaryFunction.Identity) }, x,
                builder.Constant($"{name}w{i}", Noise(new Shape(4, 1, 1, 4), i)), builder.Constant($"{name}b{i}", Noise(new Shape(4), 100 + i)));
            x.Name = $"{name}y{i}";
        }
        builder.Output("y", x);
        Graph graph = builder.Build();
        PassPipeline.Run(graph, PassPipeline.BeforeQuantization);
        var options = new QuantizationOptions { Calibration = model => new NoiseSamples(model.Graph.Inputs[0].Type), MaxDrop = 0.99, TradeOff = true };
        return new Quantizer(graph, new ModelMetadata { Name = name, Source = name }, options).Run();
    }

    private static Tensor Noise(Shape shape, int seed)
    {
        var tensor = new Tensor(new TensorType(DataType.F32, shape));
        var random = new Random(seed);
        foreach (ref float x in tensor.Span<float>()) x = random.NextSingle() * 2 - 1;
        return tensor;
    }

    [GeneratedRegex(@"color: var\((--good|--bad)\)")]
    private static partial Regex Colour();

    private sealed class NoiseSamples(TensorType type) : SampleSet
    {
        public override int Count => 8;

        public override string Description => "noise of a seed";

        public override string NameOf(int index) => $"{index}";

        public override Tensor[] Inputs(int index) => [Noise(type.Shape, 1000 + index)];
    }
}
