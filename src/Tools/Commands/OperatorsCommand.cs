using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>operators</c>: what can be imported, and what runs it.</summary>
internal static partial class OperatorsCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "Only operators whose name contains this.", Arity = ArgumentArity.ZeroOrOne };
        var markdown = new Option<bool>("--markdown") { Description = "Print the document docs/operators.md." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("operators", "Lists the operators that can be imported, and what runs them.") { name, markdown, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(markdown))
            {
                Console.Out.Write(SupportTable.Markdown());
                return ExitCode.Done;
            }
            string wanted = parsed.GetValue(name) ?? "";
            bool Matches(string operatorName) => operatorName.Contains(wanted, StringComparison.OrdinalIgnoreCase);
            var report = new Report([.. SupportTable.Onnx.Where(r => Matches(r.Name))], [.. OnnxSupport.Exceptions.Where(e => Matches(e.Name)).Select(e => new Exception(e.Name, e.Reason))],
                [.. SupportTable.TensorFlow.Where(Matches)]);
            if (report.Onnx.Length + report.NotImported.Length + report.TensorFlow.Length == 0)
                throw new EdgeException(ErrorCode.BadUsage, $"No operator that is known has '{wanted}' in its name.", "`edgert operators` lists all.");
            if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(report, OperatorsJson.Default.Report));
            else Print(report);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(Report report)
    {
        if (report.Onnx.Length > 0) Console.Out.WriteLine($"{"ONNX operator",-30} {"since",-8} {"CPU",-12} {"Vulkan",-14} {"int8",-9} types");
        foreach (SupportTable.Row row in report.Onnx)
            Console.Out.WriteLine($"{ShortText.Cut(row.Name, 30),-30} {row.Versions.Split(' ')[0],-8} {ShortText.Cut(row.Cpu, 12),-12} {ShortText.Cut(row.Vulkan, 14),-14} {row.Int8,-9} {ShortText.Cut(row.Types, 24)}");
        foreach (Exception exception in report.NotImported) Console.Out.WriteLine($"not imported: {exception.Name}: {exception.Reason}");
        if (report.TensorFlow.Length > 0) Console.Out.WriteLine("TensorFlow.js operators");
        foreach (string[] line in report.TensorFlow.Chunk(4)) Console.Out.WriteLine(string.Concat(line.Select(n => $"  {n,-22}")).TrimEnd());
    }

    /// <summary>What --json prints.</summary>
    internal sealed record Report(SupportTable.Row[] Onnx, Exception[] NotImported, string[] TensorFlow);

    /// <summary>An operator that is not imported.</summary>
    internal sealed record Exception(string Name, string Reason);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(Report))]
    private sealed partial class OperatorsJson : JsonSerializerContext;
}
