using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>What an earlier <c>bench --json</c> printed, to compare with: one object for each backend and number of threads.</summary>
/// <param name="File">Where it was.</param>
/// <param name="Reports">What it says.</param>
internal sealed record OldRun(string File, IReadOnlyList<BenchReport> Reports)
{
    /// <summary>A run of a thousand layers is a megabyte.</summary>
    private const long Largest = 64 << 20;

    /// <summary>The least share of a figure that is a change.</summary>
    public const double LeastChange = 0.05;

    /// <summary>How many times the noise a change must be.</summary>
    public const double TimesNoise = 3;

    /// <summary>Reading the clock twice takes about this long, in milliseconds: a layer cannot be told to be faster by less.</summary>
    private const double ClockMs = 1e-4;

    /// <summary>Reads a file.</summary>
    /// <exception cref="EdgeException">It is missing, or is not what bench prints.</exception>
    public static OldRun Read(string file)
    {
        var reports = new List<BenchReport>();
        try
        {
            var info = new FileInfo(file);
            if (!info.Exists) throw new EdgeException(ErrorCode.CannotRead, $"There is no file '{file}' to compare with.", "Give onnxruntime, or a file that `edgert bench --json` wrote.");
            if (info.Length > Largest) throw NotARun(file, $"it has {info.Length:N0} bytes");
            var reader = new Utf8JsonReader(System.IO.File.ReadAllBytes(file), new JsonReaderOptions { AllowMultipleValues = true });
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.StartObject) throw NotARun(file, $"it begins with {reader.TokenType}");
                reports.Add(JsonSerializer.Deserialize(ref reader, BenchJson.Default.BenchReport)!);
            }
        }
        catch (JsonException e)
        {
            throw NotARun(file, e.Message);
        }
        if (reports.Count == 0) throw NotARun(file, "it is empty");
        if (reports.Find(r => r.Model is null || r.Layers is null || !(r.MedianMs > 0)) is not null) throw NotARun(file, "it has no median");
        return new OldRun(file, reports);
    }

    /// <summary>Compares a new report with the old one of the same model, backend, threads and precision; null where there is none.</summary>
    public RunComparison? Compare(BenchReport now)
    {
        BenchReport? old = Reports.FirstOrDefault(r => r.Model == now.Model && r.Backend == now.Backend && r.Threads == now.Threads && r.Precision == now.Precision);
        if (old is null) return null;
        var earlier = new Dictionary<(string, string), LayerTime>();
        foreach (LayerTime layer in old.Layers) earlier.TryAdd((layer.Name, layer.Operator), layer);
        var layers = new List<FigureChange>();
        var unmatched = new List<string>();
        if (old.Layers.Length > 0 && now.Layers.Length > 0)
        {
            foreach (LayerTime layer in now.Layers)
            {
                if (earlier.Remove((layer.Name, layer.Operator), out LayerTime? before))
                    layers.Add(Judge(layer.Name, before.Us / 1e3, layer.Us / 1e3, Math.Max(before.NoiseUs, layer.NoiseUs) / 1e3, ClockMs));
                else unmatched.Add(layer.Name);
            }
            unmatched.AddRange(earlier.Values.Select(l => l.Name));
        }
        return new RunComparison(File, Judge(now.Model, old.MedianMs, now.MedianMs, Math.Max(old.Noise * old.MedianMs, now.Noise * now.MedianMs), 0), [.. layers]) { Unmatched = [.. unmatched] };
    }

    /// <summary>Whether a figure changed by more than 5 % and three times the noise.</summary>
    /// <param name="name">What it is of.</param>
    /// <param name="oldMs">The old figure.</param>
    /// <param name="newMs">The new figure.</param>
    /// <param name="noiseMs">The larger of both runs' noise.</param>
    /// <param name="leastMs">A change that is too small to be seen.</param>
    public static FigureChange Judge(string name, double oldMs, double newMs, double noiseMs, double leastMs)
    {
        if (!(oldMs > 0)) return new FigureChange(name, oldMs, newMs, 0, 0, FigureChange.Same);
        double change = newMs / oldMs - 1, allowed = Math.Max(Math.Max(LeastChange, TimesNoise * noiseMs / oldMs), leastMs / oldMs);
        return new FigureChange(name, oldMs, newMs, change, allowed, change > allowed ? FigureChange.Slower : change < -allowed ? FigureChange.Faster : FigureChange.Same);
    }

    private static EdgeException NotARun(string file, string why) => new(ErrorCode.BadUsage, $"'{file}' is not what `edgert bench --json` prints: {why}", "Give onnxruntime, or a file that it wrote.");
}

/// <summary>How reports are written and read: one contract for both.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchJson : JsonSerializerContext;
