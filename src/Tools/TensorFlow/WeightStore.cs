using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>The elements of a model's constants, widened when a node asks for them.</summary>
/// <param name="specs">The constants by name.</param>
/// <param name="groups">The bytes of each group of shards.</param>
internal sealed class WeightStore(IReadOnlyDictionary<string, WeightSpec> specs, IReadOnlyList<byte[]> groups)
{
    /// <summary>True when some weights are stored as 16-bit floats.</summary>
    public bool HasHalves => specs.Values.Any(s => s.Storage == WeightStorage.Float16);

    /// <summary>What weights of 8-bit integers stand for, each way once.</summary>
    public IReadOnlyList<WeightStep> Steps => [.. specs.Values.Where(s => s.Storage == WeightStorage.UInt8 && s.Type == DataType.F32).Select(s => new WeightStep(s.Scale, s.Minimum)).Distinct()];

    /// <summary>Size of all constants in the file.</summary>
    public long ByteCount => groups.Sum(g => (long)g.Length);

    /// <summary>True when there is a constant of that name.</summary>
    public bool Has(string name) => specs.ContainsKey(name);

    /// <summary>A constant with memory of its own.</summary>
    /// <exception cref="EdgeException">There is none of that name, or its type is not supported.</exception>
    public Tensor Read(string name)
    {
        if (!specs.TryGetValue(name, out WeightSpec? spec)) throw new EdgeException(ErrorCode.MalformedTensorFlow, "the weights manifest has no elements for it");
        if (spec.Type == DataType.None) throw new EdgeException(ErrorCode.UnsupportedTensorFlow, "its elements are complex numbers; they are not supported");
        var tensor = new Tensor(new TensorType(spec.Type, spec.Shape));
        ReadOnlySpan<byte> bytes = groups[spec.Group].AsSpan(checked((int)spec.Offset), checked((int)spec.ByteCount));
        switch (spec.Storage)
        {
            case WeightStorage.Bool:
                Span<byte> answers = tensor.View.Bytes;
                for (int i = 0; i < answers.Length; i++) answers[i] = bytes[i] == 0 ? (byte)0 : (byte)1;
                break;
            case WeightStorage.Float32 or WeightStorage.Int32:
                bytes.CopyTo(tensor.View.Bytes);
                if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(tensor.Span<int>(), tensor.Span<int>());
                break;
            case WeightStorage.Float16:
                Span<float> reals = tensor.Span<float>();
                for (int i = 0; i < reals.Length; i++) reals[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]);
                break;
            default:
                Dequantize(spec, bytes, tensor);
                break;
        }
        return tensor;
    }

    private static void Dequantize(WeightSpec spec, ReadOnlySpan<byte> bytes, Tensor tensor)
    {
        int size = spec.ElementSize;
        for (int i = 0; i < bytes.Length / size; i++)
        {
            double value = (size == 1 ? bytes[i] : BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..])) * spec.Scale + spec.Minimum;
            if (spec.Type == DataType.F32) tensor.Span<float>()[i] = (float)value;
            else MemoryMarshal.Cast<byte, int>(tensor.View.Bytes)[i] = (int)Math.Clamp(Math.Round(value), int.MinValue, int.MaxValue);
        }
    }
}
