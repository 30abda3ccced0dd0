using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.SelfTest;

/// <summary>A small step to try kernels on: an operator with operands, the same on every machine. What it must give is the operator's definition.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Operator">The operator.</param>
/// <param name="Inputs">Its operands; null where one is left out.</param>
internal sealed record SelfTestCase(string Name, Operator Operator, params SelfTestInput?[] Inputs)
{
    /// <summary>The bytes that must come out, where they are written down; else the operator's definition says.</summary>
    public byte[]? Expected { get; init; }

    /// <summary>A case of written-down bytes (<see cref="NumericVectors"/>).</summary>
    public static SelfTestCase Of(NumericVector vector) =>
        new($"numbers: {vector.Name}", vector.Operator, [.. vector.Inputs.Select((t, i) => new SelfTestInput(t.Type, Constant: i > 0, Given: t))]) { Expected = vector.Expected };

    /// <summary>A graph of this one node.</summary>
    public Graph Graph()
    {
        var builder = new GraphBuilder(Name);
        var operands = new Value?[Inputs.Length];
        for (int i = 0; i < operands.Length; i++)
            if (Inputs[i] is { } input) operands[i] = input.Constant ? builder.Constant($"in{i}", input.Elements(i)) : builder.Input($"in{i}", input.Type);
        Value[] results = builder.Add(Name, Operator, operands);
        for (int i = 0; i < results.Length; i++) builder.Output($"out{i}", results[i]);
        return builder.Build();
    }

    /// <summary>Its plan.</summary>
    public ExecutionPlan Plan() => Planner.Plan(Graph());

    /// <summary>What must come out for <paramref name="feed"/>.</summary>
    public Tensor[] Results(Tensor[] feed)
    {
        Graph graph = Graph();
        if (Expected is null) return GraphInterpreter.Run(graph, Array.ConvertAll(feed, t => t.View));
        var result = new Tensor(graph.Outputs[0].Value.Type);
        Expected.CopyTo(result.View.Bytes);
        return [result];
    }

    /// <summary>Elements for the operands that are no constants.</summary>
    public Tensor[] Feed() => [.. Inputs.Select((input, i) => (input, i)).Where(o => o.input is { Constant: false }).Select(o => o.input!.Elements(o.i))];
}

/// <summary>An operand of a case.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Constant">True when it is known before running.</param>
/// <param name="Values">The integers, where a formula will not do.</param>
/// <param name="Given">All elements, where they are written down.</param>
internal sealed record SelfTestInput(TensorType Type, bool Constant = false, long[]? Values = null, Tensor? Given = null)
{
    /// <summary>
    /// Elements that look like chance, the same everywhere. Floats are whole 64ths from -2 to 2, weights whole 128ths from -0.5 to 0.5, which 16 bits hold exactly.
    /// </summary>
    public Tensor Elements(int seed)
    {
        if (Given is not null) return Given;
        var tensor = new Tensor(Type);
        Span<byte> bytes = tensor.View.Bytes;
        for (int i = 0; i < (int)Type.Shape.Count; i++)
        {
            uint chance = unchecked((uint)(i + 1 + 7919 * seed) * 2654435761u);
            chance = unchecked((chance ^ chance >> 15) * 2246822519u) >> 8;
            switch (Type.DataType)
            {
                case DataType.F32:
                    tensor.Span<float>()[i] = Constant ? ((int)(chance % 129) - 64) / 128f : ((int)(chance % 257) - 128) / 64f;
                    break;
                case DataType.I64:
                    tensor.Span<long>()[i] = Values?[i] ?? chance % 100;
                    break;
                case DataType.I32:
                    tensor.Span<int>()[i] = (int)(Values?[i] ?? (int)(chance % 201) - 100);
                    break;
                default:
                    bytes[i] = (byte)(Type.DataType == DataType.Bool ? chance % 2 : chance % 256);
                    break;
            }
        }
        return tensor;
    }
}
