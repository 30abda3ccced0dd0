using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx.Proto;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>
/// A node of the model as import functions see it: inputs, attributes, and what they need to build our nodes. All problems found in
/// attributes are recorded; the node counts as failed when there was one.
/// </summary>
internal sealed class OnnxNode : ImportedNode
{
    private readonly OnnxImporter importer;
    private readonly Value?[] inputs;

    internal OnnxNode(OnnxImporter importer, string name, string opType, int version, Value?[] inputs, string[] outputs, OnnxAttributes attributes, OnnxScope scope)
        : base(name)
    {
        this.importer = importer;
        this.inputs = inputs;
        OpType = opType;
        Version = version;
        Outputs = outputs;
        Attributes = attributes;
        Scope = scope;
    }

    /// <summary>The operator's name.</summary>
    public string OpType { get; }

    /// <summary>Version of the operator set that the model uses.</summary>
    public int Version { get; }

    /// <summary>The names of the outputs; "" for those that nobody wants.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>The attributes.</summary>
    public OnnxAttributes Attributes { get; }

    /// <summary>All inputs; null where an optional one is left out.</summary>
    public IReadOnlyList<Value?> Inputs => inputs;

    /// <summary>Names that subgraphs of this node see.</summary>
    internal OnnxScope Scope { get; }

    /// <summary>A required input.</summary>
    /// <exception cref="EdgeException">It is left out.</exception>
    public Value Input(int index) => Optional(index) ?? throw Problem($"input {index} is missing");

    /// <summary>An optional input, or null.</summary>
    public Value? Optional(int index) => index < inputs.Length ? inputs[index] : null;

    /// <summary>True when somebody wants that output.</summary>
    public bool Wants(int output) => output < Outputs.Count && Outputs[output].Length > 0;

    /// <summary>All inputs as required ones.</summary>
    public Value[] AllInputs() => [.. Enumerable.Range(0, inputs.Length).Select(Input)];

    /// <summary>Integers from an attribute (older operator sets) or else a constant input (newer ones); null when neither is there.</summary>
    /// <exception cref="EdgeException">The input is not constant.</exception>
    public long[]? Integers(string attribute, int input)
    {
        if (Attributes.Has(attribute)) return Attributes.Ints(attribute);
        return Optional(input) is { } value ? Integers(value) : null;
    }

    /// <summary>[N, C, spatial…] as [N, spatial…, C].</summary>
    public Value ToChannelsLast(Value x, int knownRank = Shape.Unknown)
    {
        int rank = x.Type.Shape.IsUnranked && knownRank >= 0 ? knownRank : Rank(x);
        return rank < 3 ? x : Transpose(x, [0, .. Enumerable.Range(2, rank - 2), 1]);
    }

    /// <summary>[N, spatial…, C] as [N, C, spatial…].</summary>
    public Value ToChannelsFirst(Value x)
    {
        int rank = Rank(x);
        return rank < 3 ? x : Transpose(x, [0, rank - 1, .. Enumerable.Range(1, rank - 2)]);
    }

    /// <summary>Applies a spatial operator, which works channels last, to a value that is channels first, as is the result.</summary>
    /// <param name="x">The value.</param>
    /// <param name="apply">Applies the operator.</param>
    /// <param name="rank">Its rank, where another input tells it.</param>
    public Value ChannelsLast(Value x, Func<Value, Value> apply, int rank = Shape.Unknown) => ToChannelsFirst(apply(ToChannelsLast(x, rank)));

    /// <inheritdoc/>
    protected override ErrorCode ProblemCode => ErrorCode.UnsupportedOnnx;

    /// <inheritdoc/>
    protected override Value[] Emit(string name, Operator op, ReadOnlySpan<Value?> operands) => importer.Emit(name, op, operands);

    /// <summary>What the elements of a sequence or optional value are.</summary>
    /// <exception cref="EdgeException">It is neither, or the model does not say.</exception>
    public OnnxType ElementOf(Value value) => importer.TypeOf(value) switch
    {
        null => throw Problem($"the model does not say what the sequence '{value.Name}' holds"),
        { Element: { } element } => element,
        _ => throw Problem($"'{value.Name}' {value.Type} is no sequence"),
    };

    /// <summary>True for a sequence or optional value.</summary>
    public static bool IsSequence(Value value) => value.Type.DataType == DataType.Sequence;

    /// <summary>What a value is in the model.</summary>
    /// <exception cref="EdgeException">The model does not say.</exception>
    public OnnxType TypeOf(Value value) => importer.TypeOf(value) ?? throw Problem($"the model does not say what the sequence '{value.Name}' holds");

    /// <summary>The value itself, known to be a sequence or optional value of something.</summary>
    public Value Holding(Value value, OnnxType element)
    {
        importer.SetType(value, OnnxType.Of(element));
        return value;
    }

    /// <summary>The value itself, known to be of some type in the model.</summary>
    public Value Typed(Value value, OnnxType type)
    {
        if (type.Element is not null) importer.SetType(value, type);
        return value;
    }

    /// <summary>Imports nodes that this one stands for; see <see cref="OnnxImporter.Expand"/>.</summary>
    internal Value[] Expand(IEnumerable<NodeProto> nodes, IReadOnlyDictionary<string, Value> given, IEnumerable<string> outputs) => importer.Expand(this, nodes, given, outputs);

    /// <summary>Builds a subgraph in place; it sees this node's scope. Returns its outputs.</summary>
    internal Value[] Inline(string attribute) => importer.Inline(this, attribute);

    /// <summary>Imports a subgraph as a body; see <see cref="OnnxBody.Import"/>.</summary>
    internal OnnxBody Body(string attribute, params ReadOnlySpan<TensorType> inputs) => OnnxBody.Import(importer, this, attribute, inputs);

    /// <summary>Imports a subgraph without inputs as a body; see <see cref="OnnxBody.ImportBranch"/>.</summary>
    internal OnnxBody Branch(string attribute) => OnnxBody.ImportBranch(importer, this, attribute);

    /// <summary>Adds the nodes of a finished body here; the values for its outputs.</summary>
    internal Value[] Inline(GraphBody body, IReadOnlyList<Value> inputs) =>
        BodyInlining.Inline(body, inputs, (name, op, operands) => AddNamed($"{Name}/{name}", op, operands));
}
