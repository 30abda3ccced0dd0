using EdgeRuntime.Graphs;
using EdgeRuntime.Tools.Onnx.Proto;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>The names that nodes can read: a graph's, a subgraph's inside it, or those of a function's body.</summary>
/// <param name="parent">The scope around a subgraph; null for the model's graph and for functions, which see nothing outside.</param>
/// <param name="prefix">What node names begin with, so that they stay unique when bodies are inlined.</param>
/// <param name="opsets">Operator set version by domain.</param>
internal sealed class OnnxScope(OnnxScope? parent, string prefix, IReadOnlyDictionary<string, int> opsets)
{
    private readonly Dictionary<string, Value?> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Value?> adopted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TypeProto> declared = new(StringComparer.Ordinal);

    /// <summary>What node names begin with.</summary>
    public string Prefix => prefix;

    /// <summary>Operator set version by domain; ONNX's own domain is "".</summary>
    public IReadOnlyDictionary<string, int> Opsets => opsets;

    /// <summary>The attributes of the call that a function's body may refer to.</summary>
    public IReadOnlyDictionary<string, AttributeProto> Arguments { get; init; } = new Dictionary<string, AttributeProto>();

    /// <summary>The functions that this one is inside of, by domain and name: none of them can be called again.</summary>
    public IReadOnlySet<string> Calls { get; init; } = new HashSet<string>();

    /// <summary>How many inlined bodies this one is inside of.</summary>
    public int Depth { get; init; }

    /// <summary>How many bodies of operators this one is inside of.</summary>
    public int Bodies { get; init; }

    /// <summary>Takes a value from around a body into it; null for scopes whose nodes are built in place.</summary>
    public Func<Value, Value>? Adopt { get; init; }

    /// <summary>Keeps the types that a graph declares for values that are no tensors.</summary>
    public void Declare(GraphProto graph)
    {
        foreach (ValueInfoProto info in graph.ValueInfo.Concat(graph.Output))
            if (OnnxType.IsKept(info.Type)) declared[info.Name] = info.Type;
    }

    /// <summary>The type that the graph declares for a value that is no tensor, or null.</summary>
    public TypeProto? Declared(string name) => declared.GetValueOrDefault(name);

    /// <summary>Gives a name a value, or null for one that could not be computed. False when the name is taken.</summary>
    public bool Define(string name, Value? value) => values.TryAdd(name, value);

    /// <summary>True when something defines the name; the value is null when it could not be computed.</summary>
    public bool TryFind(string name, out Value? value)
    {
        if (values.TryGetValue(name, out value) || adopted.TryGetValue(name, out value)) return true;
        if (Parent is null || !Parent.TryFind(name, out value)) return false;
        if (value is not null && Adopt is not null) adopted[name] = value = Adopt(value);
        return true;
    }

    private OnnxScope? Parent => parent;
}
