using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx.Proto;
using AttributeType = EdgeRuntime.Tools.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>The attributes of a node, read by name and type. What is wrong is recorded and the default returned, so that all is found at once.</summary>
/// <param name="attributes">The attributes by name, references to a function's arguments resolved.</param>
/// <param name="folder">Where external data of tensors lies, or null.</param>
internal sealed class OnnxAttributes(IReadOnlyDictionary<string, AttributeProto> attributes, string? folder)
{
    /// <summary>What was wrong with the attributes read so far.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>The names of all attributes.</summary>
    public IEnumerable<string> Names => attributes.Keys;

    /// <summary>True when the attribute is given.</summary>
    public bool Has(string name) => attributes.ContainsKey(name);

    /// <summary>True when the attribute is given as an integer.</summary>
    public bool IsInt(string name) => attributes.TryGetValue(name, out AttributeProto? attribute) && attribute.HasI;

    /// <summary>An integer.</summary>
    public long Int(string name, long otherwise) => Find(name, AttributeType.Int) is { } a ? a.I : otherwise;

    /// <summary>An integer that must fit 32 bits.</summary>
    public int Int32(string name, int otherwise) => Narrow(name, Int(name, otherwise), otherwise);

    /// <summary>A truth value: any integer but 0 is true.</summary>
    public bool Bool(string name, bool otherwise) => Int(name, otherwise ? 1 : 0) != 0;

    /// <summary>A real number.</summary>
    public float Float(string name, float otherwise) => Find(name, AttributeType.Float) is { } a ? a.F : otherwise;

    /// <summary>A text.</summary>
    public string String(string name, string otherwise) => Find(name, AttributeType.String) is { } a ? a.S.ToStringUtf8() : otherwise;

    /// <summary>One of the given texts, the first when the attribute is not given.</summary>
    public string OneOf(string name, params ReadOnlySpan<string> allowed)
    {
        string text = String(name, allowed[0]);
        if (allowed.Contains(text)) return text;
        Problems.Add($"attribute '{name}' is '{text}'; known are '{string.Join("', '", allowed)}'");
        return allowed[0];
    }

    /// <summary>A list of integers.</summary>
    public long[] Ints(string name, params long[] otherwise) => Find(name, AttributeType.Ints) is { } a ? [.. a.Ints] : otherwise;

    /// <summary>A list of integers that must fit 32 bits.</summary>
    public int[] Int32s(string name, params int[] otherwise) =>
        Find(name, AttributeType.Ints) is { } a ? [.. a.Ints.Select(v => Narrow(name, v, 0))] : otherwise;

    /// <summary>A list of real numbers.</summary>
    public float[] Floats(string name, params float[] otherwise) => Find(name, AttributeType.Floats) is { } a ? [.. a.Floats] : otherwise;

    /// <summary>A list of texts.</summary>
    public string[] Strings(string name, params string[] otherwise) =>
        Find(name, AttributeType.Strings) is { } a ? [.. a.Strings.Select(s => s.ToStringUtf8())] : otherwise;

    /// <summary>A tensor, or null when the attribute is not given or is damaged.</summary>
    public Tensor? Tensor(string name) => Find(name, AttributeType.Tensor) is { } a ? Read(name, () => OnnxHalves.Widen(OnnxTensors.Read(a.T, folder))) : null;

    /// <summary>A sparse tensor, made dense; null when the attribute is not given or is damaged.</summary>
    public Tensor? SparseTensor(string name) =>
        Find(name, AttributeType.SparseTensor) is { } a ? Read(name, () => OnnxHalves.Widen(OnnxTensors.Read(a.SparseTensor, folder))) : null;

    /// <summary>An element type; <see cref="DataType.None"/> when it is not supported, which is recorded.</summary>
    public DataType DataType(string name, DataType otherwise)
    {
        if (Find(name, AttributeType.Int) is not { } a) return otherwise;
        try
        {
            return OnnxHalves.Widen(OnnxTensors.RequireDataType((int)Math.Clamp(a.I, 0, int.MaxValue)));
        }
        catch (EdgeException e)
        {
            Problems.Add($"attribute '{name}': {e.Problem}");
            return Tensors.DataType.None;
        }
    }

    /// <summary>A type, or null when the attribute is not given.</summary>
    public TypeProto? Type(string name) => Find(name, AttributeType.TypeProto)?.Tp;

    /// <summary>A subgraph, or null when the attribute is not given.</summary>
    public GraphProto? Graph(string name) => Find(name, AttributeType.Graph)?.G;

    private AttributeProto? Find(string name, AttributeType type)
    {
        if (!attributes.TryGetValue(name, out AttributeProto? attribute)) return null;
        // Models from before IR version 2 have no types; then the field that is set tells.
        bool present = type switch
        {
            AttributeType.Int => attribute.HasI,
            AttributeType.Float => attribute.HasF,
            AttributeType.String => attribute.HasS,
            AttributeType.Tensor => attribute.T is not null,
            AttributeType.Graph => attribute.G is not null,
            AttributeType.SparseTensor => attribute.SparseTensor is not null,
            _ => true,
        };
        bool fits = !attribute.HasType || attribute.Type == type;
        if (fits && present) return attribute;
        // Zero is protobuf's default, and some writers leave it out.
        if (fits && type is AttributeType.Int or AttributeType.Float or AttributeType.String) return attribute;
        Problems.Add($"attribute '{name}' is {(attribute.HasType ? attribute.Type.ToString() : "empty")}, expected {type}");
        return null;
    }

    private Tensor? Read(string name, Func<Tensor> read)
    {
        try
        {
            return read();
        }
        catch (EdgeException e)
        {
            Problems.Add($"attribute '{name}': {e.Problem}");
            return null;
        }
    }

    private int Narrow(string name, long value, int otherwise)
    {
        if (value is >= int.MinValue and <= int.MaxValue) return (int)value;
        Problems.Add($"attribute '{name}' is {value}, which does not fit 32 bits");
        return otherwise;
    }
}
