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
    private const int Cases = 2000;

    /// <summary>Far more than a case of these small models should take, far less than a shape that nobody checked would.</summary>
    private const long MostMemory = 2L << 30;

    private static readonly string[] Numbers = ["-1", "0", "1", "2", "7", "255", "2147483647", "-2147483648", "4294967296", "9223372036854775807", "1e308", "null", "\"x\"", "[]", "{}", "true"];

    private static readonly string[] Operators = [.. TensorFlowOperators.Names];

    [Fact]
    public void Small_models()
    {
        using GraphModelFile file = Network();
        file.Write();
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
        File.WriteAllBytes(beside, weights);
        for (int seed = 0; seed < cases; seed++)
        {
            var random = new Random(seed);
            File.WriteAllBytes(path, Change(json, random));
            bool cut = random.Next(20) == 0;
            if (cut) File.WriteAllBytes(beside, weights[..random.Next(weights.Length)]);
            long start = Stopwatch.GetTimestamp();
            Exception? error = Record.Exception(() => TensorFlowReader.Read(path).Import(new Dictionary<string, Shape>()).Dispose());
            Assert.True(error is null or EdgeException, $"seed {seed}: {error}");
            Assert.True(Process.GetCurrentProcess().PrivateMemorySize64 < MostMemory, $"seed {seed} took {Process.GetCurrentProcess().PrivateMemorySize64 >> 20} MiB");
            // Not a measurement: a case that hangs would otherwise stop here without its seed.
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1), $"seed {seed} hangs");
            if (cut) File.WriteAllBytes(beside, weights);
        }
    }

    /// <summary>Some of: a byte, a number, a name of another node, another operator, a piece taken out or repeated, the end cut off.</summary>
    private static byte[] Change(byte[] json, Random random)
    {
        string text = Encoding.UTF8.GetString(json);
        int changes = random.Next(1, 4);
        for (int i = 0; i < changes; i++)
        {
            int at = random.Next(text.Length), length = Math.Min(random.Next(1, 60), text.Length - at);
            switch (random.Next(8))
            {
                case 0:
                    text = text[..at] + (char)random.Next(32, 127) + text[(at + 1)..];
                    break;
                case 1 or 2:
                    text = Replace(text, at, "\"size\":", Numbers[random.Next(Numbers.Length)], random.Next(2) == 0 ? "\"i\":" : "\"size\":");
                    break;
                case 3 or 4:
                    text = Replace(text, at, "\"op\":", $"\"{Operators[random.Next(Operators.Length)]}\"", "\"op\":");
                    break;
                case 5:
                    text = text[..at] + text[(at + length)..];
                    break;
                case 6:
                    text = text[..at] + text.Substring(at, length) + text[at..];
                    break;
                default:
                    // The elements of lists change places: inputs of nodes, sizes of shapes.
                    int comma = text.IndexOf("\",\"", at, StringComparison.Ordinal);
                    if (comma > 0) text = text[..comma] + $"\",\"{(char)random.Next('a', 'z')}" + text[(comma + 3)..];
                    break;
            }
        }
        return Encoding.UTF8.GetBytes(random.Next(15) == 0 ? text[..random.Next(text.Length)] : text);
    }

    /// <summary>The value behind the next of a key, replaced.</summary>
    private static string Replace(string text, int at, string key, string value, string other)
    {
        int found = text.IndexOf(other, at, StringComparison.Ordinal);
        if (found < 0) found = text.IndexOf(key, StringComparison.Ordinal);
        if (found < 0) return text;
        int from = found + (text.AsSpan(found).StartsWith(other) ? other : key).Length, to = text.AsSpan(from).IndexOfAny(",}]") + from;
        return to <= from ? text : text[..from] + value + text[to..];
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
            .Node("best", "TopKV2", ["get", "one"]).Node("y", "Identity", ["best:1"]).Node("z", "Sum", ["tile", "dims"]);
        return file;
    }
}
