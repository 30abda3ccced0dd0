using System.Buffers.Binary;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Format;

/// <summary>Makes and mends damaged files.</summary>
internal static class FileSurgery
{
    /// <summary>A whole file around a graph section, checksums right.</summary>
    public static byte[] Assemble(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> graph, params IReadOnlyList<Tensor> blocks)
    {
        using var stream = new MemoryStream();
        EdgeWriter.Write(stream, EdgeWriter.Head(metadata, graph, blocks), blocks);
        return stream.ToArray();
    }

    /// <summary>Offset and length of section <paramref name="index"/>, as the header says, which may be nonsense.</summary>
    public static (ulong Offset, ulong Length) Section(ReadOnlySpan<byte> file, int index)
    {
        ReadOnlySpan<byte> entry = file[(EdgeFormat.HeaderBytes + index * EdgeFormat.SectionEntryBytes)..];
        return (BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]), BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]));
    }

    /// <summary>Makes all checksums and the file's length right again where they can be found, so that damage reaches what is behind them.</summary>
    public static void Mend(byte[] file)
    {
        if (file.Length < EdgeFormat.HeaderBytes + 4 * EdgeFormat.SectionEntryBytes) return;
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(16), file.Length);
        if (Find(file, 2) is var (table, tableLength))
        {
            for (int at = table; at + EdgeFormat.BlockEntryBytes <= table + tableLength; at += EdgeFormat.BlockEntryBytes)
            {
                ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at)), length = BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at + 8));
                if (offset > (ulong)file.Length || length > (ulong)file.Length - offset) continue;
                BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 16), Crc32C.Of(file.AsSpan((int)offset, (int)length)));
            }
        }
        for (int i = 0; i < 3; i++)
        {
            if (Find(file, i) is not var (offset, length)) continue;
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(EdgeFormat.HeaderBytes + i * EdgeFormat.SectionEntryBytes + 4), Crc32C.Of(file.AsSpan(offset, length)));
        }
        uint sections = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(12)), EdgeFormat.MostSections);
        int header = (int)Math.Min(EdgeFormat.HeaderBytes + sections * EdgeFormat.SectionEntryBytes, file.Length);
        file.AsSpan(EdgeFormat.ChecksumOffset, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(EdgeFormat.ChecksumOffset), Crc32C.Of(file.AsSpan(0, header)));
    }

    private static (int Offset, int Length)? Find(byte[] file, int index)
    {
        (ulong offset, ulong length) = Section(file, index);
        return offset > (ulong)file.Length || length > (ulong)file.Length - offset ? null : ((int)offset, (int)length);
    }
}
