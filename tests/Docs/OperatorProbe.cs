using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using EdgeRuntime.Tools.Verification;

namespace EdgeRuntime.Tests.Docs;

/// <summary>
/// What the importer makes of ONNX's operators, found out with ONNX's own cases of one node: our operators that come out, and the element types that work when the
/// case's own is replaced by each other one.
/// </summary>
internal static class OperatorProbe
{
    /// <summary>The element types of numbers and truth values.</summary>
    public static readonly DataType[] Types = [.. Enum.GetValues<DataType>().Where(t => t is > DataType.None and not (DataType.Text or DataType.Sequence))];

    /// <summary>What was found out about one operator.</summary>
    public sealed record Findings(SortedSet<string> Becomes, SortedSet<DataType> Types);

    /// <summary>Findings by operator, of all cases of one node below a folder.</summary>
    public static SortedDictionary<string, Findings> Run(string root)
    {
        var findings = new SortedDictionary<string, Findings>(StringComparer.Ordinal);
        foreach (string folder in OnnxTestCase.Find(root))
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(folder, "model.onnx"));
            if (bytes.Length > 20_000 || OnnxReader.Read(bytes, "case").Proto is not { Graph.Node: [{ } node], Functions: [] } model) continue;
            if (node.Attribute.Any(a => a.G is not null)) continue;
            string name = OnnxOperators.FullName(node.Domain, node.OpType);
            if (!findings.TryGetValue(name, out Findings? found)) findings[name] = found = new Findings(new SortedSet<string>(StringComparer.Ordinal), []);
            if (Import(model) is { } whole)
                using (whole) found.Becomes.UnionWith(whole.Graph.Nodes.Select(n => n.Operator.Name));
            foreach (DataType type in Types)
                if (!found.Types.Contains(type) && Runs(model, Path.Combine(folder, "test_data_set_0"), type)) found.Types.Add(type);
        }
        return findings;
    }

    private static EdgeModel? Import(ModelProto model)
    {
        try
        {
            return OnnxImporter.Import(new OnnxModel(model, "case", null, ""));
        }
        catch (EdgeException)
        {
            // Whether it can be imported is what is being found out.
            return null;
        }
    }

    private static bool Runs(ModelProto whole, string data, DataType type)
    {
        ModelProto model = whole.Clone();
        ValueInfoProto[] inputs = [.. model.Graph.Input];
        if (inputs.Length == 0 || inputs.Any(i => i.Type?.TensorType is null) || model.Graph.Output[0].Type?.TensorType is not { } output) return false;
        int old = (inputs.FirstOrDefault(i => i.Type.TensorType.ElemType == output.ElemType) ?? inputs[0]).Type.TensorType.ElemType, wanted = OnnxTensors.NumberOf(type);
        var values = new List<Tensor>();
        for (int i = 0; i < inputs.Length; i++)
        {
            string file = Path.Combine(data, $"input_{i}.pb");
            if (!File.Exists(file)) return false;
            Tensor value = OnnxTensors.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(file)), null);
            if (inputs[i].Type.TensorType.ElemType == old)
            {
                if (!Types.Contains(value.Type.DataType)) return false;
                inputs[i].Type.TensorType.ElemType = wanted;
                var cast = new Tensor(new TensorType(type, value.Shape));
                new Cast { To = type }.Evaluate([value.View], [cast.View]);
                value = cast;
            }
            values.Add(value);
        }
        if (Import(model) is not { } imported) return false;
        using (imported)
        {
            try
            {
                GraphInterpreter.Run(GraphBinding.Bind(imported.Graph, [.. values.Select(v => v.Shape)]), [.. values.Select(v => v.View)]);
                return true;
            }
            catch (EdgeException)
            {
                return false;
            }
        }
    }
}
