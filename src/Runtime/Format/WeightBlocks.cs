using System.Buffers.Binary;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Format;

/// <summary>The weight blocks of a file, each verified once: large ones are used where they lie, small ones were unpacked.</summary>
/// <param name="data">The file.</param>
/// <param name="file">Its name, for errors.</param>
/// <param name="owner">What keeps its memory alive.</param>
internal sealed unsafe class WeightBlocks(byte* data, string file, object owner)
{
    private (nint Address, long Length, object Owner)[] rows = [];
    private Tensor?[] tensors = [];
    private byte[] small = [];

    /// <summary>How many there are.</summary>
    public int Count => rows.Length;

    /// <summary>Takes the small blocks, before <see cref="Check"/>.</summary>
    public void CheckPacked(ReadOnlySpan<byte> content) => small = content.ToArray();

    /// <summary>Checks each row of the table, and that blocks follow each other without gaps.</summary>
    /// <param name="table">The weight table.</param>
    /// <param name="weights">The section of the large blocks.</param>
    /// <param name="packed">True since version 2: small blocks are elsewhere, and offsets count from the start of their section.</param>
    public void Check(ReadOnlySpan<byte> table, EdgeReader.Section weights, bool packed)
    {
        if (table.Length % EdgeFormat.BlockEntryBytes != 0) throw EdgeReader.Corrupt(file, $"section 'weight table' has {table.Length:N0} bytes, no multiple of a row");
        if (weights.Length < EdgeFormat.SpareBytes) throw EdgeReader.Corrupt(file, $"section 'weights' has {weights.Length} bytes");
        long end = weights.Offset, limit = weights.Offset + weights.Length - EdgeFormat.SpareBytes;
        rows = new (nint, long, object)[table.Length / EdgeFormat.BlockEntryBytes];
        tensors = new Tensor?[rows.Length];
        using var room = new AlignedBuffer(packed ? PackedRoom(table) : 0);
        long smallEnd = 0, roomEnd = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            ReadOnlySpan<byte> row = table[(i * EdgeFormat.BlockEntryBytes)..];
            long offset = BinaryPrimitives.ReadInt64LittleEndian(row), length = BinaryPrimitives.ReadInt64LittleEndian(row[8..]);
            if (packed && IsSmall(row))
            {
                if (offset != smallEnd || length < 0 || length > small.Length - smallEnd)
                    throw EdgeReader.Corrupt(file, $"weight block {i} is said to be {length:N0} bytes at {offset:N0} of the packed weights, which is outside of them or over another");
                small.AsSpan((int)offset, (int)length).CopyTo(new Span<byte>((byte*)room.Data + roomEnd, (int)length));
                rows[i] = ((nint)room.Data + (nint)roomEnd, length, room.Owner);
                (smallEnd, roomEnd) = (smallEnd + length, EdgeFormat.Align(roomEnd + length));
                continue;
            }
            // A sum that wraps around lies outside of the file.
            if (packed) offset = unchecked(weights.Offset + offset);
            end = EdgeReader.Follow(data, limit, end, offset, length, file, $"weight block {i}");
            if (length > int.MaxValue) throw EdgeReader.Corrupt(file, $"weight block {i} has {length:N0} bytes");
            if (Crc32C.Of(new ReadOnlySpan<byte>(data + offset, (int)length)) != BinaryPrimitives.ReadUInt32LittleEndian(row[16..]))
                throw EdgeReader.Corrupt(file, $"the checksum of weight block {i} is wrong");
            rows[i] = ((nint)data + (nint)offset, length, owner);
        }
        if (smallEnd != small.Length) throw EdgeReader.Corrupt(file, $"{small.Length - smallEnd:N0} bytes follow the last of the packed weights");
        EdgeReader.Follow(data, limit + EdgeFormat.SpareBytes, end, limit, EdgeFormat.SpareBytes, file, "the end of the weights");
        if (new ReadOnlySpan<byte>(data + limit, EdgeFormat.SpareBytes).ContainsAnyExcept((byte)0)) throw EdgeReader.Corrupt(file, "there is something after the weights");
        small = [];
    }

    /// <summary>The tensor of a block.</summary>
    public Tensor Tensor(int block, TensorType type)
    {
        (nint address, long length, object memory) = rows[block];
        if (!type.Shape.IsStatic || type.ByteCount != length) throw EdgeReader.Corrupt(file, $"weight block {block} has {length:N0} bytes, which does not fit a constant {type}");
        // Constants that shared a tensor when they were written share one again.
        if (tensors[block] is { } tensor && tensor.Type == type) return tensor;
        return tensors[block] = new Tensor(type, (void*)address, memory);
    }

    /// <summary>Bytes of all small blocks with their alignment: no more than there are rows and bytes, whatever the lengths say.</summary>
    private long PackedRoom(ReadOnlySpan<byte> table)
    {
        long blocks = 0;
        for (int at = 0; at < table.Length; at += EdgeFormat.BlockEntryBytes)
            if (IsSmall(table[at..])) blocks++;
        return small.Length + blocks * EdgeFormat.Alignment;
    }

    private bool IsSmall(ReadOnlySpan<byte> row) => (SectionKind)BinaryPrimitives.ReadUInt32LittleEndian(row[20..]) switch
    {
        SectionKind.PackedWeights => true,
        SectionKind.Weights => false,
        _ => throw EdgeReader.Corrupt(file, "a weight block is in a section for something else"),
    };
}
