using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Conversion;

/// <summary>What import functions of every format need to build our nodes out of one of theirs.</summary>
/// <param name="name">The node's name, or its first output's when it has none.</param>
internal abstract class ImportedNode(string name)
{
    private readonly HashSet<string> usedNames = new(StringComparer.Ordinal);

    /// <summary>The node's name, or its first output's when it has none.</summary>
    public string Name => name;

    /// <summary>Values that this node created, which therefore may be renamed.</summary>
    internal HashSet<Value> Created { get; } = [];

    /// <summary>The rank of a value.</summary>
    /// <exception cref="EdgeException">It is not known.</exception>
    public int Rank(Value value) =>
        value.Type.Shape.IsUnranked ? throw Problem($"the rank of '{value.Name}' is not known; fix the input shapes when converting") : value.Type.Shape.Rank;

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
    public EdgeException Problem(string what) => new(ProblemCode, what);

    /// <summary>Adds a node that has this node's name; a result that depends on constants only is computed at once.</summary>
    public Value[] Add(Operator op, params ReadOnlySpan<Value?> operands) => AddNamed(Name, op, operands);

    /// <summary>Adds a node of one output that has this node's name.</summary>
    public Value Add1(Operator op, params ReadOnlySpan<Value?> operands) => AddNamed(Name, op, operands)[0];

    /// <summary>Adds a node that only prepares or finishes: its name is this node's name and the operator's.</summary>
    public Value Prepare(Operator op, params ReadOnlySpan<Value?> operands) => AddNamed($"{Name}/{op.Name}", op, operands)[0];

    /// <summary>A constant of this node's.</summary>
    public Value Constant(Tensor tensor)
    {
        Value value = new(Unused($"{Name}/constant"), tensor.Type, tensor);
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

    /// <summary>The same elements under another shape; see <see cref="EdgeRuntime.Operators.Reshape"/> for -1 and 0.</summary>
    public Value Reshape(Value x, params long[] target) => Prepare(new Reshape { Target = target }, x);

    /// <summary>The value as another element type; the value itself when it has that type.</summary>
    public Value Cast(Value x, DataType type) => x.Type.DataType == type ? x : Prepare(new Cast { To = type }, x);

    /// <summary>One function of two values, as a step of this node.</summary>
    public Value Binary(BinaryFunction function, Value a, Value b) => Add1(new Binary { Function = function }, a, b);

    /// <summary>One function of a value, as a step of this node.</summary>
    public Value Unary(UnaryFunction function, Value x, double alpha = 0, double beta = 0) =>
        Add1(new Unary { Function = function, Alpha = (float)alpha, Beta = (float)beta }, x);

    /// <summary>The code of this node's errors.</summary>
    protected abstract ErrorCode ProblemCode { get; }

    /// <summary>Adds a node to the graph, or its results when they are known already.</summary>
    protected abstract Value[] Emit(string name, Operator op, ReadOnlySpan<Value?> operands);

    protected Value[] AddNamed(string name, Operator op, ReadOnlySpan<Value?> operands)
    {
        int last = operands.Length;
        while (last > 0 && operands[last - 1] is null) last--;
        Value[] results = Emit(Unused(name), op, operands[..last]);
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
