using System.Buffers.Binary;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tensors;

/// <summary>
/// A list of tensors inside one: a rank-1 tensor of <see cref="DataType.Sequence"/> with the number of elements, then each with its type, shape and
/// bytes. Elements may be sequences themselves. An optional value is a sequence of at most one.
/// </summary>
/// <remarks>
/// Little-endian. Head of 16 bytes: count, three zeros (32 bits each). Each element: type, rank, two zero bytes, 32 zero bits, bytes (64 bits), eight
/// dimensions (32 bits each), the bytes, and zeros up to a multiple of 16.
/// </remarks>
public static class TensorSequence
{
    private const int HeadBytes = 16, ElementBytes = 48, Alignment = 16;

    /// <summary>A new sequence with copies of the elements.</summary>
    /// <exception cref="EdgeException">It would have more than 2^31 bytes.</exception>
    public static Tensor Create(params ReadOnlySpan<TensorView> elements)
    {
        long bytes = HeadBytes;
        foreach (TensorView element in elements) bytes += ElementSize(element.Type);
        if (bytes > int.MaxValue) throw new EdgeException(ErrorCode.InvalidShape, $"A sequence of {bytes:N0} bytes has more than 2^31, which is not supported.");
        var sequence = new Tensor(new TensorType(DataType.Sequence, (int)bytes));
        Write(elements, sequence.View);
        return sequence;
    }

    /// <summary>Windows on the elements, which lie where the sequence does.</summary>
    /// <exception cref="EdgeException">The bytes are no sequence.</exception>
    public static TensorView[] Read(in TensorView sequence)
    {
        if (sequence.DataType != DataType.Sequence) throw Malformed($"{sequence.Type} is no sequence");
        ReadOnlySpan<byte> bytes = sequence.Bytes;
        if (bytes.Length < HeadBytes) throw Malformed($"it has {bytes.Length} bytes");
        int count = BinaryPrimitives.ReadInt32LittleEndian(bytes), at = HeadBytes;
        if (count < 0 || count > (bytes.Length - HeadBytes) / ElementBytes) throw Malformed($"{count} elements do not fit {bytes.Length:N0} bytes");
        var elements = new TensorView[count];
        for (int i = 0; i < count; i++)
        {
            if (bytes.Length - at < ElementBytes) throw Malformed($"element {i} is cut off");
            TensorType type = ReadType(bytes.Slice(at, ElementBytes), i);
            if (type.ByteCount > bytes.Length - at - ElementBytes) throw Malformed($"element {i} ({type}) is cut off");
            elements[i] = sequence.Part(at + ElementBytes, type);
            at += (int)ElementSize(type);
            if (at > bytes.Length) throw Malformed($"element {i} is cut off");
        }
        return at == bytes.Length ? elements : throw Malformed($"{bytes.Length - at:N0} bytes follow its last element");
    }

    /// <summary>Bytes of a sequence without elements; each adds <see cref="ElementSize"/>.</summary>
    internal const int EmptySize = HeadBytes;

    /// <summary>Bytes that an element takes in a sequence.</summary>
    internal static long ElementSize(in TensorType type) => ElementBytes + (type.ByteCount + Alignment - 1) / Alignment * Alignment;

    /// <summary>Fills a tensor of the right size.</summary>
    internal static void Write(ReadOnlySpan<TensorView> elements, in TensorView sequence)
    {
        Span<byte> bytes = sequence.Bytes;
        bytes.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, elements.Length);
        int at = HeadBytes;
        foreach (TensorView element in elements)
        {
            Span<byte> head = bytes.Slice(at, ElementBytes);
            head[0] = (byte)element.DataType;
            head[1] = (byte)element.Shape.Rank;
            BinaryPrimitives.WriteInt64LittleEndian(head[8..], element.Type.ByteCount);
            for (int axis = 0; axis < element.Shape.Rank; axis++) BinaryPrimitives.WriteInt32LittleEndian(head[(16 + 4 * axis)..], element.Shape[axis]);
            element.Bytes.CopyTo(bytes[(at + ElementBytes)..]);
            at += (int)ElementSize(element.Type);
        }
    }

    private static TensorType ReadType(ReadOnlySpan<byte> head, int index)
    {
        var dataType = (DataType)head[0];
        int rank = head[1];
        if (dataType.Size() == 0 || rank > Shape.MaxRank) throw Malformed($"element {index} is of type {head[0]} and rank {rank}");
        Span<int> dimensions = stackalloc int[rank];
        for (int axis = 0; axis < rank; axis++)
        {
            dimensions[axis] = BinaryPrimitives.ReadInt32LittleEndian(head[(16 + 4 * axis)..]);
            if (dimensions[axis] < 0) throw Malformed($"dimension {axis} of element {index} is {dimensions[axis]}");
        }
        var type = new TensorType(dataType, dimensions);
        return type.ByteCount == BinaryPrimitives.ReadInt64LittleEndian(head[8..]) ? type : throw Malformed($"the size of element {index} does not fit its type {type}");
    }

    private static EdgeException Malformed(string problem) => new(ErrorCode.InvalidOperands, $"A sequence of tensors is damaged: {problem}.");
}
