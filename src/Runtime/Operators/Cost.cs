using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>What one execution of a node costs, for the planner and the benchmark's GFLOP/s and GB/s.</summary>
/// <param name="Operations">Arithmetic operations; a multiply-add counts two.</param>
/// <param name="Bytes">Bytes read and written, each tensor once.</param>
public readonly record struct Cost(long Operations, long Bytes)
{
    /// <summary>Some operations for each element of the first output, and every tensor moved once.</summary>
    public static Cost Elementwise(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs, long operationsPerElement) =>
        new(outputs.Length == 0 ? 0 : outputs[0].Shape.Count * operationsPerElement, Traffic(inputs, outputs));

    /// <summary>Bytes of all operands together.</summary>
    public static long Traffic(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs)
    {
        long bytes = 0;
        foreach (TensorType type in inputs)
            if (!type.IsMissing) bytes += type.ByteCount;
        foreach (TensorType type in outputs) bytes += type.ByteCount;
        return bytes;
    }

    /// <summary>The sum of two costs.</summary>
    public static Cost operator +(Cost a, Cost b) => new(a.Operations + b.Operations, a.Bytes + b.Bytes);
}
