using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tests.Cli;
using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Benchmark;

/// <summary>The suite: what it declares, where it finds models, its means and its table.</summary>
public class SuiteTests
{
    private static readonly BenchSuite Suite = BenchSuite.Load();

    [Fact]
    public void Each_model_is_of_the_zoo_or_says_where_it_is_from()
    {
        Assert.Equal(Suite.Models.Length, Suite.Models.Select(m => m.Name).Distinct().Count());
        Assert.All(Suite.Models, model =>
        {
            if (SuiteFiles.ZooModelOf(model) is not null) Assert.Null(model.Sha256);
            else Assert.True(model is { Origin.Length: > 0, Sha256.Length: 64, Bytes: > 0 }, model.Name);
            Assert.False(model.Int8 && model.Quantized, model.Name);
        });
        Assert.Equal(2, Suite.Models.Count(m => m.Quantized));
        Assert.InRange(Suite.Models.Count(m => m.Int8), 12, 20);
    }

    [Fact]
    public void Models_are_chosen_by_name_in_the_order_of_the_suite()
    {
        Assert.Equal(Suite.Models.Length, Suite.Choose([]).Count);
        Assert.Equal(["blazeface-front", "gtcrn"], Suite.Choose(["gtcrn", "blazeface-front"]).Select(m => m.Name));
        EdgeException error = Assert.Throws<EdgeException>(() => Suite.Choose(["gtcrn", "another"]));
        Assert.Contains("'another'", error.Problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"models\": [{\"name\": \"x\", \"colour\": 1}]}")]
    [InlineData("{}")]
    public void A_malformed_declaration_is_an_error(string text)
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "suite.json");
        File.WriteAllText(file, text);
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => BenchSuite.Load(file)).Code);
    }

    [Fact]
    public void Files_to_be_had_by_hand_are_known_by_content_and_what_is_missing_has_a_reason()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "whatever.onnx");
        File.WriteAllBytes(file, [1, 2, 3]);
        File.WriteAllBytes(Path.Combine(folder.Path, "other.onnx"), [1, 2, 4]);
        var here = new SuiteModel { Name = "here", Origin = "https://example.org/here", Sha256 = ModelCache.HashOf(file), Bytes = 3 };
        SuiteModel absent = here with { Name = "absent", Origin = "https://example.org/absent", Sha256 = new string('0', 64) };
        var byHand = new SuiteModel { Name = "yolox-nano" };
        var cache = new ModelCache(Path.Combine(folder.Path, "cache"), (_, _, _) => throw new EdgeException(ErrorCode.CannotFetch, "there is no network"));
        var files = new SuiteFiles(cache, folder.Path, [here, absent, byHand]);
        CancellationToken stop = TestContext.Current.CancellationToken;
        Assert.Equal((file, null), files.Find(here, null, stop));
        Assert.Contains("https://example.org/absent", files.Find(absent, null, stop).Reason);
        Assert.Contains("by hand", files.Find(byHand, null, stop).Reason);
        Assert.Contains("--models", new SuiteFiles(cache, null, []).Find(absent, null, stop).Reason);
        Assert.Equal("there is no network", files.Find(new SuiteModel { Name = "face-detect" }, null, stop).Reason);
        Assert.Throws<EdgeException>(() => new SuiteFiles(cache, Path.Combine(folder.Path, "none"), []));
    }

    [Fact]
    public void Means_are_geometric_by_arithmetic_and_threads()
    {
        SuiteMean[] means = SuiteMean.Of([Row("a", 1, SuiteRow.Float, 0.5), Row("a", 1, SuiteRow.Int8, 0.25), Row("b", 1, SuiteRow.Float, 2), Row("a", 2, SuiteRow.Float, 0.3), Row("q", 1, SuiteRow.Same, 0.8)]);
        Assert.Equal([("fp32", 1), ("int8", 1), ("quantized", 1), ("fp32", 2)], means.Select(m => (m.Variant, m.Threads)));
        Assert.Equal(1, means[0].GeometricMean, 12);
        Assert.Equal((2, 2.0, "b", 1), (means[0].Models, means[0].Largest, means[0].LargestModel, means[0].AboveOne));
        Assert.Equal(0.25, means[1].GeometricMean, 12);
        Assert.Empty(SuiteMean.Of([]));
    }

    [Fact]
    public void Starts_are_means_over_the_models_that_have_them()
    {
        StartReport start = StartMeasurement.Summarize(Times(10, 40), Times(1, 4), Times(40, 10), Times(16, 4));
        SuiteStarts starts = SuiteStarts.Of([Row("a", 1, SuiteRow.Float, 1) with { Start = start }, Row("a", 2, SuiteRow.Float, 1)])!;
        Assert.Equal((1, 0.25, 1.0, 1.0), (starts.Models, Math.Round(starts.WarmRatio, 9), Math.Round(starts.ColdRatio, 9), Math.Round(starts.MemoryRatio, 9)));
        Assert.Null(SuiteStarts.Of([Row("a", 2, SuiteRow.Float, 1)]));
    }

    [Fact]
    public void A_row_in_integers_says_what_convert_would_have_refused()
    {
        var evidence = new QuantizationEvidence { Metric = "agreement", EvaluationSet = "16 inputs", FloatValue = 1, Value = 0.9, MaxDrop = 0.015 };
        Assert.Contains("0.9", SuiteIntegers.NoteOf(evidence));
        Assert.Null(SuiteIntegers.NoteOf(evidence with { Value = 0.99 }));
    }

    [Fact]
    public void No_line_of_a_table_is_wider_than_eighty_characters_and_every_figure_is_there()
    {
        StartReport start = StartMeasurement.Summarize(Times(10, 40), Times(1, 4), Times(40, 10), Times(16, 4));
        SuiteRow[] rows =
        [
            Row("a-model-with-quite-a-long-name", 1, SuiteRow.Float, 1.14) with { MedianMs = 12345, PeerMedianMs = 0.123, Start = start },
            Row("a-model-with-quite-a-long-name", 1, SuiteRow.Int8, 0.5) with { Note = "3 of 20 layers in floats" },
            Row("q", 1, SuiteRow.Same, 0.7) with { OutputsMatch = false },
            Row("a-model-with-quite-a-long-name", 2, SuiteRow.Float, 0.6) with { AllocatedBytes = 64 },
        ];
        SuiteReport report = SuiteReport.Of(OfMachine(), "onnxruntime 1.29.0", rows, [new SuiteGap("gone", "it is not here")], 12);
        string[] lines = [.. SuiteTables.Of(report)];
        int from = Array.FindIndex(lines, l => l.StartsWith("1 thread", StringComparison.Ordinal)), to = Array.FindIndex(lines, l => l.StartsWith("starting", StringComparison.Ordinal));
        Assert.All(lines[from..to].Where(l => !l.StartsWith("geometric", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 0, 80));
        string text = string.Join('\n', lines);
        Assert.All((string[])["1.14!", "0.50", "0.70", "q (q) DIFFERS", "peer x", "3 of 20 layers", "not measured: gone: it is not here", "64 bytes", "onnxruntime 1.29.0", "fp32: 1.140; above 1: 1"], part => Assert.Contains(part, text));
    }

    [Fact]
    public void A_short_run_measures_beside_the_reference_and_names_what_is_missing()
    {
        Assert.SkipUnless(ReferenceRuntime.IsReady, "ONNX Runtime is not on this machine");
        Assert.SkipUnless(ModelCache.Default.Find(ModelZoo.Default.Get("silero-vad-v5")) is not null, "silero-vad-v5 is not on this machine");
        Result result = Edgert.Run("bench", "--suite", "silero-vad-v5", "dtln-1", "--threads", "1", "--runs", "3", "--no-start", "--json");
        Assert.Equal(ExitCode.Done, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        JsonElement root = document.RootElement;
        Assert.Equal(["machine", "peer", "rows", "means", "starts", "missing", "seconds"], root.EnumerateObject().Select(p => p.Name));
        JsonElement row = Assert.Single(root.GetProperty("rows").EnumerateArray());
        Assert.Equal(["model", "threads", "variant", "runs", "median_ms", "min_ms", "noise", "peer_median_ms", "peer_min_ms", "peer_noise", "ratio", "allocated_bytes", "outputs_match", "signal_to_noise_db", "start", "note"],
            row.EnumerateObject().Select(p => p.Name));
        Assert.True(row.GetProperty("outputs_match").GetBoolean());
        Assert.Equal(3, row.GetProperty("runs").GetInt32());
        Assert.Equal("dtln-1", Assert.Single(root.GetProperty("missing").EnumerateArray()).GetProperty("model").GetString());
    }

    [Theory]
    [InlineData("EDGE7001", "'nothing'", "nothing")]
    [InlineData("EDGE7001", "--seconds", "--seconds", "0")]
    [InlineData("EDGE7001", "--per-layer", "--per-layer")]
    [InlineData("EDGE5001", "/nonexistent", "--models", "/nonexistent")]
    public void Wrong_uses_are_explained(string code, string words, params string[] more) =>
        Edgert.Run(["bench", "--suite", .. more]).AssertFailed(ExitCode.BadInput, code, words);

    private static SuiteRow Row(string model, int threads, string variant, double ratio) => new(model, threads, variant, 100, ratio, ratio, 0.01, 1, 1, 0.01, ratio, 0, null, null);

    private static StartTimes Times(double load, double first) => new(load, first) { PeakMemoryBytes = 100, IdleMemoryBytes = 10 };

    private static MachineFacts OfMachine() => new("a processor", "x64", 2, ["AVX2"], "a system", "10.0", "edgert 1");
}
