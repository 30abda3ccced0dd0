using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using EdgeRuntime.Tests.Evaluation;
using EdgeRuntime.Tests.Quantizing;
using EdgeRuntime.Tests.Unit;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Onnx.Proto;
using Google.Protobuf;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>`edgert convert --quantize` from outside: one command, and never a model that lost more than it may.</summary>
public sealed class QuantizeTests : IDisposable
{
    private const int Inputs = 64, Outputs = 24;

    private readonly TemporaryFolder folder = new();

    private string Model => Path.Combine(folder.Path, "wild.onnx");

    private string Target => Path.Combine(folder.Path, "wild.edge");

    private string Samples => Path.Combine(folder.Path, "samples");

    public QuantizeTests()
    {
        File.WriteAllBytes(Model, Wild().ToByteArray());
        Directory.CreateDirectory(Samples);
        for (int i = 0; i < 8; i++) WriteSample(Path.Combine(Samples, $"{i}.npz"), new Random(i));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_loses_too_much_is_refused_with_the_worst_layers_and_mixed_ships()
    {
        Result refused = Edgert.Run("convert", Model, "-o", Target, "--quantize", "int8", "--calibrate", Samples, "--max-drop", "2%");
        Assert.Equal(ExitCode.FailedCheck, refused.ExitCode);
        Assert.Contains("error EDGE7003", refused.Errors);
        Assert.Contains("--quantize mixed", refused.Errors);
        Assert.False(File.Exists(Target));
        string[] rows = [.. refused.Output.Split('\n').Where(line => line.Contains("MatMul", StringComparison.Ordinal))];
        Assert.Equal(5, rows.Length);
        Assert.All(rows[..3], row => Assert.Contains("bad", row));

        Result machine = Edgert.Run("convert", Model, "-o", Target, "--quantize", "int8", "--calibrate", Samples, "--json");
        Assert.Equal(ExitCode.FailedCheck, machine.ExitCode);
        using (JsonDocument document = JsonDocument.Parse(machine.Output))
        {
            Assert.Equal(["error", "remedy", "metric", "float_value", "value", "max_drop", "worst_layers"], document.RootElement.EnumerateObject().Select(p => p.Name));
            Assert.StartsWith("bad", document.RootElement.GetProperty("worst_layers")[0].GetProperty("name").GetString());
        }

        Result mixed = Edgert.Run("convert", Model, "-o", Target, "--quantize", "mixed", "--calibrate", Samples, "--max-drop", "0.02", "--json");
        Assert.True(mixed.ExitCode == ExitCode.Done, mixed.Errors);
        using JsonDocument summary = JsonDocument.Parse(mixed.Output);
        JsonElement evidence = summary.RootElement.GetProperty("quantization");
        Assert.Equal("mixed", summary.RootElement.GetProperty("precision").GetString());
        Assert.Equal(3, evidence.GetProperty("layers").EnumerateArray().Count(l => l.GetProperty("reason").GetString()!.Length > 0));
        Assert.InRange(evidence.GetProperty("value").GetDouble(), 0.98, 1);
        Assert.Equal("2 of 8 files of samples, held back", evidence.GetProperty("evaluation_set").GetString());
        Assert.Equal(new FileInfo(Target).Length, summary.RootElement.GetProperty("bytes").GetInt64());
        Assert.Equal(["samples", "wild.edge", "wild.onnx"], Directory.EnumerateFileSystemEntries(folder.Path).Select(f => Path.GetFileName(f)).Order());
    }

    [Fact]
    public void What_is_missing_or_contradicts_itself_is_said()
    {
        Edgert.Run("convert", Model, "-o", Target, "--quantize", "int8").AssertFailed(ExitCode.BadInput, "EDGE7001", "needs samples", "--calibrate");
        Edgert.Run("convert", Model, "-o", Target, "--quantize", "int7").AssertFailed(ExitCode.BadInput, "EDGE7001", "int7", "int8-weights");
        Edgert.Run("convert", Model, "-o", Target, "--quantize", "int8", "--calibrate", Samples, "--budget-size", "1kB").AssertFailed(ExitCode.BadInput, "EDGE7001", "mixed");
        Edgert.Run("convert", Model, "-o", Target, "--quantize", "fp16", "--calibrate", Samples).AssertFailed(ExitCode.BadInput, "EDGE7001", "needs no samples");
        Edgert.Run("convert", Model, "-o", Target, "--quantize", "int8", "--calibrate", Path.Combine(folder.Path, "nowhere")).AssertFailed(ExitCode.BadInput, "EDGE5001", "nowhere");
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public void Models_that_came_quantized_keep_their_integers()
    {
        var model = new ModelProto { IrVersion = 8, Graph = new GraphProto { Name = "integers" } };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        model.Graph.Input.Add(OnnxModels.Info("x", OnnxModels.F32, 1, 4));
        model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 3, Dims = { 4, 2 }, RawData = ByteString.CopyFrom(1, 2, 3, 4, 5, 6, 7, 8) });
        model.Graph.Node.Add(OnnxModels.Node("DynamicQuantizeLinear", "quantize", ["x"], "q", "s", "z"));
        model.Graph.Node.Add(OnnxModels.Node("MatMulInteger", "product", ["q", "w", "z"], "y"));
        model.Graph.Output.Add(new ValueInfoProto { Name = "y" });
        string path = Path.Combine(folder.Path, "integers.onnx");
        File.WriteAllBytes(path, model.ToByteArray());
        Result result = Edgert.Run("convert", path, "-o", Target, "--quantize", "int8", "--calibrate", Samples, "--json");
        Assert.True(result.ExitCode == ExitCode.Done, result.Errors);
        using JsonDocument summary = JsonDocument.Parse(result.Output);
        Assert.Contains("1 product of integers", summary.RootElement.GetProperty("note").GetString());
        Assert.Equal(JsonValueKind.Null, summary.RootElement.GetProperty("quantization").ValueKind);
        Result plain = Edgert.Run("convert", path, "-o", Path.Combine(folder.Path, "plain.edge"));
        Assert.True(plain.ExitCode == ExitCode.Done, plain.Errors);
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder.Path, "plain.edge")), File.ReadAllBytes(Target));
    }

    /// <summary>Five products; three read an input whose first element is so large that 8 bits cannot hold the others beside it.</summary>
    private static ModelProto Wild()
    {
        var model = new ModelProto { IrVersion = 8, Graph = new GraphProto { Name = "wild" } };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        model.Graph.Input.Add(OnnxModels.Info(MadeSamples.Wild, OnnxModels.F32, 1, Inputs));
        model.Graph.Input.Add(OnnxModels.Info("tame", OnnxModels.F32, 1, Inputs));
        for (int i = 0; i < 5; i++)
        {
            bool isWild = i is 0 or 2 or 3;
            var random = new Random(i);
            float[] weights = [.. Enumerable.Range(0, Inputs * Outputs).Select(at => isWild && at < Outputs ? 1e-6f * (at + 1) : random.NextSingle() - 0.5f)];
            model.Graph.Initializer.Add(OnnxModels.Floats($"w{i}", [Inputs, Outputs], weights));
            model.Graph.Node.Add(OnnxModels.Node("MatMul", isWild ? $"bad{i}" : $"good{i}", [isWild ? MadeSamples.Wild : "tame", $"w{i}"], $"y{i}"));
            model.Graph.Output.Add(new ValueInfoProto { Name = $"y{i}" });
        }
        return model;
    }

    private static void WriteSample(string path, Random random)
    {
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (string name in (string[])[MadeSamples.Wild, "tame"])
        {
            float[] elements = [.. Enumerable.Range(0, Inputs).Select(i => name == MadeSamples.Wild && i == 0 ? MadeSamples.Huge : 2 * random.NextSingle() - 1)];
            using Stream entry = archive.CreateEntry($"{name}.npy").Open();
            entry.Write(NumpyFileTests.Array("<f4", $"(1, {Inputs})", MemoryMarshal.AsBytes<float>(elements).ToArray()));
        }
    }
}
