using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Inspection;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The options of bench for one step alone: --layer of a model, or --kernel in words.</summary>
internal sealed partial class KernelBenchOptions
{
    private const int NameWidth = 34;

    private readonly Option<string?> layer = new("--layer") { Description = "Only this layer of the model, alone, in every way that the CPU can execute it: its name, or a part that no other has." };

    private readonly Option<string?> kernel = new("--kernel") { Description = $"One step in words instead of a model's: {KernelText.Syntax}." };

    /// <summary>Declares the options.</summary>
    public KernelBenchOptions(Command command)
    {
        command.Add(layer);
        command.Add(kernel);
    }

    /// <summary>True when a step alone is asked for.</summary>
    public bool AreGiven(ParseResult parsed) => parsed.GetValue(layer) is not null || parsed.GetValue(kernel) is not null;

    /// <summary>Measures it and prints the table; the exit code is that of a failed check when a way computes something else than the definition.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">What it names as the model; null for nothing.</param>
    /// <param name="inputs">Shapes of the model's inputs.</param>
    /// <param name="options">Number of threads.</param>
    /// <param name="json">True to print JSON.</param>
    /// <param name="stop">Cancels loading.</param>
    public int Run(ParseResult parsed, string? model, string[]? inputs, SessionOptions options, bool json, CancellationToken stop)
    {
        int threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        KernelReport report;
        if (parsed.GetValue(kernel) is { } text)
        {
            if (model is not null || parsed.GetValue(layer) is not null) throw new EdgeException(ErrorCode.BadUsage, "--kernel is a step of its own, without a model and without --layer.");
            using var alone = SingleLayer.Of(KernelText.Parse(text));
            report = KernelBenchmark.Measure("", alone, threads);
        }
        else
        {
            if (model is null) throw new EdgeException(ErrorCode.BadUsage, "--layer needs the model that has the layer.", "`edgert bench MODEL --layer NAME`");
            using LoadedModel loaded = ModelLoader.Load(model, InputShapes.Parse(inputs), stop: stop);
            using var alone = SingleLayer.Find(loaded.Model.Graph, parsed.GetValue(layer)!);
            report = KernelBenchmark.Measure(loaded.Model.Metadata.Name, alone, threads);
        }
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(report, KernelJson.Default.KernelReport));
        else Print(report);
        return report.Kernels.All(k => k.Matches) ? ExitCode.Done : ExitCode.FailedCheck;
    }

    private static void Print(KernelReport report)
    {
        string unit = report.Arithmetic == LayerTime.Integer ? "GOP/s" : "GFLOP/s";
        double peak = report.Arithmetic == LayerTime.Integer ? report.Peaks.Gops : report.Peaks.Gflops;
        Console.Out.WriteLine($"{report.Layer}{(report.Model.Length > 0 ? $" of {report.Model}" : "")}");
        Console.Out.WriteLine($"{report.Operator} {string.Join(", ", report.Inputs)} -> {string.Join(", ", report.Outputs)}");
        Console.Out.WriteLine($"{report.Operations / 1e6:N2} million operations, {report.Bytes / 1e3:N0} kB, {(report.Threads == 1 ? "1 thread" : $"{report.Threads} threads")}; "
            + $"this machine: {peak:N0} {unit}, {report.Peaks.CacheGbps:N0} GB/s from its last cache");
        Console.Out.WriteLine();
        Console.Out.WriteLine($"  {"kernel",-NameWidth} {"lanes",5} {"us",9} {"least",9} {"cold",9} {unit,8} {"peak",5}  definition");
        foreach (KernelTime way in report.Kernels)
        {
            Console.Out.WriteLine($"{(way.IsAutomatic ? '*' : ' ')} {ShortText.Cut(way.Kernel, NameWidth),-NameWidth} {(way.Lanes > 0 ? $"{way.Lanes}" : ""),5} {Us(way.Us),9} {Us(way.MinUs),9} {(way.ColdUs is { } cold ? Us(cold) : ""),9} "
                + $"{way.Gflops,8:0.0} {way.PeakShare * 100,4:0}%  {Difference(way)}");
        }
        Console.Out.WriteLine();
        Console.Out.WriteLine("* is taken. us: median, operands in the caches; cold: they are not. definition: largest difference from it.");
    }

    private static string Difference(KernelTime way) =>
        way.Difference == 0 ? "same" : $"{way.Difference:0.0e+00}{(way.Matches ? "" : " DIFFERS")}";

    private static string Us(double us) => us >= 1000 ? $"{us:N0}" : us >= 100 ? $"{us:0.0}" : $"{us:0.00}";

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    [JsonSerializable(typeof(KernelReport))]
    private sealed partial class KernelJson : JsonSerializerContext;
}
