using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>A whole model on a device, and what it does not take on the CPU, against the CPU alone.</summary>
internal static class DeviceModel
{
    /// <summary>Largest difference, relative to the value or to the root of the mean square of the output: rounding adds up over a hundred layers.</summary>
    private const double Tolerance = 1e-3;

    /// <summary>Runs a model both ways, and checks that its outputs are the same and the device takes its share of the steps.</summary>
    /// <param name="name">A file of the test data, or a model that is shipped.</param>
    /// <param name="share">Least part of the steps that the device must take.</param>
    /// <param name="shape">The shape of an input that has none, as name=1x2x3.</param>
    /// <param name="backend">The device.</param>
    /// <param name="output">Told what runs where.</param>
    public static void Check(string name, double share, string? shape, IBackend backend, ITestOutputHelper output)
    {
        Dictionary<string, Shape> shapes = [];
        if (shape?.Split('=') is [var input, var sizes]) shapes[input] = new Shape([.. sizes.Split('x').Select(int.Parse)]);
        using LoadedModel model = ModelLoader.Load(name.EndsWith(".onnx", StringComparison.Ordinal) ? Repository.Data("models", name) : ModelZoo.Default.Shipped($"{name}.edge")!, shapes, stop: TestContext.Current.CancellationToken);
        using var cpu = new InferenceSession(model.Model.Graph, new SessionOptions { Threads = 1 });
        using var device = new InferenceSession(model.Model.Graph, new SessionOptions { Accelerator = backend, Threads = 1 });
        double taken = device.StepBackends!.Count(b => b == backend.Traits.Name) / (double)device.Plan!.Steps.Count;
        output.WriteLine($"{name}: {taken:P0} of {device.Plan.Steps.Count} steps\n{device.Explain()}");

        Fill(model.Model.Graph, cpu, device);
        // Twice: the second frame finds what the first left in memory.
        for (int frame = 0; frame < 2; frame++)
        {
            cpu.Run();
            device.Run();
            for (int i = 0; i < model.Model.Graph.Outputs.Count; i++) Compare(model.Model.Graph.Outputs[i].Name, cpu.Output(i), device.Output(i));
        }
        Assert.Empty(device.Events);
        Assert.True(taken >= share, $"Only {taken:P0} of the steps run on the device:\n{device.Explain()}");
    }

    private static void Fill(Graph graph, params InferenceSession[] sessions)
    {
        var random = new Random(7);
        for (int i = 0; i < graph.Inputs.Count; i++)
        {
            TensorView first = sessions[0].Input(i);
            if (first.DataType == DataType.F32)
                foreach (ref float value in first.Span<float>()) value = random.NextSingle();
            else first.Bytes.Clear();
            foreach (InferenceSession session in sessions) first.Bytes.CopyTo(session.Input(i).Bytes);
        }
    }

    private static void Compare(string name, TensorView expected, TensorView actual)
    {
        if (expected.DataType != DataType.F32)
        {
            Assert.True(expected.Bytes.SequenceEqual(actual.Bytes), $"{name}: the bytes differ.");
            return;
        }
        Span<float> e = expected.Span<float>(), a = actual.Span<float>();
        double squares = 0;
        foreach (float value in e) squares += (double)value * value;
        double usual = Math.Sqrt(squares / Math.Max(e.Length, 1));
        for (int i = 0; i < e.Length; i++)
            if (!(Math.Abs(a[i] - e[i]) <= Tolerance * Math.Max(Math.Abs(e[i]), usual))) Assert.Fail($"{name}: element {i} of {expected.Shape} is {a[i]:G9}, expected {e[i]:G9}.");
    }
}
