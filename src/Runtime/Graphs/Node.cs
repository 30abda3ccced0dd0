using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Graphs;

/// <summary>An operator applied to values.</summary>
public sealed class Node
{
    private readonly Value?[] inputs;
    private readonly Value[] outputs;

    internal Node(string name, Operator op, Value?[] inputs, Value[] outputs)
    {
        Name = name;
        Operator = op;
        this.inputs = inputs;
        this.outputs = outputs;
        foreach (Value output in outputs) output.Producer = this;
    }

    /// <summary>Name, as in the source model where it has one.</summary>
    public string Name { get; }

    /// <summary>What is computed.</summary>
    public Operator Operator { get; }

    /// <summary>What is read; null where an optional input is left out.</summary>
    public IReadOnlyList<Value?> Inputs => inputs;

    /// <summary>What is written.</summary>
    public IReadOnlyList<Value> Outputs => outputs;

    internal Value?[] InputArray => inputs;

    /// <summary><see cref="Order"/> of a node that is in no graph.</summary>
    internal const long Nowhere = -1;

    /// <summary>Grows from node to node of a graph; see <see cref="NodeOrder"/>.</summary>
    internal long Order { get; set; } = Nowhere;

    /// <summary>The neighbours in the graph.</summary>
    internal Node? Previous { get; set; }

    internal Node? Next { get; set; }

    /// <summary>Input <paramref name="index"/>, or null when it is left out or beyond the end.</summary>
    public Value? Input(int index) => index < inputs.Length ? inputs[index] : null;

    internal static Operand[] Operands(ReadOnlySpan<Value?> inputs)
    {
        var operands = new Operand[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
            if (inputs[i] is { } value) operands[i] = new Operand(value.Type, value.Constant?.View) { Elements = value.Elements };
        return operands;
    }

    /// <summary>The types of the inputs; none where one is left out.</summary>
    internal TensorType[] InputTypes() => Array.ConvertAll(inputs, v => v?.Type ?? default);

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Operator}";
}
