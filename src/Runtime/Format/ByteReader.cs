using System.Buffers.Binary;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Format;

/// <summary>Walks over the graph section and refuses to leave it; the counterpart of <see cref="ByteWriter"/>.</summary>
/// <param name="data">The section.</param>
/// <param name="file">Name of the file, for errors.</param>
internal ref struct ByteReader(ReadOnlySpan<byte> data, string file)
{
    private readonly ReadOnlySpan<byte> data = data;
    private int position;

    public readonly int Remaining => data.Length - position;

    public byte Byte() => Bytes(1)[0];

    public ulong Unsigned()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte b = Byte();
            if (shift == 63 && b > 1) break;
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
        throw Fail("a number has more than 64 bits");
    }

    public long Signed()
    {
        ulong value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A number of things of which each takes at least <paramref name="leastBytes"/>: more than can follow are refused before memory is taken.</summary>
    public int Count(string what, int leastBytes = 1)
    {
        ulong count = Unsigned();
        if (count > (ulong)(Remaining / leastBytes)) throw Fail($"it claims {count:N0} {what}, more than fit into the section");
        return (int)count;
    }

    /// <summary>An index below <paramref name="limit"/>.</summary>
    public int Index(string what, int limit)
    {
        ulong index = Unsigned();
        if (index >= (ulong)limit) throw Fail($"it refers to {what} {index:N0}; there are {limit:N0}");
        return (int)index;
    }

    public float Single() => BinaryPrimitives.ReadSingleLittleEndian(Bytes(sizeof(float)));

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > Remaining) throw Fail("it ends in the middle of a value");
        position += count;
        return data.Slice(position - count, count);
    }

    /// <summary>An error that names the place.</summary>
    public readonly EdgeException Fail(string problem, Exception? inner = null) =>
        EdgeReader.Corrupt(file, $"section 'graph', byte {position:N0}: {problem}", inner);
}
