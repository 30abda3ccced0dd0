using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>A node of the model as import functions see it: inputs, attributes, and what they need to build our nodes.</summary>
internal sealed class TensorFlowNode : ImportedNode
{
    private readonly TensorFlowImporter importer;
    private readonly TensorFlowResult[] inputs;

    internal TensorFlowNode(TensorFlowImporter importer, string name, NodeDefinition definition, TensorFlowResult[] inputs) : base(name)
    {
        this.importer = importer;
        this.inputs = inputs;
        Definition = definition;
        Attributes = new TensorFlowAttributes(definition.Attributes);
    }

    /// <summary>The node in the file.</summary>
    public NodeDefinition Definition { get; }

    /// <summary>The attributes.</summary>
    public TensorFlowAttributes Attributes { get; }

    /// <summary>Number of inputs.</summary>
    public int InputCount => inputs.Length;

    /// <summary>The elements of the model's constants.</summary>
    public WeightStore Weights => importer.Weights;

    /// <summary>An input.</summary>
    /// <exception cref="EdgeException">It is missing, or a list.</exception>
    public Value Input(int index) => Any(index).Value ?? throw Problem($"input {index} is a list of tensors, not a tensor");

    /// <summary>An input that is a list.</summary>
    /// <exception cref="EdgeException">It is missing, or no list.</exception>
    public TensorList List(int index) => Any(index).List ?? throw Problem($"input {index} is a tensor, not a list of tensors");

    /// <summary>All inputs.</summary>
    public Value[] AllInputs() => [.. Enumerable.Range(0, InputCount).Select(Input)];

    /// <summary>An input of any kind.</summary>
    /// <exception cref="EdgeException">It is missing.</exception>
    public TensorFlowResult Any(int index) => index < inputs.Length ? inputs[index] : throw Problem($"input {index} is missing");

    /// <summary>The integers of an input that must be constant.</summary>
    /// <exception cref="EdgeException">It is computed while running.</exception>
    public long[] Integers(int index) => Integers(Input(index));

    /// <summary>One integer of an input that must be constant.</summary>
    /// <exception cref="EdgeException">It is computed while running, or not one.</exception>
    public int Integer(int index)
    {
        long[] numbers = Integers(index);
        return numbers is [>= int.MinValue and <= int.MaxValue] ? (int)numbers[0] : throw Problem($"input {index} must be one integer, not [{string.Join(' ', numbers)}]");
    }

    /// <summary>The integers of an input where they are known, else the input itself.</summary>
    public (long[] Known, Value? Computed) Known(int index) => Input(index) is { Constant: not null } constant ? (Integers(constant), null) : ([], Input(index));

    /// <summary>Two inputs of one element type: the narrower becomes the wider, Bool before I32 before F32.</summary>
    public (Value A, Value B) Matched(int a, int b)
    {
        Value x = Input(a), y = Input(b);
        DataType type = Width(x) >= Width(y) ? x.Type.DataType : y.Type.DataType;
        return (Cast(x, type), Cast(y, type));

        static int Width(Value value) => value.Type.DataType switch { DataType.Bool => 0, DataType.I32 => 1, _ => 2 };
    }

    /// <summary>An input as F32.</summary>
    public Value Float(int index) => Cast(Input(index), DataType.F32);

    /// <summary>A value as I32, the only integers that TensorFlow.js has.</summary>
    public Value Int32(Value value) => Cast(value, DataType.I32);

    /// <inheritdoc/>
    protected override ErrorCode ProblemCode => ErrorCode.UnsupportedTensorFlow;

    /// <inheritdoc/>
    protected override Value[] Emit(string name, Operator op, ReadOnlySpan<Value?> operands) => importer.Emit(name, op, operands);
}
