using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Quantizing;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>Prints what quantizing did to a model, or why it was refused.</summary>
internal static partial class QuantizationSummary
{
    /// <summary>Layers that a refusal lists.</summary>
    private const int Listed = 10;

    /// <summary>Layers in floats that the summary names.</summary>
    private const int Named = 5;

    /// <summary>Prints the summary of a model that was written.</summary>
    public static void Print(QuantizationEvidence evidence, long floatBytes, long bytes)
    {
        LayerEvidence[] floats = [.. evidence.Layers.Where(l => l.Reason.Length > 0)];
        Line("quantized", $"{evidence.Mode}, calibrated on {evidence.Calibration}");
        Line("accuracy", $"{evidence.Metric}: float {evidence.FloatValue:0.####}, {evidence.Mode} {evidence.Value:0.####} (a drop of {evidence.MaxDrop:0.####} is allowed), on {evidence.EvaluationSet}");
        Line("ratio", $"{floatBytes / 1e3:N0} kB in floats -> {bytes / 1e3:N0} kB, {(double)bytes / floatBytes:0.00}");
        Line("layers", $"{string.Join(", ", evidence.Layers.GroupBy(l => l.Precision).OrderByDescending(g => g.Count()).Select(g => $"{g.Count()} {g.Key}"))}");
        foreach (LayerEvidence layer in floats.Take(Named)) Line("", $"{layer.Operator} '{layer.Name}' stays {layer.Precision}: {layer.Reason}");
        if (floats.Length > Named) Line("", $"and {floats.Length - Named} others (`edgert inspect` shows them)");

        static void Line(string title, FormattableString text) => Console.Out.WriteLine($"{title,-10} {text.ToString(CultureInfo.InvariantCulture)}");
    }

    /// <summary>Prints why nothing was written, and the layers that cost most.</summary>
    public static void PrintRefusal(QuantizationRefusal refusal, bool json)
    {
        QuantizationEvidence evidence = refusal.Evidence;
        LayerEvidence[] worst = [.. evidence.Layers.OrderByDescending(l => l.Gain ?? 0).ThenByDescending(l => l.NoiseShare).Take(Listed)];
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new Refused(refusal.Message, refusal.Remedy, evidence.Metric, evidence.FloatValue, evidence.Value, evidence.MaxDrop, worst), RefusalJson.Default.Refused));
        }
        else
        {
            Table table = new Table().Border(TableBorder.Horizontal).AddColumn("layer").AddColumn("operator").AddColumn("precision");
            foreach (string number in (string[])["SNR dB", "share of noise", "gain in floats"]) table.AddColumn(new TableColumn(number) { Alignment = Justify.Right, NoWrap = true });
            foreach (LayerEvidence layer in worst)
            {
                table.AddRow(layer.Name.EscapeMarkup(), layer.Operator, layer.Precision, Text(layer.SignalToNoise, "0.0"), Text(layer.NoiseShare, "0.0%"), Text(layer.Gain, "0.0000"));
            }
            Terminal.Out.Write(table);
        }
        Terminal.Error(new EdgeException(ErrorCode.AccuracyLost, refusal.Message, refusal.Remedy));

        static string Text(double? number, string format) => number?.ToString(format, CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>What --json prints of a refusal.</summary>
    internal sealed record Refused(string Error, string Remedy, string Metric, double FloatValue, double Value, double MaxDrop, LayerEvidence[] WorstLayers);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(Refused))]
    private sealed partial class RefusalJson : JsonSerializerContext;
}
