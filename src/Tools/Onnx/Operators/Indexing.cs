using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Gathering, scattering and selecting elements.</summary>
internal static class Indexing
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("Gather", n => [n.Add1(new Gather { Axis = n.Attributes.Int32("axis", 0) }, n.Input(0), n.Input(1))]),
        ("GatherElements", n => [n.Add1(new GatherElements { Axis = n.Attributes.Int32("axis", 0) }, n.Input(0), n.Input(1))]),
        ("GatherND", n => [n.Add1(new GatherND { BatchAxes = n.Attributes.Int32("batch_dims", 0) }, n.Input(0), n.Input(1))]),
        ("Scatter", ScatterElements),
        ("ScatterElements", ScatterElements),
        ("ScatterND", n => [n.Add1(new ScatterND { Reduction = Reduction(n) }, n.Input(0), n.Input(1), n.Input(2))]),
        ("TensorScatter", n => [n.Add1(new CacheUpdate { Axis = n.Attributes.Int32("axis", -2), Circular = n.Attributes.OneOf("mode", "linear", "circular") == "circular" }, n.Input(0), n.Input(1), n.Optional(2))]),
        ("OneHot", n => [n.Add1(new OneHot { Axis = n.Attributes.Int32("axis", -1) }, n.Input(0), n.Input(1), n.Input(2))]),
        ("TopK", TopK),
        ("NonZero", n => [n.Add1(new NonZero(), n.Input(0))]),
        ("Where", n => [n.Add1(new Where(), n.Input(0), n.Input(1), n.Input(2))]),
        ("Compress", n => [n.Add1(new Compress { Axis = n.Attributes.Int32("axis", 0), Flat = !n.Attributes.Has("axis") }, n.Input(0), n.Input(1))]),
        ("Unique", n => n.Add(new Unique { Axis = n.Attributes.Int32("axis", 0), Flat = !n.Attributes.Has("axis"), Sorted = n.Attributes.Bool("sorted", true) }, n.Input(0))),
    ];

    private static Value[] ScatterElements(OnnxNode node)
    {
        var scatter = new ScatterElements { Axis = node.Attributes.Int32("axis", 0), Reduction = Reduction(node) };
        return [node.Add1(scatter, node.Input(0), node.Input(1), node.Input(2))];
    }

    private static ScatterReduction Reduction(OnnxNode node) => node.Attributes.OneOf("reduction", "none", "add", "mul", "min", "max") switch
    {
        "none" => ScatterReduction.Replace,
        "add" => ScatterReduction.Add,
        "mul" => ScatterReduction.Multiply,
        "min" => ScatterReduction.Min,
        _ => ScatterReduction.Max,
    };

    /// <summary>Where any order would do, the sorted one does.</summary>
    private static Value[] TopK(OnnxNode node)
    {
        var top = new TopK { Axis = node.Attributes.Int32("axis", -1), Largest = node.Attributes.Bool("largest", true) };
        Value? k = node.Optional(1);
        if (k is null) top.K = node.Attributes.Int("k", 1);
        else if (k.Constant is not null)
        {
            top.K = node.Integers(k) is [long known] ? known : throw node.Problem($"'{k.Name}' is not one number");
            k = null;
        }
        return node.Add(top, node.Input(0), k);
    }
}
