using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx;
using Google.Protobuf;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Models of one operator with bytes changed at random: each is imported and runs, or is refused with an error of ours.</summary>
public class ReferenceDamageTests
{
    private const int Rounds = 60;

    /// <summary>Larger results are not computed here.</summary>
    private const long LargestBytes = 1 << 20;

    public static TheoryData<string> Names => [.. ReferenceCases.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_but_proper_errors(string name)
    {
        ReferenceCase one = ReferenceCases.All.Single(c => c.Name == name);
        byte[] whole = one.Model().ToByteArray();
        for (int seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = [.. whole];
            for (int i = random.Next(1, 4); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) == 0 ? 255 : random.Next(256));
            try
            {
                using EdgeModel model = Converter.Convert(OnnxReader.Read(bytes, name)).Model;
                Run(model.Graph);
            }
            catch (EdgeException)
            {
                // A proper error.
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e}");
            }
        }
    }

    private static void Run(Graph graph)
    {
        if (!graph.IsStatic || graph.Nodes.SelectMany(n => n.Outputs).Concat(graph.Inputs).Sum(v => v.Type.ByteCount) > LargestBytes) return;
        if (graph.Nodes.Sum(n => n.Operator.Cost([.. n.Inputs.Select(v => v?.Type ?? default)], [.. n.Outputs.Select(o => o.Type)]).Operations) > 1 << 24) return;
        Tensor[] inputs = [.. graph.Inputs.Select(i => new Tensor(i.Type))];
        foreach (Tensor result in GraphInterpreter.Run(graph, Array.ConvertAll(inputs, i => i.View))) result.Dispose();
    }
}
