using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Passes;
using Xunit;

namespace EdgeRuntime.Tests.TensorFlow;

/// <summary>
/// Models of one operator each, whose results TensorFlow.js 4.22.0 computed (its CPU backend): padding, strides, masks, rounding and types are its
/// own, with the definitions and with the kernels after all passes.
/// </summary>
public class TensorFlowCaseTests
{
    private static readonly Dictionary<string, JsonElement> Cases = JsonDocument.Parse(File.ReadAllBytes(Repository.File("tests", "TensorFlow", "cases.json"))).RootElement
        .EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gives_the_results_of_TensorFlow(string name)
    {
        JsonElement[] inputs = [.. Cases[name].GetProperty("inputs").EnumerateArray()], expected = [.. Cases[name].GetProperty("expected").EnumerateArray()];
        using var file = new GraphModelFile();
        for (int i = 0; i < inputs.Length; i++)
        {
            int[] shape = Shape(inputs[i]);
            string type = inputs[i].GetProperty("dtype").GetString()!;
            if (!inputs[i].TryGetProperty("constant", out _)) file.Input($"in{i}", shape, type switch { "int32" => "DT_INT32", "bool" => "DT_BOOL", _ => "DT_FLOAT" });
            else if (type == "int32") file.Constant<int>($"in{i}", shape, [.. Values(inputs[i]).Select(v => (int)v)]);
            else if (type == "bool") file.Constant<bool>($"in{i}", shape, [.. Values(inputs[i]).Select(v => v != 0)]);
            else file.Constant<float>($"in{i}", shape, [.. Values(inputs[i]).Select(v => (float)v)]);
        }
        file.Node("out", Cases[name].GetProperty("op").GetString()!, [.. inputs.Select((_, i) => $"in{i}")], Cases[name].GetProperty("attrs").GetRawText());
        var outputs = new JsonObject();
        for (int i = 0; i < expected.Length; i++) outputs[$"out{i}"] = new JsonObject { ["name"] = $"out:{i}" };
        file.Root["signature"] = new JsonObject { ["outputs"] = outputs };

        using EdgeModel model = file.Import();
        TensorView[] given = [.. inputs.Where(i => !i.TryGetProperty("constant", out _)).Select(i => Make(i).View)];
        Check(expected, Array.ConvertAll(GraphInterpreter.Run(model.Graph, given), t => t.View));
        PassPipeline.Run(model.Graph);
        Assert.DoesNotContain(model.Graph.Nodes, n => n.Operator is Operators.Transpose && Cases[name].GetProperty("op").GetString()!.Contains("Conv"));
        using var session = new InferenceSession(model.Graph, new SessionOptions { Threads = 1 });
        session.Run(given);
        Check(expected, [.. Enumerable.Range(0, expected.Length).Select(session.Output)]);
    }

    private static void Check(JsonElement[] expected, TensorView[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(Shape(expected[i]), actual[i].Shape.Span.ToArray());
            Assert.Equal(expected[i].GetProperty("dtype").GetString(), actual[i].DataType switch { DataType.F32 => "float32", DataType.I32 => "int32", _ => "bool" });
            double[] values = Values(expected[i]);
            for (int k = 0; k < values.Length; k++)
            {
                double found = actual[i].DataType switch { DataType.F32 => actual[i].Span<float>()[k], DataType.I32 => actual[i].Span<int>()[k], _ => actual[i].Bytes[k] };
                double tolerance = actual[i].DataType == DataType.F32 ? 2e-6 * Math.Max(1, Math.Abs(values[k])) * 5 : 0;
                Assert.True(Math.Abs(found - values[k]) <= tolerance, $"output {i}, element {k}: {found}, expected {values[k]}");
            }
        }
    }

    private static Tensor Make(JsonElement input)
    {
        var shape = new Shape(Shape(input));
        double[] values = Values(input);
        if (input.GetProperty("dtype").GetString() == "int32") return Tensor.From<int>(shape, [.. values.Select(v => (int)v)]);
        if (input.GetProperty("dtype").GetString() == "float32") return Tensor.From<float>(shape, [.. values.Select(v => (float)v)]);
        var tensor = new Tensor(new TensorType(DataType.Bool, shape));
        for (int i = 0; i < values.Length; i++) tensor.View.Bytes[i] = (byte)values[i];
        return tensor;
    }

    private static int[] Shape(JsonElement tensor) => [.. tensor.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32())];

    private static double[] Values(JsonElement tensor) => [.. tensor.GetProperty("values").EnumerateArray().Select(v => v.GetDouble())];
}
