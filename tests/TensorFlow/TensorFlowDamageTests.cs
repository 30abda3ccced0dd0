using System.Diagnostics;
using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.TensorFlow;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.TensorFlow;

/// <summary>Models changed at random, the same way each time: every case is a model or a clear error, with bounded memory.</summary>
public class TensorFlowDamageTests
{
    private const int Cases = 1000;

    /// <summary>Far more than a case of these small models should take, far less than a shape that nobody checked would.</summary>
    private const long MostMemory = 2L << 30;

    private static readonly string[] Numbers = ["-1", "0", "1", "2", "3", "7", "255", "65536", "2147483647", "-2147483648", "4294967296", "9223372036854775807", "1e308"];

    private static readonly int[] Integers = [-1, 0, 1, 2, 3, 7, 64, 1000, 65536, 1 << 24, int.MaxValue, int.MinValue];

    private static readonly string[] Operators = [.. TensorFlowOperators.Names];

    [Fact]
    public void Small_models()
    {
        using GraphModelFile file = Network();
        // What is damaged is whole to begin with.
        file.Import().Dispose();
        Damage(File.ReadAllBytes(file.Path), File.ReadAllBytes(file.WeightsPath), "weights.bin", Cases);
    }

    [Theory]
    [InlineData("movenet-lightning", 40)]
    [InlineData("hand-detect", 20)]
    public void Real_models(string name, int cases)
    {
        ZooModel known = ModelZoo.Default.Get(name);
        string? path = ModelCache.Default.Find(known);
        Assert.SkipUnless(path is not null, $"{name} is not on this machine: `edgert models pull {name}`");
        string weights = Path.GetFileName(known.Parts![0].File);
        Damage(File.ReadAllBytes(path), File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(path)!, weights)), weights, cases);
    }

    private static void Damage(byte[] json, byte[] weights, string weightsName, int cases)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.json"), beside = Path.Combine(folder.Path, weightsName);
        for (int seed = 0; seed < cases; seed++)
        {
            var random = new Random(seed);
            File.WriteAllBytes(path, Change(json, random));
            File.WriteAllBytes(beside, random.Next(20) == 0 ? weights[..random.Next(weights.Length)] : ChangeElements(weights, random));
            long start = Stopwatch.GetTimestamp(), before = GC.GetAllocatedBytesForCurrentThread();
            Exception? error = Record.Exception(() => TensorFlowReader.Read(path).Import(new Dictionary<string, Shape>()).Dispose());
            Assert.True(error is null or EdgeException, $"seed {seed}: {error}");
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < MostMemory, $"seed {seed} allocated {allocated >> 20} MiB");
            // Not a measurement: a case that hangs would otherwise stop here without its seed.
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1), $"seed {seed} hangs");
        }
    }

    /// <summary>Shapes, axes, pads and indices of models are elements of constants.</summary>
    private static byte[] ChangeElements(byte[] weights, Random random)
    {
        byte[] changed = [.. weights];
        for (int i = random.Next(4); i > 0; i--)
        {
            // Where they are few, they are at the end.
            int at = (changed.Length - 4 - random.Next(Math.Min(changed.Length - 4, 200))) & ~3;
            BitConverter.TryWriteBytes(changed.AsSpan(at), Integers[random.Next(Integers.Length)]);
        }
        return changed;
    }

    /// <summary>Some of: a number, another operator, the name of another node, and rarely what breaks the syntax.</summary>
    private static byte[] Change(byte[] json, Random random)
    {
        string text = Encoding.UTF8.GetString(json);
        for (int i = random.Next(3); i > 0; i--)
        {
            int at = random.Next(text.Length), length = Math.Min(random.Next(1, 60), text.Length - at);
            text = random.Next(20) switch
            {
                < 9 => ReplaceNumber(text, at, Numbers[random.Next(Numbers.Length)]),
                < 13 => ReplaceText(text, text.IndexOf("\"op\":\"", at, StringComparison.Ordinal) + 6, Operators[random.Next(Operators.Length)]),
                < 18 => ReplaceText(text, text.IndexOf("[\"", at, StringComparison.Ordinal) + 2, NameAt(text, random.Next(text.Length))),
                18 => text[..at] + (char)random.Next(32, 127) + text[(at + 1)..],
                _ => random.Next(2) == 0 ? text[..at] + text[(at + length)..] : text[..at] + text.Substring(at, length) + text[at..],
            };
        }
        return Encoding.UTF8.GetBytes(random.Next(50) == 0 ? text[..random.Next(text.Length)] : text);
    }

    /// <summary>The next number in the text, replaced.</summary>
    private static string ReplaceNumber(string text, int at, string number)
    {
        int from = text.AsSpan(at).IndexOfAnyInRange('0', '9') + at;
        if (from < at) return text;
        int to = text.AsSpan(from).IndexOfAnyExceptInRange('0', '9') + from;
        return to <= from ? text : text[..from] + number + text[to..];
    }

    /// <summary>The text that begins behind a quote at a place, replaced.</summary>
    private static string ReplaceText(string text, int from, string other)
    {
        int to = from < 8 ? -1 : text.IndexOf('"', from);
        return to < 0 ? text : text[..from] + other + text[to..];
    }

    /// <summary>The name of the next node in the text.</summary>
    private static string NameAt(string text, int at)
    {
        int from = text.IndexOf("\"name\":\"", at, StringComparison.Ordinal) + 8, to = from < 8 ? -1 : text.IndexOf('"', from);
        return to < 0 ? "x" : text[from..to];
    }

    /// <summary>One of nearly everything: convolutions, slices, a loop, a list, shapes that are computed.</summary>
    private static GraphModelFile Network()
    {
        var file = new GraphModelFile();
        file.Input("x", [1, 8, 8, 3]).Constant<float>("w", [3, 3, 3, 4], new float[108]).Constant<float>("b", [4], 1, 2, 3, 4).Constant<int>("size", [2], 16, 16)
            .Constant<int>("axis", [], 3).Constant<int>("shape", [2], 1, -1).Constant<int>("i0", [1], 0).Constant<int>("i1", [1], 1).Constant<int>("zero", [], 0).Constant<int>("turns", [], 3).Constant<int>("one", [], 1)
            .Constant<int>("pads", [4, 2], 0, 0, 1, 1, 1, 1, 0, 0).Constant<int>("dims", [2], 2, 3)
            .Node("pad", "Pad", ["x", "pads"])
            .Node("conv", "_FusedConv2D", ["pad", "w", "b"], """{"strides":{"list":{"i":["1","2","2","1"]}},"padding":{"s":"U0FNRQ=="},"dilations":{"list":{"i":["1","1","1","1"]}},"fused_ops":{"list":{"s":["Qmlhc0FkZA==","UmVsdQ=="]}}}""")
            .Node("pool", "MaxPool", ["conv"], """{"ksize":{"list":{"i":["1","2","2","1"]}},"strides":{"list":{"i":["1","2","2","1"]}},"padding":{"s":"VkFMSUQ="}}""")
            .Node("resize", "ResizeBilinear", ["pool", "size"], """{"half_pixel_centers":{"b":true}}""")
            .Node("concat", "ConcatV2", ["resize", "resize", "axis"]).Node("flat", "Reshape", ["concat", "shape"])
            .Node("slice", "StridedSlice", ["flat", "i0", "i1", "i1"], """{"shrink_axis_mask":{"i":"1"},"begin_mask":{"i":"0"},"end_mask":{"i":"1"}}""")
            .Node("fill", "Fill", ["dims", "turns"]).Node("cast", "Cast", ["fill"], """{"DstT":{"type":"DT_FLOAT"}}""").Node("tile", "Tile", ["cast", "dims"])
            .Node("enter", "Enter", ["zero"], """{"frame_name":{"s":"bG9vcA=="}}""").Node("enter_x", "Enter", ["slice"], """{"frame_name":{"s":"bG9vcA=="}}""")
            .Node("merge", "Merge", ["enter", "next"]).Node("merge_x", "Merge", ["enter_x", "next_x"]).Node("less", "Less", ["merge", "turns"]).Node("loop", "LoopCond", ["less"])
            .Node("switch", "Switch", ["merge", "loop"]).Node("switch_x", "Switch", ["merge_x", "loop"]).Node("add", "Add", ["switch:1", "one"]).Node("twice", "Add", ["switch_x:1", "switch_x:1"])
            .Node("next", "NextIteration", ["add"]).Node("next_x", "NextIteration", ["twice"]).Node("exit", "Exit", ["switch_x"])
            .Node("list", "TensorListReserve", ["dims", "turns"]).Node("set", "TensorListSetItem", ["list", "one", "exit"]).Node("get", "TensorListGetItem", ["set", "one", "dims"])
            .Node("best", "TopKV2", ["get", "one"]).Node("y", "Identity", ["best:1"]).Node("z", "Sum", ["tile", "i1"]);
        return file;
    }
}
