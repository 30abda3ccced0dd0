using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeRuntime.Format;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tests.Format;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Onnx.Proto;
using Google.Protobuf;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>What users do wrong: always one paragraph, the right exit code, and nothing left half-written.</summary>
public class WrongUseTests
{
    private static readonly string[] ModelVerbs = ["inspect", "convert", "verify", "bench"];

    public static TheoryData<string> VerbsWithModels => [.. ModelVerbs];

    [Theory]
    [InlineData("rnu", "'rnu'", "'run'")]
    [InlineData("convrt", "'convrt'", "'convert'")]
    [InlineData("xyzzy", "'xyzzy'", "edgert --help")]
    public void Unknown_verb(string verb, params string[] words) => Edgert.Run(verb).AssertFailed(ExitCode.BadInput, "EDGE7001", words);

    [Theory]
    [InlineData("--surce", "'--source'")]
    [InlineData("--treads", "'--threads'")]
    public void Unknown_option(string option, string meant) =>
        Edgert.Run("run", "face-detect", option, "1").AssertFailed(ExitCode.BadInput, "EDGE7001", option, meant);

    [Fact]
    public void Unknown_pipeline() => Edgert.Run("run", "face-detct", "--source", "x").AssertFailed(ExitCode.BadInput, "EDGE7001", "face-detct", "'face-detect'");

    [Theory]
    [InlineData("--threshold", "1.5")]
    [InlineData("--threads", "-1")]
    [InlineData("--limit", "0")]
    [InlineData("--limit", "many")]
    public void Option_out_of_range(string option, string value) =>
        Edgert.Run("run", "face-detect", "--source", "x", option, value).AssertFailed(ExitCode.BadInput, "EDGE7001", option);

    [Theory]
    [InlineData("run face-detect --source x --threshold much", "'much' is not a value of --threshold.")]
    [InlineData("bench x --compare another", "'another' is not a value of --compare: it takes onnxruntime, or a file")]
    [InlineData("run face-detect", "--source")]
    [InlineData("convert", "edgert convert needs <model>: The ONNX model")]
    [InlineData("models pull", "edgert models pull needs <name>: A model of the zoo")]
    [InlineData("run face-detect --source x --save", "--save needs a value.")]
    public void Usage_is_explained_in_the_words_of_the_help(string line, string words)
    {
        Result result = Edgert.Run(line.Split(' '));
        result.AssertFailed(ExitCode.BadInput, "EDGE7001", words);
        Assert.DoesNotContain("System.", result.Errors);
    }

    [Fact]
    public void Errors_that_go_to_a_file_are_not_wrapped()
    {
        string path = string.Join('/', Enumerable.Repeat("a folder", 40)) + "/model.onnx";
        Edgert.Run("inspect", path).AssertFailed(ExitCode.BadInput, "EDGE5001", path);
    }

    [Theory]
    [InlineData("faces.jpg"), InlineData("faces.GIF"), InlineData("faces.json")]
    public void Format_that_is_not_written(string name)
    {
        using var folder = new TemporaryFolder();
        string target = Path.Combine(folder.Path, name);
        Edgert.Run("run", "face-detect", "--source", Repository.File("models", "astronaut.png"), "--save", target).AssertFailed(ExitCode.BadInput, "EDGE7001", target, ".png", ".mp4");
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Missing_folder_is_named_and_no_temporary_file()
    {
        using var folder = new TemporaryFolder();
        string onnx = Write(folder, "good.onnx", Onnx("Relu").ToByteArray()), place = Path.Combine(folder.Path, "missing");
        Result result = Edgert.Run("convert", onnx, "-o", Path.Combine(place, "good.edge"));
        result.AssertFailed(ExitCode.BadInput, "EDGE5002", $"there is no folder '{place}'.");
        Assert.DoesNotContain(".tmp", result.Errors);
    }

    [Theory]
    [MemberData(nameof(VerbsWithModels))]
    public void No_such_model(string verb) => Edgert.Run(verb, "no/such/file.onnx").AssertFailed(ExitCode.BadInput, "EDGE5001", "no/such/file.onnx");

    [Fact]
    public void No_such_source() => Edgert.Run("run", "face-detect", "--source", "no/such/film.mp4").AssertFailed(ExitCode.BadInput, "EDGE5001", "no/such/film.mp4");

    [Fact]
    public void No_such_camera()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && FfmpegTools.Find("ffmpeg") is not null, "needs Linux and FFmpeg");
        Edgert.Run("run", "face-detect", "--source", "camera:97").AssertFailed(ExitCode.DeviceTrouble, "EDGE6001", "video97");
    }

    [Theory]
    [MemberData(nameof(VerbsWithModels))]
    public void Picture_given_as_model(string verb) => Refuses(verb, "EDGE2001", [0xFF, 0xD8, 0xFF, 0xE0, 0, 0x10, .. "JFIF\0"u8, .. new byte[500]]);

    [Theory]
    [MemberData(nameof(VerbsWithModels))]
    public void Empty_file_given_as_model(string verb) => Refuses(verb, "EDGE2001", []);

    [Theory]
    [MemberData(nameof(VerbsWithModels))]
    public void Truncated_onnx(string verb)
    {
        byte[] whole = Onnx("Relu").ToByteArray();
        Refuses(verb, "EDGE2001", whole[..(whole.Length / 2)]);
    }

    [Theory]
    [MemberData(nameof(VerbsWithModels))]
    public void Onnx_with_unknown_operators(string verb)
    {
        ModelProto model = Onnx("Frobnicate");
        model.Graph.Node.Add(new NodeProto { Name = "second", OpType = "Transmogrify", Input = { "y" }, Output = { "z" } });
        Refuses(verb, "EDGE2002", model.ToByteArray(), "Frobnicate", "Transmogrify", "first");
    }

    [Fact]
    public void Corrupt_edge_file()
    {
        byte[] file = EdgeWriter.ToArray(new EdgeModel(SmallModels.Chain(), SmallModels.Metadata));
        file[file.Length / 2] ^= 0x10;
        Refuses("inspect", "EDGE3", file);
    }

    [Fact]
    public void Model_of_another_task()
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "chain.edge");
        EdgeWriter.Write(model, new EdgeModel(SmallModels.Chain(), new ModelMetadata { Name = "chain" }));
        Edgert.Run("run", "face-detect", "--source", Repository.File("models", "astronaut.png"), "--model", model).AssertFailed(ExitCode.BadInput, "EDGE3004", "chain");
    }

    [Fact]
    public void Source_that_is_no_picture()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "notes.txt");
        File.WriteAllText(file, "not a picture");
        Result result = Edgert.Run("run", "face-detect", "--source", file);
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains("notes.txt", result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
    }

    [Fact]
    public void Place_that_cannot_be_written()
    {
        // Not even root creates files there, which no folder's permissions could promise.
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux' /proc");
        using var folder = new TemporaryFolder();
        string onnx = Write(folder, "good.onnx", Onnx("Relu").ToByteArray());
        Edgert.Run("convert", onnx, "-o", "/proc/sys/good.edge").AssertFailed(ExitCode.BadInput, "EDGE5002", "/proc/sys/good.edge");
        Edgert.Run("demo", "--offline", "-o", "/proc/sys/demo").AssertFailed(ExitCode.BadInput, "EDGE5002", "/proc/sys/demo");
    }

    [Fact]
    public void Full_disk()
    {
        using var folder = new TemporaryFolder();
        string disk = Path.Combine(folder.Path, "disk");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(OperatingSystem.IsLinux() && Shell("mount", "-t", "tmpfs", "-o", "size=64k", "none", disk), "needs Linux and the right to mount a small disk");
        try
        {
            string onnx = Write(folder, "large.onnx", Onnx("Relu", weights: 200_000).ToByteArray());
            string target = Path.Combine(disk, "large.edge");
            Edgert.Run("convert", onnx, "-o", target).AssertFailed(ExitCode.BadInput, "EDGE5002", target);
            Assert.Empty(Directory.EnumerateFileSystemEntries(disk));
        }
        finally
        {
            Assert.True(Shell("umount", disk));
        }
    }

    private static void Refuses(string verb, string error, byte[] content, params string[] words)
    {
        using var folder = new TemporaryFolder();
        string file = Write(folder, "given.model", content);
        Result result = verb == "convert" ? Edgert.Run(verb, file, "-o", Path.Combine(folder.Path, "made.edge")) : Edgert.Run(verb, file);
        result.AssertFailed(ExitCode.BadInput, error, words);
        Assert.Equal([file], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private static string Write(TemporaryFolder folder, string name, byte[] content)
    {
        string path = Path.Combine(folder.Path, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>y = operator(x), or with weights y = operator(x + w).</summary>
    private static ModelProto Onnx(string op, int weights = 0)
    {
        int size = Math.Max(4, weights);
        var type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimValue = size } } } } };
        var graph = new GraphProto { Name = "g", Input = { new ValueInfoProto { Name = "x", Type = type } }, Output = { new ValueInfoProto { Name = "y", Type = type } } };
        if (weights > 0)
        {
            // Numbers that no compression makes small.
            var random = new Random(1);
            float[] numbers = new float[size];
            for (int i = 0; i < size; i++) numbers[i] = random.NextSingle();
            graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Dims = { size }, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(numbers.AsSpan())) });
            graph.Node.Add(new NodeProto { Name = "sum", OpType = "Add", Input = { "x", "w" }, Output = { "s" } });
        }
        graph.Node.Add(new NodeProto { Name = "first", OpType = op, Input = { weights > 0 ? "s" : "x" }, Output = { "y" } });
        return new ModelProto { IrVersion = 8, OpsetImport = { new OperatorSetIdProto { Version = 17 } }, Graph = graph };
    }

    private static bool Shell(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
