using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>
/// A node of the model as import functions see it: inputs, attributes, and what they need to build our nodes. All problems found in
/// attributes are recorded; the node counts as failed when there was one.
/// </summary>
internal sealed class OnnxNode
{
    private readonly OnnxImporter importer;
    private readonly Value?[] inputs;
    private readonly HashSet<string> usedNames = new(StringComparer.Ordinal);

    internal OnnxNode(OnnxImporter importer, string name, string opType, int version, Value?[] inputs, string[] outputs, OnnxAttributes attributes, OnnxScope scope)
    {
        this.importer = importer;
        this.inputs = inputs;
        Name = name;
        OpType = opType;
        Version = version;
        Outputs = outputs;
        Attributes = attributes;
        Scope = scope;
    }

    /// <summary>The node's name, or its first output's when it has none.</summary>
    public string Name { get; }

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

    /// <summary>Values that this node created, which therefore may be renamed.</summary>
    internal HashSet<Value> Created { get; } = [];

    /// <summary>A required input.</summary>
    /// <exception cref="EdgeException">It is left out.</exception>
    public Value Input(int index) => Optional(index) ?? throw Problem($"input {index} is missing");

    /// <summary>An optional input, or null.</summary>
    public Value? Optional(int index) => index < inputs.Length ? inputs[index] : null;

    /// <summary>True when somebody wants that output.</summary>
    public bool Wants(int output) => output < Outputs.Count && Outputs[output].Length > 0;

    /// <summary>All inputs as required ones.</summary>
    public Value[] AllInputs() => [.. Enumerable.Range(0, inputs.Length).Select(Input)];

    /// <summary>The rank of a value.</summary>
    /// <exception cref="EdgeException">It is not known.</exception>
    public int Rank(Value value) =>
        value.Type.Shape.IsUnranked ? throw Problem($"the rank of '{value.Name}' is not known; fix the input shapes when converting") : value.Type.Shape.Rank;

    /// <summary>Integers from an attribute (older operator sets) or else a constant input (newer ones); null when neither is there.</summary>
    /// <exception cref="EdgeException">The input is not constant.</exception>
    public long[]? Integers(string attribute, int input)
    {
        if (Attributes.Has(attribute)) return Attributes.Ints(attribute);
        return Optional(input) is { } value ? Integers(value) : null;
    }

    /// <summary>The values of a constant integer tensor.</summary>
    /// <exception cref="EdgeException">The value is not constant, or holds no integers.</exception>
    public long[] Integers(Value value) =>
        value.Constant is null ? throw Problem($"'{value.Name}' must be constant; it is computed while running")
        : new Operand(value.Type, value.Constant.View).Integers() ?? throw Problem($"'{value.Name}' must hold integers, not {value.Type.DataType}");

    /// <summary>The value of a constant number of one element, or a default when it is left out.</summary>
    /// <exception cref="EdgeException">The value is not constant or not one element.</exception>
    public double Number(Value? value, double otherwise)
    {
        if (value is null) return otherwise;
        if (value.Constant is not { } constant || constant.Shape.Count != 1) throw Problem($"'{value.Name}' must be a constant of one element");
        using var wide = new Tensor(new TensorType(DataType.F64, constant.Shape));
        new Cast { To = DataType.F64 }.Evaluate([constant.View], [wide.View]);
        return wide.Span<double>()[0];
    }

    /// <summary>An error of this node.</summary>
    public EdgeException Problem(string what) => new(ErrorCode.UnsupportedOnnx, what);

    /// <summary>Adds a node that has this node's name; a result that depends on constants only is computed at once.</summary>
    public Value[] Add(Operator op, params ReadOnlySpan<Value?> operands) => AddNamed(Name, op, operands);

    /// <summary>Adds a node of one output that has this node's name.</summary>
    public Value Add1(Operator op, params ReadOnlySpan<Value?> operands) => AddNamed(Name, op, operands)[0];

    /// <summary>Adds a node that only prepares or finishes: its name is this node's name and the operator's.</summary>
    public Value Prepare(Operator op, params ReadOnlySpan<Value?> operands) => AddNamed($"{Name}/{op.Name}", op, operands)[0];

    /// <summary>A constant of this node's.</summary>
    public Value Constant(Tensor tensor)
    {
        Value value = importer.Builder.Constant(Unused($"{Name}/constant"), tensor);
        Created.Add(value);
        return value;
    }

    /// <summary>A constant of rank 0, of any number type.</summary>
    public Value Scalar(DataType type, double number)
    {
        var tensor = new Tensor(new TensorType(type));
        using Tensor wide = Tensor.Scalar(number);
        new Cast { To = type }.Evaluate([wide.View], [tensor.View]);
        return Constant(tensor);
    }

    /// <summary>A constant list of integers.</summary>
    public Value Integers(params ReadOnlySpan<long> numbers) => Constant(Tensor.Vector(numbers));

    /// <summary>The value with its axes permuted; the value itself when nothing moves.</summary>
    public Value Transpose(Value x, params int[] permutation) =>
        permutation.SequenceEqual(Enumerable.Range(0, permutation.Length)) ? x : Prepare(new Transpose { Permutation = permutation }, x);

    /// <summary>[N, C, spatial…] as [N, spatial…, C].</summary>
    public Value ToChannelsLast(Value x)
    {
        int rank = Rank(x);
        return rank < 3 ? x : Transpose(x, [0, .. Enumerable.Range(2, rank - 2), 1]);
    }

    /// <summary>[N, spatial…, C] as [N, C, spatial…].</summary>
    public Value ToChannelsFirst(Value x)
    {
        int rank = Rank(x);
        return rank < 3 ? x : Transpose(x, [0, rank - 1, .. Enumerable.Range(1, rank - 2)]);
    }

    /// <summary>Applies a spatial operator, which works channels last, to a value that is channels first, as is the result.</summary>
    public Value ChannelsLast(Value x, Func<Value, Value> apply) => ToChannelsFirst(apply(ToChannelsLast(x)));

    /// <summary>The same elements under another shape; see <see cref="EdgeRuntime.Operators.Reshape"/> for -1 and 0.</summary>
    public Value Reshape(Value x, params long[] target) => Prepare(new Reshape { Target = target }, x);

    /// <summary>The value as another element type; the value itself when it has that type.</summary>
    public Value Cast(Value x, DataType type) => x.Type.DataType == type ? x : Prepare(new Cast { To = type }, x);

    /// <summary>One function of two values, as a step of this node.</summary>
    public Value Binary(BinaryFunction function, Value a, Value b) => Add1(new Binary { Function = function }, a, b);

    /// <summary>One function of a value, as a step of this node.</summary>
    public Value Unary(UnaryFunction function, Value x, double alpha = 0, double beta = 0) =>
        Add1(new Unary { Function = function, Alpha = (float)alpha, Beta = (float)beta }, x);

    /// <summary>Builds a subgraph in place; it sees this node's scope. Returns its outputs.</summary>
    internal Value[] Inline(string attribute) => importer.Inline(this, attribute);

    private Value[] AddNamed(string name, Operator op, ReadOnlySpan<Value?> operands)
    {
        int last = operands.Length;
        while (last > 0 && operands[last - 1] is null) last--;
        Value[] results = importer.Emit(Unused(name), op, operands[..last]);
        Created.UnionWith(results);
        return results;
    }

    private string Unused(string name)
    {
        string unused = name;
        for (int i = 2; !usedNames.Add(unused); i++) unused = $"{name}_{i}";
        return unused;
    }
}
