using System.Buffers.Binary;

namespace EdgeRuntime.Format;

/// <summary>Appends the graph section's primitive types to a growing list of bytes.</summary>
internal sealed class ByteWriter
{
    private readonly MemoryStream stream = new();

    public void Byte(byte value) => stream.WriteByte(value);

    /// <summary>Seven bits a byte, the lowest first; the high bit says that more follow (LEB128).</summary>
    public void Unsigned(ulong value)
    {
        for (; value >= 0x80; value >>= 7) stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }

    /// <summary>Zigzag: 0, -1, 1, -2 … become 0, 1, 2, 3 ….</summary>
    public void Signed(long value) => Unsigned((ulong)(value << 1) ^ (ulong)(value >> 63));

    public void Count(int value) => Unsigned((ulong)value);

    public void Single(float value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        stream.Write(bytes);
    }

    public void Bytes(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

    public void Append(ByteWriter other) => other.stream.WriteTo(stream);

    public byte[] ToArray() => stream.ToArray();
}
