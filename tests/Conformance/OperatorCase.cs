using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>An operator with attributes and operands, to be run by each backend and compared with its definition.</summary>
/// <param name="Name">Unique name; the random elements depend on it alone.</param>
/// <param name="Operator">The operator.</param>
/// <param name="Inputs">Its operands; null where one is left out.</param>
/// <param name="Evaluated">Whether the CPU has no kernel for it and runs its definition.</param>
internal sealed record OperatorCase(string Name, Operator Operator, CaseInput?[] Inputs, bool Evaluated = false)
{
    /// <summary>A graph of this one node.</summary>
    public Graph Graph()
    {
        var builder = new GraphBuilder(Name);
        var random = new Random(Name.Aggregate(17, (hash, c) => unchecked(hash * 31 + c)));
        var operands = new Value?[Inputs.Length];
        for (int i = 0; i < operands.Length; i++)
        {
            if (Inputs[i] is not { } input) continue;
            operands[i] = input.Constant ? builder.Constant($"in{i}", input.Fill(random)) : builder.Input($"in{i}", input.Type);
        }
        Value[] results = builder.Add("node", Operator, operands);
        for (int i = 0; i < results.Length; i++) builder.Output($"out{i}", results[i]);
        return builder.Build();
    }

    /// <summary>Elements for the operands that are no constants.</summary>
    public Tensor[] Feed()
    {
        var random = new Random(Name.Aggregate(23, (hash, c) => unchecked(hash * 37 + c)));
        return [.. Inputs.OfType<CaseInput>().Where(i => !i.Constant).Select(i => i.Fill(random))];
    }

    public override string ToString() => Name;
}

/// <summary>An operand of a case.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Constant">True when it is known before running.</param>
/// <param name="Scale">Floats are drawn from -Scale to Scale.</param>
/// <param name="Values">The elements, where they must not be random.</param>
/// <param name="Value">What all floats are, where they must not be random.</param>
/// <param name="Sprinkled">Floats that take the place of some of the others.</param>
/// <param name="Bounded">True for I8 weights of no more than 64: two are within <see cref="PairBound"/>.</param>
/// <param name="Every">Quantized numbers are all bytes in turn.</param>
/// <param name="Elements">The floats, where they must not be random.</param>
/// <param name="All">What all quantized numbers are, where they must not be random.</param>
internal sealed record CaseInput(TensorType Type, bool Constant = false, float Scale = 2, long[]? Values = null, float? Value = null, float[]? Sprinkled = null, bool Every = false, byte? All = null, bool Bounded = false, float[]? Elements = null)
{
    public Tensor Fill(Random random)
    {
        var tensor = new Tensor(Type);
        if (Values is not null)
        {
            Values.CopyTo(tensor.Span<long>());
            return tensor;
        }
        if (Elements is not null)
        {
            Elements.CopyTo(tensor.Span<float>());
            return tensor;
        }
        if (Type.DataType == DataType.F32)
        {
            foreach (ref float value in tensor.Span<float>()) value = Value ?? (random.NextSingle() * 2 - 1) * Scale;
            for (int i = 0; Sprinkled is not null && i < Sprinkled.Length * 2; i++) tensor.Span<float>()[random.Next((int)Type.Shape.Count)] = Sprinkled[i / 2];
            return tensor;
        }
        if (Every || All is not null)
        {
            for (int i = 0; i < tensor.View.Bytes.Length; i++) tensor.View.Bytes[i] = All ?? unchecked((byte)i);
            return tensor;
        }
        var action = new FillAction { Random = random, Tensor = tensor.View };
        TypeDispatch.Number(Type.DataType == DataType.Bool ? DataType.U8 : Type.DataType, ref action);
        if (Bounded)
            foreach (ref sbyte weight in tensor.Span<sbyte>()) weight /= 2;
        return tensor;
    }

    private ref struct FillAction : INumberAction
    {
        public Random Random;
        public TensorView Tensor;

        public readonly void Invoke<T>() where T : unmanaged, System.Numerics.INumber<T>, System.Numerics.IMinMaxValue<T>
        {
            if (Tensor.Type.Quantization is not null)
            {
                // The whole range, and its ends more often than chance has them.
                foreach (ref byte number in Tensor.Bytes) number = Random.Next(8) switch { 0 => 0, 1 => 255, 2 => 127, 3 => 128, _ => (byte)Random.Next(256) };
                return;
            }
            int bound = Tensor.DataType switch { DataType.Bool => 2, DataType.U8 => 256, _ => 100 };
            foreach (ref T value in TypeDispatch.View<T>(Tensor)) value = T.CreateSaturating(Random.Next(bound));
        }
    }
}
